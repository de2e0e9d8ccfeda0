import { eventually } from '@andvari/kit/testing/eventually';
import { OrderType, Side, TimeInForce } from '@andvari/proto/engine/v1/commands';
import { OrderStatus } from '@andvari/proto/engine/v1/reports';
import { MarketState } from '@andvari/proto/stock/v1/stock';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { refuse } from '../src/domain/refusal.ts';
import { type AskingTest, askingTest, level } from './asking-fixture.ts';
import { limitBuy, marketBuy, micro } from './order-fixture.ts';

let orders: AskingTest;
beforeAll(async () => {
  orders = await askingTest();
  await eventually(() => orders.trader().place());
});
afterAll(() => orders.service.close());

describe('a preview', () => {
  test('walks the book for the size: average, slippage, and what would be left', async () => {
    orders.engine.book = { bids: [], asks: [level(100.01, 4), level(101, 4), level(200, 100)], lastPx: 0n };
    const { client, accountId } = orders.trader();
    const seen = await client.previewOrder({ accountId, clientOrderId: '', order: marketBuy() });
    expect(seen).toMatchObject({
      qty: micro(10),
      fillsQty: micro(8),
      restsQty: 0n,
      avgPx: micro(100.505),
      worstPx: micro(101),
      slippagePx: micro(0.495),
      reserved: micro(1050.1),
      reservedAsset: 'USD',
      refusals: [],
      warnings: [
        { code: 'rest_would_be_canceled', numbers: { quantity: micro(2) } },
        { code: 'partly_beyond_book', numbers: { quantity: micro(10), visible: micro(108) } },
      ],
    });
    expect(seen.availableAfter).toBe(seen.availableBefore - micro(1050.1));
  });

  const { TIME_IN_FORCE_IOC: IOC, TIME_IN_FORCE_FOK: FOK, TIME_IN_FORCE_OPG: OPG } = TimeInForce;
  test.each<
    [
      what: string,
      order: Parameters<typeof limitBuy>[0],
      fills: number,
      rests: number,
      warned: string[],
      refused: string[],
    ]
  >([
    [
      'an order that is there at once or never, of which a part is there',
      { timeInForce: IOC, limitPx: micro(100.01) },
      4,
      0,
      ['rest_would_be_canceled'],
      [],
    ],
    ['one of which nothing is there', { timeInForce: IOC, limitPx: micro(100) }, 0, 0, ['would_be_canceled'], []],
    [
      'all or nothing, of which a part is there',
      { timeInForce: FOK, limitPx: micro(100.01) },
      0,
      0,
      ['would_be_canceled'],
      [],
    ],
    ['all or nothing, and all is there', { timeInForce: FOK, limitPx: micro(100.01), qty: micro(4) }, 4, 0, [], []],
    [
      'for the opening, however much is there',
      { timeInForce: OPG, limitPx: micro(101) },
      0,
      10,
      ['waits_for_auction'],
      [],
    ],
    ['post-only that rests', { postOnly: true, limitPx: micro(100) }, 0, 10, ['would_not_trade_now'], []],
    ['post-only that would trade', { postOnly: true, limitPx: micro(100.01) }, 0, 0, [], ['post_only_would_cross']],
  ])('foresees what the engine does with it: %s', async (_, order, fills, rests, warned, refused) => {
    orders.engine.book = { bids: [], asks: [level(100.01, 4), level(101, 4)], lastPx: 0n };
    const { client, accountId } = orders.trader();
    const seen = await client.previewOrder({ accountId, clientOrderId: '', order: limitBuy(order) });
    expect([seen.fillsQty, seen.restsQty]).toEqual([micro(fills), micro(rests)]);
    expect(seen.warnings.map(({ code }) => code)).toEqual(warned);
    expect(seen.refusals.map(({ detail }) => detail?.reason)).toEqual(refused);
  });

  test('says what the ledger would charge: a buy holds it too, a sale pays it out of what it brings', async () => {
    const { client, accountId } = orders.trader();
    orders.ledger.fees = micro(1.5);
    try {
      const buy = await client.previewOrder({ accountId, clientOrderId: '', order: limitBuy() });
      expect(buy).toMatchObject({ maxFee: micro(1.5), reserved: micro(991.5) });
      const order = limitBuy({ side: Side.SIDE_SELL, limitPx: micro(101) });
      expect(await client.previewOrder({ accountId, clientOrderId: '', order })).toMatchObject({
        maxFee: micro(1.5),
        reserved: micro(10),
        reservedAsset: 'ACME',
      });
    } finally {
      orders.ledger.fees = 0n;
    }
  });

  test('one that would come to an order of the same account says so, placed anew or changed', async () => {
    const { trader, client, accountId, orderId } = await orders.resting();
    await orders.report({ orderId, accountId });
    await eventually(async () =>
      expect(await trader.get(orderId)).toMatchObject({ status: OrderStatus.ORDER_STATUS_NEW }),
    );
    orders.engine.book = { bids: [level(99, 10)], asks: [], lastPx: 0n };
    const sale = { side: Side.SIDE_SELL, qty: micro(2) };
    const meets = ['would_be_canceled', 'would_meet_own_order'];
    for (const [limitPx, warned] of [
      [micro(98), meets],
      [micro(100), ['would_not_trade_now']],
    ] as const) {
      const seen = await client.previewOrder({ accountId, clientOrderId: '', order: limitBuy({ ...sale, limitPx }) });
      expect([seen.fillsQty, seen.warnings.map(({ code }) => code)]).toEqual([0n, warned]);
    }
    const waiting = await trader.place(limitBuy({ ...sale, limitPx: micro(100) }));
    await orders.report({ orderId: waiting.id, accountId, side: Side.SIDE_SELL, qty: micro(2), leavesQty: micro(2) });
    await eventually(async () =>
      expect(await trader.get(waiting.id)).toMatchObject({ status: OrderStatus.ORDER_STATUS_NEW }),
    );
    const unchanged = { qty: 0n, stopPx: 0n, trailAmount: 0n, trailPercent: 0n };
    const change = { accountId, orderId: waiting.id, clientOrderId: '', ...unchanged, limitPx: micro(98) };
    const seen = await client.previewReplacement(change);
    expect(seen.warnings.map(({ code }) => code)).toEqual(meets);
  });

  test('an id that another order has is refused as placing is, and its own earlier try is not', async () => {
    const trader = orders.trader();
    await trader.place(limitBuy(), 'taken');
    const { client, accountId } = trader;
    const other = { accountId, order: limitBuy({ qty: micro(11) }) };
    for (const [clientOrderId, reason] of [
      ['taken', 'duplicate_client_order_id'],
      ['x'.repeat(65), 'client_order_id_invalid'],
    ] as const)
      for (const ask of [client.previewOrder, client.placeOrder])
        await expect(ask({ ...other, clientOrderId })).rejects.toMatchObject({ reason, field: 'client_order_id' });
    for (const [clientOrderId, order] of [
      ['taken', limitBuy()],
      ['free', other.order],
    ] as const)
      expect((await client.previewOrder({ accountId, clientOrderId, order })).refusals).toEqual([]);
  });

  test('an account that is not theirs is named where the request has it', async () => {
    const { client, accountId } = orders.trader();
    orders.ledger.refuse = () => refuse('account_not_found', 'account_id');
    try {
      for (const ask of [client.previewOrder, client.placeOrder])
        await expect(ask({ accountId, clientOrderId: 'x', order: limitBuy() })).rejects.toMatchObject({
          reason: 'account_not_found',
          field: 'account_id',
        });
    } finally {
      orders.ledger.refuse = undefined;
    }
  });

  test('says everything that would refuse the order, and keeps nothing of it', async () => {
    const { client, accountId } = orders.trader();
    const order = limitBuy({ symbol: 'HALT', limitPx: micro(10) });
    const { refusals } = await client.previewOrder({ accountId, clientOrderId: '', order });
    expect(refusals.map(({ detail }) => [detail?.reason, detail?.field])).toEqual([
      ['symbol_halted', 'order.symbol'],
      ['price_outside_collar', 'order.limit_px'],
    ]);
    orders.ledger.buyingPower = micro(1);
    const poor = await client.previewOrder({ accountId, clientOrderId: '', order: limitBuy() });
    orders.ledger.buyingPower = 10n ** 15n;
    expect(poor.refusals.map(({ detail }) => detail?.reason)).toEqual(['insufficient_buying_power']);
    expect(poor.refusals[0]?.detail?.numbers).toEqual({
      required: micro(990),
      available: micro(1),
      short_by: micro(989),
    });
    expect(await orders.db`select from orders where account_id = ${accountId}`).toHaveLength(0);
  });
});

