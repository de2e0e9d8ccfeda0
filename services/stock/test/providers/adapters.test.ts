import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Instrument } from '../../src/domain/instrument.ts';
import { alpacaProvider } from '../../src/ports/alpaca.ts';
import { fmpProvider } from '../../src/ports/fmp.ts';
import { frankfurterFx } from '../../src/ports/frankfurter.ts';
import type { BarQuery, MarketDataProvider } from '../../src/ports/provider.ts';
import { UpstreamError } from '../../src/ports/upstream.ts';
import { shippedInstruments } from '../simulated/symbols.ts';
import { type Answer, httpStandIn, type StandIn } from './http-stand-in.ts';

let server: StandIn;
beforeAll(async () => {
  server = await httpStandIn();
});
afterAll(() => server.close());
beforeEach(() => {
  server.asked.length = 0;
  server.headers.length = 0;
});

const KEY = 'a-key-that-nobody-may-see';
const AT = Date.UTC(2026, 5, 10, 15, 55);
const instrument = (symbol: string): Instrument => {
  const found = shippedInstruments().find((one) => one.symbol === symbol);
  if (found === undefined) throw new Error(symbol);
  return found;
};
const both = [instrument('AAPL'), instrument('BRK-B')];
const query: BarQuery = {
  from: Date.UTC(2026, 5, 8),
  to: Date.UTC(2026, 5, 11),
  now: AT,
  limit: 100,
  backwards: false,
  adjusted: false,
};

const alpaca = (timeoutMs = 1000) =>
  alpacaProvider({ baseUrl: server.url, keyId: KEY, secretKey: KEY, feed: 'iex', timeoutMs });
const fmp = (timeoutMs = 1000) => fmpProvider({ baseUrl: server.url, apiKey: KEY, timeoutMs });

const snapshot = (price: unknown) => ({
  latestTrade: { t: '2026-06-10T15:54:58.123456789Z', x: 'V', p: price, s: 100, c: ['@'], i: 1, z: 'C' },
  latestQuote: { t: '2026-06-10T15:54:59Z', ax: 'V', ap: 227.55, as: 3, bx: 'V', bp: 227.5, bs: 2 },
  dailyBar: { t: '2026-06-10T04:00:00Z', o: 225.1, h: 228, l: 224.9, c: 227.52, v: 1234567, n: 9, vw: 226.5 },
  prevDailyBar: { t: '2026-06-09T04:00:00Z', o: 224, h: 226, l: 223, c: 225.01, v: 7654321, n: 9, vw: 225 },
});
const alpacaBar = (t: string, c: unknown) => ({ t, o: 100.5, h: 101.25, l: 99.75, c, v: 5000, n: 3, vw: 100.4 });
const fmpRow = (date: string, close: number) => ({ date, open: 10, low: 9, high: 12, close, volume: 100 });
const fmpQuote = (price: unknown) => ({
  symbol: 'AAPL',
  name: 'Apple Inc.',
  price,
  dayLow: 224.9,
  dayHigh: 228,
  yearHigh: 260.1,
  yearLow: 164.08,
  volume: 1234567,
  open: 225.1,
  previousClose: 225.01,
  timestamp: AT / 1000 - 30,
});

describe('alpaca', () => {
  test('snapshots become quotes, a dash becomes a dot, and what is missing is left out', async () => {
    server.answer(() => ({ body: { AAPL: snapshot(227.52), 'BRK.B': { latestTrade: null } } }));
    expect(await alpaca().quotes(both, AT)).toEqual([
      {
        symbol: 'AAPL',
        last: 227_520_000n,
        bid: 227_500_000n,
        ask: 227_550_000n,
        bidSize: 200_000_000n,
        askSize: 300_000_000n,
        open: 225_100_000n,
        high: 228_000_000n,
        low: 224_900_000n,
        previousClose: 225_010_000n,
        volume: 1_234_567_000_000n,
        high52w: 0n,
        low52w: 0n,
        source: 'alpaca',
        asOfUs: BigInt(Date.UTC(2026, 5, 10, 15, 54, 58, 123)) * 1000n,
      },
    ]);
    expect(server.asked).toEqual(['/v2/stocks/snapshots?symbols=AAPL%2CBRK.B&feed=iex']);
    expect(server.headers[0]).toMatchObject({ 'apca-api-key-id': KEY, 'apca-api-secret-key': KEY });
  });

  test('bars are asked for page by page, as many as are wanted', async () => {
    const days = ['2026-06-08T04:00:00Z', '2026-06-09T04:00:00Z', '2026-06-10T04:00:00Z'];
    server.answer((path) => {
      const second = path.includes('page_token=next');
      const list = (second ? days.slice(2) : days.slice(0, 2)).map((t) => alpacaBar(t, 100));
      return { body: { bars: { AAPL: list }, next_page_token: second ? null : 'next' } };
    });
    const { bars, source } = await alpaca().bars(instrument('AAPL'), 'day', query);
    expect(source).toBe('alpaca');
    expect(bars.map(({ startsAt }) => new Date(startsAt).toISOString())).toEqual(
      ['08', '09', '10'].map((day) => `2026-06-${day}T00:00:00.000Z`),
    );
    expect(bars[0]).toMatchObject({ open: 100_500_000, high: 101_250_000, low: 99_750_000, volume: 5_000_000_000 });
    expect(server.asked).toHaveLength(2);
    const asked = new URL(server.asked[0] ?? '', server.url).searchParams;
    expect(Object.fromEntries(asked)).toMatchObject({
      timeframe: '1Day',
      adjustment: 'raw',
      sort: 'asc',
      start: '2026-06-08T00:00:00.000Z',
      end: '2026-06-10T23:59:59.999Z',
    });
  });

  test('the latest come newest first from them and oldest first from us', async () => {
    server.answer((path) => {
      expect(path).toContain('sort=desc');
      const list = ['2026-06-10T15:30:00Z', '2026-06-10T15:15:00Z'].map((t) => alpacaBar(t, 100));
      return { body: { bars: { AAPL: list }, next_page_token: null } };
    });
    const { bars } = await alpaca().bars(instrument('AAPL'), 'minute_15', { ...query, backwards: true });
    expect(bars.map(({ startsAt }) => startsAt)).toEqual([
      Date.UTC(2026, 5, 10, 15, 15),
      Date.UTC(2026, 5, 10, 15, 30),
    ]);
  });
});

