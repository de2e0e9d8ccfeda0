import { addressGroup } from '@andvari/kit/base/address';
import type { Client } from './client.ts';

/**
 * One sign-in, and the family of refresh tokens that descend from it. Tokens are numbered by generation: each use of the
 * current generation starts the next, so at any time one generation is good and a session needs no list of spent tokens.
 */
export interface Session extends Client {
  readonly sessionId: string;
  readonly userId: string;
  readonly createdAtUs: bigint;
  /** When a password was last typed for it: at sign-in, or later to confirm what is hard to undo. */
  readonly authenticatedAtUs: bigint;
  readonly lastSeenAtUs: bigint;
  /** The idle limit, as long as it comes before the absolute one. */
  readonly endsAtUs: bigint;
  /** The absolute limit. */
  readonly expiresAtUs: bigint;
  readonly generation: bigint;
  /** When the current generation began, and with it the grace of the one before. */
  readonly rotatedAtUs: bigint;
  readonly revoked: boolean;
}

export interface SessionPolicy {
  readonly idleUs: bigint;
  readonly absoluteUs: bigint;
  /** How long a spent token still leads to its successor, for a second tab that read it before the first had its answer. */
  readonly graceUs: bigint;
}

export type RevokeReason = 'logout' | 'logout_all' | 'refresh_reused' | 'password_changed' | 'user_deleted' | 'revoked';

export function newSession(
  { sessionId, userId, client }: { sessionId: string; userId: string; client: Client },
  policy: SessionPolicy,
  atUs: bigint,
): Session {
  const expiresAtUs = atUs + policy.absoluteUs;
  return {
    ...client,
    sessionId,
    userId,
    createdAtUs: atUs,
    authenticatedAtUs: atUs,
    lastSeenAtUs: atUs,
    endsAtUs: earlier(atUs + policy.idleUs, expiresAtUs),
    expiresAtUs,
    generation: 1n,
    rotatedAtUs: atUs,
    revoked: false,
  };
}

export type RefreshDecision =
  /** The caller gets the token of `session.generation`: a new one, or the one that was made of this token before. */
  | { readonly type: 'rotated' | 'in_grace'; readonly session: Session }
  | { readonly type: 'refused'; readonly reason: 'session_revoked' | 'session_expired' }
  /** A token came back whose time is over: two hold copies of it, and one of them stole it. */
  | { readonly type: 'reused' };

/**
 * What a refresh token of `generation` is worth. A token has one successor: the second of two tabs gets the one that the
 * first one got, and both go on together. Somebody at another address or with another program is no second tab.
 */
export function decideRefresh(
  session: Session,
  generation: bigint,
  client: Client,
  policy: SessionPolicy,
  atUs: bigint,
): RefreshDecision {
  if (session.revoked) return { type: 'refused', reason: 'session_revoked' };
  if (atUs >= session.endsAtUs) return { type: 'refused', reason: 'session_expired' };
  const seen = {
    ...session,
    ...client,
    lastSeenAtUs: atUs,
    endsAtUs: earlier(atUs + policy.idleUs, session.expiresAtUs),
  };
  if (generation === session.generation) {
    return { type: 'rotated', session: { ...seen, generation: generation + 1n, rotatedAtUs: atUs } };
  }
  const inGrace = generation === session.generation - 1n && atUs - session.rotatedAtUs <= policy.graceUs;
  return inGrace && isSameClient(session, client) ? { type: 'in_grace', session } : { type: 'reused' };
}

function isSameClient(a: Client, b: Client): boolean {
  return a.userAgent === b.userAgent && addressGroup(a.address) === addressGroup(b.address);
}

function earlier(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
