import type { Db } from '@andvari/kit/db/types';

export interface SentCommand {
  readonly id: string;
  readonly payload: Uint8Array;
  readonly sentAtUs: bigint;
  readonly published: boolean;
}

/**
 * The commands of a symbol around the moments an order was changed, as the outbox still has them; whoever asks looks for the
 * order's id inside. For operators, one order at a time.
 */
export async function findCommands(
  db: Db,
  asked: { symbol: string; fromUs: bigint; toUs: bigint },
): Promise<SentCommand[]> {
  return db<SentCommand[]>`
    select id, payload, (extract(epoch from created_at) * 1000000)::bigint as "sentAtUs",
      position <= (select position from outbox_cursor) as published
    from outbox
    where subject like 'cmd.%' and subject like ${`cmd.%.${asked.symbol}`}
      and created_at between to_timestamp(${asked.fromUs}::float8 / 1000000) and to_timestamp(${asked.toUs}::float8 / 1000000)
    order by position limit 1000`;
}
