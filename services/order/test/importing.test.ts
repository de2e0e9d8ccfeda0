import { randomUUID } from 'node:crypto';
import { Side } from '@andvari/proto/engine/v1/commands';
import { OrderStatus } from '@andvari/proto/engine/v1/reports';
import { type EndedOrder, OrderServiceService } from '@andvari/proto/order/v1/order';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type OrderTest, orderTest } from './order-fixture.ts';

/** Orders of a past that nobody saw: as if the engine had told of them. */
let order: OrderTest;
beforeAll(async () => {
  order = await orderTest();
});
afterAll(() => order.service.close());

const MICRO = 1_000_000n;
const toolOf = (world: OrderTest) => world.service.client(OrderServiceService, { service: 'operator-tool' });

let count = 0;
function ended(of: { accountId: string; userId: string }, more: Partial<EndedOrder> = {}): EndedOrder {
  count += 1;
  return {
    accountId: of.accountId,
    userId: of.userId,
    clientOrderId: `past-${count}`,
    symbol: 'AAPL',
    side: Side.SIDE_BUY,
    qty: 3n * MICRO,
    limitPx: 101n * MICRO,
    held: 303n * MICRO,
    heldAsset: 'USD',
    fillPx: 100n * MICRO,
    execId: `import-${count}`,
    placedAtUs: 1_700_000_000_000_000n,
    endedAtUs: 1_700_000_001_000_000n,
    expired: false,
    ...more,
  };
}

test('an order that traded: filled, with the history of it, under the id that its client’s name for it has', async () => {
  const trader = order.trader();
  const past = ended(trader);
  const { orderIds, imported } = await toolOf(order).importOrders({ orders: [past] });
  expect(imported).toBe(1);
  const byName = { accountId: trader.accountId, key: { $case: 'clientOrderId', value: past.clientOrderId } } as const;
  const { order: found } = await trader.client.getOrder(byName);
  expect(found).toMatchObject({
    id: orderIds[0],
    status: OrderStatus.ORDER_STATUS_FILLED,
    cumQty: 3n * MICRO,
    leavesQty: 0n,
    avgPx: 100n * MICRO,
    submittedAtUs: past.placedAtUs,
    finishedAtUs: past.endedAtUs,
  });
  const { events } = await trader.client.listOrderEvents({ ...trader, orderId: orderIds[0] ?? '', page: undefined });
  expect(events.map(({ kind }) => kind)).toEqual(['placed', 'new', 'fill']);
  const rows = await order.db<{ exec_id: string; last_qty: bigint }[]>`
    select exec_id, last_qty from order_events where order_id = ${orderIds[0] ?? ''} and kind = 'fill'`;
  expect(rows).toEqual([{ exec_id: past.execId, last_qty: 3n * MICRO }]);
});

test('an order that was given up has ended without a fill', async () => {
  const trader = order.trader();
  const { orderIds } = await toolOf(order).importOrders({ orders: [ended(trader, { fillPx: 0n })] });
  expect(await trader.get(orderIds[0] ?? '')).toMatchObject({
    status: OrderStatus.ORDER_STATUS_CANCELED,
    cumQty: 0n,
    leavesQty: 0n,
  });
});

test('an order whose day ended has expired, and says why', async () => {
  const trader = order.trader();
  const { orderIds } = await toolOf(order).importOrders({ orders: [ended(trader, { fillPx: 0n, expired: true })] });
  expect(await trader.get(orderIds[0] ?? '')).toMatchObject({
    status: OrderStatus.ORDER_STATUS_EXPIRED,
    reason: 'day_end',
    cumQty: 0n,
    leavesQty: 0n,
  });
});

test('what is there is left as it is, one of this very moment too, and the engine is told of nothing', async () => {
  const trader = order.trader();
  const placed = await trader.place({}, 'taken');
  const before = (await order.commands()).length;
  const [first, second] = [ended(trader, { clientOrderId: 'taken' }), ended(trader)];
  const { orderIds, imported } = await toolOf(order).importOrders({ orders: [first, second] });
  expect({ imported, id: orderIds[0] }).toEqual({ imported: 1, id: placed.id });
  expect(await toolOf(order).importOrders({ orders: [second] })).toEqual({ imported: 0, orderIds: [orderIds[1]] });
  expect((await trader.get(placed.id)).cumQty).toBe(0n);
  const events = await order.db`select from order_events where order_id = ${orderIds[1] ?? ''}`;
  expect(events).toHaveLength(2);
  expect((await order.commands()).length).toBeLessThanOrEqual(before + 1);
});

test.each<[what: string, wrong: Partial<EndedOrder>]>([
  ['nothing', { qty: 0n }],
  ['no side', { side: Side.SIDE_UNSPECIFIED }],
  ['a price below zero', { fillPx: -1n }],
  ['an end before its beginning', { endedAtUs: 1n }],
  ['a fill and an end without one', { expired: true }],
  ['an account that is none', { accountId: 'mine' }],
])('an order of %s is refused with all beside it', async (_, wrong) => {
  const trader = order.trader();
  const orders = [ended(trader), ended(trader, wrong)];
  await expect(toolOf(order).importOrders({ orders })).rejects.toMatchObject({ code: 'invalid_argument' });
  expect(await order.db`select from orders where account_id = ${trader.accountId}`).toHaveLength(0);
});

test.each(['gateway', 'portfolio', 'test'])('%s imports nothing', async (service) => {
  const client = order.service.client(OrderServiceService, { service });
  const orders = [ended({ accountId: randomUUID(), userId: randomUUID() })];
  await expect(client.importOrders({ orders })).rejects.toMatchObject({ code: 'permission_denied' });
});

test('in production nothing is imported', async () => {
  const production = await orderTest({ env: { ENVIRONMENT: 'production' } });
  try {
    await expect(toolOf(production).importOrders({ orders: [ended(production.trader())] })).rejects.toMatchObject({
      code: 'permission_denied',
      reason: 'development_only',
    });
  } finally {
    await production.service.close();
  }
});
