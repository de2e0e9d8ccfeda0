import { AppError } from '@andvari/kit/base/errors';
import { OnboardingState as OnboardingStateValue, type Profile } from '@andvari/proto/user/v1/user';
import { may } from '../../identity/viewer.ts';
import { builder, refusalFor } from '../builder.ts';
import { connectionCost, connectionOf } from '../connection.ts';
import type { GatewayContext } from '../context.ts';
import { uuidFrom } from '../entity-id.ts';
import { asNamedIn } from '../operation-inputs.ts';
import { textOrNull } from '../text.ts';
import { signedIn } from '../viewer-scope.ts';

export const OnboardingState = builder.enumType('OnboardingState', {
  description: 'How far somebody is on the way to trading.',
  values: {
    NEW: {
      value: OnboardingStateValue.ONBOARDING_STATE_NEW,
      description: 'Registered; the address is not proven yet.',
    },
    VERIFIED: {
      value: OnboardingStateValue.ONBOARDING_STATE_VERIFIED,
      description: 'The address is proven; nobody has looked at the profile yet.',
    },
    APPROVED: { value: OnboardingStateValue.ONBOARDING_STATE_APPROVED, description: 'An operator approved it.' },
    REJECTED: {
      value: OnboardingStateValue.ONBOARDING_STATE_REJECTED,
      description: 'An operator rejected it, for a reason.',
    },
    UNKNOWN: { value: OnboardingStateValue.ONBOARDING_STATE_UNSPECIFIED, description: 'Newer than this gateway.' },
  },
});

const Onboarding = builder.objectRef<Profile>('Onboarding').implement({
  description: 'Where somebody is on the way to trading.',
  fields: (t) => ({
    state: t.field({
      type: OnboardingState,
      description: 'How far it is.',
      resolve: ({ onboardingState }) => knownState(onboardingState),
    }),
    reason: t.string({
      nullable: true,
      description: 'Why it was rejected, in an operator’s words; null where it was not.',
      resolve: ({ onboardingReason }) => textOrNull(onboardingReason),
    }),
  }),
});

/** Somebody with an account. All users that a response speaks of are asked for in one call. */
export const User = builder.loadableNodeRef<Profile>('User', {
  id: { resolve: ({ userId }) => userId },
  load: loadProfiles,
});

User.implement({
  description: 'Somebody with a sign-in, and their profile.',
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'onboardingState' in value,
  fields: (t) => ({
    userId: t.exposeID('userId', { description: 'Its UUID, as events name it.' }),
    email: t.exposeString('email', { description: 'The proven address.' }),
    givenName: t.exposeString('givenName', { description: 'May be empty.' }),
    familyName: t.exposeString('familyName', { description: 'May be empty.' }),
    phone: t.string({
      nullable: true,
      description: 'E.164; null where none was given.',
      resolve: ({ phone }) => textOrNull(phone),
    }),
    country: t.string({
      nullable: true,
      description: 'ISO 3166-1 alpha-2; null where none was given.',
      resolve: ({ country }) => textOrNull(country),
    }),
    locale: t.exposeString('locale', { description: 'BCP 47.' }),
    timezone: t.exposeString('timezone', { description: 'As IANA names it.' }),
    avatarRef: t.string({
      nullable: true,
      description: 'Where its picture is; null where there is none.',
      resolve: ({ avatarRef }) => textOrNull(avatarRef),
    }),
    onboarding: t.field({
      type: Onboarding,
      description: 'Where they are on the way to trading.',
      resolve: (profile) => profile,
    }),
    version: t.int({
      description: 'Grows with every change; a change may name the version it was made from.',
      resolve: ({ version }) => Number(version),
    }),
    createdAt: t.field({
      type: 'DateTime',
      description: 'Since when they are known.',
      resolve: ({ createdAtUs }) => createdAtUs,
    }),
    updatedAt: t.field({
      type: 'DateTime',
      description: 'When it last changed.',
      resolve: ({ updatedAtUs }) => updatedAtUs,
    }),
  }),
});

builder.queryFields((t) => ({
  me: t.field({
    type: User,
    nullable: true,
    description: 'Whoever asks.',
    authScopes: { may: 'profile:read' },
    resolve: (_, _args, context) => signedIn(context).userId,
  }),
  profile: t.field({
    type: User,
    nullable: true,
    description: 'One user; null where there is none of that id. Others than oneself need the right to.',
    args: { userId: t.arg.id({ required: true, description: 'A user id, or the global id of a User.' }) },
    resolve: async (_, { userId }, context) => {
      try {
        return await User.getDataloader(context).load(userIdFrom(userId));
      } catch (error) {
        if (error instanceof AppError && error.code === 'not_found') return null;
        throw error;
      }
    },
  }),
  users: t.connection(
    {
      type: User,
      nullable: true,
      description: 'Everybody whose email address or name begins so, the newest first; for those who look after users.',
      complexity: connectionCost,
      authScopes: { mayToAll: 'profile:read' },
      args: { search: t.arg.string({ required: true, description: 'At least two characters, in any case.' }) },
      resolve: (_, { search, ...args }, { clients }) =>
        connectionOf(args, async (page) => {
          const { profiles, pageInfo } = await asNamedIn('users', clients.user.searchProfiles({ text: search, page }));
          return { rows: profiles, pageInfo };
        }),
    },
    { name: 'UserConnection' },
    { name: 'UserEdge' },
  ),
  onboarding: t.field({
    type: Onboarding,
    nullable: true,
    description: 'Where one is on the way to trading oneself.',
    authScopes: { may: 'profile:read' },
    resolve: (_, _args, context) => User.getDataloader(context).load(signedIn(context).userId),
  }),
}));

/** Whose profile may not be seen is refused one by one, so that the others of the same response still come. */
async function loadProfiles(userIds: string[], { viewer, clients }: GatewayContext): Promise<(Profile | Error)[]> {
  const allowed = userIds.filter((userId) => may(viewer, 'profile:read', userId));
  const { profiles } =
    allowed.length === 0 ? { profiles: [] } : await clients.user.batchGetProfiles({ userIds: allowed });
  const found = new Map(profiles.map((profile) => [profile.userId, profile]));
  return userIds.map((userId) => {
    if (!may(viewer, 'profile:read', userId)) return refusalFor(viewer, 'profile:read');
    return found.get(userId) ?? new AppError('not_found', 'no such user', { reason: 'profile_not_found' });
  });
}

/** A user id as it is, or inside the global id of a User. */
export function userIdFrom(given: string): string {
  return uuidFrom('User', 'userId', given);
}

/** A state that a newer service speaks of is still a number here. */
function knownState(state: OnboardingStateValue): Exclude<OnboardingStateValue, -1> {
  const isKnown = state !== OnboardingStateValue.UNRECOGNIZED && stateNumbers.has(state);
  return isKnown ? state : OnboardingStateValue.ONBOARDING_STATE_UNSPECIFIED;
}

const stateNumbers = new Set<number>(Object.values(OnboardingStateValue));
