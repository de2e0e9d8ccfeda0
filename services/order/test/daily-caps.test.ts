import { eventually } from '@andvari/kit/testing/eventually';
import { Side } from '@andvari/proto/engine/v1/commands';
import { ExecType, OrderStatus } from '@andvari/proto/engine/v1/reports';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openMarket } from './neighbours.ts';
import { limitBuy, marketBuy, micro, type OrderTest, orderTest, rights } from './order-fixture.ts';

let orders: OrderTest;
beforeAll(async () => {
  orders = await orderTest();
});
afterAll(() => orders.service.close());

/** Somebody with a key that may order for so many dollars a day. */
function keyHolder(dollars: number, world = orders) {
  const trader = world.trader();
  const apiKeyId = uuidv7();
  const client = trader.as({ scopes: rights, apiKeyId, apiKeyDailyCap: micro(dollars) });
  const { accountId } = trader;
  return {
    trader,
    apiKeyId,
    place: (spec = limitBuy(), clientOrderId: string = uuidv7()) =>
      client.placeOrder({ accountId, clientOrderId, order: spec }).then(({ order }) => order?.id ?? ''),
    replace: (orderId: string, change: { qty?: bigint; limitPx?: bigint }, clientOrderId: string = uuidv7()) => {
      const unchanged = { qty: 0n, limitPx: 0n, stopPx: 0n, trailAmount: 0n, trailPercent: 0n };
      const request = { accountId, orderId, clientOrderId, ...unchanged, ...change };
      return client.replaceOrder(request).then(({ order }) => order?.id ?? '');
    },
    /** What would refuse another order, or a change, before it is asked for. */
    foresee: async (orderId: string, change: { qty: bigint }) => {
      const unchanged = { limitPx: 0n, stopPx: 0n, trailAmount: 0n, trailPercent: 0n };
      const asked = [
        client.previewOrder({ accountId, clientOrderId: '', order: limitBuy() }),
        client.previewReplacement({ accountId, orderId, clientOrderId: '', ...unchanged, ...change }),
      ];
      return (await Promise.all(asked)).map(({ refusals }) => refusals.map(({ detail }) => detail));
    },
    /** What has been counted of it today. */
    used: async (): Promise<bigint> => {
      const [row] = await world.db`select used from api_key_usage where api_key_id = ${apiKeyId}`;
      return row?.['used'] ?? 0n;
    },
  };
}

const beyond = { reason: 'api_key_cap_exceeded' };

describe('placing', () => {
  test('goes up to the cap and no further, however many at once', async () => {
    const { place, used } = keyHolder(2500);
    const before = orders.ledger.releases.length;
    const answers = await Promise.allSettled(Array.from({ length: 5 }, () => place()));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    for (const answer of answers) if (answer.status === 'rejected') expect(answer.reason).toMatchObject(beyond);
    expect(orders.ledger.releases).toHaveLength(before + 3);
    expect(await used()).toBe(micro(1980));
  });

  test('a preview says what is beyond the cap, and counts nothing', async () => {
    const { trader, place, used, foresee } = keyHolder(2500);
    const orderId = await place();
    await orders.report({ orderId, accountId: trader.accountId });
    await eventually(async () =>
      expect(await trader.get(orderId)).toMatchObject({ status: OrderStatus.ORDER_STATUS_NEW }),
    );
    expect(await foresee(orderId, { qty: micro(25) })).toEqual([[], []]);
    await place();
    const numbers = { cap: micro(2500), used: micro(1980) };
    expect(await foresee(orderId, { qty: micro(25) })).toMatchObject([
      [{ ...beyond, numbers: { ...numbers, required: micro(990) } }],
      [{ ...beyond, numbers: { ...numbers, required: micro(1485) } }],
    ]);
    expect(await used()).toBe(micro(1980));
  });

  test('the same order again is not counted twice, nor refused for it', async () => {
    const { trader, apiKeyId, place, used } = keyHolder(1000);
    const [one, two] = [await place(limitBuy(), 'once'), await place(limitBuy(), 'once')];
    expect(two).toBe(one);
    expect(await trader.get(one)).toMatchObject({ apiKeyId });
    expect(await used()).toBe(micro(990));
  });

  test.each([
    ['a buy at the most that it may cost', limitBuy({ qty: micro(10), limitPx: micro(95) }), micro(950)],
    ['a sale below the market at what is bid', { side: Side.SIDE_SELL, limitPx: micro(60) }, micro(999.9)],
    ['a sale above the market at its limit', { side: Side.SIDE_SELL, limitPx: micro(105) }, micro(1050)],
    ['a sale at market at what is bid', marketBuy({ side: Side.SIDE_SELL }), micro(999.9)],
    ['euros at what they are worth in dollars', { symbol: 'EURO', limitPx: micro(80) }, micro(1000)],
  ])('counts %s', async (_, spec, counted) => {
    const { place, used } = keyHolder(5000);
    await place(limitBuy(spec));
    expect(await used()).toBe(counted);
  });
});

