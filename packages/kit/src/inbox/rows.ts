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

/** By what the inbox knows a message: its id, and where a consumer asks for it a digest of its contents. */
export interface Known {
  readonly eventId: string;
  readonly contents?: string | undefined;
}

/**
 * Notes, in the transaction that applies them, which events a consumer has seen and how far it has come. Answers with the
 * ids that it had not seen before.
 */
export async function receiveOnce(
  tx: Tx,
  consumer: string,
  messages: readonly Known[],
  position: InboxPosition,
): Promise<Set<string>> {
  const fresh = await tx<{ event_id: string }[]>`
    with moved as (
      insert into inbox_positions (consumer, stream_sequence, event_id)
      values (${consumer}, ${BigInt(position.sequence)}, ${position.eventId})
      on conflict (consumer) do update
        set stream_sequence = excluded.stream_sequence, event_id = excluded.event_id
    )
    insert into inbox (consumer, event_id, contents)
    select ${consumer}, * from unnest(
      ${textArray(messages.map(({ eventId }) => eventId))}::text[],
      ${textArray(messages.map(({ contents }) => contents ?? null))}::text[])
    on conflict do nothing
    returning event_id`;
  return new Set(fresh.map((row) => row.event_id));
}

/** What the events said that a consumer has under these ids; nothing where that was not kept. */
export async function findContents(
  tx: Tx,
  consumer: string,
  eventIds: readonly string[],
): Promise<Map<string, string | undefined>> {
  const rows = await tx<{ event_id: string; contents: string | null }[]>`
    select event_id, contents from inbox where consumer = ${consumer} and event_id = any(${textArray(eventIds)}::text[])`;
  return new Map(rows.map((row) => [row.event_id, row.contents ?? undefined]));
}

/** True when it was not there before. */
export async function noteEvent(tx: Tx, consumer: string, eventId: string): Promise<boolean> {
  const noted =
    await tx`insert into inbox (consumer, event_id) values (${consumer}, ${eventId}) on conflict do nothing`;
  return noted.count === 1;
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
