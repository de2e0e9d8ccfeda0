import { invalid } from '@andvari/kit/base/errors';
import { authorizeAny } from '@andvari/kit/handler/authorize';
import { requireAtMost, requireUuid, requireUuids } from '@andvari/kit/handler/inputs';
import { type Page, pageFrom, pageOf } from '@andvari/kit/handler/page';
import type { Handlers } from '@andvari/kit/rpc/server';
import { type OrderServiceService, OrderState } from '@andvari/proto/order/v1/order';
import type { App } from '../app/app.ts';
import { orderTypeFrom, sideFrom, statusFrom, statusTo } from '../messages/codes.ts';
import { eventTo, executionTo, orderTo } from '../messages/order.ts';
import { explanationTo, storyTo } from './answers.ts';
import { clientOrderIdFrom, reach, timeFrom } from './callers.ts';

type Reading = Pick<
  Handlers<typeof OrderServiceService>,
  | 'getOrder'
  | 'batchGetOrders'
  | 'listOrders'
  | 'listOrderEvents'
  | 'batchListOrderEvents'
  | 'listExecutions'
  | 'batchListExecutions'
  | 'getBlotterSummary'
  | 'explainOrder'
  | 'getOrderStory'
>;

const MAX_BATCH = 100;
const MAX_OF_EACH = 50;
const MAX_STATUSES = 20;
const READ = 'order:read';

export function readingHandlers({ reading, explaining, operators }: App): Reading {
  return {
    async getOrder({ accountId, key }, { caller }) {
      const reader = reach(caller, READ);
      if (key === undefined) throw invalid('key', 'should be an order id or a client order id');
      if (key.$case === 'clientOrderId') {
        requireUuid('account_id', accountId);
        const clientOrderId = clientOrderIdFrom(key.value);
        return { order: orderTo(await reading.getByClientId(accountId, clientOrderId, reader)) };
      }
      requireUuid('order_id', key.value);
      return { order: orderTo(await reading.get(key.value, reader)) };
    },

    async batchGetOrders({ orderIds, groupIds }, { caller }) {
      const reader = reach(caller, READ);
      requireIds('order_ids', orderIds);
      requireIds('group_ids', groupIds);
      return { orders: (await reading.find(orderIds, groupIds, reader)).map(orderTo) };
    },

    async listOrders(request, { caller }) {
      const { accountId, symbol, side, type, statuses, state } = request;
      const userId = reach(caller, READ);
      requireUuid('account_id', accountId);
      requireAtMost('statuses', statuses, MAX_STATUSES);
      const page = pageFrom(request.page, 2);
      const cursor = cursorOf(page);
      const found = await reading.list({
        accountId,
        userId,
        state: stateFrom(state),
        symbol,
        side: sideFrom(side),
        type: orderTypeFrom(type),
        statuses: statuses.flatMap((code) => statusFrom(code) ?? []),
        fromUs: timeFrom('from_us', request.fromUs),
        toUs: timeFrom('to_us', request.toUs),
        after: cursor && { placedAtUs: cursor.number, id: cursor.id },
        limit: page.first + 1,
      });
      const { rows, pageInfo } = pageOf(found, page, ({ placedAtUs, id }) => [placedAtUs.toString(), id]);
      return { orders: rows.map(orderTo), pageInfo };
    },

    async listOrderEvents({ orderId, page: request }, { caller }) {
      const reader = reach(caller, READ);
      requireUuid('order_id', orderId);
      const page = pageFrom(request, 1);
      const found = await reading.history(orderId, reader, positionOf(page), page.first + 1);
      const { rows, pageInfo } = pageOf(found, page, ({ id }) => [id.toString()]);
      return { events: rows.map(eventTo), pageInfo };
    },

    async batchListOrderEvents({ orderIds, first }, { caller }) {
      const reader = reach(caller, READ);
      requireIds('order_ids', orderIds);
      return { events: (await reading.histories(orderIds, reader, countFrom(first))).map(eventTo) };
    },

    async listExecutions(request, { caller }) {
      const { accountId, orderId, symbol } = request;
      const userId = reach(caller, READ);
      requireUuid('account_id', accountId);
      if (orderId !== '') requireUuid('order_id', orderId);
      const page = pageFrom(request.page, 1);
      const found = await reading.executions({
        accountId,
        userId,
        orderId: orderId === '' ? undefined : orderId,
        symbol,
        fromUs: timeFrom('from_us', request.fromUs),
        toUs: timeFrom('to_us', request.toUs),
        beforeId: positionOf(page),
        limit: page.first + 1,
      });
      const { rows, pageInfo } = pageOf(found, page, ({ id }) => [id.toString()]);
      return { executions: rows.map(executionTo), pageInfo };
    },

    async batchListExecutions({ orderIds, first }, { caller }) {
      const reader = reach(caller, READ);
      requireIds('order_ids', orderIds);
      return { executions: (await reading.executionsOf(orderIds, reader, countFrom(first))).map(executionTo) };
    },

    async getBlotterSummary({ accountId, fromUs }, { caller }) {
      const reader = reach(caller, READ);
      requireUuid('account_id', accountId);
      const { counts, ...sums } = await reading.summary(accountId, reader, timeFrom('from_us', fromUs));
      return { counts: counts.map(({ status, orders }) => ({ status: statusTo[status], orders })), ...sums };
    },

    async explainOrder({ orderId }, { caller }) {
      const reader = reach(caller, READ);
      requireUuid('order_id', orderId);
      const order = await reading.get(orderId, reader);
      return explanationTo(order, await explaining.explain(order));
    },

    async getOrderStory({ orderId }, { caller }) {
      authorizeAny(caller, READ);
      requireUuid('order_id', orderId);
      return storyTo(await operators.story(orderId));
    },
  };
}

function stateFrom(state: OrderState): 'open' | 'closed' | 'all' {
  if (state === OrderState.ORDER_STATE_OPEN) return 'open';
  return state === OrderState.ORDER_STATE_CLOSED ? 'closed' : 'all';
}

function requireIds(field: string, ids: readonly string[]): void {
  requireAtMost(field, ids, MAX_BATCH);
  requireUuids(field, ids);
}

function countFrom(first: number): number {
  if (first < 0 || first > MAX_OF_EACH) throw invalid('first', `should be from 1 to ${MAX_OF_EACH}`);
  return first === 0 ? MAX_OF_EACH : first;
}

/** Cursors come back from clients, who may have changed them. */
function cursorOf({ after }: Page): { number: bigint; id: string } | undefined {
  if (after === undefined) return undefined;
  const id = String(after[1]);
  requireUuid('page.after', id);
  return { number: numberFrom(after[0]), id };
}

function positionOf({ after }: Page): bigint | undefined {
  return after === undefined ? undefined : numberFrom(after[0]);
}

function numberFrom(part: string | number | undefined): bigint {
  const text = String(part);
  if (!/^\d{1,18}$/.test(text)) throw invalid('page.after', 'is not a cursor of this list');
  return BigInt(text);
}
