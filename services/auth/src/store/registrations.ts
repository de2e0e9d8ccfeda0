import { on } from '@andvari/kit/db/tables';
import type { Db, Tx } from '@andvari/kit/db/types';
import { and, desc, eq, gt, isNull, ne, sql } from 'drizzle-orm';
import { registrations } from './schema.ts';

/** An attempt to open an account, until somebody proves that the address is theirs. */
export interface Registration {
  readonly userId: string;
  readonly email: string;
  readonly passwordHash: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly locale: string;
}

const { tokenHash, userId, email, passwordHash, givenName, familyName, locale } = registrations;
const { createdAtUs, expiresAtUs, verifiedAtUs } = registrations;

export async function insertRegistration(
  tx: Tx,
  registration: Registration,
  attempt: { tokenHash: Buffer; atUs: bigint; expiresAtUs: bigint },
): Promise<void> {
  await on(tx)
    .insert(registrations)
    .values({ ...registration, ...attempt, createdAtUs: attempt.atUs });
}

/** The hash of the newest attempt that still waits for its proof, whoever made it. */
export async function findWaitingHash(db: Db, ofEmail: string, atUs: bigint): Promise<string | undefined> {
  const [row] = await on(db)
    .select({ passwordHash })
    .from(registrations)
    .where(and(eq(email, ofEmail), isNull(verifiedAtUs), gt(expiresAtUs, atUs)))
    .orderBy(desc(createdAtUs))
    .limit(1);
  return row?.passwordHash;
}

export async function countRegistrations(db: Db | Tx, ofEmail: string, sinceUs: bigint): Promise<number> {
  const [row] = await on(db)
    .select({ count: sql<number>`count(*)::int` })
    .from(registrations)
    .where(and(eq(email, ofEmail), gt(createdAtUs, sinceUs)));
  return row?.count ?? 0;
}

/**
 * The attempt that a token belongs to. All attempts for its address are locked until the transaction ends, so that two
 * links opened at once come one after the other; `verified` says that this one was opened before.
 */
export async function lockRegistration(
  tx: Tx,
  presented: Buffer,
  atUs: bigint,
): Promise<(Registration & { verified: boolean }) | undefined> {
  const db = on(tx);
  const itsEmail = db
    .select({ email })
    .from(registrations)
    .where(and(eq(tokenHash, presented), gt(expiresAtUs, atUs)));
  const attempt = { userId, email, passwordHash, givenName, familyName, locale };
  const rows = await db
    .select({
      attempt: { ...attempt, verified: sql<boolean>`${verifiedAtUs} is not null` },
      asked: sql<boolean>`${tokenHash} = ${presented}`,
    })
    .from(registrations)
    .where(eq(email, itsEmail))
    .orderBy(tokenHash)
    .for('update');
  return rows.find(({ asked }) => asked)?.attempt;
}

/** The attempt has become an account; the others for the same address lead nowhere any more. */
export async function settleRegistrations(tx: Tx, ofEmail: string, settled: Buffer, atUs: bigint): Promise<void> {
  const db = on(tx);
  await db.update(registrations).set({ verifiedAtUs: atUs, passwordHash: '' }).where(eq(tokenHash, settled));
  await db.delete(registrations).where(and(eq(email, ofEmail), ne(tokenHash, settled)));
}

export async function deleteRegistrations(tx: Tx, ofEmail: string): Promise<void> {
  await on(tx).delete(registrations).where(eq(email, ofEmail));
}
