import { amount, type Price, type Quantity } from '@andvari/money';
import { type ExecutionReport, OrderStatus as OrderStatuses } from '@andvari/proto/engine/v1/reports';
import type { OrderPlaced } from '@andvari/proto/order/v1/events';
import type { Execution as ExecutionMessage } from '@andvari/proto/order/v1/order';
import type { NotificationCreated } from '@andvari/proto/user/v1/events';
import { may } from '../../identity/viewer.ts';
import type { AccountItem, PartName } from '../../live/account-feed.ts';
import { merge } from '../../live/merge.ts';
import type { PortfolioSnapshot } from '../../live/portfolio-reader.ts';
import type { SeveralDelivery } from '../../live/several-streams.ts';
import { builder } from '../builder.ts';
import type { GatewayContext } from '../context.ts';
import { OrderSide } from '../market/book.ts';
import { accountIdFrom } from '../portfolio/account.ts';
import { PortfolioMoved, portfolioOf, requireAccount } from '../portfolio/live.ts';
import { type Item, Missed, placesFrom, positionFrom, SubscriptionStarted } from '../subscription.ts';
import { amountOrNull, textOrNull } from '../text.ts';
import { NotificationArrived } from '../user/notifications.ts';
import { signedIn } from '../viewer-scope.ts';
import { ExecutionType, OrderStatus } from './enums.ts';
import { Execution } from './execution.ts';
import { Order } from './order.ts';
import { completedBy } from './refused-report.ts';
import { LedgerChange, OrderReason } from './words.ts';

type Of<K extends AccountItem['kind']> = {
  readonly kind: 'item';
  readonly position: readonly number[];
  readonly item: Extract<AccountItem, { kind: K }>;
};

const OrderMoved = builder.objectRef<Of<'placed'> | Of<'report'>>('OrderMoved').implement({
  description:
    'An order was taken on, or the engine reported on it. Reports come in their order; that it was taken on may be told a moment after the first of them, because another service says so. All numbers are of that event, or the order’s own where the engine refused something; `order` is read when it is asked for and may be a moment behind or ahead.',
  fields: (t) => ({
    position: t.string({ description: 'Where this is.', resolve: ({ position }) => positionFrom(position) }),
    event: t.field({
      type: ExecutionType.type,
      nullable: true,
      description: 'What the engine said; null where the order was only taken on.',
      resolve: ({ item }) => (item.kind === 'report' ? ExecutionType.from(item.report.execType) : null),
    }),
    orderId: t.id({ description: 'The UUID of the order.', resolve: ({ item }) => said(item).orderId }),
    accountId: t.id({ description: 'The UUID of the account.', resolve: ({ item }) => said(item).accountId }),
    symbol: t.string({ description: 'What is traded.', resolve: ({ item }) => said(item).symbol }),
    side: t.field({
      type: OrderSide.type,
      description: 'Whether it buys or sells.',
      resolve: ({ item }) => OrderSide.from(said(item).side),
    }),
    status: t.field({
      type: OrderStatus.type,
      description:
        'What it is now. `UNKNOWN` with `CANCEL_REJECTED` where the order, which the engine no longer has, could not be read.',
      resolve: ({ item }) =>
        OrderStatus.from(item.kind === 'report' ? item.report.ordStatus : OrderStatuses.ORDER_STATUS_PENDING_NEW),
    }),
    quantity: t.field({ type: 'Decimal', description: 'How many in all.', resolve: ({ item }) => said(item).qty }),
    filledQuantity: t.field({
      type: 'Decimal',
      description: 'How many have been traded.',
      resolve: ({ item }) => (item.kind === 'report' ? item.report.cumQty : 0n),
    }),
    remainingQuantity: t.field({
      type: 'Decimal',
      description: 'How many may still be.',
      resolve: ({ item }) => (item.kind === 'report' ? item.report.leavesQty : item.placed.qty),
    }),
    averagePrice: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'Of those that have been traded.',
      resolve: ({ item }) => (item.kind === 'report' ? amountOrNull(item.report.avgPx) : null),
    }),
    lastQuantity: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'Of a fill: how many.',
      resolve: ({ item }) => (item.kind === 'report' ? amountOrNull(item.report.lastQty) : null),
    }),
    lastPrice: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'Of a fill: at which price.',
      resolve: ({ item }) => (item.kind === 'report' ? amountOrNull(item.report.lastPx) : null),
    }),
    limitPrice: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'No worse than this.',
      resolve: ({ item }) => amountOrNull(said(item).limitPx),
    }),
    stopPrice: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'Triggered at this.',
      resolve: ({ item }) => amountOrNull(said(item).stopPx),
    }),
    reason: t.field({
      type: OrderReason.type,
      nullable: true,
      description: 'Why; null where that goes without saying.',
      resolve: ({ item }) => (item.kind === 'report' ? OrderReason.orNull(item.report.reason) : null),
    }),
    replaces: t.id({
      nullable: true,
      description: 'The UUID of the order whose place it takes.',
      resolve: ({ item }) => textOrNull(said(item).replaces),
    }),
    replacedBy: t.id({
      nullable: true,
      description: 'The UUID of the order that took its place.',
      resolve: ({ item }) => (item.kind === 'report' ? textOrNull(item.report.replacedBy) : null),
    }),
    occurredAt: t.field({
      type: 'DateTime',
      description: 'When.',
      resolve: ({ item }) => (item.kind === 'report' ? item.report.transactTimeUs : item.placed.placedAtUs),
    }),
    order: t.field({
      type: Order,
      nullable: true,
      description: 'The whole of it, as the order service has it when this is sent; each takes a call.',
      // Not by the loader of the context, which remembers and lives as long as the stream.
      resolve: async ({ item }, _args, { clients }) => {
        const { orders } = await clients.order.batchGetOrders({ orderIds: [said(item).orderId], groupIds: [] });
        return orders[0] ?? null;
      },
    }),
  }),
});

