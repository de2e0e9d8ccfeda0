import { on, statement } from '@andvari/kit/db/tables';
import type { Db, Tx } from '@andvari/kit/db/types';
import { and, desc, getColumns, gt, lte, sql } from 'drizzle-orm';
import type { Checkpoint, SignedHead } from '../domain/audit-verification.ts';
import { auditChain, auditCheckpoints, auditEntries } from './schema.ts';

const { onlyOne, ...columns } = getColumns(auditChain);

const lock = statement({}, (db) => db.select(columns).from(auditChain).for('update'));

/** Locked until the transaction ends: whoever appends is the only one. Undefined where somebody has deleted it. */
export async function lockHead(tx: Tx): Promise<SignedHead | undefined> {
  const [head] = await lock(tx, {});
  return head;
}

const save = statement(columns, (db, head) =>
  db.insert(auditChain).values(head).onConflictDoUpdate({ target: onlyOne, set: head }),
);

export async function saveHead(tx: Tx, head: SignedHead): Promise<void> {
  await save(tx, head);
}

/** The end as it is noted, and as the rows have it, both of the same moment. */
export async function readHead(
  db: Db | Tx,
): Promise<{ head: SignedHead | undefined; highestRow: bigint; highestCheckpoint: bigint }> {
  const [row] = await on(db)
    .select({
      head: columns,
      highestRow: sql<bigint>`(select coalesce(max(sequence), 0) from ${auditEntries})`,
      highestCheckpoint: sql<bigint>`(select coalesce(max(sequence), 0) from ${auditCheckpoints})`,
    })
    .from(sql`(select 1) as always`)
    .leftJoin(auditChain, sql`true`);
  return {
    head: row?.head ?? undefined,
    highestRow: row?.highestRow ?? 0n,
    highestCheckpoint: row?.highestCheckpoint ?? 0n,
  };
}

export async function insertCheckpoint(tx: Tx, checkpoint: Checkpoint): Promise<void> {
  await on(tx).insert(auditCheckpoints).values(checkpoint);
}

export async function readCheckpoints(db: Db, range: { after: bigint; upTo: bigint }): Promise<Checkpoint[]> {
  const { sequence } = auditCheckpoints;
  return on(db)
    .select()
    .from(auditCheckpoints)
    .where(and(gt(sequence, range.after), lte(sequence, range.upTo)))
    .orderBy(sequence);
}

export async function lastCheckpointUpTo(db: Db, upTo: bigint): Promise<Checkpoint | undefined> {
  const { sequence } = auditCheckpoints;
  const [checkpoint] = await on(db)
    .select()
    .from(auditCheckpoints)
    .where(lte(sequence, upTo))
    .orderBy(desc(sequence))
    .limit(1);
  return checkpoint;
}
