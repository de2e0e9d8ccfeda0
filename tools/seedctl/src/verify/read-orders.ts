import { uuidArray } from '@andvari/kit/db/pg-array';
import type { Db } from '@andvari/kit/db/types';
import type { Execution, Fill, OrderFacts, ReservationFacts } from './compare-orders.ts';

const FIRST = '00000000-0000-0000-0000-000000000000';

interface OrderRow {
  id: string;
  account_id: string;
  symbol: string;
  side: string;
  status: string;
  qty: bigint;
  cum_qty: bigint;
  leaves_qty: bigint;
  awaiting: boolean;
  ended: boolean;
  carried: bigint;
}

/** All orders, a page at a time, by their ids. */
export async function* readOrders(db: Db, page: number): AsyncGenerator<OrderFacts[]> {
  for (let after = FIRST; ; ) {
    const rows = await db<OrderRow[]>`
      select placed.id, placed.account_id, placed.symbol, placed.side, placed.status, placed.qty, placed.cum_qty, placed.leaves_qty,
        placed.awaiting_since_us > 0 as awaiting, placed.finished_at_us > 0 as ended,
        case when placed.status in ('pending_new', 'rejected') then 0 else coalesce(old.cum_qty, 0) end::bigint as carried
      from orders placed
      left join orders old on old.id = placed.replaces and old.replaced_by = placed.id
      where placed.id > ${after} and placed.status <> 'fenced'
      order by placed.id limit ${page}`;
    const last = rows.at(-1);
    if (last === undefined) return;
    const fills = await readFills(db, idsOf(rows));
    yield rows.map((row) => ({
      id: row.id,
      accountId: row.account_id,
      symbol: row.symbol,
      side: row.side,
      status: row.status,
      qty: row.qty,
      cumQty: row.cum_qty,
      leavesQty: row.leaves_qty,
      awaiting: row.awaiting,
      ended: row.ended,
      carried: row.carried,
      fills: fills.get(row.id) ?? [],
    }));
    after = last.id;
  }
}

async function readFills(db: Db, orderIds: readonly string[]): Promise<Map<string, Fill[]>> {
  const rows = await db<{ order_id: string; exec_id: string; last_qty: bigint; last_px: bigint }[]>`
    select order_id, exec_id, last_qty, last_px from order_events
    where order_id = any(${uuidArray(orderIds)}::uuid[]) and kind = 'fill'`;
  return grouped(rows, ({ exec_id: execId, last_qty: qty, last_px: price }) => ({ execId, qty, price }));
}

/** What the ledger holds for these orders. */
export async function readReservations(db: Db, orderIds: readonly string[]): Promise<Map<string, ReservationFacts>> {
  const rows = await db<(ReservationFacts & { id: string })[]>`
    select id, account_id as "accountId", symbol, side, state = 'open' as open, filled, remaining from reservations
    where id = any(${uuidArray(orderIds)}::uuid[]) and purpose = 'order'`;
  return new Map(rows.map(({ id, ...facts }) => [id, facts]));
}

/**
 * What the ledger booked for these orders. Joined, and not `any`: a plan that is kept for any list, as PostgreSQL may from the sixth page on, searches
 * the list from its beginning for each row.
 */
export async function readExecutions(db: Db, orderIds: readonly string[]): Promise<Map<string, Execution[]>> {
  const rows = await db<{ order_id: string; exec_id: string; qty: bigint }[]>`
    select order_id, exec_id, qty from executions
    join unnest(${uuidArray(orderIds)}::uuid[]) as wanted (id) on order_id = wanted.id`;
  return grouped(rows, ({ exec_id: execId, qty }) => ({ execId, qty }));
}

/** Orders that hold money or shares for longer than a placement takes, a page at a time. */
export async function* readHolders(db: Db, page: number, olderThanMs: number): AsyncGenerator<string[]> {
  for (let after = FIRST; ; ) {
    const rows = await db<{ id: string }[]>`
      select id from reservations
      where state = 'open' and purpose = 'order' and id > ${after}
        and created_at < now() - ${olderThanMs}::float8 * interval '1 millisecond'
      order by id limit ${page}`;
    const last = rows.at(-1);
    if (last === undefined) return;
    yield idsOf(rows);
    after = last.id;
  }
}

/** Which of these orders there are. */
export async function existingOrders(db: Db, orderIds: readonly string[]): Promise<Set<string>> {
  const rows = await db<{ id: string }[]>`
    select id from orders where id = any(${uuidArray(orderIds)}::uuid[]) and status <> 'fenced'`;
  return new Set(idsOf(rows));
}

function idsOf(rows: readonly { id: string }[]): string[] {
  return rows.map(({ id }) => id);
}

function grouped<Row extends { order_id: string }, Item>(
  rows: readonly Row[],
  of: (row: Row) => Item,
): Map<string, Item[]> {
  const groups = Map.groupBy(rows, ({ order_id: orderId }) => orderId);
  return new Map([...groups].map(([orderId, those]) => [orderId, those.map(of)]));
}
