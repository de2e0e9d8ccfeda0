import { AppError } from '@andvari/kit/base/errors';
import type { Execution as ExecutionMessage, OrderEvent as OrderEventMessage } from '@andvari/proto/order/v1/order';
import type { Clients } from '../../clients.ts';
import { builder } from '../builder.ts';
import type { GatewayContext } from '../context.ts';
import { findInPages, loadEach, partsOf } from '../find-node.ts';
import { OrderSide } from '../market/book.ts';
import { amountOrNull, textOrNull } from '../text.ts';
import { Liquidity, OrderStatus } from './enums.ts';
import { OrderActor, OrderEventKind, OrderReason } from './words.ts';

/** A node by way of the order that its global id names. */
export const Execution = builder.loadableNodeRef<ExecutionMessage>('Execution', {
  id: { resolve: ({ orderId, execId }) => `${orderId}.${execId}` },
  load: (ids: string[], { clients }: GatewayContext) =>
    loadEach(ids, async (id) => {
      const [orderId = '', wanted] = partsOf(id, 2);
      const accountId = await accountOfOrder(clients, orderId);
      return findInPages(
        async (page) => {
          const request = { accountId, orderId, symbol: '', fromUs: 0n, toUs: 0n, page };
          const { executions, pageInfo } = await clients.order.listExecutions(request);
          return { rows: executions, pageInfo };
        },
        ({ execId }) => execId === wanted,
      );
    }),
});

Execution.implement({
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'tradeId' in value && 'amount' in value,
  description: 'One fill of one order.',
  fields: (t) => ({
    execId: t.exposeID('execId', { description: 'As the engine counts it.' }),
    orderId: t.exposeID('orderId', { description: 'The UUID of the order.' }),
    accountId: t.exposeID('accountId', { description: 'The UUID of the account.' }),
    symbol: t.exposeString('symbol', { description: 'What was traded.' }),
    side: t.field({
      type: OrderSide.type,
      description: 'Bought or sold.',
      resolve: ({ side }) => OrderSide.from(side),
    }),
    quantity: t.field({ type: 'Decimal', description: 'How many.', resolve: ({ qty }) => qty }),
    price: t.field({ type: 'Decimal', description: 'At which price.', resolve: ({ px }) => px }),
    amount: t.field({ type: 'Decimal', description: 'Both together, without fees.', resolve: ({ amount }) => amount }),
    liquidity: t.field({
      type: Liquidity.type,
      description: 'Whether the order waited for the other, or came to it.',
      resolve: ({ liquidity }) => Liquidity.from(liquidity),
    }),
    tradeId: t.exposeID('tradeId', { description: 'The same on both sides of the trade.' }),
    executedAt: t.field({ type: 'DateTime', description: 'When.', resolve: ({ executedAtUs }) => executedAtUs }),
  }),
});

/** A node by way of the order that its global id names. */
export const OrderEvent = builder.loadableNodeRef<OrderEventMessage>('OrderEvent', {
  id: { resolve: ({ orderId, id }) => `${orderId}.${id}` },
  load: (ids: string[], { clients }: GatewayContext) =>
    loadEach(ids, async (given) => {
      const [orderId = '', wanted] = partsOf(given, 2);
      const accountId = await accountOfOrder(clients, orderId);
      return findInPages(
        async (page) => {
          const { events, pageInfo } = await clients.order.listOrderEvents({ accountId, orderId, page });
          return { rows: events, pageInfo };
        },
        ({ id }) => id === wanted,
      );
    }),
});

OrderEvent.implement({
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'actorId' in value,
  description: 'One thing that happened to an order.',
  fields: (t) => ({
    kind: t.field({
      type: OrderEventKind.type,
      description: 'What happened.',
      resolve: ({ kind }) => OrderEventKind.from(kind),
    }),
    status: t.field({
      type: OrderStatus.type,
      description: 'What the order was afterwards.',
      resolve: ({ status }) => OrderStatus.from(status),
    }),
    lastQuantity: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'Of a fill: how many.',
      resolve: ({ lastQty }) => amountOrNull(lastQty),
    }),
    lastPrice: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'Of a fill: at which price.',
      resolve: ({ lastPx }) => amountOrNull(lastPx),
    }),
    filledQuantity: t.field({
      type: 'Decimal',
      description: 'Filled in all by then.',
      resolve: ({ cumQty }) => cumQty,
    }),
    remainingQuantity: t.field({
      type: 'Decimal',
      description: 'Still to be filled then.',
      resolve: ({ leavesQty }) => leavesQty,
    }),
    reason: t.field({
      type: OrderReason.type,
      nullable: true,
      description: 'Why; null where that goes without saying.',
      resolve: ({ reason }) => OrderReason.orNull(reason),
    }),
    actor: t.field({
      type: OrderActor.type,
      description: 'Who caused it.',
      resolve: ({ actor }) => OrderActor.from(actor),
    }),
    actorId: t.string({ nullable: true, description: 'Which of them.', resolve: ({ actorId }) => textOrNull(actorId) }),
    execId: t.string({
      nullable: true,
      description: 'The engine’s report of it, where there is one.',
      resolve: ({ execId }) => textOrNull(execId),
    }),
    occurredAt: t.field({ type: 'DateTime', description: 'When.', resolve: ({ occurredAtUs }) => occurredAtUs }),
  }),
});

/** Another's order is as unknown as one that never was. */
async function accountOfOrder({ order }: Clients, orderId: string): Promise<string> {
  const { orders } = await order.batchGetOrders({ orderIds: [orderId], groupIds: [] });
  const [found] = orders;
  if (found === undefined) throw new AppError('not_found', 'there is no such order', { reason: 'order_not_found' });
  return found.accountId;
}