const ExecutionArrived = builder.objectRef<Of<'report'>>('ExecutionArrived').implement({
  description: 'An order was filled, or a part of it.',
  fields: (t) => ({
    position: t.string({ description: 'Where this is.', resolve: ({ position }) => positionFrom(position) }),
    execution: t.field({ type: Execution, description: 'Which.', resolve: ({ item }) => executionFrom(item.report) }),
  }),
});

const LedgerMoved = builder.objectRef<Of<'ledger'>>('LedgerMoved').implement({
  description: 'Money or shares of the account changed in the ledger: read again what concerns it.',
  fields: (t) => ({
    position: t.string({ description: 'Where this is.', resolve: ({ position }) => positionFrom(position) }),
    change: t.field({
      type: LedgerChange.type,
      description: 'What changed.',
      resolve: ({ item }) => LedgerChange.from(item.ledger.what),
    }),
    filledOrderId: t.id({
      nullable: true,
      description: 'The UUID of the order whose fill it was.',
      resolve: ({ item }) => textOrNull(item.ledger.orderId),
    }),
    filledSymbol: t.string({
      nullable: true,
      description: 'The shares, where it were some.',
      resolve: ({ item }) => textOrNull(item.ledger.symbol),
    }),
    fundingId: t.id({
      nullable: true,
      description: 'The UUID of the funding.',
      resolve: ({ item }) => textOrNull(item.ledger.fundingId),
    }),
    occurredAt: t.field({ type: 'DateTime', description: 'When.', resolve: ({ item }) => item.atUs }),
  }),
});

type AccountDelivery = SeveralDelivery<AccountItem> | PortfolioSnapshot;

/** As much as it takes to tell them apart. */
interface Told {
  readonly kind: AccountDelivery['kind'];
  readonly item?: object;
}

function typeOf({ kind, item = {} }: Told) {
  if (kind === 'portfolio') return PortfolioMoved;
  if (kind === 'started') return SubscriptionStarted;
  if (kind === 'missed') return Missed;
  if ('notificationId' in item) return NotificationArrived;
  return 'ledger' in item ? LedgerMoved : OrderMoved;
}

const OrderUpdate = builder.unionType('OrderUpdate', {
  description: 'Something happened to an order.',
  types: [OrderMoved, Missed, SubscriptionStarted],
  resolveType: (it: Told) => typeOf(it) as typeof OrderMoved,
});

const ExecutionUpdate = builder.unionType('ExecutionUpdate', {
  description: 'Something was traded.',
  types: [ExecutionArrived, Missed, SubscriptionStarted],
  resolveType: (it: Told) => (it.kind === 'item' ? ExecutionArrived : (typeOf(it) as typeof ExecutionArrived)),
});

