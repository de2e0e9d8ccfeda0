import { randomUUID } from 'node:crypto';
import { AppError } from '@andvari/kit/base/errors';
import type { Caller } from '@andvari/proto/common/v1/common';
import { GroupType, OrderType, Side, TimeInForce } from '@andvari/proto/engine/v1/commands';
import { Liquidity, OrderStatus } from '@andvari/proto/engine/v1/reports';
import type { Execution, Order, OrderEvent, OrderSpec } from '@andvari/proto/order/v1/order';
import { accountIdOf } from './fake-portfolio.ts';
import { NOW_US } from './fake-rows.ts';
import { type Answers, userIdOf } from './fake-service.ts';

const MICRO = 1_000_000n;

/** Everybody has an order, whose id follows from theirs. */
export const orderIdOf = (userId: string): string => userIdOf(`order of ${userId}`);
const groupIdOf = (userId: string): string => userIdOf(`group of ${userId}`);

const spec: OrderSpec = {
  symbol: 'ACME',
  side: Side.SIDE_BUY,
  type: OrderType.ORDER_TYPE_LIMIT,
  timeInForce: TimeInForce.TIME_IN_FORCE_DAY,
  qty: 10n * MICRO,
  notional: 0n,
  limitPx: 187n * MICRO,
  stopPx: 0n,
  trailAmount: 0n,
  trailPercent: 0n,
  postOnly: false,
  extendedHours: false,
};

export function orderOf(userId: string, changes: Partial<Order> = {}): Order {
  return {
    id: orderIdOf(userId),
    clientOrderId: 'intent-1',
    accountId: accountIdOf(userId),
    userId,
    spec,
    status: OrderStatus.ORDER_STATUS_PARTIALLY_FILLED,
    reason: '',
    cumQty: 4n * MICRO,
    leavesQty: 6n * MICRO,
    avgPx: 186_990_000n,
    replaces: '',
    replacedBy: '',
    groupId: groupIdOf(userId),
    groupType: GroupType.GROUP_TYPE_OTO,
    groupLeg: 0,
    submittedAtUs: NOW_US,
    updatedAtUs: NOW_US,
    finishedAtUs: 0n,
    collarPx: 0n,
    collarOffset: 0n,
    acknowledgedAtUs: NOW_US,
    reserved: 1870n * MICRO,
    reservedAsset: 'USD',
    waterMarkPx: 0n,
    apiKeyId: '',
    version: 3n,
    ...changes,
  };
}

export function executionOf(order: Order, execId = '1.0.7.1'): Execution {
  return {
    execId,
    orderId: order.id,
    accountId: order.accountId,
    symbol: 'ACME',
    side: Side.SIDE_BUY,
    qty: 4n * MICRO,
    px: 186_990_000n,
    amount: 747_960_000n,
    liquidity: Liquidity.LIQUIDITY_TAKER,
    tradeId: '0.7.0',
    executedAtUs: NOW_US,
  };
}

function eventOf({ id }: Order): OrderEvent {
  return {
    id: '1',
    orderId: id,
    kind: 'placed',
    status: OrderStatus.ORDER_STATUS_PENDING_NEW,
    lastQty: 0n,
    lastPx: 0n,
    reason: '',
    occurredAtUs: NOW_US,
    cumQty: 0n,
    leavesQty: 10n * MICRO,
    actor: 'user',
    actorId: randomUUID(),
    execId: '',
  };
}

const noPage = { endCursor: '', hasNextPage: false };
const insufficient = {
  detail: {
    code: 'failed_precondition',
    reason: 'insufficient_buying_power',
    field: 'order.qty',
    numbers: { required: 20n * MICRO, available: 15n * MICRO, short_by: 5n * MICRO },
  },
  message: 'there is not enough buying power',
};

type OfAccount = { accountId: string };

