import { eventually } from '@andvari/kit/testing/eventually';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { marketBuy, micro, type OrderTest, orderTest } from './order-fixture.ts';

let orders: OrderTest;
beforeAll(async () => {
  orders = await orderTest();
  await eventually(() => orders.trader().place());
});
afterAll(() => orders.service.close());

const HALF = { $case: 'percent' as const, value: 500_000n };

/** Somebody who holds so many, in a market that is known to be open by now. */
async function holder(shares: number) {
  await eventually(() => orders.trader().place(marketBuy()));
  orders.ledger.holdings = [{ symbol: 'ACME', available: micro(shares) }];
  return orders.trader();
}

describe('closing a position', () => {
  test('the same again is that sale, whatever is free by then, and another is refused', async () => {
    const { client, accountId } = await holder(8);
    const asked = { accountId, symbol: 'ACME', clientOrderId: 'again', part: HALF };
    const first = await client.closePosition(asked);
    expect(first.order).toMatchObject({ leavesQty: micro(4) });
    for (const left of [micro(4), micro(3), 0n]) {
      orders.ledger.holdings = [{ symbol: 'ACME', available: left }];
      expect((await client.closePosition(asked)).order?.id).toBe(first.order?.id);
    }
    for (const other of [
      { ...asked, symbol: 'OTHER' },
      { ...asked, part: { $case: 'qty' as const, value: micro(3) } },
    ])
      await expect(client.closePosition(other)).rejects.toMatchObject({ reason: 'duplicate_client_order_id' });
  });

  test('the same twice in a moment is one sale', async () => {
    for (const left of [micro(4), 0n]) {
      const { client, accountId } = await holder(8);
      const asked = { accountId, symbol: 'ACME', clientOrderId: 'twins', part: HALF };
      const reserved = Promise.withResolvers<void>();
      const saved = Promise.withResolvers<void>();
      orders.ledger.after = async () => {
        orders.ledger.holdings = [{ symbol: 'ACME', available: left }];
        reserved.resolve();
        await saved.promise;
      };
      try {
        const first = client.closePosition(asked);
        await Promise.race([reserved.promise, first]);
        const second = client.closePosition(asked);
        saved.resolve();
        expect((await second).order?.id).toBe((await first).order?.id);
      } finally {
        orders.ledger.after = () => Promise.resolve();
      }
    }
  });

  test('closing all again under its id sells what came free since, and nothing twice', async () => {
    const { client, accountId } = await holder(10);
    const asked = { accountId, clientOrderId: 'empty', cancelOrders: false };
    const soldBy = async () => {
      const { results } = await client.closeAllPositions(asked);
      return results.map(({ outcome }) => (outcome?.$case === 'order' ? outcome.value : undefined));
    };
    const [first] = await soldBy();
    expect(first).toMatchObject({ leavesQty: micro(10), clientOrderId: 'empty.ACME' });
    orders.ledger.holdings = [{ symbol: 'ACME', available: 0n }];
    expect((await soldBy()).map((order) => order?.id)).toEqual([first?.id]);
    for (const [free, name] of [
      [10, 'empty.ACME.2'],
      [3, 'empty.ACME.3'],
    ] as const) {
      orders.ledger.holdings = [{ symbol: 'ACME', available: micro(free) }];
      expect(await soldBy()).toMatchObject([{ leavesQty: micro(free), clientOrderId: name }]);
    }
  });

  test('closing all names what is held and not free', async () => {
    const { client, accountId } = await holder(0);
    const { results } = await client.closeAllPositions({ accountId, clientOrderId: 'held', cancelOrders: false });
    expect(results).toMatchObject([
      { symbol: 'ACME', outcome: { $case: 'refusal', value: { detail: { reason: 'no_position', field: 'symbol' } } } },
    ]);
  });

  test('sells a part of what is free in whole lots, or all, or says that there is nothing', async () => {
    const trader = orders.trader();
    const { client, accountId } = trader;
    await eventually(async () => {
      orders.ledger.holdings = [];
      const nothing = client.closePosition({ accountId, symbol: 'ACME', clientOrderId: 'n', part: undefined });
      await expect(nothing).rejects.toMatchObject({ reason: 'no_position' });
    });
    orders.ledger.holdings = [{ symbol: 'ACME', available: micro(7) }];
    await eventually(async () => {
      const half = await client.closePosition({
        accountId,
        symbol: 'ACME',
        clientOrderId: 'half',
        part: { $case: 'percent', value: 500_000n },
      });
      expect(half.order).toMatchObject({ leavesQty: micro(3), spec: { symbol: 'ACME' } });
    });
    const all = await client.closePosition({ accountId, symbol: 'ACME', clientOrderId: 'all', part: undefined });
    expect(all.order?.leavesQty).toBe(micro(7));
    orders.ledger.holdings = [];
  });

  test('closing all goes through every page of what is held', async () => {
    const { client, accountId } = orders.trader();
    orders.ledger.holdings = ['ACME', 'FRAC', 'OTHER'].map((symbol) => ({ symbol, available: micro(2) }));
    orders.ledger.pageOfHoldings = 1;
    try {
      const asked = { accountId, clientOrderId: 'all', cancelOrders: false };
      const { results, hasMore } = await client.closeAllPositions(asked);
      expect(results.map(({ symbol, outcome }) => [symbol, outcome?.$case])).toEqual([
        ['ACME', 'order'],
        ['FRAC', 'order'],
        ['OTHER', 'order'],
      ]);
      expect(hasMore).toBe(false);
    } finally {
      orders.ledger.pageOfHoldings = 200;
      orders.ledger.holdings = [];
    }
  });
});
