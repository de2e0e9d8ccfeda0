import { randomUUID } from 'node:crypto';
import { eventually } from '@andvari/kit/testing/eventually';
import { expect, test } from 'vitest';
import type { Market } from '../market.ts';
import {
  accountBecomes,
  accountOf,
  becomes,
  cancelled,
  holderOf,
  limit,
  micros,
  ORDER,
  orderOf,
  place,
  placed,
  type Trader,
  traderWithMoney,
} from '../traders.ts';
import { group, groupPlaced } from './groups.ts';

const stop = (quantity: string, stopPrice: string) => ({
  side: 'SELL',
  type: 'STOP',
  timeInForce: 'GTC',
  quantity,
  stopPrice,
});

/** Orders that stand or fall together, between the house’s prices, which stand still at 200 dollars until a story moves them. */
export function inGroups(market: Market): void {
  test('a bracket whose entry fills in parts protects every part of it, and one exit sells what the other has left', {
    timeout: 120_000,
  }, async () => {
    const [trader, others] = [await traderWithMoney(market.people, 'JPM'), await holderOf(market.people, 'JPM', '20')];
    const rival = await traderWithMoney(market.people, 'JPM');
    const legs = [limit('BUY', '10', '200.01'), limit('SELL', '10', '200.03'), stop('10', '190')];
    const [entry, profit, loss] = await groupPlaced(trader, 'BRACKET', legs);
    await becomes(trader, entry, { status: 'NEW' });
    for (const exit of [profit, loss]) await becomes(trader, exit, { status: 'HELD', remainingQuantity: '10' });
    expect(await holding(trader)).toBeUndefined();

    await placed(others, limit('SELL', '4', '200.01'));
    await becomes(trader, entry, { status: 'PARTIALLY_FILLED', filledQuantity: '4' });
    await becomes(trader, profit, { status: 'HELD' });
    await holds(trader, { quantity: '4', quantityAvailable: '0' });
    expect(await place(trader, { side: 'SELL', type: 'MARKET', quantity: '1' })).toMatchObject({
      __typename: 'InsufficientShares',
      available: '0',
    });

    await placed(others, limit('SELL', '6', '200.01'));
    await becomes(trader, entry, { status: 'FILLED' });
    await becomes(trader, profit, { status: 'NEW', remainingQuantity: '10' });
    await becomes(trader, loss, { status: 'ACCEPTED', remainingQuantity: '10' });
    await holds(trader, { quantity: '10', quantityAvailable: '0' });

    await placed(rival, limit('BUY', '3', '200.03'));
    await becomes(trader, profit, { status: 'PARTIALLY_FILLED', filledQuantity: '3', remainingQuantity: '7' });
    await becomes(trader, loss, { isOpen: true, remainingQuantity: '7' });
    await holds(trader, { quantity: '7', quantityAvailable: '0' });

    expect(await replaced(trader, profit, { quantity: '5' })).toMatchObject({ code: 'group_quantity_fixed' });
    const dearer = await replaced(trader, profit, { limitPrice: '200.04' });
    expect(dearer).toMatchObject({ __typename: 'Order', groupLeg: 1 });
    const next = String(dearer['id']);
    await becomes(trader, profit, { status: 'REPLACED' });
    await becomes(trader, next, { isOpen: true, filledQuantity: '3', remainingQuantity: '7' });

    await market.priceBecomes(trader, '189');
    await becomes(trader, loss, { status: 'FILLED', filledQuantity: '7' });
    await becomes(trader, next, { status: 'CANCELED', reason: 'GROUP' });
    await emptied(trader);
  });

  test('both exits of an oco fill, and together they sell what they protect', { timeout: 120_000 }, async () => {
    const [trader, rival] = [await holderOf(market.people, 'KO', '10'), await traderWithMoney(market.people, 'KO')];
    const [profit, loss] = await groupPlaced(trader, 'OCO', [limit('SELL', '10', '200.03'), stop('10', '195')]);
    await becomes(trader, profit, { status: 'NEW' });
    await holds(trader, { quantity: '10', quantityAvailable: '0' });
    await placed(rival, limit('BUY', '4', '200.03'));
    await becomes(trader, loss, { isOpen: true, remainingQuantity: '6' });
    await market.priceBecomes(trader, '194');
    await becomes(trader, loss, { status: 'FILLED', filledQuantity: '6' });
    await becomes(trader, profit, { status: 'CANCELED', filledQuantity: '4' });
    await emptied(trader);
  });

  test('whoever wins the race between the exits of an oco, no share is sold twice and none is left behind', {
    timeout: 180_000,
  }, async () => {
    for (let round = 0; round < 3; round += 1) {
      const [trader, rival] = [await holderOf(market.people, 'DIS', '10'), await traderWithMoney(market.people, 'DIS')];
      const exits = await groupPlaced(trader, 'OCO', [limit('SELL', '10', '200.03'), stop('10', '195')]);
      await becomes(trader, exits[0], { status: 'NEW' });
      market.prices.set('DIS', 194);
      await placed(rival, limit('BUY', '10', '200.03', 'IOC'));
      const filled = await eventually(async () => {
        const orders = await Promise.all(exits.map((id) => orderOf(trader, id, 'isOpen')));
        expect(orders.map(({ isOpen }) => isOpen)).toEqual([false, false]);
        return orders.reduce((all, { filledQuantity }) => all + micros(filledQuantity), 0n);
      });
      expect(filled).toBe(10_000_000n);
      await emptied(trader);
      await market.priceBecomes(trader, '200');
      // Stops go by what the house quotes, which comes a moment later: the next round's would trigger at once.
      await eventually(async () => expect(await bestBid(trader)).toBeGreaterThan(micros('199')));
    }
  });

  test('an oto’s exit protects what its entry had bought when it was cancelled', { timeout: 120_000 }, async () => {
    const [trader, others] = [await traderWithMoney(market.people, 'IBM'), await holderOf(market.people, 'IBM', '5')];
    const clientOrderId = randomUUID();
    const legs = [limit('BUY', '5', '200.01'), limit('SELL', '5', '210')];
    const [entry, exit] = await groupPlaced(trader, 'OTO', legs, clientOrderId);
    expect(await groupPlaced(trader, 'OTO', legs, clientOrderId)).toEqual([entry, exit]);
    await becomes(trader, entry, { status: 'NEW' });
    await placed(others, limit('SELL', '2', '200.01'));
    await becomes(trader, entry, { filledQuantity: '2' });
    await cancelled(trader, entry);
    await becomes(trader, entry, { status: 'CANCELED' });
    await becomes(trader, exit, { status: 'NEW', remainingQuantity: '2' });
    await holds(trader, { quantity: '2', quantityAvailable: '0' });
    await accountBecomes(trader, { cashReserved: '0' });
    await cancelled(trader, exit);
    await becomes(trader, exit, { status: 'CANCELED' });
    await holds(trader, { quantity: '2', quantityAvailable: '2' });
  });

  test('one leg cancelled takes its group with it, and all that it held is free', { timeout: 120_000 }, async () => {
    const trader = await traderWithMoney(market.people, 'V');
    const legs = [limit('BUY', '10', '150'), limit('SELL', '10', '210'), stop('10', '140')];
    const all = await groupPlaced(trader, 'BRACKET', legs);
    await becomes(trader, all[2], { status: 'HELD' });
    expect(micros(String((await accountOf(trader, 'cashReserved'))['cashReserved']))).toBeGreaterThanOrEqual(
      1_500_000_000n,
    );
    await cancelled(trader, all[2]);
    for (const id of all) await becomes(trader, id, { status: 'CANCELED', filledQuantity: '0' });
    await emptied(trader);
  });

  test('a group that cannot be is refused whole, with what is wrong', { timeout: 120_000 }, async () => {
    const trader = await traderWithMoney(market.people, 'V');
    expect(await group(trader, 'OCO', [limit('SELL', '10', '210'), stop('10', '190')])).toMatchObject({
      __typename: 'InsufficientShares',
      required: '10',
      available: '0',
    });
    expect(
      await group(trader, 'BRACKET', [limit('BUY', '200', '150'), limit('SELL', '200', '210'), stop('200', '140')]),
    ).toMatchObject({ __typename: 'InsufficientBuyingPower', available: '20000' });
    expect(await group(trader, 'OTO', [limit('BUY', '5', '150'), limit('SELL', '4', '210')])).toMatchObject({
      __typename: 'InvalidOrder',
      code: 'group_invalid',
    });
    expect(await accountOf(trader, 'cashReserved orders { nodes { id } }')).toEqual({
      cashReserved: '0',
      orders: { nodes: [] },
    });
  });
}