describe('fmp', () => {
  test('a quote without bid and ask says so with zeros', async () => {
    server.answer(() => ({ body: [fmpQuote(227.52)] }));
    expect(await fmp().quotes(both, AT)).toMatchObject([
      {
        symbol: 'AAPL',
        last: 227_520_000n,
        bid: 0n,
        ask: 0n,
        high52w: 260_100_000n,
        source: 'fmp',
        asOfUs: BigInt(AT - 30_000) * 1000n,
      },
    ]);
    expect(server.asked).toEqual([`/api/v3/quote/AAPL,BRK-B?apikey=${KEY}`]);
  });

  test('intraday times are New York’s, and days are folded into weeks', async () => {
    server.answer((path) =>
      path.includes('historical-chart')
        ? { body: [fmpRow('2026-06-10 09:35:00', 11), fmpRow('2026-06-10 09:30:00', 10)] }
        : {
            body: {
              symbol: 'AAPL',
              historical: [fmpRow('2026-06-09', 11), fmpRow('2026-06-08', 10), fmpRow('2026-05-29', 9)],
            },
          },
    );
    const { bars: fives } = await fmp().bars(instrument('AAPL'), 'minute_5', query);
    expect(fives.map(({ startsAt }) => startsAt)).toEqual([
      Date.UTC(2026, 5, 10, 13, 30),
      Date.UTC(2026, 5, 10, 13, 35),
    ]);
    const { bars: weeks } = await fmp().bars(instrument('AAPL'), 'week', query);
    expect(weeks).toMatchObject([{ startsAt: Date.UTC(2026, 5, 8), close: 11_000_000, volume: 200_000_000 }]);
  });

  test('adjusted days are scaled by the adjusted close', async () => {
    const day = { date: '2026-06-09', open: 100, low: 90, high: 120, close: 110, adjClose: 55, volume: 100 };
    server.answer(() => ({ body: { symbol: 'AAPL', historical: [day] } }));
    const { bars } = await fmp().bars(instrument('AAPL'), 'day', { ...query, adjusted: true });
    expect(bars).toMatchObject([{ open: 50_000_000, low: 45_000_000, high: 60_000_000, close: 55_000_000 }]);
  });

  test('a symbol that it does not know is an empty history', async () => {
    server.answer(() => ({ body: {} }));
    expect(await fmp().bars(instrument('AAPL'), 'day', query)).toEqual({ bars: [], source: 'fmp' });
  });

  test('a bad key that is told with status 200 is a refusal', async () => {
    server.answer(() => ({ body: { 'Error Message': `Invalid API KEY ${KEY}` } }));
    const error = await fmp()
      .quotes(both, AT)
      .catch((failure: unknown) => failure);
    expect(error).toMatchObject({ fault: 'refused' });
    expect(everythingOf(error)).not.toContain(KEY);
  });
});

