import { uuidArray } from '@andvari/kit/db/pg-array';
import type { Db, Tx } from '@andvari/kit/db/types';

/** A report that came before its turn, with all it came with. */
export type EarlyReport = {
  readonly eventId: string;
  readonly orderId: string;
  readonly cumQty: bigint;
  readonly report: Uint8Array;
  readonly headers: Record<string, string>;
  readonly subject: string;
};

/** To be called after the ledger is locked or before it, but in the lane that settles: nobody else takes them. In the order of their fills. */
export async function findEarly(tx: Tx, orderIds: readonly string[]): Promise<EarlyReport[]> {
  return tx<EarlyReport[]>`
    select event_id as "eventId", order_id as "orderId", cum_qty as "cumQty", report, headers, subject from early_reports
    where order_id = any(${uuidArray(orderIds)}::uuid[]) order by order_id, cum_qty, received_at`;
}

export async function insertEarly(tx: Tx, early: readonly EarlyReport[]): Promise<void> {
  for (const { eventId, orderId, cumQty, report, headers, subject } of early) {
    await tx`
      insert into early_reports (event_id, order_id, cum_qty, report, headers, subject)
      values (${eventId}, ${orderId}, ${cumQty}, ${Buffer.from(report)}, ${JSON.stringify(headers)}::text::jsonb, ${subject})
      on conflict do nothing`;
  }
}

export async function deleteEarly(tx: Tx, eventIds: readonly string[]): Promise<void> {
  if (eventIds.length === 0) return;
  await tx`delete from early_reports where event_id = any(${[...eventIds]}::text[])`;
}

/** Those that have waited long enough, locked, so that they are given up on once. */
export async function lockOverdue(tx: Tx, waitMs: number, limit: number): Promise<EarlyReport[]> {
  return tx<EarlyReport[]>`
    select event_id as "eventId", order_id as "orderId", cum_qty as "cumQty", report, headers, subject from early_reports
    where received_at < now() - ${waitMs} * interval '1 millisecond'
    order by received_at limit ${limit} for update skip locked`;
}

export async function countEarly(db: Db): Promise<number> {
  const [row] = await db<{ waiting: number }[]>`select count(*)::int as waiting from early_reports`;
  return row?.waiting ?? 0;
}
