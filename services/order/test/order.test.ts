import { eventually } from '@andvari/kit/testing/eventually';
import { ExecType, OrderStatus } from '@andvari/proto/engine/v1/reports';
import { orderPlaced, orderRefused } from '@andvari/proto/events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { refuse } from '../src/domain/refusal.ts';
import {
  about,
  canceled,
  ended,
  filled,
  limitBuy,
  marketBuy,
  micro,
  type OrderTest,
  orderTest,
} from './order-fixture.ts';

let orders: OrderTest;
beforeAll(async () => {
  orders = await orderTest();
  await eventually(() => orders.trader().place());
});
afterAll(() => orders.service.close());

describe('placing', () => {
  test('an order is reserved, saved, told of and sent to the engine', async () => {
    const trader = orders.trader();
    const order = await trader.place({}, 'my first');
    expect(order).toMatchObject({
      clientOrderId: 'my first',
      accountId: trader.accountId,
      userId: trader.userId,
      status: OrderStatus.ORDER_STATUS_PENDING_NEW,
      leavesQty: micro(10),
      reserved: micro(990),
      reservedAsset: 'USD',
    });
    expect(orders.ledger.held.get(order.id)).toMatchObject({ amount: micro(990), asset: 'USD', qty: micro(10) });
    await eventually(async () => {
      const sent = (await orders.commands()).filter(
        (body) => body?.$case === 'placeOrder' && body.value.orderId === order.id,
      );
      expect(sent).toEqual([
        { $case: 'placeOrder', value: expect.objectContaining({ limitPx: micro(99), qty: micro(10) }) },
      ]);
      const told = (await orders.service.published(orderPlaced)).filter(({ orderId }) => orderId === order.id);
      expect(told).toHaveLength(1);
    });
  });

  test('the same request twenty times at once is one order', async () => {
    const trader = orders.trader();
    const placed = await Promise.all(Array.from({ length: 20 }, () => trader.place({}, 'again')));
    expect(new Set(placed.map(({ id }) => id)).size).toBe(1);
    // Whatever was sent for it has been sent before this one.
    const last = await orders.trader().place();
    await eventually(async () => {
      expect(
        (await orders.commands()).some((body) => body?.$case === 'placeOrder' && body.value.orderId === last.id),
      ).toBe(true);
    });
    const [row] = await orders.db`select count(*)::int as n from orders where account_id = ${trader.accountId}`;
    expect(row?.['n']).toBe(1);
    await eventually(async () => {
      const sent = (await orders.commands()).filter(
        (body) => body?.$case === 'placeOrder' && body.value.orderId === placed[0]?.id,
      );
      expect(sent).toHaveLength(1);
    });
  });

  test('the same id for another order is refused, and so it stays once the first has ended', async () => {
    const trader = orders.trader();
    const order = await trader.place({}, 'mine');
    const other = trader.place({ qty: micro(11) }, 'mine');
    await expect(other).rejects.toMatchObject({
      code: 'already_exists',
      reason: 'duplicate_client_order_id',
      entity: order.id,
    });
    await orders.report({ ...about(order), ...filled(micro(10), { cum: micro(10), leaves: 0n }) });
    await eventually(async () => expect((await trader.get(order.id)).status).toBe(OrderStatus.ORDER_STATUS_FILLED));
    expect((await trader.place({}, 'mine')).id).toBe(order.id);
  });

  test('a market order carries a collar and reserves by it', async () => {
    const trader = orders.trader();
    const order = await trader.place(marketBuy());
    expect(order.collarPx).toBe(micro(105.01));
    expect(order.reserved).toBe(micro(1050.1));
  });

  test('what the ledger refuses is not an order', async () => {
    const trader = orders.trader();
    orders.ledger.buyingPower = micro(100);
    const refused = trader.place({}, 'too much');
    await expect(refused).rejects.toMatchObject({
      code: 'failed_precondition',
      reason: 'insufficient_buying_power',
      field: 'order.qty',
      numbers: { required: micro(990), available: micro(100), short_by: micro(890) },
    });
    orders.ledger.buyingPower = 10n ** 15n;
    const { accountId, userId } = trader;
    await eventually(async () => {
      const told = (await orders.service.published(orderRefused)).filter((event) => event.accountId === accountId);
      expect(told).toEqual([{ accountId, userId, symbol: 'ACME', reason: 'insufficient_buying_power' }]);
    });
    expect((await trader.place({}, 'too much')).status).toBe(OrderStatus.ORDER_STATUS_PENDING_NEW);
  });
});

