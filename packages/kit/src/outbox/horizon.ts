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

/**
 * In one statement, whose snapshot is taken first, then the sequence is read, and the next id is asked for where its row is there:
 * what is below the oldest open id was visible before the sequence was read, and the next id is of after it.
 */
export function watchHorizon(connection: Db): OutboxHorizon {
  const notes: { head: bigint; nextId: bigint }[] = [];
  let safe = 0n;
  return {
    async look() {
      // age() counts from a transaction id to the next one that will be handed out, without taking one.
      const [seen] = await connection<{ head: bigint; oldest: bigint; next: bigint }[]>`
        select head, pg_snapshot_xmin(pg_current_snapshot())::text::bigint as oldest,
          case when head >= 0
            then pg_snapshot_xmax(pg_current_snapshot())::text::bigint + age(pg_snapshot_xmax(pg_current_snapshot())::xid)
          end as next
        from (select case when is_called then last_value else 0 end as head from outbox_position_seq offset 0) as handed_out`;
      if (seen === undefined) throw new Error('PostgreSQL answered nothing');
      const { head, oldest, next } = seen;
      if (head > (notes.at(-1)?.head ?? safe) && notes.length < MAX_NOTES) notes.push({ head, nextId: next });
      for (let note = notes[0]; note !== undefined && note.nextId <= oldest; note = notes[0]) {
        safe = note.head;
        notes.shift();
      }
      return { head, safe };
    },
  };
}
