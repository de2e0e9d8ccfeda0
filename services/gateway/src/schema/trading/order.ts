import { AppError, invalid } from '@andvari/kit/base/errors';
import type {
  Execution as ExecutionMessage,
  OrderEvent as OrderEventMessage,
  Order as OrderMessage,
} from '@andvari/proto/order/v1/order';
import { builder } from '../builder.ts';
import type { GatewayContext } from '../context.ts';
import { isUuid, uuidFrom } from '../entity-id.ts';
import { OrderSide } from '../market/book.ts';
import { Instrument } from '../market/instrument.ts';
import { Account } from '../portfolio/account.ts';
import { timeOrNull } from '../scalars.ts';
import { amountOrNull, textOrNull } from '../text.ts';
import { GroupType, hasEnded, OrderStatus, OrderType, TimeInForce } from './enums.ts';
import { Execution, OrderEvent } from './execution.ts';
import { Explanation } from './facts.ts';
import { percentFrom } from './percent.ts';
import { OrderReason } from './words.ts';

/** All orders that a response speaks of come in one call. */
export const Order = builder.loadableNodeRef<OrderMessage>('Order', {
  id: { resolve: ({ id }) => id },
  load: loadOrders,
});

type Spec = NonNullable<OrderMessage['spec']>;
const specOf = ({ spec }: OrderMessage): Spec => {
  if (spec === undefined) throw new Error('an order without what was ordered');
  return spec;
};

