import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type Bar, fold, foldInto } from '../../src/domain/bars.ts';
import { DAY_MS, dayOf } from '../../src/domain/days.ts';
import { exp, exponential, log, normal } from '../../src/domain/deterministic-math.ts';
import { createSimulatedMarket, type SimulatedMarket } from '../../src/domain/simulated-market.ts';
import { barStart, type Timeframe } from '../../src/domain/timeframe.ts';
import { type MarketHours, tradingDays } from '../../src/domain/trading-days.ts';
import { shippedSymbols, symbolOf } from './symbols.ts';

const at = (year: number, month: number, day: number) => dayOf(year, month, day) * DAY_MS;
const NOW = at(2026, 6, 30) + 71_234_567;
const bothHours: MarketHours[] = ['nyse', 'always'];

function bars(
  market: SimulatedMarket,
  symbol: string,
  timeframe: Timeframe,
  from: number,
  to: number,
  now = NOW,
): Bar[] {
  return [...market.bars(symbolOf(symbol), timeframe, { from, to, now })];
}

describe('the same everywhere', () => {
  const script = fileURLToPath(new URL('../fixtures/print-prices.ts', import.meta.url));
  const run = (...args: string[]) => execFileSync(process.execPath, [script, ...args], { encoding: 'utf8' });

  // Three processes, on a machine that may have others.
  test('another process, asked in another order, gives the same prices; another seed gives others', {
    timeout: 120_000,
  }, () => {
    const here = run('andvari', 'forwards');
    expect(here).toMatch(/^[0-9a-f]{64}$/);
    expect(run('andvari', 'backwards')).toBe(here);
    expect(run('fafnir', 'forwards')).not.toBe(here);
  });

  test('what was quoted once is what the history says later', () => {
    const market = createSimulatedMarket('andvari', tradingDays.nyse);
    const of = symbolOf('MSFT');
    const quoted = [14.6, 15, 17.25, 19.999, 20.9].map((hours) => at(2026, 1, 14) + Math.floor(hours * 3600) * 1000);
    const lasts = quoted.map((asked) => market.quote(of, asked).last);
    const later = createSimulatedMarket('andvari', tradingDays.nyse);
    for (const [index, asked] of quoted.entries()) {
      const [minute] = bars(later, 'MSFT', 'minute', barStart('minute', asked), asked + 1, NOW);
      expect(minute?.low).toBeLessThanOrEqual(lasts[index] ?? 0);
      expect(minute?.high).toBeGreaterThanOrEqual(lasts[index] ?? 0);
    }
  });

  test('nothing after now is told, and now itself is an unfinished bar', () => {
    const market = createSimulatedMarket('andvari', tradingDays.nyse);
    const now = at(2026, 1, 14) + 16 * 3_600_000 + 90_500;
    const minutes = bars(market, 'MSFT', 'minute', at(2026, 1, 14), now + DAY_MS, now);
    const last = minutes.at(-1);
    expect(last?.startsAt).toBe(barStart('minute', now));
    const [finished] = bars(market, 'MSFT', 'minute', last?.startsAt ?? 0, now, now + DAY_MS);
    expect(last?.open).toBe(finished?.open);
    expect(last?.volume).toBeLessThan(finished?.volume ?? 0);
    const quote = market.quote(symbolOf('MSFT'), now);
    expect(fold(minutes)).toMatchObject({ close: quote.last, high: quote.high, low: quote.low, volume: quote.volume });
  });
});

