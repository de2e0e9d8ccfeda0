import type { Db, Tx } from '@andvari/kit/db';
import { transaction } from '@andvari/kit/db';
import { AppError, invalid, notFound } from '@andvari/kit/errors';
import type { OutgoingEvent } from '@andvari/kit/events';
import {
  type ChangedProfile,
  changeProfile,
  fieldNames,
  newProfile,
  type Profile,
  type ProfileChange,
  type ProfileRefusal,
} from './domain/profile.ts';
import { profileUpdatedEvent } from './events/publish.ts';
import { findProfiles, insertProfiles, lockProfile, updateProfile } from './store/profiles.ts';

export type App = ReturnType<typeof createApp>;

export interface Neighbours {
  db: Db;
  now: () => bigint;
  /** Writes events into the outbox, in the transaction that made them true. */
  append: (tx: Tx, events: readonly OutgoingEvent[]) => Promise<void>;
  /** Called after a commit that wrote events, so that they leave at once. */
  wakeRelay: () => void;
}

export function createApp({ db, now, append, wakeRelay }: Neighbours) {
  return {
    async getProfile(userId: string): Promise<Profile> {
      const [profile] = await findProfiles(db, [userId]);
      if (profile === undefined) throw notFound('profile', userId);
      return profile;
    },

    findProfiles(userIds: readonly string[]): Promise<Profile[]> {
      return findProfiles(db, userIds);
    },

    async updateProfile(userId: string, change: ProfileChange, expectedVersion?: bigint): Promise<Profile> {
      const { profile, changedFields } = await transaction(db, async (tx) => {
        const current = await lockProfile(tx, userId);
        if (current === undefined) throw notFound('profile', userId);
        const changed = accepted(changeProfile(current, change, expectedVersion, now()));
        if (changed.changedFields.length === 0) return changed;
        await updateProfile(tx, changed.profile);
        await append(tx, [profileUpdatedEvent(changed)]);
        return changed;
      });
      if (changedFields.length > 0) wakeRelay();
      return profile;
    },

    /** A user who is known already is left as they are: the news of a registration may come again. */
    async createProfiles(tx: Tx, users: readonly Parameters<typeof newProfile>[0][]): Promise<void> {
      await insertProfiles(
        tx,
        users.map((user) => newProfile(user, now())),
      );
    },
  };
}

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
