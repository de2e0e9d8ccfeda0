import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { instrumentOf, quoteOf } from './fake-market.ts';
import { userIdOf } from './fake-service.ts';
import { type GatewayRig, gatewayRig } from './gateway-rig.ts';

/** Lists that a service ranks: searches and movers. */
let rig: GatewayRig;
let token: string;
beforeAll(async () => {
  rig = await gatewayRig();
  token = await rig.tokens.sign({ sub: userIdOf('ada') });
});
afterAll(() => rig.close());

let ranking: string[];
beforeEach(() => {
  ranking = symbols(130);
  const top = (first: number) => {
    if (first > 100) throw new Error(`asked for ${first}`);
    return ranking.slice(0, first);
  };
  Object.assign(rig.stock.answers, {
    searchInstruments: ({ first }: { first: number }) => ({ instruments: top(first).map(instrumentOf) }),
    getMovers: ({ first }: { first: number }) => ({
      movers: top(first).map((symbol) => ({
        instrument: instrumentOf(symbol),
        quote: quoteOf(symbol),
        change: 1n,
        changePpm: 1n,
      })),
      asOfUs: 1n,
    }),
  });
});

interface Page {
  nodes: { symbol: string }[];
  edges: { cursor: string }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; endCursor: string | null };
}

const PAGE = '{ nodes { symbol } edges { cursor } pageInfo { hasNextPage hasPreviousPage endCursor } }';
const lists = { searchInstruments: 'query: "a"', movers: 'kind: GAINERS, currency: "usd"' };
const others: [string, string, string][] = [
  ['another query', 'searchInstruments', 'query: "b"'],
  ['another kind', 'movers', 'kind: LOSERS, currency: "USD"'],
  ['another currency', 'movers', 'kind: GAINERS'],
];

describe.each(Object.entries(lists))('%s', (field, args) => {
  const page = async (first: number, after?: string) => {
    const { data, errors } = await ask(field, args, first, after);
    expect(errors).toEqual([]);
    return (data as { it: Page }).it;
  };

  test.each([1, 7, 50, 51, 100])('pages of %d are the best hundred, each once', async (first) => {
    const seen: string[] = [];
    for (let after: string | undefined; ; ) {
      const { nodes, pageInfo } = await page(first, after);
      expect(pageInfo.hasPreviousPage).toBe(seen.length > 0);
      seen.push(...nodes.map(({ symbol }) => symbol));
      if (!pageInfo.hasNextPage) break;
      after = pageInfo.endCursor ?? '';
      if (first === 1 && seen.length === 5) break;
    }
    expect(seen).toEqual(symbols(first === 1 ? 5 : 100));
  });

  test('a page that is the last says so', async () => {
    ranking = symbols(7);
    expect((await page(6)).pageInfo.hasNextPage).toBe(true);
    expect((await page(7)).pageInfo.hasNextPage).toBe(false);
  });

  test('a cursor in the middle goes on from there', async () => {
    const { edges } = await page(5);
    expect((await page(2, edges[2]?.cursor)).nodes).toEqual([{ symbol: 'S3' }, { symbol: 'S4' }]);
  });

  test('a row that has left the ranking takes no cursor with it', async () => {
    const { pageInfo } = await page(3);
    ranking = ranking.filter((symbol) => symbol !== 'S2');
    expect((await page(1, pageInfo.endCursor ?? '')).nodes).toHaveLength(1);
  });

  test.each([
    'nonsense',
    'S1',
    Buffer.from('[1]').toString('base64url'),
    Buffer.from('[999,"a"]').toString('base64url'),
  ])('%s is not a cursor of it', async (after) => {
    expect((await ask(field, args, 1, after)).errors[0]?.extensions).toMatchObject({ field: 'after' });
  });

  test.each([0, 101])('a page of %d is refused', async (first) => {
    expect((await ask(field, args, first)).errors[0]?.extensions).toMatchObject({ field: 'first' });
  });
});

test.each(others)('a cursor is of its list, not of one of %s', async (_, field, args) => {
  const { data } = await ask(field, lists[field as keyof typeof lists], 2);
  const { endCursor } = (data as { it: Page }).it.pageInfo;
  const { errors } = await ask(field, args, 2, endCursor ?? '');
  expect(errors[0]?.extensions).toMatchObject({ code: 'INVALID_ARGUMENT', field: 'after' });
});

function ask(field: string, args: string, first: number, after?: string) {
  const page = `first: ${first}${after === undefined ? '' : `, after: ${JSON.stringify(after)}`}`;
  return rig.ask({ query: `{ it: ${field}(${args}, ${page}) ${PAGE} }`, token });
}

function symbols(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `S${at}`);
}
