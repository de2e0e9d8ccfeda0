import { on, statement } from '@andvari/kit/db/tables';
import type { Db, Tx } from '@andvari/kit/db/types';
import type { Cursor } from '@andvari/kit/handler/page';
import { and, desc, eq, getColumns, gt, inArray, isNull, lt, ne, sql } from 'drizzle-orm';
import type { RevokeReason, Session } from '../domain/session.ts';
import { refreshTokens, sessions, users } from './schema.ts';

const { revokedAtUs, revokeReason: _reason, sealedSuccessor, ...plain } = getColumns(sessions);
const { sessionId, userId, endsAtUs } = plain;
const columns = { ...plain, revoked: sql<boolean>`${revokedAtUs} is not null` };

const insert = statement(plain, (db, session) => db.insert(sessions).values(session));

export async function insertSession(tx: Tx, session: Session): Promise<void> {
  await insert(tx, session);
}

const insertToken = statement(getColumns(refreshTokens), (db, token) => db.insert(refreshTokens).values(token));

export async function insertRefreshToken(tx: Tx, session: Session, tokenHash: Buffer): Promise<void> {
  await insertToken(tx, { tokenHash, sessionId: session.sessionId, generation: session.generation });
}

export interface PresentedToken {
  readonly session: Session;
  readonly generation: bigint;
  readonly rolesVersion: bigint;
  /** The token of the current generation, sealed with that of the one before. */
  readonly sealedSuccessor: Buffer | undefined;
}

const lockByToken = statement({ tokenHash: refreshTokens.tokenHash }, (db, { tokenHash }) =>
  db
    .select({
      session: columns,
      generation: refreshTokens.generation,
      rolesVersion: users.rolesVersion,
      sealedSuccessor,
    })
    .from(refreshTokens)
    .innerJoin(sessions, eq(sessions.sessionId, refreshTokens.sessionId))
    .innerJoin(users, eq(users.userId, sessions.userId))
    .where(eq(refreshTokens.tokenHash, tokenHash))
    .for('update', { of: sessions }),
);

/** The session is locked until the transaction ends: two tabs come one after the other. */
export async function lockByRefreshToken(tx: Tx, tokenHash: Buffer): Promise<PresentedToken | undefined> {
  const [row] = await lockByToken(tx, { tokenHash });
  return row && { ...row, sealedSuccessor: row.sealedSuccessor ?? undefined };
}

const rotate = statement({ ...plain, sealedSuccessor }, (db, session) =>
  db
    .update(sessions)
    .set({
      address: session.address,
      userAgent: session.userAgent,
      lastSeenAtUs: session.lastSeenAtUs,
      endsAtUs: session.endsAtUs,
      generation: session.generation,
      rotatedAtUs: session.rotatedAtUs,
      sealedSuccessor: session.sealedSuccessor,
    })
    .where(eq(sessionId, session.sessionId)),
);

export async function rotateSession(tx: Tx, session: Session, sealed: Buffer): Promise<void> {
  await rotate(tx, { ...session, sealedSuccessor: sealed });
}

/** Undefined where the session is over. */
export async function authenticateSession(
  tx: Tx,
  ofUser: string,
  authenticated: string,
  atUs: bigint,
): Promise<Session | undefined> {
  const [row] = await on(tx)
    .update(sessions)
    .set({ authenticatedAtUs: atUs })
    .where(and(eq(sessionId, authenticated), isAlive(ofUser, atUs)))
    .returning(columns);
  return row;
}

export type Which = { readonly only: string } | { readonly except: string } | 'all';

/** Ends those of the user's sessions that are alive, and says which they were. */
export async function revokeSessions(
  tx: Tx,
  ofUser: string,
  which: Which,
  reason: RevokeReason,
  atUs: bigint,
): Promise<string[]> {
  const narrowed =
    which === 'all' ? undefined : 'only' in which ? eq(sessionId, which.only) : ne(sessionId, which.except);
  const rows = await on(tx)
    .update(sessions)
    .set({ revokedAtUs: atUs, revokeReason: reason })
    .where(and(isAlive(ofUser, atUs), narrowed))
    .returning({ sessionId });
  return rows.map((row) => row.sessionId);
}

/** Ends the sessions beyond the newest `keep`. Two sign-ins at a time leave each other's rows alone. */
export async function revokeOldest(tx: Tx, ofUser: string, keep: number, atUs: bigint): Promise<string[]> {
  const db = on(tx);
  const oldest = db
    .select({ sessionId })
    .from(sessions)
    .where(and(eq(userId, ofUser), isNull(revokedAtUs)))
    .orderBy(desc(sessionId))
    .offset(keep)
    .for('update', { skipLocked: true });
  const rows = await db
    .update(sessions)
    .set({ revokedAtUs: atUs, revokeReason: 'revoked' })
    .where(and(inArray(sessionId, oldest), gt(endsAtUs, atUs)))
    .returning({ sessionId });
  return rows.map((row) => row.sessionId);
}

/** Those that are alive, the newest first; one more than asked for tells whether there is another page. */
export async function listSessions(
  db: Db,
  ofUser: string,
  { first, after }: { first: number; after: Cursor | undefined },
  atUs: bigint,
): Promise<Session[]> {
  return on(db)
    .select(columns)
    .from(sessions)
    .where(and(isAlive(ofUser, atUs), after === undefined ? undefined : lt(sessionId, String(after[0]))))
    .orderBy(desc(sessionId))
    .limit(first + 1);
}

export async function countSessions(db: Db, atUs: bigint): Promise<number> {
  return on(db).$count(sessions, and(isNull(revokedAtUs), gt(endsAtUs, atUs)));
}

function isAlive(ofUser: string, atUs: bigint) {
  return and(eq(userId, ofUser), isNull(revokedAtUs), gt(endsAtUs, atUs));
}
