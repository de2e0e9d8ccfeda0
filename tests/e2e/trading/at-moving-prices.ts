import { randomUUID } from 'node:crypto';
import { eventually } from '@andvari/kit/testing/eventually';
import { expect, test } from 'vitest';
import type { Market } from '../market.ts';
import { PASSWORD } from '../people.ts';
import {
  accountBecomes,
  accountOf,
  becomes,
  cancelled,
  holderOf,
  operator,
  orderOf,
  place,
  placed,
  type Trader,
  traderWithMoney,
} from '../traders.ts';

const resting = { side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '1', limitPrice: '150' };

/** Orders that wait for a price, for a halt to end, or while their owner does something else. */
export function atMovingPrices(market: Market): void {
  test('a stop waits until the price comes to it, and a stop that it does not come to goes on waiting', {
    timeout: 120_000,
  }, async () => {
    const trader = await holderOf(market.people, 'ORCL', '5');
    const stop = { side: 'SELL', type: 'STOP', timeInForce: 'GTC', quantity: '2' };
    const near = await placed(trader, { ...stop, stopPrice: '195' });
    const far = await placed(trader, { ...stop, stopPrice: '150' });
    await market.priceBecomes(trader, '196');
    await becomes(trader, near, { isOpen: true, filledQuantity: '0' });
    const { explanation } = await orderOf(trader, near, 'explanation { reasons { code } }');
    expect(JSON.stringify(explanation)).toContain('trigger');
    await market.priceBecomes(trader, '194.5');
    await becomes(trader, near, { status: 'FILLED', filledQuantity: '2' });
    await becomes(trader, far, { isOpen: true, filledQuantity: '0' });
    await cancelled(trader, far);
    await becomes(trader, far, { status: 'CANCELED' });
    await accountBecomes(trader, { holdings: { nodes: [{ symbol: 'ORCL', quantity: '3' }] } });
  });

  test('a trailing stop follows the price up, never down, and sells when it turns', { timeout: 120_000 }, async () => {
    const trader = await holderOf(market.people, 'AMD', '5');
    const trailing = { side: 'SELL', type: 'TRAILING_STOP', timeInForce: 'GTC', quantity: '5', trailAmount: '4' };
    const id = await placed(trader, trailing);
    await market.priceBecomes(trader, '197');
    await becomes(trader, id, { isOpen: true, filledQuantity: '0' });
    // The house tells a new price once a second at the most: the high has to have been one of them.
    await market.priceBecomes(trader, '210');
    await eventually(async () => {
      const { explanation } = await orderOf(trader, id, 'explanation { reasons { facts { name decimal } } }');
      expect(JSON.stringify(explanation)).toContain('"206"');
    });
    await market.priceBecomes(trader, '207');
    await becomes(trader, id, { isOpen: true, filledQuantity: '0' });
    await market.priceBecomes(trader, '205');
    await becomes(trader, id, { status: 'FILLED', filledQuantity: '5' });
    await accountBecomes(trader, { holdings: { nodes: [] } });
  });

  test('a halt keeps orders and lets none trade or in; when it ends they trade', { timeout: 120_000 }, async () => {
    const [trader, boss] = [await holderOf(market.people, 'CSCO', '5'), await operator(market.system, market.people)];
    const kept = await placed(trader, { ...resting, limitPrice: '190' });
    await becomes(trader, kept, { status: 'NEW' });
    const halted = await boss.ask(
      'mutation ($input: HaltSymbolInput!) { haltSymbol(input: $input) { __typename ... on Instrument { halted } ... on Refusal { code } } }',
      { input: { symbol: 'CSCO', reason: 'news pending' } },
    );
    expect(halted.errors).toEqual([]);
    await eventually(async () => {
      const refused = await place(trader, { side: 'BUY', type: 'MARKET', quantity: '1' });
      expect(refused['code'], JSON.stringify(refused)).toBe('symbol_halted');
    });
    await market.priceBecomes(trader, '185');
    await becomes(trader, kept, { isOpen: true, filledQuantity: '0' });
    const resumed = await boss.ask('mutation { resumeSymbol(symbol: "CSCO") { __typename ... on Refusal { code } } }');
    expect(resumed.errors).toEqual([]);
    await becomes(trader, kept, { status: 'FILLED', filledQuantity: '1' });
  });

  test('a halt is nothing that a member may do', async () => {
    const { browser } = await market.people.registered();
    const { data, errors } = await browser.ask(
      'mutation { haltSymbol(input: { symbol: "ORCL", reason: "because" }) { __typename } }',
    );
    expect(JSON.stringify([data, errors])).toMatch(/PERMISSION_DENIED|NotPermitted/i);
  });

  test('the same intent twenty times at once over two gateways is one order', { timeout: 120_000 }, async () => {
    const trader = await traderWithMoney(market.people, 'WMT');
    const there: Trader = { ...trader, browser: trader.browser.at(await market.system.anotherGateway()) };
    const clientOrderId = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) => place(at % 2 === 0 ? trader : there, resting, clientOrderId)),
    );
    expect(answers.map(({ __typename: is }) => is)).toEqual(answers.map(() => 'Order'));
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    for (const one of [trader, there]) {
      expect(await accountOf(one, 'orders { nodes { id } }')).toEqual({
        orders: { nodes: [{ id: answers[0]?.['id'] }] },
      });
    }
    const id = String(answers[0]?.['id']);
    await becomes(there, id, { status: 'NEW' });
    expect(await cancelled(there, id)).toMatchObject({ __typename: 'Order' });
    await becomes(trader, id, { status: 'CANCELED' });
  });

  test('orders stay when the password is changed, and only who knows the new one gets at them', {
    timeout: 120_000,
  }, async () => {
    const person = await market.people.registered();
    const trader = await traderWithMoney({ ...market.people, registered: async () => person }, 'PEP');
    const id = await placed(trader, resting);
    await becomes(trader, id, { status: 'NEW' });
    const other = market.people.visitor();
    expect((await other.post('/auth/login', { email: person.email, password: PASSWORD })).status).toBe(200);
    const newPassword = 'an entirely different phrase 42';
    const { data } = await person.browser.ask(
      'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { __typename } }',
      { input: { currentPassword: PASSWORD, newPassword } },
    );
    expect(data).toEqual({ changePassword: { __typename: 'PasswordChanged' } });
    await eventually(async () => {
      const { data: seen } = await other.ask('query ($id: ID!) { order(id: $id) { status } }', { id });
      expect(seen['order'] ?? null).toBeNull();
    });
    const again = market.people.visitor();
    expect((await again.post('/auth/login', { email: person.email, password: newPassword })).status).toBe(200);
    const back: Trader = { ...trader, browser: again };
    await becomes(back, id, { status: 'NEW', isOpen: true });
    expect(await cancelled(back, id)).toMatchObject({ __typename: 'Order' });
    await becomes(back, id, { status: 'CANCELED' });
  });

  test('an account is not deleted while an order of it is open', { timeout: 120_000 }, async () => {
    const trader = await traderWithMoney(market.people, 'PEP');
    const id = await placed(trader, resting);
    await becomes(trader, id, { status: 'NEW' });
    const asked = await trader.browser.ask(
      'mutation { requestAccountDeletion { __typename ... on Refusal { code message } } }',
    );
    expect(asked.errors).toEqual([]);
    await eventually(async () => {
      const { data } = await trader.browser.ask('{ accountDeletion { state reason } }');
      expect(data).toEqual({ accountDeletion: { state: 'REFUSED', reason: 'OPEN_ORDERS' } });
    });
    await becomes(trader, id, { status: 'NEW', isOpen: true });
  });
}
