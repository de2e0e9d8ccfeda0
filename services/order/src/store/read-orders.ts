import { unquotedArray, uuidArray } from '@andvari/kit/db/pg-array';
import type { Db, Tx } from '@andvari/kit/db/types';
import type { Order, OrderType, Side, Status } from '../domain/order.ts';
import { type OrderRow, orderFrom, ordersFrom } from './order-row.ts';

export async function findOrders(db: Db | Tx, ids: readonly string[]): Promise<Order[]> {
  if (ids.length === 0) return [];
  return ordersFrom(await db<OrderRow[]>`select * from orders where id = any(${uuidArray(ids)}::uuid[])`);
}

/** An order, its tombstone, or nothing at all. */
export async function findOrderOrFence(db: Db | Tx, id: string): Promise<Order | 'fenced' | undefined> {
  const [row] = await db<OrderRow[]>`select * from orders where id = ${id}`;
  return row === undefined ? undefined : (orderFrom(row) ?? 'fenced');
}

/** The orders and tombstones of these ids, by id. */
export async function findOrdersOrFences(db: Db | Tx, ids: readonly string[]): Promise<Map<string, Order | 'fenced'>> {
  if (ids.length === 0) return new Map();
  const rows = await db<OrderRow[]>`select * from orders where id = any(${uuidArray(ids)}::uuid[])`;
  return new Map(rows.map((row) => [row.id, orderFrom(row) ?? 'fenced']));
}

/**
 * Locked in the order of their ids, so that two batches never wait for each other in a circle; with them all that may still trade of
 * these groups. What another has put into a group meanwhile is seen by whoever reads it afterwards.
 */
export async function lockOrders(tx: Tx, ids: readonly string[], groupIds: readonly string[] = []): Promise<Order[]> {
  if (ids.length === 0) return [];
  const ofGroups =
    groupIds.length === 0 ? tx`` : tx`or (group_id = any(${uuidArray(groupIds)}::uuid[]) and finished_at_us = 0)`;
  return ordersFrom(
    await tx<OrderRow[]>`
      select * from orders where id = any(${uuidArray(ids)}::uuid[]) ${ofGroups} order by id for update`,
  );
}

export async function findGroups(db: Db | Tx, groupIds: readonly string[]): Promise<Order[]> {
  if (groupIds.length === 0) return [];
  return ordersFrom(
    await db<OrderRow[]>`
      select * from orders where group_id = any(${uuidArray(groupIds)}::uuid[]) order by group_id, group_leg, placed_at_us`,
  );
}

/** Those that may still trade, what is to take the place of one among them. */
export async function findOpenOfGroups(db: Db | Tx, groupIds: readonly string[]): Promise<Order[]> {
  if (groupIds.length === 0) return [];
  return ordersFrom(
    await db<OrderRow[]>`
      select * from orders where group_id = any(${uuidArray(groupIds)}::uuid[]) and finished_at_us = 0
      order by group_id, group_leg, placed_at_us`,
  );
}

export interface OrderFilter {
  readonly accountId: string;
  /** Whose orders; absent for who may see anybody's. */
  readonly userId: string | undefined;
  readonly state: 'open' | 'closed' | 'all';
  readonly symbol: string;
  readonly side: Side | undefined;
  readonly type: OrderType | undefined;
  readonly statuses: readonly Status[];
  /** 0n: without that end. From is included, to is not. */
  readonly fromUs: bigint;
  readonly toUs: bigint;
  readonly after: { readonly placedAtUs: bigint; readonly id: string } | undefined;
  readonly limit: number;
}

/** Newest first. Open orders have an index of their own, so that finding few of them costs the same in a long history. */
export async function listOrders(db: Db, filter: OrderFilter): Promise<Order[]> {
  const { accountId, userId = null, state, symbol, side = null, type = null, statuses, fromUs, toUs, limit } = filter;
  const { placedAtUs, id } = filter.after ?? { placedAtUs: LAST_US, id: LAST_ID };
  const rows = await db<OrderRow[]>`
    select * from orders
    where account_id = ${accountId} and (placed_at_us, id) < (${placedAtUs}, ${id}::uuid)
      and placed_at_us >= ${fromUs} and (${toUs} = 0::bigint or placed_at_us < ${toUs})
      ${state === 'open' ? db`and finished_at_us = 0` : state === 'closed' ? db`and finished_at_us > 0` : db``}
      and (${userId}::uuid is null or user_id = ${userId}::uuid)
      and (${symbol} = '' or symbol = ${symbol})
      and (${side}::text is null or side = ${side}::text)
      and (${type}::text is null or type = ${type}::text)
      and (${statuses.length} = 0 or case when pending is null then status else 'pending_' || pending end
        = any(${unquotedArray(statuses)}::text[]))
    order by placed_at_us desc, id desc limit ${limit}`;
  return ordersFrom(rows);
}

/** Open orders, the oldest first. */
export async function findOpenOrders(
  db: Db,
  asked: { accountId: string; userId: string | undefined; symbol: string; limit: number },
): Promise<Order[]> {
  const { accountId, userId = null, symbol, limit } = asked;
  return ordersFrom(
    await db<OrderRow[]>`
      select * from orders
      where account_id = ${accountId} and finished_at_us = 0 and (${symbol} = '' or symbol = ${symbol})
        and (${userId}::uuid is null or user_id = ${userId}::uuid)
      order by placed_at_us, id limit ${limit}`,
  );
}

/** What the engine has owed an answer since before a moment, the longest first. */
export async function findAwaiting(db: Db, beforeUs: bigint, limit: number): Promise<Order[]> {
  return ordersFrom(
    await db<OrderRow[]>`
      select * from orders where awaiting_since_us > 0 and awaiting_since_us < ${beforeUs}
      order by awaiting_since_us limit ${limit}`,
  );
}

export interface BlotterSummary {
  readonly counts: readonly { readonly status: Status; readonly orders: bigint }[];
  readonly open: bigint;
}

export async function summarizeOrders(
  db: Db,
  asked: { accountId: string; userId: string | undefined; fromUs: bigint },
): Promise<BlotterSummary> {
  const { accountId, userId = null, fromUs } = asked;
  const rows = await db<{ status: Status; orders: bigint; open: bigint }[]>`
    select case when pending is null then status else 'pending_' || pending end as status, count(*) as orders,
      count(*) filter (where finished_at_us = 0) as open
    from orders
    where account_id = ${accountId} and placed_at_us >= ${fromUs} and (${userId}::uuid is null or user_id = ${userId}::uuid)
    group by 1 order by 1`;
  return {
    counts: rows.map(({ status, orders }) => ({ status, orders })),
    open: rows.reduce((all, { open }) => all + open, 0n),
  };
}

const LAST_US = 9_223_372_036_854_775_807n;
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