test('what is refused on another’s account is told to nobody', async () => {
  const [trader, stranger] = [orders.trader(), orders.trader()];
  const order = limitBuy();
  orders.ledger.refuse = () => refuse('account_not_found', 'account_id');
  try {
    const placed = stranger.client.placeOrder({ accountId: trader.accountId, clientOrderId: 'x', order });
    await expect(placed).rejects.toMatchObject({ reason: 'account_not_found' });
  } finally {
    orders.ledger.refuse = undefined;
  }
  orders.ledger.buyingPower = 0n;
  await expect(stranger.place()).rejects.toMatchObject({ reason: 'insufficient_buying_power' });
  orders.ledger.buyingPower = 10n ** 15n;
  // What was told later is there; of the other there is nothing.
  await eventually(async () => {
    const told = (await orders.service.published(orderRefused)).map(({ accountId }) => accountId);
    expect(told).toContain(stranger.accountId);
    expect(told).not.toContain(trader.accountId);
  });
});

describe('cancelling', () => {
  test('an order is pending_cancel until the engine decides, and asking again sends nothing more', async () => {
    const trader = orders.trader();
    const order = await trader.place();
    const asked = { accountId: trader.accountId, orderId: order.id };
    const answers = await Promise.all([trader.client.cancelOrder(asked), trader.client.cancelOrder(asked)]);
    for (const answer of answers) expect(answer.order?.status).toBe(OrderStatus.ORDER_STATUS_PENDING_CANCEL);
    await eventually(async () => {
      const sent = (await orders.commands()).filter(
        (body) => body?.$case === 'cancelOrder' && body.value.orderId === order.id,
      );
      expect(sent).toHaveLength(1);
    });
    await orders.report({ ...about(order) });
    await orders.report({ ...about(order), ...canceled, reason: 'user_requested' });
    await eventually(async () => expect((await trader.get(order.id)).status).toBe(OrderStatus.ORDER_STATUS_CANCELED));
    expect((await trader.client.cancelOrder(asked)).order?.status).toBe(OrderStatus.ORDER_STATUS_CANCELED);
  });

  test('what has ended otherwise is too late to cancel', async () => {
    const trader = orders.trader();
    const order = await trader.place();
    await orders.report(about(order));
    await orders.report({ ...about(order), ...filled(micro(10), { cum: micro(10), leaves: 0n }) });
    await eventually(async () => expect((await trader.get(order.id)).status).toBe(OrderStatus.ORDER_STATUS_FILLED));
    await expect(trader.client.cancelOrder({ accountId: trader.accountId, orderId: order.id })).rejects.toMatchObject({
      reason: 'too_late',
      numbers: { status: BigInt(OrderStatus.ORDER_STATUS_FILLED) },
    });
  });

  test('a refused cancel leaves the order as it was', async () => {
    const trader = orders.trader();
    const order = await trader.place();
    await orders.report(about(order));
    await trader.client.cancelOrder({ accountId: trader.accountId, orderId: order.id });
    await orders.report({
      ...about(order),
      execType: ExecType.EXEC_TYPE_CANCEL_REJECTED,
      ordStatus: OrderStatus.ORDER_STATUS_REJECTED,
      reason: 'too_late',
    });
    await eventually(async () => expect((await trader.get(order.id)).status).toBe(OrderStatus.ORDER_STATUS_NEW));
  });

  test('none that is open is an answer to whoever may cancel, without the right to read accounts', async () => {
    const { client, accountId } = orders.trader();
    orders.ledger.readable = false;
    try {
      expect(await client.cancelAllOrders({ accountId, symbol: '' })).toMatchObject({ requested: 0, hasMore: false });
      await expect(client.cancelAllOrders({ accountId, symbol: 'NOPE' })).rejects.toMatchObject({
        reason: 'instrument_not_found',
      });
    } finally {
      orders.ledger.readable = true;
    }
  });

  test('all of an account are cancelled, each answered for itself', async () => {
    const trader = orders.trader();
    const open = await Promise.all([trader.place(), trader.place(), trader.place({ symbol: 'OTHER' })]);
    const some = await trader.client.cancelAllOrders({ accountId: trader.accountId, symbol: 'OTHER' });
    expect(some.results.map(({ orderId }) => orderId)).toEqual([open[2]?.id]);
    const all = await trader.client.cancelAllOrders({ accountId: trader.accountId, symbol: '' });
    expect(all).toMatchObject({ requested: 3, hasMore: false });
    expect(all.results.every(({ outcome }) => outcome?.$case === 'order')).toBe(true);
  });

  test('all of a symbol that nobody knows are not none: it is refused', async () => {
    const { accountId, client } = orders.trader();
    const asked = client.cancelAllOrders({ accountId, symbol: 'NOPE' });
    await expect(asked).rejects.toMatchObject({ reason: 'instrument_not_found', field: 'symbol' });
    expect(await client.cancelAllOrders({ accountId, symbol: '' })).toMatchObject({ requested: 0 });
  });
});