Order.implement({
  description: 'An order, from the moment it was taken on.',
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'clientOrderId' in value,
  authScopes: { mayOneOf: ['order:read', 'order:place', 'order:cancel'] },
  fields: (t) => {
    const decimal = (description: string, read: (order: OrderMessage) => bigint) =>
      t.field({ type: 'Decimal', description, resolve: read });
    const decimalOrNull = (description: string, read: (order: OrderMessage) => bigint) =>
      t.field({ type: 'Decimal', nullable: true, description, resolve: (order) => amountOrNull(read(order)) });
    const idOrNull = (description: string, read: (order: OrderMessage) => string) =>
      t.id({ nullable: true, description, resolve: (order) => textOrNull(read(order)) });
    const momentOrNull = (description: string, read: (order: OrderMessage) => bigint) =>
      t.field({ type: 'DateTime', nullable: true, description, resolve: (order) => timeOrNull(read(order)) });
    return {
      orderId: t.exposeID('id', { description: 'Its UUID, as events name it.' }),
      accountId: t.exposeID('accountId', { description: 'The UUID of its account.' }),
      account: t.field({
        type: Account,
        nullable: true,
        description: 'Its account as it is now.',
        resolve: ({ accountId }) => accountId,
      }),
      clientOrderId: t.exposeString('clientOrderId', { description: 'The client’s own name for it.' }),
      symbol: t.string({ description: 'What is to be traded.', resolve: (order) => specOf(order).symbol }),
      instrument: t.field({
        type: Instrument,
        nullable: true,
        description: 'The same with all that is known of it.',
        resolve: (order) => specOf(order).symbol,
      }),
      side: t.field({
        type: OrderSide.type,
        description: 'Whether it buys or sells.',
        resolve: (order) => OrderSide.from(specOf(order).side),
      }),
      type: t.field({
        type: OrderType.type,
        description: 'By what it trades.',
        resolve: (order) => OrderType.from(specOf(order).type),
      }),
      timeInForce: t.field({
        type: TimeInForce.type,
        description: 'How long it is good for.',
        resolve: (order) => TimeInForce.from(specOf(order).timeInForce),
      }),
      quantity: decimal('How many in all.', (order) => specOf(order).qty),
      notional: decimalOrNull('For how much money, where it was stated so.', (order) => specOf(order).notional),
      limitPrice: decimalOrNull('No worse than this.', (order) => specOf(order).limitPx),
      stopPrice: decimalOrNull('Triggered at this.', (order) => specOf(order).stopPx),
      trailAmount: decimalOrNull('Of a trailing stop: so far behind.', (order) => specOf(order).trailAmount),
      trailPercent: decimalOrNull('The same in percent: 5 is 5 %.', (order) => percentFrom(specOf(order).trailPercent)),
      postOnly: t.boolean({
        description: 'Never comes to the other’s price.',
        resolve: (order) => specOf(order).postOnly,
      }),
      extendedHours: t.boolean({
        description: 'Trades outside of the regular session too.',
        resolve: (order) => specOf(order).extendedHours,
      }),
      status: t.field({
        type: OrderStatus.type,
        description: 'How far it is.',
        resolve: ({ status }) => OrderStatus.from(status),
      }),
      isOpen: t.boolean({ description: 'Whether it may still trade.', resolve: ({ status }) => !hasEnded(status) }),
      reason: t.field({
        type: OrderReason.type,
        nullable: true,
        description: 'Why it was rejected, cancelled or expired; null while it was not.',
        resolve: ({ reason }) => OrderReason.orNull(reason),
      }),
      filledQuantity: decimal('How many have been traded.', ({ cumQty }) => cumQty),
      remainingQuantity: decimal('How many may still be.', ({ leavesQty }) => leavesQty),
      averagePrice: decimalOrNull('Of those that have been traded.', ({ avgPx }) => avgPx),
      replaces: idOrNull('The UUID of the order whose place it takes.', ({ replaces }) => replaces),
      replacedBy: idOrNull('The UUID of the order that took its place.', ({ replacedBy }) => replacedBy),
      groupId: idOrNull('The UUID of its group.', ({ groupId }) => groupId),
      groupType: t.field({
        type: GroupType.type,
        nullable: true,
        description: 'How the orders of its group belong together.',
        resolve: ({ groupId, groupType }) => (groupId === '' ? null : GroupType.from(groupType)),
      }),
      groupLeg: t.int({
        nullable: true,
        description: 'Its place in the group, from 0.',
        resolve: ({ groupId, groupLeg }) => (groupId === '' ? null : groupLeg),
      }),
      waterMarkPrice: decimalOrNull('Where a trailing stop has come to.', ({ waterMarkPx }) => waterMarkPx),
      collarPrice: decimalOrNull('Of a market order: the worst price it may trade at.', ({ collarPx }) => collarPx),
      reserved: decimal(
        'What it may cost or takes of the shares, as held for it when it was placed; the ledger holds the most that fees can come to besides.',
        ({ reserved }) => reserved,
      ),
      reservedAsset: t.exposeString('reservedAsset', { description: 'A currency for a buy, the symbol for a sell.' }),
      submittedAt: t.field({
        type: 'DateTime',
        description: 'When it was taken on.',
        resolve: ({ submittedAtUs }) => submittedAtUs,
      }),
      updatedAt: t.field({
        type: 'DateTime',
        description: 'When it last changed.',
        resolve: ({ updatedAtUs }) => updatedAtUs,
      }),
      acknowledgedAt: momentOrNull('When the engine had it.', ({ acknowledgedAtUs }) => acknowledgedAtUs),
      finishedAt: momentOrNull('When it ended.', ({ finishedAtUs }) => finishedAtUs),
      version: t.int({
        description: 'Grows with every change: of two answers the one with the higher is newer.',
        resolve: ({ version }) => Number(version),
      }),
      explanation: t.field({
        type: OrderExplanation,
        nullable: true,
        description: 'Why it is not filled, from facts of this moment. Each order takes a call of its own.',
        complexity: 50,
        resolve: async ({ id, accountId }, _args, { clients }) =>
          clients.order.explainOrder({ accountId, orderId: id }),
      }),
    };
  },
});

const OrderExplanation = builder
  .objectRef<{ explanations: (typeof Explanation.$inferType)[]; asOfUs: bigint }>('OrderExplanation')
  .implement({
    description: 'Why an order is not filled.',
    fields: (t) => ({
      reasons: t.field({
        type: [Explanation],
        description: 'The most important first.',
        resolve: ({ explanations }) => explanations,
      }),
      asOf: t.field({ type: 'DateTime', description: 'Of when it is.', resolve: ({ asOfUs }) => asOfUs }),
    }),
  });

/** As many as the service gives for each order of a list in one call. */
const MAX_OF_EACH = 50;
const firstOfEach = { required: true, defaultValue: 20, description: `${MAX_OF_EACH} at the most.` } as const;

