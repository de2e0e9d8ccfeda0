import type { Execution as ExecutionMessage, OrderEvent as OrderEventMessage } from '@andvari/proto/order/v1/order';
import { builder } from '../builder.ts';
import { OrderSide } from '../market/book.ts';
import { amountOrNull, textOrNull } from '../text.ts';
import { Liquidity, OrderStatus } from './enums.ts';

export const Execution = builder.objectRef<ExecutionMessage>('Execution').implement({
  description: 'One fill of one order.',
  fields: (t) => ({
    id: t.globalID({ description: 'For good.', resolve: ({ execId }) => ({ type: 'Execution', id: execId }) }),
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

export const OrderEvent = builder.objectRef<OrderEventMessage>('OrderEvent').implement({
  description: 'One thing that happened to an order.',
  fields: (t) => ({
    id: t.globalID({
      description: 'For good.',
      resolve: ({ orderId, id }) => ({ type: 'OrderEvent', id: `${orderId}.${id}` }),
    }),
    kind: t.exposeString('kind', { description: '`placed`, `new`, `fill`, `cancel_requested`, `canceled`, …' }),
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
    reason: t.string({ nullable: true, description: 'Why.', resolve: ({ reason }) => textOrNull(reason) }),
    actor: t.exposeString('actor', {
      description: 'Who caused it: `user`, `api_key`, `operator`, `engine` or `service`.',
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
