import { on } from '@andvari/kit/db/tables';
import type { Db, Tx } from '@andvari/kit/db/types';
import { and, eq, lte, sql } from 'drizzle-orm';
import type { Deletion } from '../domain/deletion.ts';
import { deletions, profiles } from './schema.ts';

export async function findDeletion(db: Db, userId: string): Promise<Deletion | undefined> {
  const [row] = await on(db).select().from(deletions).where(eq(deletions.userId, userId));
  return row && fromRow(row);
}

/** Locked until the transaction ends: steps and answers come one after the other. */
export async function lockDeletion(tx: Tx, userId: string): Promise<Deletion | undefined> {
  const [row] = await on(tx).select().from(deletions).where(eq(deletions.userId, userId)).for('update');
  return row && fromRow(row);
}

/** Two first requests at once have no row to wait for. */
export async function lockRequests(tx: Tx, userId: string): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`deletion ${userId}`}, 0))`;
}

export async function saveDeletion(tx: Tx, deletion: Deletion, nextStepAtUs: bigint): Promise<void> {
  const { userId, ...row } = toRow(deletion, nextStepAtUs);
  await on(tx)
    .insert(deletions)
    .values({ userId, ...row })
    .onConflictDoUpdate({ target: deletions.userId, set: row });
}

/** The next step could not be taken: another time. */
export async function postponeDeletion(db: Db, userId: string, nextStepAtUs: bigint): Promise<void> {
  await on(db)
    .update(deletions)
    .set({ nextStepAtUs, attempts: sql`${deletions.attempts} + 1` })
    .where(eq(deletions.userId, userId));
}

/** True for one of those who look at the same time, and only when it is due. */
export async function claimReminder(tx: Tx, userId: string, atUs: bigint, nextUs: bigint): Promise<boolean> {
  const claimed = await on(tx)
    .update(deletions)
    .set({ nextStepAtUs: nextUs })
    .where(and(eq(deletions.userId, userId), lte(deletions.nextStepAtUs, atUs)));
  return claimed.count === 1;
}

/** Words and not parameters, as the index has them. */
const underWay = sql`${deletions.state} in ('requested', 'checking', 'erasing')`;

export async function dueDeletions(
  db: Db,
  atUs: bigint,
  limit: number,
): Promise<{ userId: string; attempts: number }[]> {
  const { userId, attempts, nextStepAtUs } = deletions;
  return on(db)
    .select({ userId, attempts })
    .from(deletions)
    .where(and(underWay, lte(nextStepAtUs, atUs)))
    .orderBy(nextStepAtUs)
    .limit(limit);
}

/** Also where its next step is due later. */
export async function isAnyDeletionUnderWay(db: Db): Promise<boolean> {
  const found = await on(db).select({ userId: deletions.userId }).from(deletions).where(underWay).limit(1);
  return found.length > 0;
}

/** All that this database holds of a person goes with the profile; the row of the deletion itself stays. */
export async function eraseUser(tx: Tx, userId: string): Promise<void> {
  await on(tx).delete(profiles).where(eq(profiles.userId, userId));
}

function toRow(deletion: Deletion, nextStepAtUs: bigint): typeof deletions.$inferInsert {
  return {
    userId: deletion.userId,
    state: deletion.state,
    reason: deletion.state === 'refused' ? deletion.reason : '',
    pseudonym: deletion.state === 'erasing' ? deletion.pseudonym : null,
    waitingFor: deletion.state === 'erasing' ? deletion.waitingFor : [],
    requestedAtUs: deletion.requestedAtUs,
    finishedAtUs: 'finishedAtUs' in deletion ? deletion.finishedAtUs : null,
    nextStepAtUs,
    attempts: 0,
  };
}

function fromRow(row: typeof deletions.$inferSelect): Deletion {
  const { userId, requestedAtUs, state } = row;
  const base = { userId, requestedAtUs };
  const finishedAtUs = row.finishedAtUs ?? 0n;
  switch (state) {
    case 'requested':
    case 'checking':
      return { ...base, state };
    case 'refused':
      return { ...base, state, reason: row.reason, finishedAtUs };
    case 'erasing':
      return { ...base, state, pseudonym: row.pseudonym ?? '', waitingFor: row.waitingFor };
    case 'completed':
      return { ...base, state, finishedAtUs };
  }
}