/** Knows whose orders the caller may see, as the real one does. */
export function orderAnswers(): Answers {
  return {
    placeOrder: placed,
    placeGroup: (request: OfAccount & { clientOrderId: string }, caller: Caller) => {
      const { order } = placed(request, caller);
      return { groupId: order.groupId, orders: [order, { ...order, groupLeg: 1 }] };
    },
    closePosition: placed,
    replaceOrder: ({ orderId, clientOrderId }: { orderId: string; clientOrderId: string }, caller: Caller) => {
      if (orderId !== orderIdOf(caller.userId)) throw missing();
      return placed({ accountId: accountIdOf(caller.userId), clientOrderId }, caller);
    },
    cancelOrder: ofOrder((order) => ({ order: { ...order, status: OrderStatus.ORDER_STATUS_PENDING_CANCEL } })),
    cancelAllOrders: (request: OfAccount, caller: Caller) => ({
      requested: 2,
      results: bulk(request, caller),
      hasMore: false,
    }),
    closeAllPositions: (request: OfAccount, caller: Caller) => ({
      results: bulk(request, caller),
      cancelled: bulk(request, caller),
      hasMore: true,
    }),
    liquidateAccount: () => ({ closed: [], cancelled: [], hasMore: false }),
    getOrder: ({ accountId, key }: OfAccount & { key: { $case: string; value: string } }, caller: Caller) => {
      const isKnown = accountId === accountIdOf(caller.userId) && key.value.startsWith('intent-1');
      if (!isKnown) throw missing();
      return { order: orderOf(caller.userId) };
    },
    batchGetOrders: ({ orderIds, groupIds }: { orderIds: string[]; groupIds: string[] }, { userId }: Caller) => ({
      orders: [
        ...orderIds.filter((id) => id === orderIdOf(userId)).map(() => orderOf(userId)),
        ...groupIds
          .filter((id) => id === groupIdOf(userId))
          .flatMap(() => [orderOf(userId), orderOf(userId, { id: userIdOf(`leg of ${userId}`), groupLeg: 1 })]),
      ],
    }),
    listOrders: ({ accountId }: OfAccount, { userId }: Caller) => ({
      orders: accountId === accountIdOf(userId) ? [orderOf(userId), orderOf(userId, { groupId: '' })] : [],
      pageInfo: noPage,
    }),
    batchListOrderEvents: ({ orderIds }: { orderIds: string[] }, { userId }: Caller) => ({
      events: orderIds.filter((id) => id === orderIdOf(userId)).map(() => eventOf(orderOf(userId))),
    }),
    listOrderEvents: ofOrder((order) => ({ events: [eventOf(order)], pageInfo: noPage })),
    listExecutions: ({ accountId }: OfAccount, { userId }: Caller) => ({
      executions: accountId === accountIdOf(userId) ? [executionOf(orderOf(userId))] : [],
      pageInfo: noPage,
    }),
    batchListExecutions: ({ orderIds }: { orderIds: string[] }, { userId }: Caller) => ({
      executions: orderIds.filter((id) => id === orderIdOf(userId)).map(() => executionOf(orderOf(userId))),
    }),
    getBlotterSummary: () => ({
      counts: [{ status: OrderStatus.ORDER_STATUS_FILLED, orders: 3n }],
      open: 1n,
      executions: 5n,
      bought: 900n * MICRO,
      sold: 100n * MICRO,
    }),
    previewOrder: ({ accountId, order }: OfAccount & { order: OrderSpec }, { userId }: Caller) => {
      if (accountId !== accountIdOf(userId)) throw new AppError('not_found', 'no', { reason: 'account_not_found' });
      return {
        fillsQty: order.qty,
        restsQty: 0n,
        avgPx: 187_010_000n,
        worstPx: 187_020_000n,
        notional: 1_870_100_000n,
        slippagePx: 10_000n,
        slippageRatio: 53n,
        maxFee: MICRO,
        reserved: 1_871_100_000n,
        reservedAsset: 'USD',
        availableBefore: 9_750n * MICRO,
        availableAfter: 7_878_900_000n,
        bidPx: 186_990_000n,
        askPx: 187_010_000n,
        referencePx: 187n * MICRO,
        collarPx: 0n,
        qty: order.qty,
        refusals: [insufficient],
        warnings: [{ code: 'queued_until_open', message: 'waits', numbers: { opens_at_us: NOW_US } }],
        asOfUs: NOW_US,
      };
    },
    previewReplacement: ofOrder(({ accountId }) => ({
      accountId,
      fillsQty: 0n,
      restsQty: 12n * MICRO,
      avgPx: 0n,
      maxFee: MICRO,
      held: 1_870n * MICRO,
      reserved: 374n * MICRO,
      reservedAsset: 'USD',
      availableBefore: 9_750n * MICRO,
      availableAfter: 9_376n * MICRO,
      refusals: [insufficient],
      warnings: [],
      asOfUs: NOW_US,
    })),
    explainOrder: ofOrder((order) => ({
      order,
      explanations: [
        {
          code: 'away_from_touch',
          message: 'The limit is 0.25 below the best bid.',
          numbers: { limit: 187n * MICRO, touch: 187_250_000n, distance: 250_000n },
        },
      ],
      asOfUs: NOW_US,
    })),
    getOrderStory: ({ orderId }: { orderId: string }, { userId }: Caller) => {
      const order = orderOf(userId, { id: orderId });
      return {
        order,
        events: [eventOf(order)],
        executions: [executionOf(order)],
        reservation: { asset: 'USD', amount: MICRO, remaining: 0n, state: 'open' },
        engine: { status: order.status, cumQty: order.cumQty, leavesQty: order.leavesQty, aheadQty: MICRO },
        commands: [{ id: randomUUID(), kind: 'placeOrder', sentAtUs: NOW_US, published: true }],
        unexpectedReports: [{ execId: '1.0.9.0', kind: 'fill', why: 'order_unknown', recordedAtUs: NOW_US }],
        unavailable: [],
      };
    },
  };
}

function seen(orderId: string, { userId, scopes }: Caller): Order {
  if (orderId !== orderIdOf(userId) && !scopes.includes('order:read')) throw missing();
  return orderOf(userId, { id: orderId });
}

function missing(): AppError {
  return new AppError('not_found', 'there is no such order', { reason: 'order_not_found' });
}

const placed = ({ accountId, clientOrderId }: OfAccount & { clientOrderId: string }, { userId }: Caller) => {
  if (accountId !== accountIdOf(userId)) throw new AppError('not_found', 'no', { reason: 'account_not_found' });
  return { order: orderOf(userId, { clientOrderId, status: OrderStatus.ORDER_STATUS_PENDING_NEW }) };
};

const bulk = ({ accountId }: OfAccount, { userId }: Caller) => {
  if (accountId !== accountIdOf(userId)) throw new AppError('not_found', 'no', { reason: 'account_not_found' });
  const order = orderOf(userId);
  return [
    { symbol: 'ACME', orderId: order.id, outcome: { $case: 'order', value: order } },
    { symbol: 'GLOBEX', orderId: '', outcome: { $case: 'refusal', value: insufficient } },
  ];
};

const ofOrder =
  (answer: (order: Order) => unknown) =>
  ({ orderId }: { orderId: string }, caller: Caller): unknown =>
    answer(seen(orderId, caller));
