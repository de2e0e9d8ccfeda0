import { bigintArray, textArray, uuidArray } from '@andvari/kit/db/pg-array';
import type { Db, Statement, Tx } from '@andvari/kit/db/types';
import type { Side, Status } from '../domain/order.ts';
import type { OrderEvent } from '../domain/order-event.ts';

export type StoredEvent = OrderEvent & { readonly id: bigint };

export function insertEvents(tx: Tx, events: readonly OrderEvent[]): Statement | undefined {
  if (events.length === 0) return undefined;
  const bigintsOf = (of: (event: OrderEvent) => bigint): string => bigintArray(events.map(of));
  const textsOf = (of: (event: OrderEvent) => string): string => textArray(events.map(of));
  return tx`
    insert into order_events (order_id, account_id, symbol, side, kind, status, last_qty, last_px, cum_qty, leaves_qty, reason,
        liquidity, trade_id, exec_id, actor, actor_id, occurred_at_us)
    select order_id, account_id, symbol, side, kind, status, last_qty, last_px, cum_qty, leaves_qty, reason, liquidity, trade_id,
        exec_id, actor, actor_id, occurred_at_us
    from unnest(
      ${uuidArray(events.map(({ orderId }) => orderId))}::uuid[],
      ${uuidArray(events.map(({ accountId }) => accountId))}::uuid[],
      ${textsOf(({ symbol }) => symbol)}::text[],
      ${textsOf(({ side }) => side)}::text[],
      ${textsOf(({ kind }) => kind)}::text[],
      ${textsOf(({ status }) => status)}::text[],
      ${bigintsOf(({ lastQty }) => lastQty)}::bigint[],
      ${bigintsOf(({ lastPx }) => lastPx)}::bigint[],
      ${bigintsOf(({ cumQty }) => cumQty)}::bigint[],
      ${bigintsOf(({ leavesQty }) => leavesQty)}::bigint[],
      ${textsOf(({ reason }) => reason)}::text[],
      ${textArray(events.map(({ liquidity }) => liquidity ?? null))}::text[],
      ${textsOf(({ tradeId }) => tradeId)}::text[],
      ${textsOf(({ execId }) => execId)}::text[],
      ${textsOf(({ actor }) => actor)}::text[],
      ${textsOf(({ actorId }) => actorId)}::text[],
      ${bigintsOf(({ occurredAtUs }) => occurredAtUs)}::bigint[]
    ) with ordinality as new (order_id, account_id, symbol, side, kind, status, last_qty, last_px, cum_qty, leaves_qty, reason,
        liquidity, trade_id, exec_id, actor, actor_id, occurred_at_us, place)
    order by place`;
}

/** Of one order, the oldest first. */
export async function listEvents(db: Db, orderId: string, afterId: bigint, limit: number): Promise<StoredEvent[]> {
  const rows = await db<EventRow[]>`
    select * from order_events where order_id = ${orderId} and id > ${afterId} order by id limit ${limit}`;
  return rows.map(eventFrom);
}

/** The first of each order. */
export async function listEventsOf(
  db: Db,
  orderIds: readonly string[],
  limit: number,
  onlyFills: boolean,
): Promise<StoredEvent[]> {
  const rows = await db<EventRow[]>`
    select event.* from unnest(${uuidArray(orderIds)}::uuid[]) with ordinality as asked (order_id, place)
    cross join lateral (
      select * from order_events where order_id = asked.order_id and (not ${onlyFills} or kind = 'fill') order by id limit ${limit}
    ) as event
    order by asked.place, event.id`;
  return rows.map(eventFrom);
}

/** Of orders whose cancel is under way those that an operator asked for last. */
export async function findOperatorCancels(tx: Tx, orderIds: readonly string[]): Promise<Set<string>> {
  if (orderIds.length === 0) return new Set();
  const rows = await tx<{ orderId: string }[]>`
    select asked.order_id as "orderId" from unnest(${uuidArray(orderIds)}::uuid[]) as asked (order_id)
    cross join lateral (
      select actor from order_events where order_id = asked.order_id and kind = 'cancel_requested' order by id desc limit 1
    ) as event
    where event.actor = 'operator'`;
  return new Set(rows.map(({ orderId }) => orderId));
}

export interface FillFilter {
  readonly accountId: string;
  readonly userId: string | undefined;
  readonly orderId: string | undefined;
  readonly symbol: string;
  readonly fromUs: bigint;
  readonly toUs: bigint;
  readonly beforeId: bigint | undefined;
  readonly limit: number;
}

/** Fills of an account, the newest first. */
export async function listFills(db: Db, filter: FillFilter): Promise<StoredEvent[]> {
  const { accountId, userId = null, orderId = null, symbol, fromUs, toUs, beforeId = LAST, limit } = filter;
  const rows = await db<EventRow[]>`
    select * from order_events as event
    where account_id = ${accountId} and kind = 'fill' and id < ${beforeId}
      and (${orderId}::uuid is null or order_id = ${orderId}::uuid) and (${symbol} = '' or symbol = ${symbol})
      and occurred_at_us >= ${fromUs} and (${toUs} = 0::bigint or occurred_at_us < ${toUs})
      and (${userId}::uuid is null
        or exists (select from orders where orders.id = event.order_id and orders.user_id = ${userId}::uuid))
    order by id desc limit ${limit}`;
  return rows.map(eventFrom);
}

export async function summarizeFills(
  db: Db,
  { accountId, fromUs }: { accountId: string; fromUs: bigint },
): Promise<{ executions: bigint; bought: bigint; sold: bigint }> {
  // As each fill is told and booked: half to even, which round() of a numeric is not.
  const [row] = await db<{ executions: bigint; bought: bigint; sold: bigint }[]>`
    select count(*) as executions,
      coalesce(sum(amount) filter (where side = 'buy'), 0)::bigint as bought,
      coalesce(sum(amount) filter (where side = 'sell'), 0)::bigint as sold
    from (
      select side, case when mod(exact, 2000000) = 500000 then div(exact, 1000000) else round(exact / 1000000) end as amount
      from (
        select side, last_qty::numeric * last_px as exact
        from order_events where account_id = ${accountId} and kind = 'fill' and occurred_at_us >= ${fromUs}
      ) as fill
    ) as booked`;
  return row ?? { executions: 0n, bought: 0n, sold: 0n };
}

interface EventRow {
  id: bigint;
  order_id: string;
  account_id: string;
  symbol: string;
  side: Side;
  kind: string;
  status: Status;
  last_qty: bigint;
  last_px: bigint;
  cum_qty: bigint;
  leaves_qty: bigint;
  reason: string;
  liquidity: 'maker' | 'taker' | null;
  trade_id: string;
  exec_id: string;
  actor: string;
  actor_id: string;
  occurred_at_us: bigint;
}

const LAST = 9_223_372_036_854_775_807n;

function eventFrom(row: EventRow): StoredEvent {
  return {
    id: row.id,
    orderId: row.order_id,
    accountId: row.account_id,
    symbol: row.symbol,
    side: row.side,
    kind: row.kind,
    status: row.status,
    lastQty: row.last_qty,
    lastPx: row.last_px,
    cumQty: row.cum_qty,
    leavesQty: row.leaves_qty,
    reason: row.reason,
    liquidity: row.liquidity ?? undefined,
    tradeId: row.trade_id,
    execId: row.exec_id,
    actor: row.actor,
    actorId: row.actor_id,
    occurredAtUs: row.occurred_at_us,
  };
}