describe('replacing', () => {
  test('a new order takes the place of the old one once the engine says so', async () => {
    const trader = orders.trader();
    const old = await trader.place();
    await orders.report(about(old));
    await eventually(async () => expect((await trader.get(old.id)).status).toBe(OrderStatus.ORDER_STATUS_NEW));
    // The order tells whose account it is.
    const { order } = await trader.client.replaceOrder({ ...replacing('', old.id), qty: micro(12) });
    const next = order?.id ?? '';
    expect(order).toMatchObject({ replaces: old.id, status: OrderStatus.ORDER_STATUS_PENDING_NEW });
    expect((await trader.get(old.id)).status).toBe(OrderStatus.ORDER_STATUS_PENDING_REPLACE);
    expect(orders.ledger.held.get(next)).toMatchObject({ replaces: old.id, qty: micro(12) });
    await orders.report({
      ...about(old),
      ...ended(OrderStatus.ORDER_STATUS_REPLACED, ExecType.EXEC_TYPE_REPLACED),
      replacedBy: next,
    });
    await orders.report({ ...about({ ...old, id: next }), qty: micro(12), leavesQty: micro(12), replaces: old.id });
    await eventually(async () => {
      expect(await trader.get(old.id)).toMatchObject({ status: OrderStatus.ORDER_STATUS_REPLACED, replacedBy: next });
      expect(await trader.get(next)).toMatchObject({ status: OrderStatus.ORDER_STATUS_NEW, leavesQty: micro(12) });
    });
  });

  test('the same replacement again is the same order; a refused one leaves the old as it was', async () => {
    const trader = orders.trader();
    const old = await trader.place();
    await orders.report(about(old));
    await eventually(async () => expect((await trader.get(old.id)).status).toBe(OrderStatus.ORDER_STATUS_NEW));
    const request = { ...replacing(trader.accountId, old.id), limitPx: micro(98), clientOrderId: 'next' };
    const [one, two] = [await trader.client.replaceOrder(request), await trader.client.replaceOrder(request)];
    expect(two.order?.id).toBe(one.order?.id);
    await orders.report({
      ...about({ ...old, id: one.order?.id ?? '' }),
      ...ended(OrderStatus.ORDER_STATUS_REJECTED, ExecType.EXEC_TYPE_REPLACE_REJECTED),
      reason: 'too_late',
      replaces: old.id,
    });
    await eventually(async () => {
      expect((await trader.get(old.id)).status).toBe(OrderStatus.ORDER_STATUS_NEW);
      const refused = await trader.get(one.order?.id ?? '');
      expect(refused).toMatchObject({ status: OrderStatus.ORDER_STATUS_REJECTED, reason: 'too_late' });
    });
  });

  test.each([
    ['nothing is changed', {}, 'nothing_to_change'],
    ['the price lies between ticks', { limitPx: 98_005_000n }, 'price_off_tick'],
  ])('%s: it is refused', async (_, change, reason) => {
    const trader = orders.trader();
    const old = await trader.place();
    const request = { ...replacing(trader.accountId, old.id), ...change };
    await expect(trader.client.replaceOrder(request)).rejects.toMatchObject({ reason });
  });
});

let named = 0;
function replacing(accountId: string, orderId: string) {
  named += 1;
  const nothing = { qty: 0n, limitPx: 0n, stopPx: 0n, trailAmount: 0n, trailPercent: 0n };
  return { accountId, orderId, clientOrderId: `replacement ${named}`, ...nothing };
}