describe.each(bothHours)('bars fold exactly (%s)', (hours) => {
  const market = createSimulatedMarket('andvari', tradingDays[hours]);
  const [from, to] = [at(2025, 6, 2), at(2025, 8, 4)];

  test.each<[finer: Timeframe, coarser: Timeframe]>([
    ['minute', 'minute_5'],
    ['minute', 'minute_15'],
    ['minute', 'hour'],
    ['minute_5', 'hour'],
    ['minute', 'day'],
    ['hour', 'day'],
    ['day', 'week'],
    ['minute', 'week'],
  ])('%s bars folded are the %s bars', (finer, coarser) => {
    for (const symbol of ['AAPL', 'PLUG', 'BKNG', 'SPY']) {
      const folded = foldInto(bars(market, symbol, finer, from, to), (startsAt) => barStart(coarser, startsAt));
      expect(folded).toEqual(bars(market, symbol, coarser, from, to));
      expect(folded.length).toBeGreaterThan(8);
    }
  });

  test('days folded are the month', () => {
    const days = bars(market, 'AAPL', 'day', at(2025, 7, 1), at(2025, 8, 1));
    expect([fold(days, at(2025, 7, 1))]).toEqual(bars(market, 'AAPL', 'month', at(2025, 7, 1), at(2025, 7, 2)));
  });

  test('the unfinished bars of every timeframe agree, and with the quote', () => {
    const now = at(2026, 6, 30) + 15 * 3_600_000 + 1_234_567;
    const quote = market.quote(symbolOf('AAPL'), now);
    const [day] = bars(market, 'AAPL', 'day', at(2026, 6, 30), now + 1, now);
    for (const timeframe of ['minute', 'minute_5', 'minute_15', 'hour'] as const) {
      expect(fold(bars(market, 'AAPL', timeframe, at(2026, 6, 30), now + 1, now))).toMatchObject({
        ...day,
        startsAt: expect.any(Number) as number,
      });
    }
    expect(day).toMatchObject({ open: quote.open, high: quote.high, low: quote.low, close: quote.last });
  });

  test('backwards is forwards turned round', () => {
    for (const timeframe of ['minute_15', 'hour', 'day', 'week', 'month'] as const) {
      const range = { from: at(2025, 6, 4) + 1, to: at(2025, 7, 18), now: NOW };
      const forwards = [...market.bars(symbolOf('JPM'), timeframe, range)];
      expect([...market.bars(symbolOf('JPM'), timeframe, range, true)].toReversed()).toEqual(forwards);
    }
  });
});

