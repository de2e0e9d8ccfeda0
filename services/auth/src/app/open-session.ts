import { addressGroup } from '@andvari/kit/base/address';
import type { Tx } from '@andvari/kit/db/types';
import type { Say } from '@andvari/kit/outbox/commit';
import { v7 as uuidv7 } from 'uuid';
import type { Client } from '../domain/client.ts';
import { newSession, type Session, type SessionPolicy } from '../domain/session.ts';
import { loginSucceededEvent, sessionRevokedEvents } from '../messages/events.ts';
import { noteClient } from '../store/known-clients.ts';
import { insertRefreshToken, insertSession, revokeOldest } from '../store/sessions.ts';
import { deleteThrottles } from '../store/throttles.ts';
import type { Counted } from './lockout.ts';

/** The oldest beyond these end by themselves. */
const MAX_SESSIONS = 100;

export interface SessionToOpen {
  userId: string;
  client: Client;
  refreshTokenHash: Buffer;
  /** What this sign-in was counted under, the account first. */
  counted: readonly [account: Counted, address: Counted];
}

/** A session for somebody who has shown all that is asked of them; in a transaction that shares or locks the user. */
export async function openSession(
  tx: Tx,
  say: Say,
  { userId, client, refreshTokenHash, counted: [account] }: SessionToOpen,
  policy: SessionPolicy,
  atUs: bigint,
): Promise<Session> {
  const session = newSession({ sessionId: uuidv7(), userId, client }, policy, atUs);
  await insertSession(tx, session);
  await insertRefreshToken(tx, session, refreshTokenHash);
  const newDevice = await noteClient(tx, userId, { ...client, address: addressGroup(client.address) }, atUs);
  // Only the account's: with one good password of their own nobody clears the guesses of their address.
  await deleteThrottles(tx, [account.key]);
  const ended = await revokeOldest(tx, userId, MAX_SESSIONS, atUs);
  say(loginSucceededEvent(session, newDevice), ...sessionRevokedEvents(userId, ended, 'revoked'));
  return session;
}
