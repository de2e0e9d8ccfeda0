import { eventually } from '@andvari/kit/testing/eventually';
import { GroupType } from '@andvari/proto/engine/v1/commands';
import { ExecType, OrderStatus } from '@andvari/proto/engine/v1/reports';
import type { OrderSpec } from '@andvari/proto/order/v1/order';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { refuse } from '../src/domain/refusal.ts';
import { bracketLegs, limitBuy, micro, type OrderTest, orderTest } from './order-fixture.ts';

let orders: OrderTest;
beforeAll(async () => {
  orders = await orderTest({ env: { RESUBMIT_AFTER_MS: '3600000' } });
});
afterAll(() => orders.service.close());
beforeEach(() => orders.ledger.held.clear());

const type = GroupType.GROUP_TYPE_BRACKET;
const unchanged = { qty: 0n, limitPx: 0n, stopPx: 0n, trailAmount: 0n, trailPercent: 0n };

test('a group is reserved for whole, kept whole, told to the engine once, and the same when it is asked for again', async () => {
  const { accountId, client } = orders.trader();
  const request = { accountId, clientOrderId: 'mine', type, legs: bracketLegs() };
  const [placed, again] = [await client.placeGroup(request), await client.placeGroup(request)];
  expect(again).toEqual(placed);
  const ids = placed.orders.map(({ id }) => id);
  expect(placed.orders.map(({ groupLeg, groupId }) => [groupLeg, groupId])).toEqual(
    [0, 1, 2].map((leg) => [leg, placed.groupId]),
  );
  expect([...orders.ledger.held.keys()]).toEqual(ids);
  await eventually(async () => {
    const told = (await orders.commands()).flatMap((body) =>
      body?.$case === 'placeGroup' && body.value.groupId === placed.groupId ? [body.value] : [],
    );
    expect(told.map(({ legs }) => legs.map(({ orderId }) => orderId))).toEqual([ids]);
  });
});

test('the same id for other orders is refused, and a group is not the order of its own name', async () => {
  const { accountId, client } = orders.trader();
  const request = { accountId, clientOrderId: 'mine', type, legs: bracketLegs() };
  const placed = await client.placeGroup(request);
  const reason = 'duplicate_client_order_id';
  const [entry, ...exits] = bracketLegs();
  const other = { ...request, legs: [{ ...entry, limitPx: micro(98) } as ReturnType<typeof limitBuy>, ...exits] };
  await expect(client.placeGroup(other)).rejects.toMatchObject({ reason, entity: placed.orders[0]?.id });
  const { order } = await client.placeOrder({ accountId, clientOrderId: 'mine', order: limitBuy() });
  expect(order?.groupId).toBe('');
});

test('nor is a group one of another type, its leg an order that stands alone, or an order of a leg’s name that leg', async () => {
  const { accountId, client } = orders.trader();
  const placed = await client.placeGroup({ accountId, clientOrderId: 'mine', type, legs: bracketLegs() });
  const reason = 'duplicate_client_order_id';
  const oto = {
    accountId,
    clientOrderId: 'mine',
    type: GroupType.GROUP_TYPE_OTO,
    legs: bracketLegs().slice(0, 2),
  };
  await expect(client.placeGroup(oto)).rejects.toMatchObject({ reason, entity: placed.orders[0]?.id });
  const alone = { accountId, clientOrderId: 'mine.0', order: limitBuy() };
  await expect(client.placeOrder(alone)).rejects.toMatchObject({ reason, entity: placed.orders[0]?.id });
  await expect(client.previewOrder(alone)).rejects.toMatchObject({ reason, entity: placed.orders[0]?.id });
  const { order } = await client.placeOrder({ accountId, clientOrderId: 'next.2', order: limitBuy() });
  const next = { accountId, clientOrderId: 'next', type, legs: bracketLegs() };
  await expect(client.placeGroup(next)).rejects.toMatchObject({ reason, entity: order?.id });
});

test('refused by the ledger, nothing of it is there', async () => {
  const { accountId, client } = orders.trader();
  orders.ledger.refuse = () => refuse('insufficient_shares', 'qty', { required: 2n, available: 1n, short_by: 1n });
  try {
    const request = { accountId, clientOrderId: 'mine', type, legs: bracketLegs() };
    await expect(client.placeGroup(request)).rejects.toMatchObject({ reason: 'insufficient_shares' });
  } finally {
    orders.ledger.refuse = undefined;
  }
  expect(await orders.db`select id from orders where account_id = ${accountId}`).toHaveLength(0);
});

