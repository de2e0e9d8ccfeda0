import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser } from './browser.ts';
import { peopleOf } from './people.ts';
import { identityServices, type System, startSystem } from './system.ts';

/** What nobody should ask of the market, asked of the gateway: each is refused by a code and by the name of what is wrong. */
let system: System;
let browser: Browser;

beforeAll(async () => {
  system = await startSystem([...identityServices, 'stock'], { MARKET_HOURS: 'always' });
  browser = (await peopleOf(system).registered()).browser;
});
afterAll(() => system.close());

const cursor = (...parts: (string | number)[]) => Buffer.from(JSON.stringify(parts)).toString('base64url');
const bars = (asked: string) => `{ it: bars(${asked}) { __typename } }`;
const day = 'symbol: "AAPL", timeframe: DAY';

test.each<[string, string, string]>([
  ['a range turned round', bars(`${day}, from: "2026-06-02T00:00:00Z", to: "2026-06-01T00:00:00Z"`), 'to'],
  ['an empty range', bars(`${day}, from: "2026-06-02T00:00:00Z", to: "2026-06-02T00:00:00Z"`), 'to'],
  ['a time beyond all calendars', bars(`${day}, to: "9999-01-01T00:00:00Z"`), 'to'],
  ['neither timeframe nor period', bars('symbol: "AAPL"'), 'timeframe'],
  ['a period with a range', bars('symbol: "AAPL", period: DAY, from: "2026-06-02T00:00:00Z"'), 'period'],
  ['too many bars', bars(`${day}, first: 1001`), 'first'],
  ['less than no bars', bars(`${day}, first: -1`), 'first'],
  ['a cursor that is none', bars(`${day}, after: "nonsense"`), 'after'],
  ['a cursor of another list', bars(`${day}, after: "${cursor('AAPL')}"`), 'after'],
  ['a cursor of another timeframe', bars(`${day}, after: "${cursor('hour', 0, 1)}"`), 'after'],
  [
    'instruments by a cursor of bars',
    `{ it: instruments(after: "${cursor('day', 0, 1)}") { nodes { symbol } } }`,
    'after',
  ],
  [
    'actions by a cursor of instruments',
    `{ it: corporateActions(symbol: "AAPL", after: "${cursor('AAPL')}") { nodes { id } } }`,
    'after',
  ],
  ['a symbol with a control character', '{ it: quotes(symbols: ["AAPL", "A\\u0007"]) { __typename } }', 'symbols'],
  ['a symbol with a wildcard', '{ it: quotes(symbols: ["*"]) { __typename } }', 'symbols'],
  ['a search with control characters', '{ it: searchInstruments(query: "A\\u0000B") { __typename } }', 'query'],
  ['a search for nothing', '{ it: searchInstruments(query: "  ") { __typename } }', 'query'],
  [
    'a calendar from no date',
    '{ it: marketCalendar(fromDate: "2026-02-30", toDate: "2026-03-01") { __typename } }',
    'fromDate',
  ],
  [
    'a calendar turned round',
    '{ it: marketCalendar(fromDate: "2026-03-02", toDate: "2026-03-01") { __typename } }',
    'toDate',
  ],
  ['a rate of a currency in itself', '{ it: fxRate(from: "USD", to: "USD") { __typename } }', 'to'],
  ['a rate of no currency', '{ it: fxRate(from: "USD", to: "XXX") { __typename } }', 'to'],
  ['a rate of what is no currency here', '{ it: fxRate(from: "BTC", to: "USD") { __typename } }', 'from'],
  ['a rate of another that is none here', '{ it: fxRate(from: "JPY", to: "USD") { __typename } }', 'from'],
  ['a quote of no symbol', '{ it: quote(symbol: "BRK.B") { last } }', 'symbol'],
  ['an instrument of no symbol', '{ it: instrument(symbol: "ſpy") { name } }', 'symbol'],
  ['a type that is for answers', '{ it: instruments(filter: { type: UNKNOWN }) { nodes { symbol } } }', 'filter.type'],
  [
    'instruments of no currency',
    '{ it: instruments(filter: { currency: "%%%" }) { nodes { symbol } } }',
    'filter.currency',
  ],
  ['movers of no currency', '{ it: movers(kind: GAINERS, currency: "%%%") { nodes { symbol } } }', 'currency'],
  ['more found than there may be', '{ it: searchInstruments(query: "a", first: 101) { nodes { symbol } } }', 'first'],
])('%s', async (_, query, field) => {
  const { data, errors } = await browser.ask(query);
  expect(
    errors.map(({ extensions }) => extensions),
    JSON.stringify({ data, errors }),
  ).toMatchObject([{ code: 'INVALID_ARGUMENT', field }]);
});