async function replaced(
  { browser }: Trader,
  orderId: string,
  change: Record<string, string>,
): Promise<Record<string, unknown>> {
  const { data, errors } = await browser.ask(
    `mutation ($input: ReplaceOrderInput!) { replaceOrder(input: $input) { ${ORDER} ... on Order { groupLeg }
      ... on Refusal { code } } }`,
    { input: { orderId, ...change } },
  );
  expect(errors).toEqual([]);
  return data['replaceOrder'] as Record<string, unknown>;
}

interface Holding {
  readonly symbol: string;
  readonly quantity: string;
  readonly quantityAvailable: string;
}

async function holding(trader: Trader): Promise<Holding | undefined> {
  const { holdings } = await accountOf(trader, 'holdings { nodes { symbol quantity quantityAvailable } }');
  return (holdings as { nodes: Holding[] }).nodes.find(({ symbol }) => symbol === trader.symbol);
}

async function bestBid({ browser, symbol }: Trader): Promise<bigint> {
  const { data } = await browser.ask(`{ book(symbol: "${symbol}") { bids { price } } }`);
  return micros((data['book'] as { bids: { price: string }[] }).bids[0]?.price ?? '0');
}

function holds(trader: Trader, expected: Omit<Holding, 'symbol'>): Promise<unknown> {
  return eventually(async () => expect(await holding(trader)).toMatchObject(expected));
}

/** No shares and nothing held back. */
function emptied(trader: Trader): Promise<unknown> {
  return eventually(async () => {
    expect(await holding(trader)).toBeUndefined();
    expect(await accountOf(trader, 'cashReserved')).toEqual({ cashReserved: '0' });
  });
}
