import { AppError, assert, isAppError } from '@andvari/kit/base/errors';
import type { GroupType as GroupTypes } from '@andvari/proto/engine/v1/commands';
import type { Order as OrderMessage } from '@andvari/proto/order/v1/order';
import { builder } from '../builder.ts';
import type { GatewayContext } from '../context.ts';
import { accountIdFrom } from '../portfolio/account.ts';
import { NotFound, NotPossible, refusals } from '../refusals.ts';
import { GroupType } from './enums.ts';
import { CLIENT_ORDER_ID, clientOrderIdFrom, OrderSpecInput, PlaceOrderInput, specFrom } from './inputs.ts';
import { Order, orderIdFrom } from './order.ts';
import { ratioFrom } from './percent.ts';
import { placingRefusals, RateLimited, readingOrder, refuseZero, refusingOrder, TooLate } from './refusals.ts';

const OrderGroup = builder
  .objectRef<{ groupId: string; type: GroupTypes; orders: OrderMessage[] }>('OrderGroup')
  .implement({
    description: 'Orders that belong together: the engine cancels and shrinks them with each other.',
    fields: (t) => ({
      groupId: t.exposeID('groupId', { description: 'The UUID of the group.' }),
      type: t.field({
        type: GroupType.type,
        description: 'How they belong together.',
        resolve: ({ type }) => GroupType.from(type),
      }),
      orders: t.field({
        type: [Order],
        description: 'In the order of the legs.',
        complexity: { field: 1, multiplier: 3 },
        resolve: ({ orders }) => orders,
      }),
    }),
  });

const PlaceGroupInput = builder.inputType('PlaceGroupInput', {
  description: 'Orders to place that belong together, all or none of them.',
  fields: (t) => ({
    accountId: t.id({ required: true, description: 'For which account.' }),
    clientOrderId: t.string({ description: `${CLIENT_ORDER_ID} For a group 40 characters at the most.` }),
    type: t.field({ type: GroupType.type, required: true, description: 'How they belong together.' }),
    legs: t.field({
      type: [OrderSpecInput],
      required: true,
      description: 'BRACKET: entry, take-profit, stop-loss. OCO: two exits. OTO: entry, exit.',
    }),
  }),
});

export const ReplaceOrderInput = builder.inputType('ReplaceOrderInput', {
  description: 'How an order is to change. What is left out stays as it is.',
  fields: (t) => ({
    orderId: t.id({ required: true, description: 'Which.' }),
    clientOrderId: t.string({ description: `Of the order that takes its place. ${CLIENT_ORDER_ID}` }),
    quantity: t.field({ type: 'Decimal', description: 'The new total, what has been filled included.' }),
    limitPrice: t.field({ type: 'Decimal', description: 'No worse than this.' }),
    stopPrice: t.field({ type: 'Decimal', description: 'Triggered at this.' }),
    trailAmount: t.field({ type: 'Decimal', description: 'Of a trailing stop: so far behind.' }),
    trailPercent: t.field({ type: 'Decimal', description: 'The same in percent.' }),
  }),
});

