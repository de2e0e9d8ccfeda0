import { eventually } from '@andvari/kit/testing/eventually';
import { GroupType } from '@andvari/proto/engine/v1/commands';
import { OrderStatus } from '@andvari/proto/engine/v1/reports';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { orderIdOf } from '../src/app/order-id.ts';
import { bracketLegs, micro, type OrderTest, orderTest } from './order-fixture.ts';

let orders: OrderTest;
let isQuiet = false;
beforeAll(async () => {
  orders = await orderTest({ isQuiet: async () => isQuiet });
  await eventually(() => orders.trader().place());
});
afterAll(() => orders.service.close());

describe('what the engine never answered', () => {
  test('an order is sent again under its id once the engine has read everything, and not before', async () => {
    const trader = orders.trader();
    const order = await trader.place();
    await eventually(async () => expect(await orders.sentFor(order.id, 'placeOrder')).toHaveLength(1));
    isQuiet = true;
    await eventually(async () => expect((await orders.sentFor(order.id, 'placeOrder')).length).toBeGreaterThan(1));
    const [first, second] = await orders.sentFor(order.id, 'placeOrder');
    expect(second).toEqual(first);
    await orders.report({ orderId: order.id, accountId: trader.accountId });
    await eventually(async () => expect((await trader.get(order.id)).status).toBe(OrderStatus.ORDER_STATUS_NEW));
    // A second one is awaited as well. When it is sent again, a round that began before the report has ended; when it is sent
    // once more, the first was passed over.
    const later = await trader.place();
    await eventually(async () => expect((await orders.sentFor(later.id, 'placeOrder')).length).toBeGreaterThan(1));
    const before = (await orders.sentFor(order.id, 'placeOrder')).length;
    await eventually(async () => expect((await orders.sentFor(later.id, 'placeOrder')).length).toBeGreaterThan(2));
    expect(await orders.sentFor(order.id, 'placeOrder')).toHaveLength(before);
  });

  test('a cancel and a replacement are sent again too', async () => {
    const trader = orders.trader();
    const [one, two] = [await trader.place(), await trader.place()];
    for (const { id } of [one, two]) await orders.report({ orderId: id, accountId: trader.accountId });
    await eventually(async () => {
      for (const { id } of [one, two]) expect((await trader.get(id)).status).toBe(OrderStatus.ORDER_STATUS_NEW);
    });
    isQuiet = true;
    const { accountId } = trader;
    await trader.client.cancelOrder({ accountId, orderId: one.id });
    const { order: next } = await trader.client.replaceOrder({
      accountId,
      orderId: two.id,
      clientOrderId: 'next',
      qty: micro(12),
      limitPx: 0n,
      stopPx: 0n,
      trailAmount: 0n,
      trailPercent: 0n,
    });
    await eventually(async () => {
      expect((await orders.sentFor(one.id, 'cancelOrder')).length).toBeGreaterThan(1);
      expect((await orders.sentFor(next?.id ?? '', 'replaceOrder')).length).toBeGreaterThan(1);
    });
    isQuiet = false;
  });

  test('an operator’s cancel that is sent again is still an operator’s', async () => {
    const trader = orders.trader();
    const { id } = await trader.place();
    await orders.report({ orderId: id, accountId: trader.accountId });
    await eventually(async () => expect((await trader.get(id)).status).toBe(OrderStatus.ORDER_STATUS_NEW));
    await orders.operator().cancelOrder({ accountId: '', orderId: id });
    isQuiet = true;
    await eventually(async () => expect((await orders.sentFor(id, 'cancelOrder')).length).toBeGreaterThan(1));
    isQuiet = false;
    for (const body of await orders.sentFor(id, 'cancelOrder')) expect(body?.value).toMatchObject({ byOperator: true });
  });

  test('a group is sent again whole, in one command', async () => {
    const { accountId, client } = orders.trader();
    const type = GroupType.GROUP_TYPE_BRACKET;
    const { groupId, orders: legs } = await client.placeGroup({
      accountId,
      clientOrderId: 'g',
      type,
      legs: bracketLegs(),
    });
    isQuiet = true;
    await eventually(async () => {
      const sent = (await orders.commands()).flatMap((body) =>
        body?.$case === 'placeGroup' && body.value.groupId === groupId ? [body.value.legs] : [],
      );
      expect(sent.length).toBeGreaterThan(1);
      for (const again of sent) expect(again.map(({ orderId }) => orderId)).toEqual(legs.map(({ id }) => id));
    });
    isQuiet = false;
  });
});

describe('a reservation without an order', () => {
  test('its id is fenced, and a late try of the order finds it taken', async () => {
    const trader = orders.trader();
    const id = orderIdOf(trader.accountId, 'late');
    expect(await orders.neighbour().fenceOrder({ orderId: id })).toEqual({ exists: false });
    expect(await orders.neighbour().fenceOrder({ orderId: id })).toEqual({ exists: false });
    await expect(trader.place({}, 'late')).rejects.toMatchObject({ code: 'already_exists', reason: 'order_fenced' });
    await expect(trader.get(id)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('an order that is there keeps it', async () => {
    const order = await orders.trader().place();
    expect(await orders.neighbour().fenceOrder({ orderId: order.id })).toEqual({ exists: true });
    expect((await orders.db`select status from orders where id = ${order.id}`)[0]).toEqual({ status: 'pending_new' });
  });

  test('of a fence and an order at the same moment exactly one wins', async () => {
    for (let round = 0; round < 20; round += 1) {
      const trader = orders.trader();
      const id = orderIdOf(trader.accountId, 'race');
      const [{ exists }, placed] = await Promise.all([
        orders.neighbour().fenceOrder({ orderId: id }),
        trader.place({}, 'race').then(
          () => true,
          () => false,
        ),
      ]);
      expect(placed).toBe(exists);
    }
  });

  test('nobody but a service may fence', async () => {
    const trader = orders.trader();
    const fence = trader.client.fenceOrder({ orderId: uuidv7() });
    await expect(fence).rejects.toMatchObject({ code: 'permission_denied' });
    await expect(orders.operator().fenceOrder({ orderId: uuidv7() })).rejects.toMatchObject({
      code: 'permission_denied',
    });
  });
});
