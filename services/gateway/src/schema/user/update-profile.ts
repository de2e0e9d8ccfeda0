import { assert } from '@andvari/kit/base/errors';
import { builder } from '../builder.ts';
import { NotPossible, refusals, refusing } from '../refusals.ts';
import { signedIn } from '../viewer-scope.ts';
import { OnboardingState, User, userIdFrom } from './user.ts';

const UpdateProfileInput = builder.inputType('UpdateProfileInput', {
  description: 'What is left out stays as it is; an empty string clears what may be empty.',
  fields: (t) => ({
    givenName: t.string({ description: '100 characters at the most; may be empty.' }),
    familyName: t.string({ description: '100 characters at the most; may be empty.' }),
    phone: t.string({ description: 'E.164, or empty.' }),
    country: t.string({ description: 'ISO 3166-1 alpha-2, or empty.' }),
    locale: t.string({ description: 'BCP 47.' }),
    timezone: t.string({ description: 'IANA.' }),
    avatarRef: t.string({ description: 'Where its picture is, 200 characters at the most; may be empty.' }),
    expectedVersion: t.int({ description: 'Refused when the profile has moved on since.' }),
  }),
});

const ReviewOnboardingInput = builder.inputType('ReviewOnboardingInput', {
  description: 'What an operator decides on somebody’s onboarding.',
  fields: (t) => ({
    userId: t.id({ required: true, description: 'Whose: a UUID, or the global id of a User.' }),
    state: t.field({ type: OnboardingState, required: true, description: '`APPROVED` or `REJECTED`.' }),
    reason: t.string({
      description: 'Of a rejection, and needed for it: its user reads it, and it stands in the audit trail.',
    }),
  }),
});

builder.mutationFields((t) => ({
  updateProfile: t.field({
    type: User,
    nullable: true,
    description: 'Changes one’s own profile.',
    errors: refusals(NotPossible),
    authScopes: { may: 'profile:update' },
    args: { input: t.arg({ type: UpdateProfileInput, required: true }) },
    resolve: async (_, { input }, context) => {
      const { expectedVersion, ...change } = input;
      const { profile } = await refusing(
        context.clients.user.updateProfile({
          userId: signedIn(context).userId,
          givenName: change.givenName ?? undefined,
          familyName: change.familyName ?? undefined,
          phone: change.phone ?? undefined,
          country: change.country ?? undefined,
          locale: change.locale ?? undefined,
          timezone: change.timezone ?? undefined,
          avatarRef: change.avatarRef ?? undefined,
          expectedVersion: versionFrom(expectedVersion),
        }),
      );
      assert(profile, 'UpdateProfile answered without a profile');
      return profile;
    },
  }),
  reviewOnboarding: t.field({
    type: User,
    nullable: true,
    description: 'For operators: approves or rejects somebody.',
    errors: refusals(NotPossible),
    authScopes: { mayToAll: 'onboarding:review' },
    args: { input: t.arg({ type: ReviewOnboardingInput, required: true }) },
    resolve: async (_, { input: { userId, state, reason } }, { clients }) => {
      const { profile } = await refusing(
        clients.user.reviewOnboarding({ userId: userIdFrom(userId), state, reason: reason ?? '' }),
      );
      assert(profile, 'ReviewOnboarding answered without a profile');
      return profile;
    },
  }),
}));

export function versionFrom(version: number | null | undefined): bigint | undefined {
  return version === null || version === undefined ? undefined : BigInt(version);
}
