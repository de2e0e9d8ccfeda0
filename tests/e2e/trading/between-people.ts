import { expect, test } from 'vitest';
import type { Market } from '../market.ts';
import {
  accountBecomes,
  becomes,
  cancelled,
  holderOf,
  limit,
  micros,
  ORDER,
  orderOf,
  place,
  placed,
  traderWithMoney,
} from '../traders.ts';

/** People who trade with each other, between the house’s prices, which stand still at 200 dollars. */
export function betweenPeople(market: Market): void {
  test('a limit order is partly filled by another user, replaced, and cancelled; each has what it should', {
    timeout: 120_000,
  }, async () => {
    const [buyer, seller] = [await traderWithMoney(market.people, 'AAPL'), await holderOf(market.people, 'AAPL', '4')];
    const id = await placed(buyer, limit('BUY', '10', '200.01'));
    await becomes(buyer, id, { status: 'NEW' });
    const sale = await placed(seller, limit('SELL', '3', '200.01'));
    await becomes(seller, sale, { status: 'FILLED', averagePrice: '200.01' });
    await becomes(buyer, id, { status: 'PARTIALLY_FILLED', filledQuantity: '3', remainingQuantity: '7' });

    const { data } = await buyer.browser.ask(
      `mutation ($input: ReplaceOrderInput!) { replaceOrder(input: $input) { ${ORDER} ... on Refusal { code } } }`,
      { input: { orderId: id, quantity: '5', limitPrice: '199.5' } },
    );
    const replacement = data['replaceOrder'] as Record<string, unknown>;
    expect(replacement).toMatchObject({ __typename: 'Order' });
    const newId = String(replacement['id']);
    await becomes(buyer, id, { status: 'REPLACED', filledQuantity: '3' });
    // The quantity is that of the whole intent: what is filled counts.
    await becomes(buyer, newId, { isOpen: true, filledQuantity: '3', remainingQuantity: '2' });
    await becomes(buyer, newId, { executions: [] });

    expect(await cancelled(buyer, newId)).toMatchObject({ __typename: 'Order' });
    await becomes(buyer, newId, { status: 'CANCELED', isOpen: false });
    await becomes(buyer, id, { executions: [{ quantity: '3', price: '200.01' }] });
    await accountBecomes(buyer, { cashReserved: '0', holdings: { nodes: [{ symbol: 'AAPL', quantity: '3' }] } });
    await accountBecomes(seller, { cashReserved: '0', holdings: { nodes: [{ symbol: 'AAPL', quantity: '1' }] } });
  });

  test('two people who cross trade at the price of who was there first', { timeout: 120_000 }, async () => {
    const [buyer, seller] = [await traderWithMoney(market.people, 'MSFT'), await holderOf(market.people, 'MSFT', '5')];
    const offer = await placed(seller, limit('SELL', '5', '200.02'));
    await becomes(seller, offer, { status: 'NEW' });
    const bid = await placed(buyer, limit('BUY', '5', '200.03'));
    await becomes(buyer, bid, { status: 'FILLED', filledQuantity: '5', averagePrice: '200.02' });
    await becomes(seller, offer, { status: 'FILLED', filledQuantity: '5', averagePrice: '200.02' });
    await accountBecomes(seller, { holdings: { nodes: [] }, cashReserved: '0' });
  });

  test('nobody trades with themselves', { timeout: 120_000 }, async () => {
    const trader = await holderOf(market.people, 'NVDA', '5');
    const offer = await placed(trader, limit('SELL', '5', '200.02'));
    await becomes(trader, offer, { status: 'NEW' });
    const bid = await placed(trader, limit('BUY', '2', '200.02'));
    await becomes(trader, bid, { isOpen: false, filledQuantity: '0' });
    expect(String((await orderOf(trader, bid, 'reason'))['reason'])).toMatch(/self/i);
    await becomes(trader, offer, { status: 'NEW', filledQuantity: '0', remainingQuantity: '5' });
    await cancelled(trader, offer);
    await becomes(trader, offer, { status: 'CANCELED' });
  });

  test('fill or kill trades all or nothing, immediate or cancel what there is', { timeout: 120_000 }, async () => {
    const [buyer, seller] = [await traderWithMoney(market.people, 'AMZN'), await holderOf(market.people, 'AMZN', '3')];
    const offer = await placed(seller, limit('SELL', '3', '200.01'));
    await becomes(seller, offer, { status: 'NEW' });
    const killed = await placed(buyer, limit('BUY', '5', '200.01', 'FOK'));
    await becomes(buyer, killed, { isOpen: false, filledQuantity: '0' });
    await becomes(seller, offer, { status: 'NEW', remainingQuantity: '3' });
    const taken = await placed(buyer, limit('BUY', '5', '200.01', 'IOC'));
    await becomes(buyer, taken, { isOpen: false, status: 'CANCELED', filledQuantity: '3' });
    await becomes(seller, offer, { status: 'FILLED' });
    const whole = await placed(buyer, { side: 'BUY', type: 'MARKET', timeInForce: 'FOK', quantity: '2' });
    await becomes(buyer, whole, { status: 'FILLED', filledQuantity: '2' });
    await accountBecomes(buyer, { cashReserved: '0', holdings: { nodes: [{ symbol: 'AMZN', quantity: '5' }] } });
  });

  test('fractions of a share, and shares for an amount of money', { timeout: 120_000 }, async () => {
    const trader = await traderWithMoney(market.people, 'META');
    const part = await placed(trader, { side: 'BUY', type: 'MARKET', quantity: '0.123456' });
    await becomes(trader, part, { status: 'FILLED', filledQuantity: '0.123456' });
    const worth = await placed(trader, { side: 'BUY', type: 'MARKET', notional: '500' });
    await becomes(trader, worth, { status: 'FILLED', isOpen: false });
    await accountBecomes(trader, { cashReserved: '0' });
    const { executions } = await orderOf(trader, worth, 'executions { quantity amount }');
    const fills = executions as { quantity: string; amount: string }[];
    const spent = fills.reduce((sum, { amount }) => sum + micros(amount), 0n);
    // As many as it buys at the best price there is when it is placed; what they cost is what they trade at.
    expect(spent).toBeGreaterThan(499_500_000n);
    expect(spent).toBeLessThan(500_500_000n);
    expect(micros(fills[0]?.quantity ?? '0') % 1_000_000n).not.toBe(0n);
    expect(await place(trader, { side: 'BUY', type: 'MARKET', notional: '0.5' })).toMatchObject({
      __typename: expect.not.stringMatching(/^Order$/) as string,
    });
  });
}