interface Ranked {
  nodes: { symbol: string }[];
  pageInfo: { hasNextPage: boolean; endCursor: string };
}

test.each([
  ['a search', 'searchInstruments(query: "a"', true],
  ['movers', 'movers(kind: MOST_ACTIVE, currency: "cad"', false],
])('%s is read page by page to its end', async (_, asked, staysAsItIs) => {
  const page = async (first: number, after: string): Promise<Ranked> => {
    const fields = 'nodes { symbol } pageInfo { hasNextPage endCursor }';
    const { data, errors } = await browser.ask(`{ it: ${asked}, first: ${first}, after: "${after}") { ${fields} } }`);
    expect(errors).toEqual([]);
    return (data as { it: Ranked }).it;
  };
  const whole = await page(100, '');
  expect(whole.pageInfo.hasNextPage).toBe(false);
  const found: string[] = [];
  for (let after = ''; ; ) {
    const { nodes, pageInfo } = await page(3, after);
    found.push(...nodes.map(({ symbol }) => symbol));
    if (!pageInfo.hasNextPage) break;
    after = pageInfo.endCursor;
  }
  expect(found.length).toBeGreaterThan(4);
  expect(found).toHaveLength(whole.nodes.length);
  if (staysAsItIs) expect(found).toEqual(whole.nodes.map(({ symbol }) => symbol));
});

test('ten thousand symbols are refused, and so are as many in one text', async () => {
  const symbols = Array.from({ length: 10_000 }, (_, index) => `S${index}`);
  const byVariable = await browser.ask('query ($symbols: [String!]!) { it: quotes(symbols: $symbols) { last } }', {
    symbols,
  });
  expect(byVariable.errors).toMatchObject([{ extensions: { code: 'INVALID_ARGUMENT', field: 'symbols' } }]);
  const inText = await browser.ask(`{ it: quotes(symbols: ${JSON.stringify(symbols)}) { last } }`);
  expect(inText.errors).toMatchObject([{ extensions: { code: 'INVALID_ARGUMENT' } }]);
});

test.each([
  ['an instrument', '{ it: instrument(symbol: "NOPE") { symbol } }'],
  ['a quote', '{ it: quote(symbol: "NOPE") { last } }'],
])('%s that there is not is null, and no error', async (_, query) => {
  const { data, errors } = await browser.ask(query);
  expect({ data, errors }).toEqual({ data: { it: null }, errors: [] });
});

test('bars of a symbol that there is not are refused by name', async () => {
  const { errors } = await browser.ask(bars('symbol: "NOPE", timeframe: DAY'));
  expect(errors).toMatchObject([{ extensions: { code: 'NOT_FOUND', field: 'symbol' } }]);
});

test.each([
  ['a timeframe that there is not', bars('symbol: "AAPL", timeframe: FORTNIGHT'), 'FORTNIGHT'],
  ['a period that there is not', bars('symbol: "AAPL", period: DECADE'), 'DECADE'],
])('%s is no query', async (_, query, value) => {
  const { errors } = await browser.ask(query);
  expect(errors).toMatchObject([{ message: expect.stringContaining(value), extensions: { code: 'INVALID_ARGUMENT' } }]);
});
