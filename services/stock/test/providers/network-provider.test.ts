import { subscribeLive } from '@andvari/kit/nats/subscribe-live';
import { eventually } from '@andvari/kit/testing/eventually';
import { type TestRedis, testRedis } from '@andvari/kit/testing/test-redis';
import { testScope } from '@andvari/kit/testing/test-scope';
import { Quote } from '@andvari/proto/stock/v1/stock';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { stockWorld, type World } from '../stock-world.ts';
import { type Answer, httpStandIn, type StandIn } from './http-stand-in.ts';

/** The whole service on a provider that is asked over the network, with the simulated one behind it. */
const KEY = 'a-key-that-nobody-may-see';
const TIMEOUT_MS = 300;

let provider: StandIn;
let redis: TestRedis;
let world: World;
const scope = testScope();

beforeAll(async () => {
  [provider, redis] = await Promise.all([httpStandIn(), testRedis()]);
  provider.answer(() => snapshotsAt(227.52));
  world = await stockWorld({
    env: {
      MARKET_DATA: 'alpaca,simulated',
      ALPACA_URL: provider.url,
      ALPACA_KEY_ID: KEY,
      ALPACA_SECRET_KEY: KEY,
      UPSTREAM_TIMEOUT_MS: String(TIMEOUT_MS),
      POLL_EVERY_MS: '200',
      REDIS_URL: redis.url,
    },
  });
});
afterAll(async () => {
  await scope.close();
  await world.close();
  await Promise.all([provider.close(), redis.stop()]);
});
// Whatever a test before it did to the provider is over, and the breaker has closed again.
beforeEach(async () => {
  provider.answer(() => snapshotsAt(227.52));
  await eventually(async () => expect(await sourceOf('AAPL')).toBe('alpaca'));
});

function snapshotsAt(price: unknown): Answer {
  const snapshot = {
    latestTrade: { t: new Date().toISOString(), p: price, s: 100 },
    latestQuote: { t: new Date().toISOString(), ap: 227.55, as: 3, bp: 227.5, bs: 2 },
    dailyBar: { o: 225.1, h: 228, l: 224.9, c: 227.52, v: 1234567 },
    prevDailyBar: { o: 224, h: 226, l: 223, c: 225.01, v: 7654321 },
  };
  return { body: { AAPL: snapshot, MSFT: snapshot } };
}

async function quoted(symbol: string): Promise<Quote> {
  const { quotes } = await world.stock.getQuotes({ symbols: [symbol], allowUnknown: false });
  const [quote] = quotes;
  if (quote === undefined) throw new Error(`${symbol} has no price`);
  return quote;
}

const sourceOf = async (symbol: string): Promise<string> => (await quoted(symbol)).source;

test('its prices are told exactly, live as well, and what it does not know comes from the next in the chain', async () => {
  expect(await quoted('AAPL')).toMatchObject({
    source: 'alpaca',
    last: 227_520_000n,
    bid: 227_500_000n,
    open: 225_100_000n,
  });
  expect(await sourceOf('JPM')).toBe('simulated');
  const live = new Map<string, Quote>();
  subscribeLive(scope, world.service.nats, 'md.quote.*', ({ payload }) => {
    const quote = Quote.decode(payload);
    live.set(`${quote.symbol} ${quote.source}`, quote);
  });
  provider.answer(() => snapshotsAt(231.07));
  await eventually(() => expect(live.get('AAPL alpaca')?.last).toBe(231_070_000n));
  await eventually(() => expect(live.get('JPM simulated')).toBeDefined());
});

test('a hundred who ask at once cost it no more than its rounds', async () => {
  provider.asked.length = 0;
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: 100 }, () => quoted('MSFT')));
  const rounds = Math.ceil((performance.now() - startedAt) / 200) + 1;
  // The service's own round asks for everything, somebody who comes in between for what is wanted.
  expect(provider.asked.length).toBeLessThanOrEqual(2 * rounds);
});

test('told to wait it is not asked again until then, and the chain answers meanwhile', {
  timeout: 30_000,
}, async () => {
  provider.answer(() => ({ status: 429, headers: { 'retry-after': '2' }, body: { message: 'too many requests' } }));
  await eventually(async () => expect(await sourceOf('AAPL')).toBe('simulated'));
  const limitedAt = performance.now();
  provider.asked.length = 0;
  provider.answer(() => snapshotsAt(228.01));
  await eventually(async () => expect(await quoted('AAPL')).toMatchObject({ source: 'alpaca', last: 228_010_000n }));
  expect(performance.now() - limitedAt).toBeGreaterThan(1000);
});

test.each<[string, Answer]>([
  ['it fails', { status: 500 }],
  ['it refuses our key', { status: 401, body: { message: `not with ${KEY}` } }],
  ['it breaks off', { truncated: true, body: { AAPL: {} } }],
  ['it says what is no price', { body: [1, 2, 3] }],
  ['it never answers', { silent: true }],
])('where %s nobody waits for it for long, and the chain answers', { timeout: 30_000 }, async (_, answer) => {
  provider.answer(() => answer);
  const startedAt = performance.now();
  await eventually(async () => expect(await sourceOf('AAPL')).toBe('simulated'));
  // Its copies live for a round, then one call waits for the time-out, and whoever comes next for nothing.
  expect(performance.now() - startedAt).toBeLessThan(TIMEOUT_MS + 2000);
  provider.asked.length = 0;
  const asked = performance.now();
  for (let time = 0; time < 20; time += 1) expect(await sourceOf('AAPL')).toBe('simulated');
  expect(performance.now() - asked).toBeLessThan(20 * TIMEOUT_MS);
  expect(provider.asked.length).toBeLessThanOrEqual(1);
});

test('bars fall back in the same way and say whose they are', async () => {
  provider.answer(() => ({ status: 500 }));
  const { bars, source } = await world.stock.getBars({
    symbol: 'AAPL',
    timeframe: 5,
    fromUs: 0n,
    toUs: 0n,
    adjusted: true,
    page: { first: 10, after: '' },
    period: 0,
    origin: 1,
    latestFirst: true,
  });
  expect(source).toBe('simulated');
  expect(bars).toHaveLength(10);
});

test('Redis down costs its shared copies, not its prices', { timeout: 30_000 }, async () => {
  await redis.kill();
  provider.answer(() => snapshotsAt(229.99));
  await eventually(async () => expect(await quoted('AAPL')).toMatchObject({ source: 'alpaca', last: 229_990_000n }));
  await redis.restart();
});

test('what happened to its calls is counted, and its keys stand nowhere', async () => {
  const text = await (await fetch(`http://127.0.0.1:${world.service.started.adminPort}/metrics`)).text();
  for (const outcome of ['ok', 'limited', 'failing', 'refused', 'malformed', 'timeout']) {
    expect(text).toMatch(new RegExp(`stock_upstream_requests_total\\{[^}]*outcome="${outcome}"`));
  }
  expect(text).not.toContain(KEY);
});
