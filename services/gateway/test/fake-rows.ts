import type { ApiKey, Session } from '@andvari/proto/auth/v1/auth';
import type { Grant } from '@andvari/proto/security/v1/security';
import {
  type Deletion,
  DeletionState,
  type Notification,
  OnboardingState,
  type Preferences,
  type Profile,
  type Watchlist,
} from '@andvari/proto/user/v1/user';
import { userIdOf } from './fake-service.ts';

/** One of each thing that services answer with. */
export const NOW_US = 1_700_000_000_123_456n;

export function profileOf(userId: string): Profile {
  return {
    userId,
    email: `${userId.slice(-4)}@example.com`,
    givenName: 'Ada',
    familyName: 'Lovelace',
    phone: '',
    country: '',
    locale: 'en',
    timezone: 'UTC',
    avatarRef: '',
    onboardingState: OnboardingState.ONBOARDING_STATE_NEW,
    onboardingReason: '',
    version: 1n,
    createdAtUs: NOW_US,
    updatedAtUs: NOW_US,
  };
}

export function preferencesOf(userId: string): Preferences {
  return {
    userId,
    theme: 'dark',
    displayCurrency: 'USD',
    confirmOrders: true,
    mutedNotifications: [],
    version: 1n,
    colours: 'teal',
    density: 'calm',
    hideAmounts: false,
    singleKeysOff: false,
    numberFormat: '',
    chartTimeframe: 'minute',
    chartView: 'candles',
    watchlist: '',
    blotterHeight: 232,
  };
}

export function watchlistOf(userId: string, name = 'first'): Watchlist {
  return { id: userIdOf(`${name} watchlist of ${userId}`), userId, name: 'Tech', symbols: ['ACME'], version: 1n };
}

export function deletionOf(userId: string): Deletion {
  return {
    userId,
    state: DeletionState.DELETION_STATE_REQUESTED,
    reason: '',
    requestedAtUs: NOW_US,
    finishedAtUs: 0n,
  };
}

export function notificationOf(userId: string, id: string): Notification {
  return {
    id,
    userId,
    kind: 'order.filled',
    title: 'Filled',
    body: '',
    subjectRef: '',
    createdAtUs: NOW_US,
    readAtUs: 0n,
  };
}

export function sessionOf(userId: string, id: string): Session {
  return {
    id,
    userId,
    address: '192.0.2.1',
    userAgent: 'test',
    createdAtUs: NOW_US,
    lastSeenAtUs: NOW_US,
    expiresAtUs: NOW_US,
  };
}

export function apiKeyOf(userId: string): ApiKey {
  return {
    id: userIdOf(`key of ${userId}`),
    userId,
    name: 'bot',
    scopes: ['profile:read:own'],
    createdAtUs: NOW_US,
    expiresAtUs: 0n,
    lastUsedAtUs: 0n,
    dailyNotionalCap: 1_250_000n,
  };
}

export function grantOf(userId: string): Grant {
  return {
    id: userIdOf(`grant of ${userId}`),
    userId,
    role: 'support',
    grantedBy: 'service:test',
    reason: '',
    grantedAtUs: NOW_US,
    expiresAtUs: 0n,
  };
}