describe('why an order is not filled', () => {
  test('it is on its way; then it lies away from the market, behind others', async () => {
    const trader = orders.trader();
    const order = await trader.place();
    expect((await explained(trader, order.id))[0]).toMatchObject({
      code: 'not_at_engine',
      numbers: { since_us: order.submittedAtUs },
    });
    await orders.report({ orderId: order.id, accountId: trader.accountId });
    await eventually(async () => expect((await trader.get(order.id)).status).toBe(OrderStatus.ORDER_STATUS_NEW));
    orders.engine.order = { status: 0, qty: 0n, cumQty: 0n, leavesQty: 0n, aheadQty: micro(7), stopPx: 0n };
    const why = await explained(trader, order.id);
    orders.engine.order = undefined;
    expect(why).toMatchObject([
      { code: 'away_from_touch', numbers: { limit: micro(99), touch: micro(100.01), distance: micro(1.01) } },
      { code: 'in_queue', numbers: { ahead: micro(7), price: micro(99) } },
    ]);
    expect(why[0]?.message).toBe('Its limit is 99; 100.01 is asked, 1.01 away.');
  });

  test('it waits for its trigger, or for the auction, with what that would do now', async () => {
    const trader = orders.trader();
    const stop = { type: OrderType.ORDER_TYPE_STOP, limitPx: 0n, stopPx: micro(110) };
    const waiting = await trader.place(stop);
    await orders.report({
      orderId: waiting.id,
      accountId: trader.accountId,
      ordStatus: OrderStatus.ORDER_STATUS_ACCEPTED,
    });
    await eventually(async () => expect((await trader.get(waiting.id)).status).toBe(OrderStatus.ORDER_STATUS_ACCEPTED));
    expect(await explained(trader, waiting.id)).toMatchObject([
      { code: 'waiting_for_trigger', numbers: { stop: micro(110), last: micro(100), distance: micro(10) } },
    ]);
    orders.engine.book = { bids: [level(101, 5), level(100, 5)], asks: [level(99, 8)], lastPx: 0n };
    const auction = await trader.place({ timeInForce: TimeInForce.TIME_IN_FORCE_OPG });
    expect((await explained(trader, auction.id)).at(-1)).toMatchObject({
      code: 'waiting_for_auction',
      numbers: { indicative_px: micro(100), paired_qty: micro(8), imbalance_qty: micro(2) },
    });
  });

  test('the market is closed, and then nothing is taken that cannot wait', async () => {
    const trader = orders.trader();
    const order = await trader.place();
    orders.market.state = MarketState.MARKET_STATE_CLOSED;
    orders.market.nextOpenUs = 77n;
    try {
      await eventually(async () => {
        expect((await explained(trader, order.id)).map(({ code }) => code)).toContain('session_closed');
      });
      await expect(trader.place(marketBuy())).rejects.toMatchObject({
        reason: 'market_closed',
        numbers: { opens_at_us: 77n },
      });
    } finally {
      orders.market.state = MarketState.MARKET_STATE_REGULAR;
    }
  });
});

async function explained(trader: ReturnType<AskingTest['trader']>, orderId: string) {
  return (await trader.client.explainOrder({ accountId: trader.accountId, orderId })).explanations;
}
