import { AppError } from '../base/errors.ts';
import type { Db } from '../db/types.ts';

export interface OutboxRow {
  position: bigint;
  id: string;
  subject: string;
  headers: Record<string, string>;
  payload: Uint8Array;
  createdAt: Date;
}

const PRUNE_BATCH = 1000;

export async function readOutbox(
  db: Db,
  range: { after: bigint; upTo: bigint; limit: number },
): Promise<readonly OutboxRow[]> {
  return db<OutboxRow[]>`
    select position, id, subject, headers, payload, created_at as "createdAt" from outbox
    where position > ${range.after} and position <= ${range.upTo}
    order by position limit ${range.limit}`;
}

export async function readCursor(db: Db): Promise<bigint> {
  const [row] = await db<{ position: bigint }[]>`select position from outbox_cursor`;
  if (row === undefined) throw new Error('outbox_cursor has lost its row');
  return row.position;
}

/** Moves the cursor only from where we know it to be: whoever moved it meanwhile is the relay now. */
export async function advanceCursor(db: Db, from: bigint, to: bigint): Promise<void> {
  const moved = await db`update outbox_cursor set position = ${to} where position = ${from}`;
  if (moved.count !== 1) {
    throw new AppError('failed_precondition', 'another relay has moved the cursor', { reason: 'relay_superseded' });
  }
}

/**
 * Deletes one small batch of what is published and old, the oldest first. True when there may be more. It looks at the
 * oldest rows only, so that a table without old rows costs nothing.
 */
export async function pruneOutbox(db: Db, keepMs: number): Promise<boolean> {
  const deleted = await db`
    delete from outbox using (
      select position, created_at from outbox
      where position <= (select position from outbox_cursor)
      order by position limit ${PRUNE_BATCH}
    ) as oldest
    where outbox.position = oldest.position
      and oldest.created_at < now() - ${keepMs}::float8 * interval '1 millisecond'`;
  return deleted.count === PRUNE_BATCH;
}
