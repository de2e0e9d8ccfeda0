import { Secret } from '@andvari/kit/base/config';
import { openRedis } from '@andvari/kit/redis/redis';
import { eventually } from '@andvari/kit/testing/eventually';
import { type TestRedis, testRedis } from '@andvari/kit/testing/test-redis';
import { testScope } from '@andvari/kit/testing/test-scope';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Instrument } from '../../src/domain/instrument.ts';
import type { ProviderQuote } from '../../src/domain/quote.ts';
import { tradingDays } from '../../src/domain/trading-days.ts';
import { chained } from '../../src/ports/chain.ts';
import { guarded } from '../../src/ports/guarded.ts';
import type { BarQuery, MarketDataProvider } from '../../src/ports/provider.ts';
import { readRecording, replayProvider } from '../../src/ports/replay.ts';
import { sharedCopy } from '../../src/ports/shared-copy.ts';
import { simulatedProvider } from '../../src/ports/simulated.ts';
import { UpstreamError } from '../../src/ports/upstream.ts';
import { openSharedCopies } from '../../src/store/shared-copies.ts';
import { shippedInstruments } from '../simulated/symbols.ts';

const [first, second, third] = shippedInstruments() as [Instrument, Instrument, Instrument];
const AT = Date.UTC(2026, 5, 10, 15);
const query: BarQuery = { from: 0, to: AT + 1, now: AT, limit: 10, backwards: true, adjusted: false };
const simulated = simulatedProvider({ seed: 'test', days: tradingDays.always, actionsOf: () => [] });

/** Counts what goes out, and answers as it is told. */
function counting(answer: (symbols: string[]) => Promise<ProviderQuote[]>) {
  const asked: string[][] = [];
  const provider: MarketDataProvider = {
    name: 'counted',
    quotes(instruments) {
      const symbols = instruments.map(({ symbol }) => symbol);
      asked.push(symbols);
      return answer(symbols);
    },
    bars(instrument, timeframe, of) {
      asked.push([`${instrument.symbol} ${timeframe}`]);
      return simulated.bars(instrument, timeframe, of);
    },
  };
  return { provider, asked };
}

const quotesOf = (symbols: string[]) =>
  simulated.quotes(
    shippedInstruments().filter(({ symbol }) => symbols.includes(symbol)),
    AT,
  );

describe('single flight', () => {
  test('a hundred who ask for a symbol at once are one call', async () => {
    const { provider, asked } = counting(quotesOf);
    const guard = guarded(provider);
    const answers = await Promise.all(Array.from({ length: 100 }, () => guard.quotes([first], AT)));
    expect(asked).toEqual([[first.symbol]]);
    expect(new Set(answers.map(([quote]) => quote)).size).toBe(1);
    const charts = await Promise.all(Array.from({ length: 100 }, () => guard.bars(first, 'day', query)));
    expect(asked).toHaveLength(2);
    expect(charts[99]?.bars).toHaveLength(10);
  });

  test('who asks for more asks only for what is not under way', async () => {
    const { provider, asked } = counting(quotesOf);
    const guard = guarded(provider);
    const [, both] = await Promise.all([guard.quotes([first], AT), guard.quotes([second, first], AT)]);
    expect(asked).toEqual([[first.symbol], [second.symbol]]);
    expect(both?.map(({ symbol }) => symbol)).toEqual([second.symbol, first.symbol]);
    await guard.quotes([first], AT);
    expect(asked).toHaveLength(3);
  });
});

function failing(error: Error) {
  return counting(async () => {
    throw error;
  });
}

describe('the breaker', () => {
  test('a dead provider costs its time-out once; then nobody waits until it is tried again', async () => {
    const { provider, asked } = failing(new UpstreamError('counted', 'timeout'));
    const outcomes: string[] = [];
    const guard = guarded(provider, { openMs: 30_000, count: (_, outcome) => outcomes.push(outcome) });
    for (let i = 0; i < 20; i += 1) await expect(guard.quotes([first], AT)).rejects.toBeInstanceOf(UpstreamError);
    expect(asked).toHaveLength(1);
    expect(outcomes).toEqual(['timeout']);
  });

  test('it is tried again after a pause, and asked as before once it answers', async () => {
    let dead = true;
    const { provider } = counting((symbols) =>
      dead ? Promise.reject(new UpstreamError('counted', 'failing')) : quotesOf(symbols),
    );
    const guard = guarded(provider, { openMs: 5, maxOpenMs: 10 });
    await expect(guard.quotes([first], AT)).rejects.toBeInstanceOf(UpstreamError);
    dead = false;
    await eventually(async () => expect(await guard.quotes([first], AT)).toHaveLength(1));
    expect(await guard.quotes([second], AT)).toHaveLength(1);
  });

  test('told to wait it waits, however the breaker stands', async () => {
    const limited = new UpstreamError('counted', 'limited', { retryAfterMs: 60_000 });
    const { provider, asked } = failing(limited);
    const guard = guarded(provider, { openMs: 1, maxOpenMs: 1 });
    for (let i = 0; i < 5; i += 1) await expect(guard.quotes([first], AT)).rejects.toMatchObject({ fault: 'limited' });
    expect(asked).toHaveLength(1);
  });
});

