import { textArray } from '../db/pg-array.ts';
import type { Db, Tx } from '../db/types.ts';

/** Longer than any message stays in a stream (7 days): one that is still there must still be known. */
export const INBOX_KEEP_MS = 14 * 86_400_000;
const PRUNE_BATCH = 5000;

/** How far a consumer has read its stream: the last message, by its place and by its event. */
export interface InboxPosition {
  sequence: number;
  eventId: string;
}

/**
 * Notes, in the transaction that applies them, which events a consumer has seen and how far it has come. Answers with the
 * ids that it had not seen before.
 */
export async function receiveOnce(
  tx: Tx,
  consumer: string,
  eventIds: readonly string[],
  position: InboxPosition,
): Promise<Set<string>> {
  const fresh = await tx<{ event_id: string }[]>`
    with moved as (
      insert into inbox_positions (consumer, stream_sequence, event_id)
      values (${consumer}, ${BigInt(position.sequence)}, ${position.eventId})
      on conflict (consumer) do update
        set stream_sequence = excluded.stream_sequence, event_id = excluded.event_id
    )
    insert into inbox (consumer, event_id)
    select ${consumer}, event_id from unnest(${textArray(eventIds)}::text[]) as event_id
    on conflict do nothing
    returning event_id`;
  return new Set(fresh.map((row) => row.event_id));
}

export async function findPosition(db: Db, consumer: string): Promise<InboxPosition | undefined> {
  const [row] = await db<{ stream_sequence: bigint; event_id: string }[]>`
    select stream_sequence, event_id from inbox_positions where consumer = ${consumer}`;
  return row === undefined ? undefined : { sequence: Number(row.stream_sequence), eventId: row.event_id };
}

/** Deletes one small batch of what is older than any message can be. True when there may be more. */
export async function pruneInbox(db: Db, keepMs: number): Promise<boolean> {
  const deleted = await db`
    delete from inbox where ctid = any(array(
      select ctid from inbox
      where received_at < now() - ${keepMs}::float8 * interval '1 millisecond'
      limit ${PRUNE_BATCH}
    ))`;
  return deleted.count === PRUNE_BATCH;
}
