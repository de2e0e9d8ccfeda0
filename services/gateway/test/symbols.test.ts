import { AppError } from '@andvari/kit/base/errors';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accountIdOf } from './fake-portfolio.ts';
import { userIdOf } from './fake-service.ts';
import { type GatewayRig, gatewayRig } from './gateway-rig.ts';

let rig: GatewayRig;
let token: string;
beforeAll(async () => {
  rig = await gatewayRig();
  token = await rig.tokens.sign({ sub: userIdOf('ada') });
});
afterAll(() => rig.close());

const fields: Record<string, (symbol: string) => string> = {
  instrument: (symbol) => `{ it: instrument(symbol: "${symbol}") { symbol } }`,
  quote: (symbol) => `{ it: quote(symbol: "${symbol}") { symbol } }`,
  bars: (symbol) => `{ it: bars(symbol: "${symbol}") { symbol } }`,
  book: (symbol) => `{ it: book(symbol: "${symbol}") { symbol } }`,
};

describe('a symbol is taken in any case, by every field alike', () => {
  test.each(Object.entries(fields))('%s', async (_, query) => {
    const small = await rig.ask({ query: query('acme'), token });
    expect(small).toMatchObject({ errors: [], data: { it: { symbol: 'ACME' } } });
    const none = await rig.ask({ query: query('no such thing'), token });
    expect(none.errors[0]?.extensions).toMatchObject({ code: 'INVALID_ARGUMENT', field: 'symbol' });
  });

  test.each(['ſpy', 'ſPY', 'BRK.B', '1A'])('%s is no symbol, whatever its capitals are', async (symbol) => {
    for (const query of Object.values(fields)) {
      const { errors } = await rig.ask({ query: query(symbol), token });
      expect(errors[0]?.extensions).toMatchObject({ code: 'INVALID_ARGUMENT', field: 'symbol' });
    }
  });

  test('an order’s too', async () => {
    const account = accountIdOf(userIdOf('ada'));
    const order = '{ symbol: "acme", side: BUY, type: MARKET, quantity: "1" }';
    await rig.ask({
      query: `mutation { placeOrder(input: { accountId: "${account}", order: ${order} }) { __typename } }`,
      token,
    });
    expect(rig.order.callsOf('placeOrder').at(-1)?.request).toMatchObject({ order: { symbol: 'ACME' } });
  });

  test('those of a watchlist too, made or changed', async () => {
    const made = 'mutation { createWatchlist(input: { name: "Tech", symbols: ["acme", "Globex"] }) { __typename } }';
    await rig.ask({ query: made, token });
    expect(rig.user.callsOf('createWatchlist').at(-1)?.request).toMatchObject({ symbols: ['ACME', 'GLOBEX'] });
    const id = Buffer.from(`Watchlist:${userIdOf('a list')}`).toString('base64');
    const changed = `mutation { updateWatchlist(input: { id: "${id}", symbols: ["ſpy", "acme"] }) { __typename } }`;
    await rig.ask({ query: changed, token });
    expect(rig.user.callsOf('updateWatchlist').at(-1)?.request).toMatchObject({
      symbols: { symbols: ['ſPY', 'ACME'] },
    });
  });

  test('what an adjustment moves too', async () => {
    rig.permissions.set(userIdOf('otto'), ['ledger:adjust']);
    const operator = await rig.tokens.sign({ sub: userIdOf('otto') });
    const moved = `accountId: "${accountIdOf(userIdOf('ada'))}", asset: "acme", amount: "-1", reason: "a slip", idempotencyKey: "k"`;
    await rig.ask({ query: `mutation { adjust(input: { ${moved} }) { __typename } }`, token: operator });
    expect(rig.portfolio.callsOf('adjust').at(-1)?.request).toMatchObject({ asset: 'ACME' });
  });
});

test('a book that nobody keeps is null, as everything else that is not there', async () => {
  const before = rig.engine.answers['getBook'];
  rig.engine.answers['getBook'] = () => {
    throw new AppError('not_found', 'no book', { reason: 'book_not_found' });
  };
  const { data, errors } = await rig.ask({ query: '{ book(symbol: "NOPE") { symbol } }', token });
  Object.assign(rig.engine.answers, { getBook: before });
  expect({ data, errors }).toEqual({ data: { book: null }, errors: [] });
});

test.each([-1, 0, 201])('a book of %d levels is refused, with the field and what may be asked for', async (levels) => {
  const { errors } = await rig.ask({ query: `{ book(symbol: "ACME", levels: ${levels}) { symbol } }`, token });
  expect(errors[0]).toMatchObject({ message: 'levels: should be from 1 to 200', extensions: { field: 'levels' } });
});
