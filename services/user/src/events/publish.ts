import { newEvent, type OutgoingEvent } from '@andvari/kit/events';
import { profileUpdated } from '@andvari/proto/events';
import type { ChangedProfile } from '../domain/profile.ts';
import { fieldNames } from '../domain/profile.ts';

const attributes = { source: 'user' };

/** Names of the changed fields, never their values: personal data stays in this database. */
export function profileUpdatedEvent({ profile, changedFields }: ChangedProfile): OutgoingEvent {
  const message = {
    userId: profile.userId,
    changedFields: changedFields.map((field) => fieldNames[field]),
    version: profile.version,
  };
  return newEvent(profileUpdated, message, attributes);
}