builder.mutationFields((t) => ({
  placeOrder: t.field({
    type: Order,
    nullable: true,
    description: 'Takes on an order. Sent again with the same client order id, it is the same order.',
    errors: refusals(...placingRefusals),
    authScopes: { may: 'order:place' },
    args: { input: t.arg({ type: PlaceOrderInput, required: true, description: 'What.' }) },
    resolve: async (_, { input }, { clients }) => {
      const accountId = accountIdFrom('accountId', input.accountId);
      const clientOrderId = clientOrderIdFrom(input.clientOrderId);
      const order = readingOrder(accountId, () => specFrom('order', input.order));
      const request = { accountId, clientOrderId, order };
      const placed = await refusingOrder(accountId, clients.order.placeOrder(request));
      assert(placed.order, 'PlaceOrder answered without an order');
      return placed.order;
    },
  }),
  placeGroup: t.field({
    type: OrderGroup,
    nullable: true,
    description: 'Takes on orders that belong together, all or none of them.',
    errors: refusals(...placingRefusals),
    authScopes: { may: 'order:place' },
    args: { input: t.arg({ type: PlaceGroupInput, required: true, description: 'What.' }) },
    resolve: async (_, { input }, { clients }) => {
      const accountId = accountIdFrom('accountId', input.accountId);
      const clientOrderId = clientOrderIdFrom(input.clientOrderId);
      const type = input.type as GroupTypes;
      const legs = readingOrder(accountId, () => input.legs.map((leg, at) => specFrom(`legs[${at}]`, leg)));
      const placed = clients.order.placeGroup({ accountId, clientOrderId, type, legs });
      return { type, ...(await refusingOrder(accountId, placed)) };
    },
  }),
  replaceOrder: t.field({
    type: Order,
    nullable: true,
    description:
      'Puts another order in the place of one, linked both ways; it waits as `PENDING_NEW` until the engine has decided. A better price or a larger size goes to the end of the queue, a smaller size keeps its place.',
    errors: refusals(...placingRefusals, TooLate),
    authScopes: { may: 'order:place' },
    args: { input: t.arg({ type: ReplaceOrderInput, required: true, description: 'How.' }) },
    resolve: async (_, { input }, context) => {
      const orderId = orderIdFrom('orderId', input.orderId);
      const clientOrderId = clientOrderIdFrom(input.clientOrderId);
      const request = { accountId: '', orderId, clientOrderId, ...readingOrder('', () => changeFrom(input)) };
      const { order } = await refusingChange(context, orderId, context.clients.order.replaceOrder(request));
      assert(order, 'ReplaceOrder answered without an order');
      return order;
    },
  }),
  cancelOrder: t.field({
    type: Order,
    nullable: true,
    description:
      'Asks the engine to cancel what is left of an order: it is `PENDING_CANCEL` until the engine has decided. Asked again, the answer is the same. Operators may cancel anybody’s.',
    errors: refusals(NotFound, NotPossible, RateLimited, TooLate),
    authScopes: { may: 'order:cancel' },
    args: { orderId: t.arg.id({ required: true, description: 'Which.' }) },
    resolve: async (_, { orderId: given }, { clients }) => {
      const orderId = orderIdFrom('orderId', given);
      const cancelled = clients.order.cancelOrder({ accountId: '', orderId });
      const { order } = await refusingOrder('', cancelled);
      assert(order, 'CancelOrder answered without an order');
      return order;
    },
  }),
}));

/** Zero on the wire leaves a number as it is; who writes one wants something else. */
export function changeFrom(input: typeof ReplaceOrderInput.$inferInput) {
  const { quantity, limitPrice, stopPrice, trailAmount, trailPercent } = input;
  refuseZero('quantity', quantity, 'quantity_invalid');
  refuseZero('limitPrice', limitPrice, 'price_invalid');
  refuseZero('stopPrice', stopPrice, 'price_invalid');
  refuseZero('trailAmount', trailAmount, 'trail_invalid');
  refuseZero('trailPercent', trailPercent, 'trail_invalid');
  return {
    qty: quantity ?? 0n,
    limitPx: limitPrice ?? 0n,
    stopPx: stopPrice ?? 0n,
    trailAmount: trailAmount ?? 0n,
    trailPercent: ratioFrom('trailPercent', trailPercent ?? 0n),
  };
}

/** Only for a refusal is it asked whose account it is. */
export async function refusingChange<T>(context: GatewayContext, orderId: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch {
    return refusingOrder(await accountOf(context, orderId), work);
  }
}

/** Empty to whoever may change orders and not read them: they are told why all the same. */
async function accountOf(context: GatewayContext, orderId: string): Promise<string> {
  const looked = Order.getDataloader(context)
    .load(orderId)
    .catch((error: unknown) => {
      if (isAppError(error, 'permission_denied')) return undefined;
      if (!isAppError(error, 'not_found')) throw error;
      throw new AppError('not_found', error.message, { reason: error.reason, field: 'order_id', cause: error });
    });
  return (await refusingOrder('', looked))?.accountId ?? '';
}
