import { AppError, invalid, notFound } from '@andvari/kit/base/errors';
import { transaction } from '@andvari/kit/db/db';
import type { Tx } from '@andvari/kit/db/types';
import type { Page } from '@andvari/kit/handler/page';
import { refusalsOf } from '@andvari/kit/handler/refusals';
import { decideOnboarding, type OnboardingRefusal, type OnboardingStep } from '../domain/onboarding.ts';
import {
  type ChangedProfile,
  changeProfile,
  fieldNames,
  newProfile,
  type Onboarding,
  type Profile,
  type ProfileChange,
  type ProfileRefusal,
} from '../domain/profile.ts';
import { onboardingChangedEvent, profileUpdatedEvent } from '../messages/events.ts';
import { findProfiles, insertProfiles, lockProfile, searchProfiles, updateProfile } from '../store/profiles.ts';
import type { Deps } from './deps.ts';

export function createProfiles({ db, now, commit, append }: Deps) {
  return {
    async get(userId: string): Promise<Profile> {
      const [profile] = await findProfiles(db, [userId]);
      if (profile === undefined) throw notFound('profile', userId);
      return profile;
    },

    find(userIds: readonly string[]): Promise<Profile[]> {
      return findProfiles(db, userIds);
    },

    /** One more than the page holds, where there is more. */
    search(text: string, page: Page): Promise<Profile[]> {
      return searchProfiles(db, text, page);
    },

    update(userId: string, change: ProfileChange, expectedVersion?: bigint): Promise<Profile> {
      return commit(async (tx, say) => {
        const changed = accepted(changeProfile(await locked(tx, userId), change, expectedVersion, now()));
        if (changed.changedFields.length === 0) return changed.profile;
        await updateProfile(tx, changed.profile);
        say(profileUpdatedEvent(changed));
        return changed.profile;
      });
    },

    /** A user who is known already is left as they are: the news of a registration may come again. */
    async create(tx: Tx, users: readonly Parameters<typeof newProfile>[0][]): Promise<void> {
      await insertProfiles(
        tx,
        users.map((user) => newProfile(user, now())),
      );
    },

    /** People whom somebody else vouches for. Whoever is known is left as they are, and nobody is told of the others. */
    import(users: readonly (Parameters<typeof newProfile>[0] & { createdAtUs: bigint })[]): Promise<number> {
      const made = users.map(({ createdAtUs, ...user }): Profile => {
        return { ...newProfile(user, createdAtUs), onboarding: { state: 'approved' } };
      });
      return transaction(db, (tx) => insertProfiles(tx, made), { bulk: true });
    },

    review(userId: string, verdict: Onboarding, by: { name: string; userId: string }): Promise<Profile> {
      const step = { type: 'reviewed', verdict, byThemselves: by.userId === userId } as const;
      return commit(async (tx) => takeStep(tx, await locked(tx, userId), step, by.name));
    },

    /** The news that an address was confirmed may outlive the account. */
    async verify(tx: Tx, userId: string, by: string): Promise<void> {
      const profile = await lockProfile(tx, userId);
      if (profile === undefined) return;
      await takeStep(tx, profile, { type: 'verified' }, by);
    },
  };

  async function takeStep(tx: Tx, profile: Profile, step: OnboardingStep, by: string): Promise<Profile> {
    const decision = decideOnboarding(profile.onboarding, step);
    if (decision.type === 'refused') throw refusal(decision.reason);
    if (decision.type === 'unchanged') return profile;
    const { onboarding } = decision;
    const changed = { ...profile, onboarding, version: profile.version + 1n, updatedAtUs: now() };
    await updateProfile(tx, changed);
    await append(tx, [onboardingChangedEvent(changed, by)]);
    return changed;
  }
}

async function locked(tx: Tx, userId: string): Promise<Profile> {
  const profile = await lockProfile(tx, userId);
  if (profile === undefined) throw notFound('profile', userId);
  return profile;
}

const refusal = refusalsOf<OnboardingRefusal>({
  no_verdict: { code: 'invalid_argument', message: 'a review approves or rejects', field: 'state' },
  reason_missing: { code: 'invalid_argument', message: 'a rejection needs a reason', field: 'reason' },
  self_review: { code: 'permission_denied', message: 'nobody reviews themselves' },
  not_verified: { code: 'failed_precondition', message: 'the address is not confirmed yet' },
});

function accepted(outcome: ChangedProfile | ProfileRefusal): ChangedProfile {
  if (!('refused' in outcome)) return outcome;
  switch (outcome.refused) {
    case 'version_conflict':
      throw new AppError('failed_precondition', 'the profile has changed since', {
        reason: 'version_conflict',
        field: 'expected_version',
        numbers: { current: outcome.current },
      });
    case 'invalid_field':
      throw invalid(fieldNames[outcome.field], outcome.problem);
  }
}
