import { dateFromUs, usFromDate } from '@andvari/kit/base/clock';
import type { Db, Tx } from '@andvari/kit/db/types';
import type { Page } from '@andvari/kit/handler/page';
import type { Onboarding, Profile } from '../domain/profile.ts';

export async function findProfiles(db: Db | Tx, userIds: readonly string[]): Promise<Profile[]> {
  const rows = await db<ProfileRow[]>`
    select ${columns(db)} from profiles p join personal_data d using (user_id) where user_id = any(${[...userIds]}::uuid[])`;
  return rows.map(fromRow);
}

/** The newest first; one more than asked for tells whether there is another page. */
export async function searchProfiles(db: Db, text: string, { first, after }: Page): Promise<Profile[]> {
  const prefix = `${text.toLowerCase().replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
  const rows = await db<ProfileRow[]>`
    select ${columns(db)} from profiles p join personal_data d using (user_id)
    where (lower(d.email) like ${prefix} or lower(d.given_name) like ${prefix} or lower(d.family_name) like ${prefix})
      ${after === undefined ? db`` : db`and user_id < ${String(after[0])}::uuid`}
    order by user_id desc limit ${first + 1}`;
  return rows.map(fromRow);
}

/** Locked until the transaction ends, so that two changes come one after the other. */
export async function lockProfile(tx: Tx, userId: string): Promise<Profile | undefined> {
  const rows = await tx<ProfileRow[]>`
    select ${columns(tx)} from profiles p join personal_data d using (user_id) where user_id = ${userId} for update of p`;
  return rows[0] === undefined ? undefined : fromRow(rows[0]);
}

/** Those that exist already are left alone, and those whose account has ended do not come back. */
export async function insertProfiles(tx: Tx, profiles: readonly Profile[]): Promise<void> {
  await tx`
    insert into profiles (user_id, locale, timezone, onboarding_state, version, created_at, updated_at)
    select user_id, locale, timezone, 'new', 1, created_at, created_at
    from unnest(
      ${profiles.map(({ userId }) => userId)}::uuid[],
      ${profiles.map(({ locale }) => locale)}::text[],
      ${profiles.map(({ timezone }) => timezone)}::text[],
      ${tx.array(profiles.map(({ createdAtUs }) => dateFromUs(createdAtUs)))}::timestamptz[]
    ) as new (user_id, locale, timezone, created_at)
    where user_id not in (select user_id from deletions where state = 'completed')
    on conflict do nothing`;
  await tx`
    insert into personal_data (user_id, email, given_name, family_name)
    select new.* from unnest(
      ${profiles.map(({ userId }) => userId)}::uuid[],
      ${profiles.map(({ email }) => email)}::text[],
      ${profiles.map(({ givenName }) => givenName)}::text[],
      ${profiles.map(({ familyName }) => familyName)}::text[]
    ) as new (user_id, email, given_name, family_name) join profiles using (user_id)
    on conflict do nothing`;
}

export async function updateProfile(tx: Tx, profile: Profile): Promise<void> {
  const { userId, locale, timezone, avatarRef, onboarding, version, updatedAtUs } = profile;
  const reason = onboarding.state === 'rejected' ? onboarding.reason : '';
  await tx`
    update profiles set locale = ${locale}, timezone = ${timezone}, avatar_ref = ${avatarRef},
      onboarding_state = ${onboarding.state}, onboarding_reason = ${reason},
      version = ${version}, updated_at = ${dateFromUs(updatedAtUs)}
    where user_id = ${userId}`;
  const { email, givenName, familyName, phone, country } = profile;
  await tx`
    update personal_data set email = ${email}, given_name = ${givenName}, family_name = ${familyName},
      phone = ${phone}, country = ${country}
    where user_id = ${userId}`;
}

interface ProfileRow {
  user_id: string;
  email: string;
  given_name: string;
  family_name: string;
  phone: string;
  country: string;
  locale: string;
  timezone: string;
  avatar_ref: string;
  onboarding_state: Onboarding['state'];
  onboarding_reason: string;
  version: bigint;
  created_at: Date;
  updated_at: Date;
}

function columns(db: Db | Tx) {
  return db`p.user_id, d.email, d.given_name, d.family_name, d.phone, d.country, p.locale, p.timezone, p.avatar_ref,
    p.onboarding_state, p.onboarding_reason, p.version, p.created_at, p.updated_at`;
}

function fromRow(row: ProfileRow): Profile {
  return {
    userId: row.user_id,
    email: row.email,
    givenName: row.given_name,
    familyName: row.family_name,
    phone: row.phone,
    country: row.country,
    locale: row.locale,
    timezone: row.timezone,
    avatarRef: row.avatar_ref,
    onboarding:
      row.onboarding_state === 'rejected'
        ? { state: 'rejected', reason: row.onboarding_reason }
        : { state: row.onboarding_state },
    version: row.version,
    createdAtUs: usFromDate(row.created_at),
    updatedAtUs: usFromDate(row.updated_at),
  };
}
