import { invalid } from '@andvari/kit/base/errors';
import { authorizeAny } from '@andvari/kit/handler/authorize';
import { reasonFrom, requireAtMost, requireText, requireUuid } from '@andvari/kit/handler/inputs';
import type { Handlers } from '@andvari/kit/rpc/server';
import type { ClosePositionRequest, OrderServiceService } from '@andvari/proto/order/v1/order';
import type { App } from '../app/app.ts';
import type { Part } from '../app/positions.ts';
import { groupTypeFrom } from '../messages/codes.ts';
import { orderTo, specFrom } from '../messages/order.ts';
import { closedTo, itemTo, previewTo, replacementPreviewTo } from './answers.ts';
import { actorOf, clientOrderIdFrom, placerOf, reach, userPlacing } from './callers.ts';

type Trading = Pick<
  Handlers<typeof OrderServiceService>,
  | 'placeOrder'
  | 'placeGroup'
  | 'replaceOrder'
  | 'cancelOrder'
  | 'cancelAllOrders'
  | 'previewOrder'
  | 'previewReplacement'
  | 'closePosition'
  | 'closeAllPositions'
  | 'liquidateAccount'
  | 'fenceOrder'
>;

const MAX_LEGS = 3;
const MAX_SYMBOL = 32;
/** An order's own client id is made of these, with a symbol or a leg behind. */
const MAX_PREFIX = 40;

/** Whatever changes orders. */
export function tradingHandlers({ placing, changing, previewing, positions, operators, fencing }: App): Trading {
  return {
    async placeOrder({ accountId, clientOrderId, order }, { caller }) {
      const placer = placerOf(caller, accountId);
      const request = { ...placer, clientOrderId: clientOrderIdFrom(clientOrderId), spec: specFrom('order', order) };
      return { order: orderTo(await placing.place(request)) };
    },

    async placeGroup({ accountId, clientOrderId, type, legs }, { caller }) {
      const placer = placerOf(caller, accountId);
      requireAtMost('legs', legs, MAX_LEGS);
      const kind = groupTypeFrom(type);
      if (kind === undefined) throw invalid('type', 'should be bracket, oco or oto', 'type_missing');
      const { groupId, orders } = await placing.placeGroup({
        ...placer,
        clientOrderId: clientOrderIdFrom(clientOrderId, 'client_order_id', MAX_PREFIX),
        type: kind,
        legs: legs.map((leg, index) => specFrom(`legs[${index}]`, leg)),
      });
      return { groupId, orders: orders.map(orderTo) };
    },

    async replaceOrder(request, { caller }) {
      const { accountId, orderId, clientOrderId, qty, limitPx, stopPx, trailAmount, trailPercent } = request;
      const user = userPlacing(caller);
      if (accountId !== '') requireUuid('account_id', accountId);
      requireUuid('order_id', orderId);
      for (const [field, value] of Object.entries({ qty, limit_px: limitPx, stop_px: stopPx })) {
        if (value < 0n) throw invalid(field, 'should not be negative');
      }
      const order = await changing.replace({
        orderId,
        accountId: accountId === '' ? undefined : accountId,
        ...user,
        clientOrderId: clientOrderIdFrom(clientOrderId),
        change: { qty, limitPx, stopPx, trailAmount, trailPercent },
        actor: actorOf(caller),
      });
      return { order: orderTo(order) };
    },

    async cancelOrder({ accountId, orderId }, { caller }) {
      const userId = reach(caller, 'order:cancel');
      requireUuid('order_id', orderId);
      if (accountId !== '') requireUuid('account_id', accountId);
      if (userId === undefined && caller.userId !== '') {
        return { order: orderTo(await operators.cancel(orderId, caller.userId)) };
      }
      const asked = { orderId, userId, accountId: accountId === '' ? undefined : accountId, actor: actorOf(caller) };
      return { order: orderTo(await changing.cancel(asked)) };
    },

    async cancelAllOrders({ accountId, symbol }, { caller }) {
      const userId = reach(caller, 'order:cancel');
      requireUuid('account_id', accountId);
      const asked = { accountId, userId, symbol: symbol.slice(0, MAX_SYMBOL + 1), actor: actorOf(caller) };
      const { items, hasMore } = await changing.cancelOpen(asked);
      return { requested: items.length, results: items.map(itemTo), hasMore };
    },

    async previewOrder({ accountId, clientOrderId: given, order }, { caller }) {
      const clientOrderId = given === '' ? undefined : clientOrderIdFrom(given);
      const asked = { ...placerOf(caller, accountId), clientOrderId, spec: specFrom('order', order) };
      return previewTo(await previewing.preview(asked));
    },

    async previewReplacement({ accountId, orderId, clientOrderId: given, ...change }, { caller }) {
      const user = userPlacing(caller);
      if (accountId !== '') requireUuid('account_id', accountId);
      requireUuid('order_id', orderId);
      for (const [field, value] of Object.entries({
        qty: change.qty,
        limit_px: change.limitPx,
        stop_px: change.stopPx,
      }))
        if (value < 0n) throw invalid(field, 'should not be negative');
      const clientOrderId = given === '' ? undefined : clientOrderIdFrom(given);
      const asked = { orderId, accountId: accountId === '' ? undefined : accountId, ...user, clientOrderId, change };
      return replacementPreviewTo(await previewing.replacement(asked));
    },

    async closePosition(request, { caller }) {
      const placer = placerOf(caller, request.accountId);
      requireText('symbol', request.symbol, { min: 1, max: MAX_SYMBOL });
      const clientOrderId = clientOrderIdFrom(request.clientOrderId);
      return { order: orderTo(await positions.close(placer, request.symbol, clientOrderId, partFrom(request))) };
    },

    async closeAllPositions({ accountId, clientOrderId, cancelOrders }, { caller }) {
      const placer = placerOf(caller, accountId);
      if (cancelOrders) reach(caller, 'order:cancel');
      const prefix = clientOrderIdFrom(clientOrderId, 'client_order_id', MAX_PREFIX);
      const actor = cancelOrders ? actorOf(caller) : undefined;
      const { closed, cancelled, hasMore } = await positions.closeAll(placer, prefix, actor);
      return { results: closed.map(closedTo), cancelled: cancelled.map(itemTo), hasMore };
    },

    async liquidateAccount({ accountId, reason, idempotencyKey }, { caller }) {
      authorizeAny(caller, 'order:cancel');
      authorizeAny(caller, 'order:place');
      requireUuid('account_id', accountId);
      const why = reasonFrom('reason', reason);
      const key = clientOrderIdFrom(idempotencyKey, 'idempotency_key', MAX_PREFIX);
      const operatorId = caller.userId === '' ? caller.service : caller.userId;
      const { closed, cancelled, hasMore } = await operators.liquidate(accountId, operatorId, why, key);
      return { closed: closed.map(closedTo), cancelled: cancelled.map(itemTo), hasMore };
    },

    async fenceOrder({ orderId }, { caller }) {
      // For services alone: a fenced id is lost to its user.
      authorizeAny(caller, 'order:fence');
      requireUuid('order_id', orderId);
      return fencing.fence(orderId);
    },
  };
}

function partFrom({ part }: ClosePositionRequest): Part {
  if (part === undefined) return 'all';
  const { value } = part;
  if (part.$case === 'qty') {
    if (value <= 0n) throw invalid('qty', 'should be above zero', 'quantity_invalid');
    return { qty: value };
  }
  if (value <= 0n || value > ONE) throw invalid('percent', 'should be above 0 and at most 100', 'quantity_invalid');
  return value === ONE ? 'all' : { ppm: value };
}

const ONE = 1_000_000n;