const AccountUpdate = builder.unionType('AccountUpdate', {
  description: 'Something happened to an account, or to its owner’s inbox.',
  types: [LedgerMoved, Missed, NotificationArrived, OrderMoved, PortfolioMoved, SubscriptionStarted],
  resolveType: (it: Told) => typeOf(it) as typeof OrderMoved,
});

/** What `account` tells is read with these otherwise. */
const RIGHTS_OF_ALL = ['order:read', 'portfolio:read', 'notification:read'];

const SINCE = 'The position that was seen last; without it, from now on.';

builder.subscriptionFields((t) => ({
  orderUpdates: t.field({
    type: OrderUpdate,
    description: 'What happens to the orders of an account: each event once, in the order of the service that says it.',
    authScopes: { may: 'order:read' },
    args: {
      accountId: t.arg.id({ required: true, description: 'Of which account.' }),
      since: t.arg.string({ description: SINCE }),
    },
    subscribe: (_, { accountId, since }, context) =>
      follow(context, accountId, since, ['orders', 'executions']) as Promise<AsyncIterable<never>>,
    resolve: (delivery) => delivery,
  }),
  executions: t.field({
    type: ExecutionUpdate,
    description: 'What is traded for an account: each fill once, in its order.',
    authScopes: { may: 'order:read' },
    args: {
      accountId: t.arg.id({ required: true, description: 'Of which account.' }),
      since: t.arg.string({ description: SINCE }),
    },
    subscribe: (_, { accountId, since }, context) =>
      follow(context, accountId, since, ['fills']) as Promise<AsyncIterable<never>>,
    resolve: (delivery) => delivery,
  }),
  account: t.field({
    type: AccountUpdate,
    description:
      'Orders, ledger and inbox of one account under one position, and how it stands (`PortfolioMoved`, conflated and without a position).',
    authScopes: (_, _args, { viewer }) => {
      const lacks = (right: string) => viewer.kind === 'anonymous' || !may(viewer, right, viewer.userId);
      return { may: RIGHTS_OF_ALL.find(lacks) ?? 'order:read' };
    },
    args: {
      accountId: t.arg.id({ required: true, description: 'Which.' }),
      since: t.arg.string({ description: SINCE }),
    },
    subscribe: async (_, { accountId: given, since }, context) => {
      const events = await follow(context, given, since, ['orders', 'executions', 'ledger', 'inbox']);
      const portfolio = portfolioOf(context, accountIdFrom('accountId', given));
      return merge<AccountDelivery>([events, portfolio]) as AsyncIterable<never>;
    },
    // The inbox's own type takes the message itself.
    resolve: (delivery: AccountDelivery) => withoutWrapping(delivery) as never,
  }),
}));

async function follow(
  context: GatewayContext,
  given: string,
  since: string | null | undefined,
  parts: readonly PartName[],
): Promise<AsyncIterable<AccountDelivery>> {
  const accountId = accountIdFrom('accountId', given);
  const places = placesFrom(since, context);
  await requireAccount(context, accountId);
  const { userId } = signedIn(context);
  return context.feeds.accounts.read({ accountId, userId }, parts, {
    since: places,
    signal: context.signal(),
    complete: completedBy(context.clients),
  });
}

function withoutWrapping(delivery: AccountDelivery): AccountDelivery | Item<NotificationCreated> {
  if (delivery.kind !== 'item' || delivery.item.kind !== 'notification') return delivery;
  return { ...delivery, item: delivery.item.notification } as never;
}

/** What both kinds of news say of an order. */
function said(item: Of<'placed'>['item'] | Of<'report'>['item']): ExecutionReport | OrderPlaced {
  return item.kind === 'report' ? item.report : item.placed;
}

function executionFrom(report: ExecutionReport): ExecutionMessage {
  const { execId, orderId, accountId, symbol, side, lastQty, lastPx, liquidity, tradeId, transactTimeUs } = report;
  return {
    execId,
    orderId,
    accountId,
    symbol,
    side,
    qty: lastQty,
    px: lastPx,
    amount: amount(lastPx as Price, lastQty as Quantity),
    liquidity,
    tradeId,
    executedAtUs: transactTimeUs,
  };
}
