import { eventually } from '@andvari/kit/testing/eventually';
import { GroupType } from '@andvari/proto/engine/v1/commands';
import { ExecType, OrderStatus } from '@andvari/proto/engine/v1/reports';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AskingTest, askingTest, level, reasonsOf } from './asking-fixture.ts';
import { bracketLegs, limitBuy, micro } from './order-fixture.ts';

let orders: AskingTest;
beforeAll(async () => {
  orders = await askingTest();
  await eventually(() => orders.trader().place());
});
afterAll(() => orders.service.close());

describe('the preview of a replacement', () => {
  const nothing = { clientOrderId: '', qty: 0n, limitPx: 0n, stopPx: 0n, trailAmount: 0n, trailPercent: 0n };
  test('says what it would hold more and what it then does, for each change', async () => {
    for (const change of [{ qty: micro(12) }, { limitPx: micro(98) }, { qty: micro(5) }, { limitPx: micro(100.5) }]) {
      const { client, accountId, orderId } = await orders.resting();
      const seen = await client.previewReplacement({ accountId, orderId, ...nothing, ...change });
      const held = orders.ledger.held.get(orderId)?.amount ?? 0n;
      expect(seen).toMatchObject({ refusals: [], held, reservedAsset: 'USD' });
      expect(seen.availableAfter).toBe(seen.availableBefore - seen.reserved);
      const request = { accountId, orderId, ...nothing, ...change, clientOrderId: 'next' };
      const { order } = await client.replaceOrder(request);
      const taken = orders.ledger.held.get(order?.id ?? '')?.amount ?? 0n;
      expect(seen.reserved).toBe(taken > held ? taken - held : 0n);
      expect(seen.restsQty).toBe(order?.spec?.qty);
    }
  });

  test('keeps nothing', async () => {
    const { client, accountId, orderId } = await orders.resting();
    const before = orders.ledger.held.size;
    await client.previewReplacement({ accountId, orderId, ...nothing, qty: micro(12) });
    expect(orders.ledger.held.size).toBe(before);
    expect(await orders.db`select from orders where account_id = ${accountId}`).toHaveLength(1);
  });

  test('where money lacks, says what it would hold, what there is and how much is short', async () => {
    const { client, accountId, orderId } = await orders.resting();
    orders.ledger.buyingPower = micro(100);
    const change = { accountId, orderId, ...nothing, qty: micro(12) };
    const seen = await client.previewReplacement(change).finally(() => {
      orders.ledger.buyingPower = 10n ** 15n;
    });
    expect(seen).toMatchObject({
      held: micro(990),
      reserved: micro(198),
      reservedAsset: 'USD',
      availableBefore: micro(100),
      availableAfter: 0n,
    });
    const numbers = { required: micro(198), available: micro(100), short_by: micro(98) };
    expect(seen.refusals).toMatchObject([{ detail: { reason: 'insufficient_buying_power', field: 'qty', numbers } }]);
  });

  test('says what would refuse it: the ladder, the ledger, and that it has ended', async () => {
    const { trader, client, accountId, orderId } = await orders.resting();
    const ask = async (change: Partial<typeof nothing>) =>
      reasonsOf((await client.previewReplacement({ accountId, orderId, ...nothing, ...change })).refusals);
    expect(await ask({})).toEqual([['nothing_to_change', '']]);
    expect(await ask({ limitPx: micro(99.001) })).toEqual([['price_off_tick', 'limit_px']]);
    orders.ledger.buyingPower = micro(1);
    expect(await ask({ qty: micro(12) })).toEqual([['insufficient_buying_power', 'qty']]);
    orders.ledger.buyingPower = 10n ** 15n;
    const canceled = {
      execType: ExecType.EXEC_TYPE_CANCELED,
      ordStatus: OrderStatus.ORDER_STATUS_CANCELED,
      leavesQty: 0n,
    };
    await orders.report({ orderId, accountId, ...canceled });
    await eventually(async () => expect((await trader.get(orderId)).status).toBe(OrderStatus.ORDER_STATUS_CANCELED));
    expect(await ask({ qty: micro(12) })).toEqual([['too_late', '']]);
  });

  describe('of a leg of a group', () => {
    /** Its entry works; its exits are held until that has traded. */
    async function bracket() {
      orders.engine.book = { bids: [level(105, 4)], asks: [level(110, 4)], lastPx: 0n };
      const trader = orders.trader();
      const { client, accountId } = trader;
      const type = GroupType.GROUP_TYPE_BRACKET;
      const { orders: legs } = await client.placeGroup({
        accountId,
        clientOrderId: 'mine',
        type,
        legs: bracketLegs(),
      });
      const ids = legs.map(({ id }) => id);
      for (const orderId of ids.slice(1)) {
        await orders.report({ orderId, accountId, ordStatus: OrderStatus.ORDER_STATUS_HELD });
        await eventually(async () => expect((await trader.get(orderId)).status).toBe(OrderStatus.ORDER_STATUS_HELD));
      }
      const ask = (leg: number, change: Partial<typeof nothing>) =>
        client.previewReplacement({ accountId, orderId: ids[leg] ?? '', ...nothing, ...change });
      return { trader, accountId, ids, ask };
    }

    test.each<[leg: string, at: number, change: Partial<typeof nothing>, asset: string]>([
      ['the entry', 0, { limitPx: micro(98) }, 'USD'],
      ['the exit with the profit', 1, { limitPx: micro(111) }, 'ACME'],
      ['the exit with the profit, at a price at which it would trade by itself', 1, { limitPx: micro(104) }, 'ACME'],
      ['the exit with the loss', 2, { stopPx: micro(91) }, 'ACME'],
    ])('%s may be moved, and nothing trades before its time', async (_, at, change, asset) => {
      const { ask, ids } = await bracket();
      const seen = await ask(at, change);
      const held = orders.ledger.held.get(ids[at] ?? '')?.amount;
      expect(seen).toMatchObject({ refusals: [], held, reservedAsset: asset, fillsQty: 0n, restsQty: micro(10) });
      expect(seen.availableAfter).toBe(seen.availableBefore - seen.reserved);
      expect(seen.warnings.map(({ code }) => code)).toEqual([at === 0 ? 'would_not_trade_now' : 'waits_for_entry']);
    });

    test.each([0, 1, 2])('its size is its group’s: leg %s', async (at) => {
      const { ask } = await bracket();
      const { refusals } = await ask(at, { qty: micro(4) });
      expect(reasonsOf(refusals)).toEqual([['group_quantity_fixed', 'qty']]);
      expect(refusals[0]?.detail?.numbers).toEqual({ quantity: micro(10) });
    });

    test('one that its sibling has shrunk is foreseen as large as it is by now', async () => {
      const { ask, ids, trader, accountId } = await bracket();
      const orderId = ids[1] ?? '';
      const restated = { execType: ExecType.EXEC_TYPE_RESTATED, qty: micro(6), leavesQty: micro(6) };
      await orders.report({ orderId, accountId, ...restated });
      await eventually(async () => expect((await trader.get(orderId)).leavesQty).toBe(micro(6)));
      expect(await ask(1, { limitPx: micro(111) })).toMatchObject({ refusals: [], restsQty: micro(6) });
      expect(reasonsOf((await ask(1, { qty: micro(10) })).refusals)).toEqual([['group_quantity_fixed', 'qty']]);
    });
  });

  test('an id that another order has is refused as asking for it is, and its own earlier try is not', async () => {
    const { client, accountId, orderId } = await orders.resting();
    const other = await client.placeOrder({ accountId, clientOrderId: 'other', order: limitBuy() });
    expect(other.order).toBeDefined();
    const change = { accountId, orderId, ...nothing, qty: micro(12) };
    for (const ask of [client.previewReplacement, client.replaceOrder]) {
      await expect(ask({ ...change, clientOrderId: 'other' })).rejects.toMatchObject({
        reason: 'duplicate_client_order_id',
      });
      await expect(ask({ ...change, clientOrderId: 'x'.repeat(65) })).rejects.toMatchObject({
        reason: 'client_order_id_invalid',
      });
    }
    await client.replaceOrder({ ...change, clientOrderId: 'next' });
    const seen = await client.previewReplacement({ ...change, clientOrderId: 'next' });
    expect(seen.refusals.map(({ detail }) => detail?.reason)).toEqual(['change_pending']);
  });

  test('another’s order is as if there were none', async () => {
    const { orderId } = await orders.resting();
    const asked = orders.trader().client.previewReplacement({ accountId: '', orderId, ...nothing, qty: micro(12) });
    await expect(asked).rejects.toMatchObject({ code: 'not_found', reason: 'order_not_found' });
  });
});