test('with its first order fenced no order of it can ever appear', async () => {
  const { accountId, client } = orders.trader();
  orders.ledger.after = async ({ orderId }) => {
    orders.ledger.after = () => Promise.resolve();
    expect(await orders.neighbour().fenceOrder({ orderId })).toEqual({ exists: false });
  };
  const request = { accountId, clientOrderId: 'mine', type, legs: bracketLegs() };
  await expect(client.placeGroup(request)).rejects.toMatchObject({ reason: 'order_fenced' });
  expect(await orders.db`select id from orders where account_id = ${accountId}`).toHaveLength(0);
});

test('its first order says of all of it that it is there', async () => {
  const { accountId, client } = orders.trader();
  const placed = await client.placeGroup({ accountId, clientOrderId: 'mine', type, legs: bracketLegs() });
  const orderId = placed.orders[0]?.id ?? '';
  expect(await orders.neighbour().fenceOrder({ orderId })).toEqual({ exists: true });
});

test('a held exit is replaced at another price, as the same leg; its size is its group’s', async () => {
  const trader = orders.trader();
  const { accountId, client } = trader;
  const placed = await client.placeGroup({ accountId, clientOrderId: 'mine', type, legs: bracketLegs() });
  const orderId = placed.orders[1]?.id ?? '';
  const ordStatus = OrderStatus.ORDER_STATUS_HELD;
  await orders.report({ orderId, accountId, ordStatus, execType: ExecType.EXEC_TYPE_NEW });
  await eventually(async () => expect((await trader.get(orderId)).status).toBe(ordStatus));
  const change = { accountId, orderId, clientOrderId: 'dearer', ...unchanged };
  await expect(client.replaceOrder({ ...change, qty: micro(4), limitPx: micro(111) })).rejects.toMatchObject({
    reason: 'group_quantity_fixed',
    numbers: { quantity: micro(10) },
  });
  const { order } = await client.replaceOrder({ ...change, limitPx: micro(111) });
  expect(order).toMatchObject({ groupId: placed.groupId, groupLeg: 1, replaces: orderId });
  expect(orders.ledger.held.get(order?.id ?? '')).toMatchObject({ replaces: orderId, qty: micro(10) });
});

test('an exit is placed, previewed and replaced on its own side of the other, and refused with both prices elsewhere', async () => {
  const trader = orders.trader();
  const { accountId, client } = trader;
  const [entry, profit, stop] = bracketLegs() as [OrderSpec, OrderSpec, OrderSpec];
  const crossed = {
    accountId,
    clientOrderId: 'crossed',
    type,
    legs: [entry, profit, { ...stop, stopPx: micro(100.5) }],
  };
  await expect(client.placeGroup(crossed)).rejects.toMatchObject({
    code: 'invalid_argument',
    reason: 'exit_on_wrong_side',
    field: 'legs[2].stop_px',
    numbers: { stop: micro(100.5), entry: micro(99) },
    message: expect.stringContaining('the stop at 100.5 lies on the wrong side of the entry at 99'),
  });
  expect(orders.ledger.held.size).toBe(0);

  const placed = await client.placeGroup({ accountId, clientOrderId: 'mine', type, legs: bracketLegs() });
  const orderId = placed.orders[1]?.id ?? '';
  await orders.report({ orderId, accountId, ordStatus: OrderStatus.ORDER_STATUS_HELD });
  await eventually(async () => expect((await trader.get(orderId)).status).toBe(OrderStatus.ORDER_STATUS_HELD));
  const change = { accountId, orderId, clientOrderId: 'cheaper', ...unchanged, limitPx: micro(90) };
  const refusal = {
    reason: 'exit_on_wrong_side',
    field: 'limit_px',
    numbers: { profit: micro(90), entry: micro(99) },
  };
  await expect(client.replaceOrder(change)).rejects.toMatchObject(refusal);
  const { refusals } = await client.previewReplacement(change);
  expect(refusals).toMatchObject([{ detail: refusal, message: expect.stringContaining('the profit at 90') }]);
});

test('a leg that its sibling has shrunk is replaced by one of what is left', async () => {
  const trader = orders.trader();
  const { accountId, client } = trader;
  const placed = await client.placeGroup({ accountId, clientOrderId: 'mine', type, legs: bracketLegs() });
  const orderId = placed.orders[1]?.id ?? '';
  await orders.report({ orderId, accountId, ordStatus: OrderStatus.ORDER_STATUS_HELD });
  const restated = { execType: ExecType.EXEC_TYPE_RESTATED, qty: micro(6), leavesQty: micro(6) };
  await orders.report({ orderId, accountId, ...restated });
  await eventually(async () => expect((await trader.get(orderId)).leavesQty).toBe(micro(6)));
  const { order } = await client.replaceOrder({
    accountId,
    orderId,
    clientOrderId: 'dearer',
    ...unchanged,
    limitPx: micro(111),
  });
  expect(order?.spec?.qty).toBe(micro(6));
});
