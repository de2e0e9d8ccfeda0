import { on, statement } from '@andvari/kit/db/tables';
import type { Db, Tx } from '@andvari/kit/db/types';
import { and, asc, eq, gt, isNotNull, ne } from 'drizzle-orm';
import type { CodeState } from '../domain/second-factor.ts';
import { factorChallenges, factorRemovals, factors, recoveryCodes, users } from './schema.ts';

export interface Factor extends CodeState {
  readonly userId: string;
  readonly sealedSecret: Buffer;
  readonly createdAtUs: bigint;
  /** Undefined while it waits for its first code. */
  readonly enabledAtUs: bigint | undefined;
  /** When its owner was last told of a wrong code; 0: never. */
  readonly toldAtUs: bigint;
}

const { userId } = factors;

const findEnabled = statement({ userId }, (db, asked) =>
  db
    .select({ userId })
    .from(factors)
    .where(and(eq(userId, asked.userId), isNotNull(factors.enabledAtUs))),
);

/** Settled for a transaction that shares or locks the user: a factor begins and ends under the lock of its user. */
export async function hasFactor(db: Db | Tx, ofUser: string): Promise<boolean> {
  return (await findEnabled(db, { userId: ofUser })).length > 0;
}

export async function findFactor(db: Db | Tx, ofUser: string): Promise<Factor | undefined> {
  const [row] = await on(db).select().from(factors).where(eq(userId, ofUser));
  return row && fromRow(row);
}

const lock = statement({ userId }, (db, asked) =>
  db.select().from(factors).where(eq(userId, asked.userId)).for('update'),
);

/** Codes for one user are judged one after the other. */
export async function lockFactor(tx: Tx, ofUser: string): Promise<Factor | undefined> {
  const [row] = await lock(tx, { userId: ofUser });
  return row && fromRow(row);
}

/** In place of one that waits for its first code. */
export async function replaceFactor(
  tx: Tx,
  fresh: { userId: string; sealedSecret: Buffer; sealedWith: string; createdAtUs: bigint },
): Promise<void> {
  const uncounted = { failures: 0, lastFailedAtUs: 0n, lockedUntilUs: null, guessedFrom: null, toldAtUs: null };
  const row = { ...fresh, enabledAtUs: null, lastStep: 0n, ...uncounted };
  await on(tx).insert(factors).values(row).onConflictDoUpdate({ target: userId, set: row });
}

export async function enableFactor(tx: Tx, ofUser: string, firstStep: bigint, atUs: bigint): Promise<void> {
  await on(tx).update(factors).set({ enabledAtUs: atUs, lastStep: firstStep }).where(eq(userId, ofUser));
}

export async function saveCodeState(
  tx: Tx,
  ofUser: string,
  { lastStep, throttle, guessedFrom }: CodeState,
): Promise<void> {
  await on(tx)
    .update(factors)
    .set({ ...throttle, lastStep, guessedFrom: guessedFrom ?? null })
    .where(eq(userId, ofUser));
}

export async function noteTold(tx: Tx, ofUser: string, atUs: bigint): Promise<void> {
  await on(tx).update(factors).set({ toldAtUs: atUs }).where(eq(userId, ofUser));
}

/** With its recovery codes and the challenges that wait for it. */
export async function deleteFactor(tx: Tx, ofUser: string): Promise<void> {
  await on(tx).delete(factors).where(eq(userId, ofUser));
}

export async function insertFactorRemoval(tx: Tx, removal: typeof factorRemovals.$inferSelect): Promise<void> {
  await on(tx).insert(factorRemovals).values(removal);
}

export interface SealedFactor {
  readonly userId: string;
  readonly sealedSecret: Buffer;
}