describe('replacing', () => {
  test('is counted by what it adds, and refused beyond the cap', async () => {
    const { place, replace, used } = keyHolder(2000);
    const first = await place();
    const second = await replace(first, { qty: micro(20) });
    expect(await used()).toBe(micro(1980));
    const before = orders.ledger.releases.length;
    await expect(replace(second, { limitPx: micro(102) })).rejects.toMatchObject(beyond);
    await expect(replace(second, { qty: micro(400) })).rejects.toMatchObject(beyond);
    await expect(place(limitBuy({ qty: micro(1) }))).rejects.toMatchObject(beyond);
    expect(orders.ledger.releases).toHaveLength(before + 3);
    expect(await used()).toBe(micro(1980));
    // The order is as it was, and may still be made smaller.
    await replace(second, { qty: micro(5) });
    expect(await used()).toBe(micro(1980));
  });

  test('the same again is not counted twice', async () => {
    const { place, replace, used } = keyHolder(2000);
    const first = await place();
    const ids = [
      await replace(first, { qty: micro(20) }, 'larger'),
      await replace(first, { qty: micro(20) }, 'larger'),
    ];
    expect(ids[1]).toBe(ids[0]);
    expect(await used()).toBe(micro(1980));
  });

  test('an order that the key has not been counted for counts whole', async () => {
    const { trader, replace, used } = keyHolder(1500);
    const { id } = await trader.place();
    await expect(replace(id, { qty: micro(16) })).rejects.toMatchObject(beyond);
    await replace(id, { qty: micro(11) });
    expect(await used()).toBe(micro(1089));
  });

  test('of such an order what has been filled is not counted', async () => {
    const { trader, replace, used } = keyHolder(1500);
    const { id } = await trader.place();
    const { accountId } = trader;
    const [execType, ordStatus] = [ExecType.EXEC_TYPE_FILL, OrderStatus.ORDER_STATUS_PARTIALLY_FILLED];
    const filled = { lastQty: micro(4), lastPx: micro(99), cumQty: micro(4), leavesQty: micro(6) };
    await orders.report({ orderId: id, accountId, execType, ordStatus, ...filled });
    await eventually(async () => expect(await trader.get(id)).toMatchObject({ cumQty: micro(4) }));
    await replace(id, { qty: micro(11) });
    expect(await used()).toBe(micro(693));
  });

  test('as many at once as there are orders come to no more than the cap', async () => {
    const { place, replace, used } = keyHolder(3000);
    const ids = [await place(limitBuy({ qty: micro(1) })), await place(limitBuy({ qty: micro(1) }))];
    const tries = [...ids.map((id) => replace(id, { qty: micro(21) })), place(limitBuy({ qty: micro(20) }))];
    const answers = await Promise.allSettled(tries);
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await used()).toBe(micro(198 + 1980));
  });
});

test('a key with a cap waits for what euros are worth, and one without does not', async () => {
  const { stock } = openMarket();
  const world = await orderTest({ stock: { ...stock, dollarRates: () => Promise.reject(new Error('not yet')) } });
  try {
    const { place, trader } = keyHolder(1000, world);
    const spec = limitBuy({ symbol: 'EURO' });
    await expect(place(spec)).rejects.toMatchObject({ code: 'unavailable', reason: 'fx_rate_unknown' });
    expect(await trader.place(spec)).toMatchObject({ spec: { symbol: 'EURO' } });
  } finally {
    await world.service.close();
  }
});