describe('what a market looks like', () => {
  const market = createSimulatedMarket('andvari', tradingDays.nyse);
  const years = { from: at(2006, 1, 2), to: at(2026, 6, 1), now: NOW };
  const all = shippedSymbols().map((of) => {
    const days = [...market.bars(of, 'day', years)];
    return { of, days, returns: returnsOf(days) };
  });
  const returnsFor = (symbol: string) => all.find(({ of }) => of.symbol === symbol)?.returns ?? [];
  const pairs = (list: [string, string][]) => mean(list.map(([a, b]) => correlation(returnsFor(a), returnsFor(b))));

  test('no price is zero, negative, off its tick or no number, over all symbols and twenty years', () => {
    for (const { of, days } of all) {
      expect(days.length).toBeGreaterThan(5000);
      const wrong = days.filter(({ open, high, low, close, volume }) => {
        const prices = [open, high, low, close];
        const ordered = low <= Math.min(open, close) && high >= Math.max(open, close);
        return (
          !ordered ||
          volume < 0 ||
          !prices.every((price) => Number.isSafeInteger(price) && price > 0 && onTick(of, price))
        );
      });
      expect(wrong, of.symbol).toEqual([]);
    }
  });

  test('annual volatility is about the configured one', () => {
    const ratios = all.map(({ of, returns }) => Math.sqrt(variance(returns) * 252) / of.volatility);
    expect(mean(ratios)).toBeGreaterThan(0.9);
    expect(mean(ratios)).toBeLessThan(1.1);
    for (const [index, ratio] of ratios.entries()) {
      expect(Math.abs(ratio - 1), all[index]?.of.symbol).toBeLessThan(0.25);
    }
  });

  test('tails are fat, returns remember nothing, their sizes do', () => {
    const kurtoses = all.map(({ returns }) => kurtosis(returns));
    expect(kurtoses.filter((value) => value > 4).length).toBe(kurtoses.length);
    expect(Math.abs(mean(all.map(({ returns }) => autocorrelation(returns))))).toBeLessThan(0.02);
    const ofSizes = all.map(({ returns }) => autocorrelation(returns.map(Math.abs)));
    expect(Math.min(...ofSizes)).toBeGreaterThan(0.05);
  });

  test('companies of a sector move together more than those of different ones, and all with the market', () => {
    const within = pairs([
      ['AAPL', 'MSFT'],
      ['JPM', 'BAC'],
      ['XOM', 'CVX'],
      ['PFE', 'MRK'],
      ['KO', 'PEP'],
      ['BA', 'CAT'],
    ]);
    const across = pairs([
      ['AAPL', 'XOM'],
      ['JPM', 'PFE'],
      ['KO', 'BA'],
      ['CVX', 'MSFT'],
      ['MRK', 'BAC'],
      ['PEP', 'CAT'],
    ]);
    expect(within).toBeGreaterThan(across + 0.1);
    expect(across).toBeGreaterThan(0.1);
    expect(
      pairs([
        ['SPY', 'AAPL'],
        ['SPY', 'JPM'],
      ]),
    ).toBeGreaterThan(0.35);
  });

  test('most happens at the open and the close', () => {
    const of = symbolOf('AAPL');
    const byMinute = new Map<number, { volume: number; swing: number }>();
    for (const bar of market.bars(of, 'minute_15', { from: at(2026, 1, 5), to: at(2026, 3, 5), now: NOW })) {
      const minute = (bar.startsAt % DAY_MS) / 60_000;
      const { volume, swing } = byMinute.get(minute) ?? { volume: 0, swing: 0 };
      byMinute.set(minute, { volume: volume + bar.volume, swing: swing + (bar.high - bar.low) / bar.open });
    }
    const [open, noon, close] = [14.5, 17.75, 20.75].map((hour) => byMinute.get(hour * 60) ?? { volume: 0, swing: 0 });
    for (const measure of ['volume', 'swing'] as const) {
      expect(open?.[measure]).toBeGreaterThan((noon?.[measure] ?? 0) * 1.3);
      expect(close?.[measure]).toBeGreaterThan((noon?.[measure] ?? 0) * 1.15);
    }
  });

  test.each(bothHours)('a price that moves is traded at: no minute is without volume (%s)', (hours) => {
    const its = createSimulatedMarket('andvari', tradingDays[hours]);
    for (const symbol of ['SPOT', 'AAPL', 'NVDA']) {
      const minutes = bars(its, symbol, 'minute', at(2026, 5, 4), at(2026, 5, 9));
      expect(minutes.length).toBeGreaterThan(5 * 389);
      expect(minutes.filter(({ volume }) => volume === 0)).toEqual([]);
    }
  });

  test('mornings do not begin where evenings ended', () => {
    const { days } = all.find(({ of }) => of.symbol === 'NVDA') ?? { days: [] };
    const gaps = days.slice(1).filter(({ open }, index) => open !== days[index]?.close);
    expect(gaps.length / days.length).toBeGreaterThan(0.95);
  });
});

describe('arithmetic of its own', () => {
  test('exp and log are right to the last digits', () => {
    for (let x = -20; x < 20; x += 0.137) {
      expect(exp(x) / Math.exp(x)).toBeCloseTo(1, 13);
      expect(log(exp(x))).toBeCloseTo(x, 12);
    }
  });

  test('variates have the moments of their laws', () => {
    const bits = Array.from({ length: 200_000 }, (_, i) => Math.floor(((i + 0.5) / 200_000) * 2 ** 32));
    expect(mean(bits.map(normal))).toBeCloseTo(0, 6);
    expect(variance(bits.map(normal))).toBeCloseTo(1, 2);
    expect(mean(bits.map(exponential))).toBeCloseTo(1, 2);
  });
});

function onTick({ tick, tickBelowOne }: { tick: number; tickBelowOne: number }, price: number): boolean {
  return price % (price >= 1e6 ? tick : tickBelowOne) === 0;
}

function returnsOf(days: readonly Bar[]): number[] {
  return days.slice(1).map(({ close }, index) => Math.log(close / (days[index]?.close ?? close)));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function moment(values: readonly number[], power: number): number {
  const middle = mean(values);
  return mean(values.map((value) => (value - middle) ** power));
}

const variance = (values: readonly number[]) => moment(values, 2);
const kurtosis = (values: readonly number[]) => moment(values, 4) / variance(values) ** 2;
const autocorrelation = (values: readonly number[]) => correlation(values.slice(1), values.slice(0, -1));

function correlation(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  const together = mean(a.map((value, index) => (value - meanA) * ((b[index] ?? 0) - meanB)));
  return together / Math.sqrt(variance(a) * variance(b));
}
