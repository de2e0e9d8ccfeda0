import { invalid } from '@andvari/kit/base/errors';
import {
  type Deletion as DeletionMessage,
  DeletionState,
  type Notification as NotificationMessage,
  type OnboardingState,
  type Preferences as PreferencesMessage,
  type Profile as ProfileMessage,
  type UpdatePreferencesRequest,
  type UpdateProfileRequest,
  type UpdateWatchlistRequest,
  type Watchlist as WatchlistMessage,
} from '@andvari/proto/user/v1/user';
import type { Deletion } from '../domain/deletion.ts';
import type { Notification } from '../domain/notification.ts';
import type { Preferences, PreferencesChange } from '../domain/preferences.ts';
import type { Onboarding, Profile, ProfileChange } from '../domain/profile.ts';
import type { Watchlist, WatchlistChange } from '../domain/watchlist.ts';
import { onboardingStateTo } from './onboarding-state.ts';

export function profileTo(profile: Profile): ProfileMessage {
  const { onboarding, ...fields } = profile;
  return {
    ...fields,
    onboardingState: onboardingStateTo[onboarding.state],
    onboardingReason: onboarding.state === 'rejected' ? onboarding.reason : '',
  };
}

export function profileChangeFrom(request: UpdateProfileRequest): ProfileChange {
  const { givenName, familyName, phone, country, locale, timezone, avatarRef } = request;
  return present({ givenName, familyName, phone, country, locale, timezone, avatarRef });
}

export function onboardingFrom(state: OnboardingState, reason: string): Onboarding {
  const found = Object.entries(onboardingStateTo).find(([, value]) => value === state)?.[0];
  if (found === undefined) throw invalid('state', 'should be a state of onboarding');
  if (found === 'rejected') return { state: found, reason };
  return { state: found as Exclude<Onboarding['state'], 'rejected'> };
}

export function preferencesTo({ mutedNotifications, ...fields }: Preferences): PreferencesMessage {
  return { ...fields, mutedNotifications: [...mutedNotifications] };
}

export function preferencesChangeFrom(request: UpdatePreferencesRequest): PreferencesChange {
  const { userId: _, expectedVersion: _version, mutedNotifications, ...fields } = request;
  return present({ ...fields, mutedNotifications: mutedNotifications?.kinds });
}

export function watchlistTo({ symbols, ...fields }: Watchlist): WatchlistMessage {
  return { ...fields, symbols: [...symbols] };
}

export function watchlistChangeFrom({ name, symbols }: UpdateWatchlistRequest): WatchlistChange {
  return present({ name, symbols: symbols?.symbols });
}

export function notificationTo({ readAtUs = 0n, ...fields }: Notification): NotificationMessage {
  return { ...fields, readAtUs };
}

export function deletionTo(deletion: Deletion): DeletionMessage {
  const { userId, state, requestedAtUs } = deletion;
  return {
    userId,
    state: deletionStateTo[state],
    reason: deletion.state === 'refused' ? deletion.reason : '',
    requestedAtUs,
    finishedAtUs: 'finishedAtUs' in deletion ? deletion.finishedAtUs : 0n,
  };
}

const deletionStateTo: Record<Deletion['state'], DeletionState> = {
  requested: DeletionState.DELETION_STATE_REQUESTED,
  checking: DeletionState.DELETION_STATE_CHECKING,
  refused: DeletionState.DELETION_STATE_REFUSED,
  erasing: DeletionState.DELETION_STATE_ERASING,
  completed: DeletionState.DELETION_STATE_COMPLETED,
};

/** Without the keys whose value is undefined. */
function present<T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}
