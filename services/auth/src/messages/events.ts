import { newEvent, type OutgoingEvent } from '@andvari/kit/events/event';
import {
  accountLocked,
  apiKeyCreated,
  apiKeyRevoked,
  factorDisabled,
  factorEnabled,
  factorGuessed,
  factorRecoveryRenewed,
  factorRecoveryUsed,
  loginFailed,
  loginSucceeded,
  mailRequested,
  passwordChanged,
  passwordResetRequested,
  refreshReused,
  sessionRevoked,
  signingKeyRotated,
  userErased,
  userRegistered,
  userVerified,
} from '@andvari/proto/events';
import type { ApiKey } from '../domain/api-key.ts';
import type { Client } from '../domain/client.ts';
import type { Template } from '../domain/mail.ts';
import type { RevokeReason, Session } from '../domain/session.ts';

const attributes = { source: 'auth' };
/** Stands in a subject where nobody has the address; a subject has no empty parts. */
const NOBODY = 'unknown';

export interface RegisteredUser {
  userId: string;
  email: string;
  givenName: string;
  familyName: string;
  locale: string;
}

export function userRegisteredEvent({ userId, email, givenName, familyName, locale }: RegisteredUser): OutgoingEvent {
  return newEvent(userRegistered, { userId, email, givenName, familyName, locale }, attributes);
}

export function userVerifiedEvent({ userId, email }: RegisteredUser): OutgoingEvent {
  return newEvent(userVerified, { userId, email }, attributes);
}

export function userErasedEvent(userId: string): OutgoingEvent {
  return newEvent(userErased, { userId, service: 'auth' }, attributes);
}

export function loginSucceededEvent(session: Session, newDevice: boolean): OutgoingEvent {
  const { userId, sessionId, address, userAgent } = session;
  return newEvent(loginSucceeded, { userId, sessionId, address, userAgent, newDevice }, attributes);
}

export function loginFailedEvent(userId: string | undefined, { address }: Client): OutgoingEvent {
  const reason = userId === undefined ? 'unknown_email' : 'wrong_password';
  return newEvent(loginFailed, { userId: userId ?? '', address, reason }, subjectFor(userId));
}

export function factorFailedEvent(userId: string, { address }: Client): OutgoingEvent {
  return newEvent(loginFailed, { userId, address, reason: 'wrong_code' }, attributes);
}

/** `client`: undefined where it was asked for within a session. */
export function factorGuessedEvent(userId: string, client: Client | undefined): OutgoingEvent {
  return newEvent(factorGuessed, { userId, address: client?.address ?? '' }, attributes);
}

export function factorEnabledEvent(userId: string): OutgoingEvent {
  return newEvent(factorEnabled, { userId }, attributes);
}

export function factorDisabledEvent(userId: string, changedBy: string, reason = ''): OutgoingEvent {
  return newEvent(factorDisabled, { userId, changedBy, reason }, attributes);
}

export function factorRecoveryUsedEvent(userId: string, recoveryCodesLeft: number): OutgoingEvent {
  return newEvent(factorRecoveryUsed, { userId, recoveryCodesLeft }, attributes);
}

export function factorRecoveryRenewedEvent(userId: string): OutgoingEvent {
  return newEvent(factorRecoveryRenewed, { userId }, attributes);
}

export function accountLockedEvent(userId: string, untilUs: bigint): OutgoingEvent {
  return newEvent(accountLocked, { userId, untilUs }, attributes);
}

export function sessionRevokedEvents(
  userId: string,
  sessionIds: readonly string[],
  reason: RevokeReason,
): OutgoingEvent[] {
  return sessionIds.map((sessionId) => newEvent(sessionRevoked, { userId, sessionId, reason }, attributes));
}

export function refreshReusedEvent({ userId, sessionId }: Session, { address }: Client): OutgoingEvent {
  return newEvent(refreshReused, { userId, sessionId, address }, attributes);
}

export function passwordChangedEvent(userId: string, how: 'changed' | 'reset'): OutgoingEvent {
  return newEvent(passwordChanged, { userId, how }, attributes);
}

export function passwordResetRequestedEvent(userId: string | undefined): OutgoingEvent {
  return newEvent(passwordResetRequested, { userId: userId ?? '' }, subjectFor(userId));
}

export function mailRequestedEvent(
  userId: string,
  to: string,
  template: Template,
  values: Record<string, string>,
): OutgoingEvent {
  return newEvent(mailRequested, { userId, to, template, values }, attributes);
}

export function apiKeyCreatedEvent({ userId, id, scopes }: ApiKey): OutgoingEvent {
  return newEvent(apiKeyCreated, { userId, apiKeyId: id, scopes: [...scopes] }, attributes);
}

export function apiKeyRevokedEvents(userId: string, apiKeyIds: readonly string[]): OutgoingEvent[] {
  return apiKeyIds.map((apiKeyId) => newEvent(apiKeyRevoked, { userId, apiKeyId }, attributes));
}

export function signingKeyRotatedEvent(keyId: string): OutgoingEvent {
  return newEvent(signingKeyRotated, { keyId }, attributes);
}

function subjectFor(userId: string | undefined) {
  return { ...attributes, subject: { user_id: userId ?? NOBODY } };
}