/** A batch of those that another key than this one sealed, locked; those that somebody else holds come another time. */
export async function lockSealedWithOthers(
  tx: Tx,
  keyName: string,
  after: string,
  limit: number,
): Promise<SealedFactor[]> {
  return on(tx)
    .select({ userId, sealedSecret: factors.sealedSecret })
    .from(factors)
    .where(and(ne(factors.sealedWith, keyName), gt(userId, after)))
    .orderBy(asc(userId))
    .limit(limit)
    .for('update', { skipLocked: true });
}

export async function reseal(tx: Tx, { userId: ofUser, ...sealed }: SealedFactor & { sealedWith: string }) {
  await on(tx).update(factors).set(sealed).where(eq(userId, ofUser));
}

export async function replaceRecoveryCodes(tx: Tx, ofUser: string, hashes: readonly Buffer[]): Promise<void> {
  const db = on(tx);
  await db.delete(recoveryCodes).where(eq(recoveryCodes.userId, ofUser));
  await db.insert(recoveryCodes).values(hashes.map((codeHash) => ({ userId: ofUser, codeHash })));
}

/** Spends it; false where there is none like it, or not any more. */
export async function takeRecoveryCode(tx: Tx, ofUser: string, hash: Buffer): Promise<boolean> {
  const taken = await on(tx)
    .delete(recoveryCodes)
    .where(and(eq(recoveryCodes.userId, ofUser), eq(recoveryCodes.codeHash, hash)));
  return taken.count === 1;
}

export async function countRecoveryCodes(db: Db | Tx, ofUser: string): Promise<number> {
  return on(db).$count(recoveryCodes, eq(recoveryCodes.userId, ofUser));
}

export async function insertChallenge(
  tx: Tx,
  challenge: Omit<typeof factorChallenges.$inferSelect, 'failures'>,
): Promise<void> {
  await on(tx)
    .insert(factorChallenges)
    .values({ ...challenge, failures: 0 });
}

/** Whose it is; undefined where it is none, answered, worn out or too old. */
export async function findChallenge(
  db: Db,
  presented: Buffer,
  atUs: bigint,
): Promise<{ userId: string; email: string } | undefined> {
  const [row] = await on(db)
    .select({ userId: factorChallenges.userId, email: users.email })
    .from(factorChallenges)
    .innerJoin(users, eq(users.userId, factorChallenges.userId))
    .where(isAlive(presented, atUs));
  return row;
}

/** How many wrong answers it has had; held until the transaction ends. */
export async function lockChallenge(tx: Tx, presented: Buffer, atUs: bigint): Promise<number | undefined> {
  const [row] = await on(tx)
    .select({ failures: factorChallenges.failures })
    .from(factorChallenges)
    .where(isAlive(presented, atUs))
    .for('update');
  return row?.failures;
}

export async function noteWrongAnswer(tx: Tx, presented: Buffer, failures: number): Promise<void> {
  await on(tx).update(factorChallenges).set({ failures }).where(eq(factorChallenges.tokenHash, presented));
}

export async function deleteChallenge(tx: Tx, presented: Buffer): Promise<void> {
  await on(tx).delete(factorChallenges).where(eq(factorChallenges.tokenHash, presented));
}

/** A new password voids what the old one began. */
export async function deleteChallenges(tx: Tx, ofUser: string): Promise<void> {
  await on(tx).delete(factorChallenges).where(eq(factorChallenges.userId, ofUser));
}

function isAlive(presented: Buffer, atUs: bigint) {
  return and(eq(factorChallenges.tokenHash, presented), gt(factorChallenges.expiresAtUs, atUs));
}

function fromRow({ failures, lastFailedAtUs, lockedUntilUs, ...row }: typeof factors.$inferSelect): Factor {
  return {
    ...row,
    enabledAtUs: row.enabledAtUs ?? undefined,
    guessedFrom: row.guessedFrom ?? undefined,
    toldAtUs: row.toldAtUs ?? 0n,
    throttle: { failures, lastFailedAtUs, lockedUntilUs: lockedUntilUs ?? 0n },
  };
}
