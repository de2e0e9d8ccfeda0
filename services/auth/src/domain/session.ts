import type { Client } from './client.ts';

/**
 * One sign-in, and the family of refresh tokens that descend from it. Tokens are numbered by generation: each use of the
 * current generation starts the next, so at any time one generation is good and a session needs no list of spent tokens.
 */
export interface Session extends Client {
  readonly sessionId: string;
  readonly userId: string;
  readonly createdAtUs: bigint;
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
  /** How long a spent token still works for a second tab that read it before the first one had its answer. */
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
    lastSeenAtUs: atUs,
    endsAtUs: earlier(atUs + policy.idleUs, expiresAtUs),
    expiresAtUs,
    generation: 1n,
    rotatedAtUs: atUs,
    revoked: false,
  };
}

export type RefreshDecision =
  /** The caller gets a token of `session.generation`. */
  | { readonly type: 'rotated' | 'in_grace'; readonly session: Session }
  | { readonly type: 'refused'; readonly reason: 'session_revoked' | 'session_expired' }
  /** A token came back whose time is over: two hold copies of it, and one of them stole it. */
  | { readonly type: 'reused' };

/**
 * What a refresh token of `generation` is worth. The second of two tabs gets a token of its own in the generation that the
 * first one started; whichever of the two is used next ends the other. So a thief inside the grace is found out at the next
 * refresh, not left with a branch of their own.
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
  return inGrace ? { type: 'in_grace', session: seen } : { type: 'reused' };
}

function earlier(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
