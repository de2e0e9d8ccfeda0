import { dateFromUs, usFromDate } from '@andvari/kit/base/clock';
import type { Db, Tx } from '@andvari/kit/db/types';
import type { Cursor } from '@andvari/kit/handler/page';
import type { RevokeReason, Session } from '../domain/session.ts';

export async function insertSession(tx: Tx, session: Session): Promise<void> {
  await tx`
    insert into sessions (session_id, user_id, address, user_agent, created_at, authenticated_at, last_seen_at, ends_at, expires_at, generation, rotated_at)
    values (${session.sessionId}, ${session.userId}, ${session.address}, ${session.userAgent},
      ${dateFromUs(session.createdAtUs)}, ${dateFromUs(session.authenticatedAtUs)}, ${dateFromUs(session.lastSeenAtUs)}, ${dateFromUs(session.endsAtUs)},
      ${dateFromUs(session.expiresAtUs)}, ${session.generation}, ${dateFromUs(session.rotatedAtUs)})`;
}

export async function insertRefreshToken(tx: Tx, session: Session, tokenHash: Buffer): Promise<void> {
  await tx`
    insert into refresh_tokens (token_hash, session_id, generation)
    values (${tokenHash}, ${session.sessionId}, ${session.generation})`;
}

export interface PresentedToken {
  readonly session: Session;
  readonly generation: bigint;
  readonly rolesVersion: bigint;
  /** The token of the current generation, sealed with that of the one before. */
  readonly sealedSuccessor: Buffer | undefined;
}

/** The session is locked until the transaction ends: two tabs come one after the other. */
export async function lockByRefreshToken(tx: Tx, tokenHash: Buffer): Promise<PresentedToken | undefined> {
  const [row] = await tx<
    (SessionRow & { token_generation: bigint; roles_version: bigint; sealed_successor: Buffer | null })[]
  >`
    select ${columns(tx)}, t.generation as token_generation, u.roles_version, s.sealed_successor
    from refresh_tokens t join sessions s using (session_id) join users u using (user_id)
    where t.token_hash = ${tokenHash} for update of s`;
  return (
    row && {
      session: fromRow(row),
      generation: row.token_generation,
      rolesVersion: row.roles_version,
      sealedSuccessor: row.sealed_successor ?? undefined,
    }
  );
}

export async function rotateSession(tx: Tx, session: Session, sealedSuccessor: Buffer): Promise<void> {
  await tx`
    update sessions set address = ${session.address}, user_agent = ${session.userAgent},
      last_seen_at = ${dateFromUs(session.lastSeenAtUs)}, ends_at = ${dateFromUs(session.endsAtUs)},
      generation = ${session.generation}, rotated_at = ${dateFromUs(session.rotatedAtUs)},
      sealed_successor = ${sealedSuccessor}
    where session_id = ${session.sessionId}`;
}

/** Undefined where the session is over. */
export async function authenticateSession(
  tx: Tx,
  userId: string,
  sessionId: string,
  atUs: bigint,
): Promise<Session | undefined> {
  const [row] = await tx<SessionRow[]>`
    update sessions s set authenticated_at = ${dateFromUs(atUs)}
    where session_id = ${sessionId} and user_id = ${userId} and revoked_at is null and ends_at > ${dateFromUs(atUs)}
    returning ${columns(tx)}`;
  return row && fromRow(row);
}

export type Which = { readonly only: string } | { readonly except: string } | 'all';

/** Ends those of the user's sessions that are alive, and says which they were. */
export async function revokeSessions(
  tx: Tx,
  userId: string,
  which: Which,
  reason: RevokeReason,
  atUs: bigint,
): Promise<string[]> {
  const narrowed =
    which === 'all'
      ? tx``
      : 'only' in which
        ? tx`and session_id = ${which.only}`
        : tx`and session_id <> ${which.except}`;
  const rows = await tx<{ session_id: string }[]>`
    update sessions set revoked_at = ${dateFromUs(atUs)}, revoke_reason = ${reason}
    where user_id = ${userId} and revoked_at is null and ends_at > ${dateFromUs(atUs)} ${narrowed}
    returning session_id`;
  return rows.map((row) => row.session_id);
}

/** Ends the sessions beyond the newest `keep`. Two sign-ins at a time leave each other's rows alone. */
export async function revokeOldest(tx: Tx, userId: string, keep: number, atUs: bigint): Promise<string[]> {
  const rows = await tx<{ session_id: string }[]>`
    update sessions set revoked_at = ${dateFromUs(atUs)}, revoke_reason = 'revoked'
    where session_id in (
      select session_id from sessions where user_id = ${userId} and revoked_at is null
      order by session_id desc offset ${keep} for update skip locked
    ) and ends_at > ${dateFromUs(atUs)}
    returning session_id`;
  return rows.map((row) => row.session_id);
}

/** Those that are alive, the newest first; one more than asked for tells whether there is another page. */
export async function listSessions(
  db: Db,
  userId: string,
  { first, after }: { first: number; after: Cursor | undefined },
  atUs: bigint,
): Promise<Session[]> {
  const rows = await db<SessionRow[]>`
    select ${columns(db)} from sessions s
    where user_id = ${userId} and revoked_at is null and ends_at > ${dateFromUs(atUs)}
      ${after === undefined ? db`` : db`and session_id < ${String(after[0])}::uuid`}
    order by session_id desc limit ${first + 1}`;
  return rows.map(fromRow);
}

interface SessionRow {
  session_id: string;
  user_id: string;
  address: string;
  user_agent: string;
  created_at: Date;
  authenticated_at: Date;
  last_seen_at: Date;
  ends_at: Date;
  expires_at: Date;
  generation: bigint;
  rotated_at: Date;
  revoked: boolean;
}

function columns(db: Db | Tx) {
  return db`s.session_id, s.user_id, s.address, s.user_agent, s.created_at, s.authenticated_at, s.last_seen_at, s.ends_at,
    s.expires_at, s.generation, s.rotated_at, s.revoked_at is not null as revoked`;
}

function fromRow(row: SessionRow): Session {
  return {
    sessionId: row.session_id,
    userId: row.user_id,
    address: row.address,
    userAgent: row.user_agent,
    createdAtUs: usFromDate(row.created_at),
    authenticatedAtUs: usFromDate(row.authenticated_at),
    lastSeenAtUs: usFromDate(row.last_seen_at),
    endsAtUs: usFromDate(row.ends_at),
    expiresAtUs: usFromDate(row.expires_at),
    generation: row.generation,
    rotatedAtUs: usFromDate(row.rotated_at),
    revoked: row.revoked,
  };
}
