import type { Db } from '../db/types.ts';

/**
 * Tells up to which position an outbox is final. Positions are handed out before the commit, so a lower one may appear
 * after a higher one; reading beyond a position that is still to appear would skip it for ever.
 *
 * Every writer has its transaction id before it takes a position (a trigger sees to that). So: note the highest position
 * handed out, then the next transaction id. Once no transaction below that id is under way, every position up to the
 * noted one has been committed or never will be. docs/decisions/0010 says why rows are not read in the order of their transactions.
 */
export interface OutboxHorizon {
  /** Looks again. `head`: handed out so far. `safe`: nothing at or below it will ever appear any more. */
  look(): Promise<{ head: bigint; safe: bigint }>;
}

const MAX_NOTES = 64;

/** `connection` must be a single one: the statements are sent together and run in the order they are sent. */
export function watchHorizon(connection: Db): OutboxHorizon {
  const notes: { head: bigint; nextId: bigint }[] = [];
  let safe = 0n;
  return {
    async look() {
      const [[sequence], [ids]] = await Promise.all([
        connection<{ head: bigint }[]>`
          select case when is_called then last_value else 0 end as head from outbox_position_seq`,
        // age() counts from a transaction id to the next one that will be handed out, without taking one.
        connection<{ oldest: bigint; next: bigint }[]>`
          select pg_snapshot_xmin(s)::text::bigint as oldest,
                 pg_snapshot_xmax(s)::text::bigint + age(pg_snapshot_xmax(s)::xid) as next
          from pg_current_snapshot() s`,
      ]);
      if (sequence === undefined || ids === undefined) throw new Error('PostgreSQL answered nothing');
      const { head } = sequence;
      if (head > (notes.at(-1)?.head ?? safe) && notes.length < MAX_NOTES) notes.push({ head, nextId: ids.next });
      for (let note = notes[0]; note !== undefined && note.nextId <= ids.oldest; note = notes[0]) {
        safe = note.head;
        notes.shift();
      }
      return { head, safe };
    },
  };
}
