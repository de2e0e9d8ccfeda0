import { eventually } from '@andvari/kit/testing/eventually';
import { Side } from '@andvari/proto/engine/v1/commands';
import { OrderStatus } from '@andvari/proto/engine/v1/reports';
import { OrderState } from '@andvari/proto/order/v1/order';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { about, canceled, filled, listing, micro, type OrderTest, orderTest } from './order-fixture.ts';

let orders: OrderTest;
beforeAll(async () => {
  orders = await orderTest();
  await eventually(() => orders.trader().place());
});
afterAll(() => orders.service.close());

describe('reading', () => {
  test('orders are listed the newest first, by state and side, page by page', async () => {
    const trader = orders.trader();
    const placed = [];
    for (let n = 0; n < 5; n += 1) placed.push(await trader.place());
    const ids = placed.map(({ id }) => id).toReversed();
    await orders.report({ ...about(placed[0]!), ...canceled });
    await eventually(async () => expect(await list(OrderState.ORDER_STATE_CLOSED)).toEqual([ids[4]]));
    expect(await list(OrderState.ORDER_STATE_OPEN)).toEqual(ids.slice(0, 4));
    expect(await list(OrderState.ORDER_STATE_ALL)).toEqual(ids);
    const first = await trader.client.listOrders({ ...listing(trader.accountId), page: { first: 2, after: '' } });
    const second = await trader.client.listOrders({
      ...listing(trader.accountId),
      page: { first: 2, after: first.pageInfo?.endCursor ?? '' },
    });
    expect([...first.orders, ...second.orders].map(({ id }) => id)).toEqual(ids.slice(0, 4));
    expect([first.pageInfo?.hasNextPage, second.pageInfo?.hasNextPage]).toEqual([true, true]);

    async function list(state: OrderState): Promise<string[]> {
      return (await trader.client.listOrders({ ...listing(trader.accountId), state })).orders.map(({ id }) => id);
    }
  });

  test('history, executions and the summary tell the whole life of an order', async () => {
    const trader = orders.trader();
    const order = await trader.place();
    await orders.report(about(order));
    await orders.report({ ...about(order), ...filled(micro(4), { cum: micro(4), leaves: micro(6) }) });
    await orders.report({ ...about(order), ...filled(micro(6), { cum: micro(10), leaves: 0n }) });
    await eventually(async () => expect((await trader.get(order.id)).status).toBe(OrderStatus.ORDER_STATUS_FILLED));
    const { accountId } = trader;
    const { events } = await trader.client.listOrderEvents({ accountId, orderId: order.id, page: undefined });
    expect(events.map(({ kind }) => kind)).toEqual(['placed', 'new', 'fill', 'fill']);
    expect(events.map(({ cumQty }) => cumQty)).toEqual([0n, 0n, micro(4), micro(10)]);
    const { executions } = await trader.client.listExecutions({
      accountId,
      orderId: '',
      symbol: '',
      fromUs: 0n,
      toUs: 0n,
      page: undefined,
    });
    expect(executions.map(({ qty, amount }) => [qty, amount])).toEqual([
      [micro(6), micro(594)],
      [micro(4), micro(396)],
    ]);
    expect(await trader.client.batchListExecutions({ orderIds: [order.id], first: 1 })).toMatchObject({
      executions: [{ qty: micro(4) }],
    });
    expect(await trader.client.getBlotterSummary({ accountId, fromUs: 0n })).toMatchObject({
      counts: [{ status: OrderStatus.ORDER_STATUS_FILLED, orders: 1n }],
      open: 0n,
      executions: 2n,
      bought: micro(990),
    });
  });

  test('what was bought and sold is the sum of its fills, to the last half of a micro-unit', async () => {
    const trader = orders.trader();
    const { accountId, client } = trader;
    for (const side of [Side.SIDE_BUY, Side.SIDE_SELL]) {
      const order = await trader.place({ side });
      await orders.report({ ...about(order), side });
      let cum = 0n;
      for (const px of [98.5, 99.5, 99.500001]) {
        cum += 1n;
        await orders.report({ ...about(order), side, ...filled(1n, { cum, leaves: micro(10) - cum, px: micro(px) }) });
      }
    }
    const page = { accountId, orderId: '', symbol: '', fromUs: 0n, toUs: 0n, page: undefined };
    await eventually(async () => {
      const { executions } = await client.listExecutions(page);
      expect(executions.map(({ amount }) => amount)).toEqual([100n, 100n, 98n, 100n, 100n, 98n]);
    });
    expect(await client.getBlotterSummary({ accountId, fromUs: 0n })).toMatchObject({ bought: 298n, sold: 298n });
  });

  test('an order is found by its client id', async () => {
    const trader = orders.trader();
    const order = await trader.place({}, 'by name');
    const key = { $case: 'clientOrderId', value: 'by name' } as const;
    expect((await trader.client.getOrder({ accountId: trader.accountId, key })).order?.id).toBe(order.id);
  });
});
