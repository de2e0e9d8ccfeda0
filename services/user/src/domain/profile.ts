import { countries } from './countries.ts';

/** A user's profile and the rules for changing it. */
export interface Profile {
  readonly userId: string;
  readonly email: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly phone: string;
  readonly country: string;
  readonly locale: string;
  readonly timezone: string;
  readonly avatarRef: string;
  readonly onboarding: Onboarding;
  readonly version: bigint;
  readonly createdAtUs: bigint;
  readonly updatedAtUs: bigint;
}

export type Onboarding =
  | { readonly state: 'new' | 'verified' | 'approved' }
  | { readonly state: 'rejected'; readonly reason: string };

/** The fields a user may change; what is absent stays as it is. */
export type ProfileChange = Partial<
  Pick<Profile, 'givenName' | 'familyName' | 'phone' | 'country' | 'locale' | 'timezone' | 'avatarRef'>
>;
export type ProfileField = keyof ProfileChange;

export type ProfileRefusal =
  | { refused: 'version_conflict'; current: bigint }
  | { refused: 'invalid_field'; field: ProfileField; problem: string };

export interface ChangedProfile {
  profile: Profile;
  /** Empty when everything was so already: nothing to save, nothing to tell. */
  changedFields: ProfileField[];
}

export function newProfile(
  user: Pick<Profile, 'userId' | 'email' | 'givenName' | 'familyName' | 'locale'>,
  atUs: bigint,
): Profile {
  return {
    ...user,
    locale: user.locale === '' ? 'en' : user.locale,
    phone: '',
    country: '',
    timezone: 'UTC',
    avatarRef: '',
    onboarding: { state: 'new' },
    version: 1n,
    createdAtUs: atUs,
    updatedAtUs: atUs,
  };
}

export function changeProfile(
  profile: Profile,
  change: ProfileChange,
  expectedVersion: bigint | undefined,
  atUs: bigint,
): ChangedProfile | ProfileRefusal {
  if (expectedVersion !== undefined && expectedVersion !== profile.version) {
    return { refused: 'version_conflict', current: profile.version };
  }
  for (const [field, value] of entriesOf(change)) {
    const problem = fieldRules[field](value);
    if (problem !== undefined) return { refused: 'invalid_field', field, problem };
  }
  const changedFields = entriesOf(change)
    .filter(([field, value]) => profile[field] !== value)
    .map(([field]) => field);
  if (changedFields.length === 0) return { profile, changedFields };
  return { profile: { ...profile, ...change, version: profile.version + 1n, updatedAtUs: atUs }, changedFields };
}

/** As the contract spells them. */
export const fieldNames: Record<ProfileField, string> = {
  givenName: 'given_name',
  familyName: 'family_name',
  phone: 'phone',
  country: 'country',
  locale: 'locale',
  timezone: 'timezone',
  avatarRef: 'avatar_ref',
};

/** What is wrong with a value, or undefined. */
const fieldRules: Record<ProfileField, (value: string) => string | undefined> = {
  givenName: name,
  familyName: name,
  phone: (value) =>
    value === '' || /^\+[1-9]\d{6,14}$/.test(value) ? undefined : 'should be a number like +14165550123',
  country: (value) =>
    value === '' || countries.has(value)
      ? undefined
      : 'should be a country of ISO 3166-1 in two capital letters, like CA',
  locale: (value) => (isLocale(value) ? undefined : 'should be a language tag like en-CA'),
  timezone: (value) => (timezones.has(value) ? undefined : 'should be a time zone like America/Toronto'),
  avatarRef: (value) =>
    /^[\w./-]{0,200}$/.test(value) ? undefined : 'should be a reference of at most 200 characters',
};

const timezones = new Set(['UTC', ...Intl.supportedValuesOf('timeZone')]);

function name(value: string): string | undefined {
  if (Array.from(value).length > 100) return 'should have at most 100 characters';
  return /[\p{Cc}\p{Cs}]/u.test(value) ? 'should have no control characters' : undefined;
}

function isLocale(value: string): boolean {
  if (value === '' || value.length > 35) return false;
  try {
    return Intl.getCanonicalLocales(value)[0] !== undefined;
  } catch {
    return false;
  }
}

function entriesOf(change: ProfileChange): [ProfileField, string][] {
  return Object.entries(change) as [ProfileField, string][];
}