builder.objectFields(Order, (t) => ({
  executions: t.loadableList({
    type: Execution,
    nullable: true,
    description: 'Its fills, the oldest first. All of them are in `executions(filter: { orderId })`.',
    args: { first: t.arg.int(firstOfEach) },
    complexity: ({ first }) => ({ field: 1, multiplier: Math.min(first ?? 20, MAX_OF_EACH) }),
    byPath: true,
    load: (ids: string[], context: GatewayContext, { first }) => executionsOf(ids, first, context),
    resolve: ({ id }) => id,
  }),
  history: t.loadableList({
    type: OrderEvent,
    nullable: true,
    description: 'What happened to it, the oldest first, each with its time and cause.',
    args: { first: t.arg.int(firstOfEach) },
    complexity: ({ first }) => ({ field: 1, multiplier: Math.min(first ?? 20, MAX_OF_EACH) }),
    byPath: true,
    load: (ids: string[], context: GatewayContext, { first }) => eventsOf(ids, first, context),
    resolve: ({ id }) => id,
  }),
  legs: t.loadableList({
    type: Order,
    nullable: true,
    description: 'All orders of its group in their order, itself among them; none where it stands alone.',
    complexity: { field: 1, multiplier: 3 },
    load: loadGroups,
    resolve: ({ groupId }) => groupId,
  }),
}));

export function orderIdFrom(field: string, given: string): string {
  return uuidFrom('Order', field, given);
}

/** The services take so many at a time. */
const MAX_BATCH = 100;

async function loadOrders(orderIds: string[], { clients }: GatewayContext): Promise<(OrderMessage | Error)[]> {
  const answers = await Promise.all(
    batchesOf(orderIds.filter(isUuid)).map((ids) => clients.order.batchGetOrders({ orderIds: ids, groupIds: [] })),
  );
  const found = new Map(answers.flatMap(({ orders }) => orders).map((order) => [order.id, order]));
  return orderIds.map(
    (id) => found.get(id) ?? new AppError('not_found', 'there is no such order', { reason: 'order_not_found' }),
  );
}

async function loadGroups(groupIds: string[], { clients }: GatewayContext): Promise<OrderMessage[][]> {
  const asked = batchesOf([...new Set(groupIds.filter((id) => id !== ''))]);
  const answers = await Promise.all(asked.map((ids) => clients.order.batchGetOrders({ orderIds: [], groupIds: ids })));
  const legs = Map.groupBy(
    answers.flatMap(({ orders }) => orders),
    ({ groupId }) => groupId,
  );
  return groupIds.map((id) => (id === '' ? [] : (legs.get(id) ?? [])));
}

async function executionsOf(
  orderIds: string[],
  first: number,
  { clients }: GatewayContext,
): Promise<ExecutionMessage[][]> {
  requireFirst(first);
  const answers = await Promise.all(
    batchesOf(orderIds).map((ids) => clients.order.batchListExecutions({ orderIds: ids, first })),
  );
  return perOrder(
    orderIds,
    answers.flatMap(({ executions }) => executions),
  );
}

async function eventsOf(
  orderIds: string[],
  first: number,
  { clients }: GatewayContext,
): Promise<OrderEventMessage[][]> {
  requireFirst(first);
  const answers = await Promise.all(
    batchesOf(orderIds).map((ids) => clients.order.batchListOrderEvents({ orderIds: ids, first })),
  );
  return perOrder(
    orderIds,
    answers.flatMap(({ events }) => events),
  );
}

function perOrder<T extends { orderId: string }>(orderIds: string[], rows: T[]): T[][] {
  const byOrder = Map.groupBy(rows, ({ orderId }) => orderId);
  return orderIds.map((id) => byOrder.get(id) ?? []);
}

function batchesOf(ids: string[]): string[][] {
  return Array.from({ length: Math.ceil(ids.length / MAX_BATCH) }, (_, at) =>
    ids.slice(at * MAX_BATCH, (at + 1) * MAX_BATCH),
  );
}

function requireFirst(first: number): void {
  if (first < 1 || first > MAX_OF_EACH) throw invalid('first', `should be from 1 to ${MAX_OF_EACH}`);
}
