import type { Order } from '../domain/order.ts';
import { refuse } from '../domain/refusal.ts';
import {
  type FillFilter,
  listEvents,
  listEventsOf,
  listFills,
  type StoredEvent,
  summarizeFills,
} from '../store/order-events.ts';
import {
  findGroups,
  findOrderOrFence,
  findOrders,
  listOrders,
  type OrderFilter,
  summarizeOrders,
} from '../store/read-orders.ts';
import type { Deps } from './deps.ts';
import { orderIdOf } from './order-id.ts';
import { refusalError } from './refusals.ts';

/** Whose orders may be read: one user's, or with `undefined` anybody's. */
export type Reader = string | undefined;

export function createReading({ db }: Pick<Deps, 'db'>) {
  return {
    get,

    getByClientId(accountId: string, clientOrderId: string, reader: Reader): Promise<Order> {
      return get(orderIdOf(accountId, clientOrderId), reader);
    },

    /** What is not there, or another's, is left out. */
    async find(orderIds: readonly string[], groupIds: readonly string[], reader: Reader): Promise<Order[]> {
      const [orders, legs] = await Promise.all([findOrders(db, orderIds), findGroups(db, groupIds)]);
      const byId = new Map(orders.map((order) => [order.id, order]));
      const asked = orderIds.flatMap((id) => byId.get(id) ?? []);
      return [...asked, ...legs.filter(({ id }) => !byId.has(id))].filter((order) => isReadable(order, reader));
    },

    list: (filter: OrderFilter) => listOrders(db, filter),

    /** All that happened to an order, from its placing on. */
    async history(orderId: string, reader: Reader, after: bigint | undefined, limit: number): Promise<StoredEvent[]> {
      const order = await get(orderId, reader);
      if (after !== undefined) return listEvents(db, orderId, after, limit);
      const events = await listEvents(db, orderId, 0n, limit);
      return [placedEvent(order), ...events].slice(0, limit);
    },

    async histories(orderIds: readonly string[], reader: Reader, limit: number): Promise<StoredEvent[]> {
      const orders = (await findOrders(db, orderIds)).filter((order) => isReadable(order, reader));
      const events = await listEventsOf(
        db,
        orders.map(({ id }) => id),
        limit,
        false,
      );
      return orders.flatMap((order) =>
        [placedEvent(order), ...events.filter((event) => event.orderId === order.id)].slice(0, limit),
      );
    },

    async executionsOf(orderIds: readonly string[], reader: Reader, limit: number): Promise<StoredEvent[]> {
      const orders = (await findOrders(db, orderIds)).filter((order) => isReadable(order, reader));
      return listEventsOf(
        db,
        orders.map(({ id }) => id),
        limit,
        true,
      );
    },

    executions: (filter: FillFilter) => listFills(db, filter),

    async summary(accountId: string, reader: Reader, fromUs: bigint) {
      const { counts, open } = await summarizeOrders(db, { accountId, userId: reader, fromUs });
      // Without an order of theirs there, the account is not theirs to see.
      const fills =
        counts.length === 0
          ? { executions: 0n, bought: 0n, sold: 0n }
          : await summarizeFills(db, { accountId, fromUs });
      return { counts, open, ...fills };
    },
  };

  async function get(orderId: string, reader: Reader): Promise<Order> {
    const order = await findOrderOrFence(db, orderId);
    if (order === undefined || order === 'fenced' || !isReadable(order, reader)) {
      throw refusalError(refuse('order_not_found', 'order_id'));
    }
    return order;
  }
}

function isReadable({ userId }: Order, reader: Reader): boolean {
  return reader === undefined || userId === reader;
}

/** The first of every history, from the order's own row. */
function placedEvent(order: Order): StoredEvent {
  const { id, accountId, spec, placedAtUs, qty, userId, apiKeyId } = order;
  return {
    id: 0n,
    orderId: id,
    accountId,
    symbol: spec.symbol,
    side: spec.side,
    kind: 'placed',
    status: 'pending_new',
    lastQty: 0n,
    lastPx: 0n,
    cumQty: 0n,
    leavesQty: qty,
    reason: '',
    liquidity: undefined,
    tradeId: '',
    execId: '',
    actor: apiKeyId === undefined ? 'user' : 'api_key',
    actorId: apiKeyId ?? userId,
    occurredAtUs: placedAtUs,
  };
}
