import { newEvent, type OutgoingEvent } from '@andvari/kit/events/event';
import {
  deletionRefused,
  deletionRequested,
  notificationCreated,
  onboardingChanged,
  profileUpdated,
  userDeleted,
  userErasureStarted,
  watchlistChanged,
} from '@andvari/proto/events';
import type { Deletion } from '../domain/deletion.ts';
import type { Notification } from '../domain/notification.ts';
import type { ChangedProfile, Profile } from '../domain/profile.ts';
import { fieldNames } from '../domain/profile.ts';
import type { Watchlist } from '../domain/watchlist.ts';
import { onboardingStateTo } from './onboarding-state.ts';

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

export function onboardingChangedEvent({ userId, onboarding }: Profile, changedBy: string): OutgoingEvent {
  const reason = onboarding.state === 'rejected' ? onboarding.reason : '';
  return newEvent(
    onboardingChanged,
    { userId, state: onboardingStateTo[onboarding.state], reason, changedBy },
    attributes,
  );
}

export function watchlistChangedEvent({ userId, id }: Watchlist): OutgoingEvent {
  return newEvent(watchlistChanged, { userId, watchlistId: id }, attributes);
}

export function notificationCreatedEvent({ userId, id, kind }: Notification, unreadCount: number): OutgoingEvent {
  return newEvent(notificationCreated, { userId, notificationId: id, kind, unreadCount }, attributes);
}

export function deletionRequestedEvent({ userId }: Deletion): OutgoingEvent {
  return newEvent(deletionRequested, { userId }, attributes);
}

export function deletionRefusedEvent({ userId, reason }: Deletion & { state: 'refused' }): OutgoingEvent {
  return newEvent(deletionRefused, { userId, reason }, attributes);
}

export function erasureStartedEvent({ userId, pseudonym }: Deletion & { state: 'erasing' }): OutgoingEvent {
  return newEvent(userErasureStarted, { userId, pseudonym }, attributes);
}

export function userDeletedEvent({ userId }: Deletion, pseudonym: string): OutgoingEvent {
  return newEvent(userDeleted, { userId, pseudonym }, attributes);
}