describe('frankfurter', () => {
  test('one call a base, daily, good over a weekend, and not asked again within the hour', async () => {
    server.answer(() => ({
      body: { amount: 1, base: 'EUR', date: '2026-06-10', rates: { USD: 1.0857, CAD: 1.4712 } },
    }));
    const fx = frankfurterFx({ baseUrl: server.url, timeoutMs: 1000 });
    const pairs = [
      { base: 'EUR', quote: 'USD' },
      { base: 'EUR', quote: 'CAD' },
    ];
    const rates = await fx.rates(pairs, AT);
    expect(rates).toMatchObject([
      {
        base: 'EUR',
        quote: 'USD',
        rate: 1_085_700n,
        source: 'frankfurter',
        asOfUs: BigInt(Date.UTC(2026, 5, 10)) * 1000n,
      },
      { base: 'EUR', quote: 'CAD', rate: 1_471_200n, validUntilUs: BigInt(Date.UTC(2026, 5, 15)) * 1000n },
    ]);
    expect(await fx.rates(pairs, AT + 1000)).toEqual(rates);
    expect(server.asked).toEqual(['/v1/latest?base=EUR&symbols=CAD%2CUSD']);
  });

  test.each<[string, Answer]>([
    ['an error', { status: 500 }],
    ['nonsense', { body: '<html>' }],
    ['another base', { body: { base: 'USD', date: '2026-06-10', rates: {} } }],
    ['no date', { body: { base: 'EUR', rates: { USD: 1 } } }],
  ])('%s is a failure, and the next may try again', async (_, answer) => {
    server.answer(() => answer);
    const fx = frankfurterFx({ baseUrl: server.url, timeoutMs: 1000, openMs: 1, maxOpenMs: 1 });
    await expect(fx.rates([{ base: 'EUR', quote: 'USD' }], AT)).rejects.toBeInstanceOf(UpstreamError);
  });
});

describe.each<[string, (timeoutMs?: number) => MarketDataProvider, (price: unknown) => unknown]>([
  ['alpaca', alpaca, (price) => ({ AAPL: snapshot(price) })],
  ['fmp', fmp, (price) => [fmpQuote(price)]],
])('%s, when things go wrong', (_, provider, bodyWith) => {
  test.each<[string, Answer, string]>([
    ['401 is a refusal', { status: 401, body: { message: `forbidden ${KEY}` } }, 'refused'],
    ['403 is a refusal', { status: 403 }, 'refused'],
    ['500 is theirs', { status: 500, body: 'oops' }, 'failing'],
    ['503 is theirs', { status: 503 }, 'failing'],
    ['429 is a limit', { status: 429, headers: { 'retry-after': '7' } }, 'limited'],
    ['an empty answer', { body: '' }, 'malformed'],
    ['truncated JSON', { body: '{"AAPL": {"latestTr' }, 'malformed'],
    ['a number where an object should be', { body: 42 }, 'malformed'],
    ['NaN is no JSON', { body: '{"AAPL": {"latestTrade": {"p": NaN}}}' }, 'malformed'],
    ['a connection that is cut off', { body: bodyWith(227.52), truncated: true }, 'unreachable'],
    ['a redirection is not followed', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }, 'unreachable'],
  ])('%s', async (__, answer, fault) => {
    server.answer(() => answer);
    const error = await provider()
      .quotes(both, AT)
      .catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(UpstreamError);
    expect(error).toMatchObject({ fault });
    expect(everythingOf(error)).not.toContain(KEY);
  });

  test('a limit says when to come back, in seconds or as a date, and not in a year', async () => {
    expect(await limitOf(provider(), '7')).toMatchObject({ retryAfterMs: 7000 });
    expect(await limitOf(provider(), '31536000')).toMatchObject({ retryAfterMs: 600_000 });
    const soon = await limitOf(provider(), new Date(Date.now() + 60_000).toUTCString());
    expect(soon.retryAfterMs).toBeGreaterThan(50_000);
  });

  test('silence ends with the time-out', async () => {
    server.answer(() => ({ silent: true }));
    await expect(provider(60).quotes(both, AT)).rejects.toMatchObject({ fault: 'timeout' });
  });

  test('nobody there is told at once', async () => {
    const gone = await httpStandIn();
    await gone.close();
    const there = alpacaProvider({ baseUrl: gone.url, keyId: KEY, secretKey: KEY, feed: 'iex', timeoutMs: 1000 });
    await expect(there.quotes(both, AT)).rejects.toMatchObject({ fault: 'unreachable' });
  });

  test('404 is nothing found', async () => {
    server.answer(() => ({ status: 404 }));
    expect(await provider().quotes(both, AT)).toEqual([]);
  });

  test.each([
    ['1e308', 1e308],
    ['zero', 0],
    ['negative', -1],
    ['text', '227.52'],
    ['nothing', null],
    ['a list', [1]],
  ])('a price that is %s leaves the symbol out', async (__, price) => {
    server.answer(() => ({ body: bodyWith(price) }));
    expect(await provider().quotes(both, AT)).toEqual([]);
  });
});

function everythingOf(error: unknown): string {
  const { message, stack, cause } = error as Error;
  return `${message} ${stack} ${String(cause)} ${JSON.stringify(error)}`;
}

async function limitOf(provider: MarketDataProvider, retryAfter: string): Promise<UpstreamError> {
  server.answer(() => ({ status: 429, headers: { 'retry-after': retryAfter } }));
  const error: unknown = await provider.quotes(both, AT).catch((failure: unknown) => failure);
  if (error instanceof UpstreamError) return error;
  throw new Error('it was answered');
}