describe('the chain', () => {
  test('what the first does not know the next is asked for, and each says whose answer it is', async () => {
    const { provider } = counting(async (symbols) =>
      (await quotesOf(symbols.slice(0, 1))).map((quote) => Object.assign({}, quote, { source: 'counted' })),
    );
    const found = await chained([provider, simulated]).quotes([first, second], AT);
    expect(found.map(({ symbol, source }) => [symbol, source])).toEqual([
      [first.symbol, 'counted'],
      [second.symbol, 'simulated'],
    ]);
  });

  test('a dead one is passed over', async () => {
    const { provider } = counting(() => Promise.reject(new UpstreamError('counted', 'timeout')));
    const chain = chained([guarded(provider), simulated]);
    expect(await chain.quotes([first, second, third], AT)).toHaveLength(3);
    const { source } = await chain.bars(first, 'day', query);
    expect(source).toBe('simulated');
  });

  test('when nobody answers that is said, not nothing', async () => {
    const { provider } = counting(() => Promise.reject(new UpstreamError('counted', 'timeout')));
    await expect(chained([provider, provider]).quotes([first], AT)).rejects.toMatchObject({
      code: 'unavailable',
      reason: 'market_data_unavailable',
    });
  });
});

describe('the shared copy', () => {
  let server: TestRedis;
  const scope = testScope();
  let copies: ReturnType<typeof openSharedCopies>;
  beforeAll(async () => {
    server = await testRedis();
    copies = openSharedCopies(await openRedis(scope, { url: new Secret(server.url), service: 'test' }));
  });
  afterAll(async () => {
    await scope.close();
    await server.stop();
  });
  const ttl = { quoteTtlMs: 60_000, barsTtlMs: 60_000 };

  test('what one replica paid for the others have for nothing, exactly', async () => {
    const [one, other] = [counting(quotesOf), counting(quotesOf)];
    const [a, b] = [one, other].map(({ provider }) => sharedCopy(provider, { copies, ...ttl }));
    const paid = await a?.quotes([first, second], AT);
    expect(await b?.quotes([second, first], AT)).toEqual(paid?.toReversed());
    const bars = await a?.bars(first, 'day', query);
    expect(await b?.bars(first, 'day', { ...query, to: query.to + 5, now: query.now + 5 })).toEqual(bars);
    expect(other.asked).toEqual([]);
    expect(await b?.quotes([first, third], AT)).toHaveLength(2);
    expect(other.asked).toEqual([[third.symbol]]);
  });

  test('it is forgotten after its time', async () => {
    const { provider, asked } = counting(quotesOf);
    const short = sharedCopy({ ...provider, name: 'short' }, { copies, quoteTtlMs: 1, barsTtlMs: 1 });
    await short.quotes([first], AT);
    await eventually(async () => {
      await short.quotes([first], AT);
      expect(asked.length).toBeGreaterThan(1);
    });
  });

  test('without Redis everything is asked for', async () => {
    const { provider, asked } = counting(quotesOf);
    const shared = sharedCopy({ ...provider, name: 'alone' }, { copies, ...ttl });
    await server.kill();
    expect(await shared.quotes([first], AT)).toHaveLength(1);
    expect(await shared.quotes([first], AT)).toHaveLength(1);
    expect(asked).toHaveLength(2);
    await server.restart();
  });
});

describe('replay', () => {
  const text = [
    'symbol,time,open,high,low,close,volume',
    'AAPL,2020-03-09T13:30:00Z,66.00,66.50,65.75,66.25,1000',
    'AAPL,2020-03-09T13:31:00Z,66.25,67.00,66.25,66.75,2000.5',
    'AAPL,2020-03-10T13:30:00Z,68.00,68.00,67.00,67.50,100',
    'MSFT,2020-03-09T13:31:00Z,150.00,151.00,149.00,150.50,10',
  ].join('\n');
  const played = (speed: number) => {
    const read = readRecording(text);
    if ('problems' in read) throw new Error(read.problems.join());
    return replayProvider({ recording: read.recording, startedAt: AT, speed });
  };

  test.each([
    [1, 60_000],
    [60, 1000],
  ])('at %ix the second minute ends after %i ms', async (speed, wait) => {
    const aapl = [first];
    expect(await played(speed).quotes(aapl, AT + wait - 1)).toMatchObject([
      { last: 66_250_000n, volume: 1_000_000_000n },
    ]);
    expect(await played(speed).quotes(aapl, AT + wait)).toMatchObject([
      { last: 66_750_000n, high: 67_000_000n, low: 65_750_000n, volume: 3_000_500_000n, source: 'replay' },
    ]);
  });

  test('nothing is told before its time, and the day before is the previous close', async () => {
    const range = { ...query, from: 0, to: Date.UTC(2030, 0, 1) };
    const hours = 24 * 3_600_000;
    expect((await played(1).bars(first, 'day', { ...range, now: AT })).bars).toHaveLength(1);
    expect((await played(1).bars(first, 'day', { ...range, now: AT + hours })).bars).toHaveLength(2);
    expect(await played(1).quotes([first], AT + hours)).toMatchObject([
      { last: 67_500_000n, previousClose: 66_750_000n },
    ]);
  });

  test.each<[string, string]>([
    ['other columns', 'time,symbol'],
    ['a price that is none', `${text}\nAAPL,2020-03-11T13:30:00Z,x,1,1,1,1`],
    ['a high below the low', `${text}\nAAPL,2020-03-11T13:30:00Z,2,1,1,2,1`],
    ['a time that is none', `${text}\nAAPL,yesterday,1,1,1,1,1`],
    ['a value too many', `${text}\nAAPL,2020-03-11T13:30:00Z,1,1,1,1,1,1`],
  ])('%s is told with its line', (_, wrong) => {
    expect(readRecording(wrong)).toEqual({ problems: [expect.stringMatching(/^line (1|6): /) as string] });
  });
});
