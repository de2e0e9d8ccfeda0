import { toMicros } from '@andvari/money';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type EquityPoint, history, timeWeightedReturn } from '../../src/domain/performance.ts';
import { type Period, snapshotAt, spanOf, type Timeframe } from '../../src/domain/period.ts';

const DOLLAR = 1_000_000n;

function points(...rows: [equity: number, deposits?: number, withdrawals?: number][]): EquityPoint[] {
  return rows.map(([equity, deposits = 0, withdrawals = 0], at) => ({
    at: BigInt(at),
    equity: toMicros(BigInt(equity) * DOLLAR),
    deposits: toMicros(BigInt(deposits) * DOLLAR),
    withdrawals: toMicros(BigInt(withdrawals) * DOLLAR),
  }));
}

describe('time-weighted return', () => {
  const rows: [rule: string, points: EquityPoint[], ratio: bigint][] = [
    ['of nothing is nothing', [], 0n],
    ['of one moment is nothing', points([100]), 0n],
    ['of growth is growth', points([100], [110]), 100_000n],
    ['is chained, not added', points([100], [110], [121]), 210_000n],
    ['does not count a deposit as a gain', points([100], [200, 100]), 0n],
    ['counts what a deposit earned from the start of its interval', points([100], [220, 100]), 100_000n],
    ['does not count a withdrawal as a loss', points([100], [40, 0, 60]), 0n],
    ['counts what a withdrawal earned until the end of its interval', points([100], [50, 0, 60]), 100_000n],
    ['an empty account earns nothing until money comes', points([0], [0], [100, 100], [150]), 500_000n],
    ['survives an account emptied and filled again', points([100], [0, 0, 110], [50, 50], [55]), 210_000n],
    ['of a total loss is minus one', points([100], [0], [0]), -1_000_000n],
    ['of a third is rounded once', points([3], [4]), 333_333n],
  ];
  test.each(rows)('%s', (_, each, ratio) => {
    expect(timeWeightedReturn(each)).toBe(ratio);
  });

  test('does not depend on when money came, only on how it did', () => {
    const growths = fc.array(
      fc.record({ percent: fc.integer({ min: -50, max: 100 }), deposit: fc.nat({ max: 10 ** 6 }) }),
    );
    fc.assert(
      fc.property(growths, (intervals) => {
        const plain = grown(intervals.map(({ percent }) => ({ percent, deposit: 0 })));
        const fed = grown(intervals);
        const difference = timeWeightedReturn(plain) - timeWeightedReturn(fed);
        expect(difference > -10n && difference < 10n).toBe(true);
      }),
    );
  });

  test('shows the largest number there is rather than fail', () => {
    const [from, to] = [toMicros(1n), toMicros(9n * 10n ** 18n)];
    const none = toMicros(0n);
    const wild = [from, to, to].map((equity, at) => ({ at: BigInt(at), equity, deposits: none, withdrawals: none }));
    expect(timeWeightedReturn([...wild, ...wild.slice(1)])).toBe(9_223_372_036_854_775_807n);
  });
});

test('a history of nothing is nothing', () => {
  expect(history([])).toEqual([]);
});

test('profit and loss is what equity changed by, less what was brought', () => {
  const [first, , last] = history(points([100], [160, 50], [140, 0, 30]));
  expect(first).toEqual({ at: 0n, equity: 100n * DOLLAR, cashFlow: 0n, profitLoss: 0n, returnSoFar: 0n });
  expect(last).toMatchObject({ profitLoss: 20n * DOLLAR, cashFlow: -30n * DOLLAR });
});

const at = (text: string) => BigInt(Date.parse(text)) * 1000n;

describe('a period', () => {
  const now = at('2024-03-31T12:34:56.789Z');
  const longAgo = at('2000-01-01T00:00:00Z');
  const rows: [period: Period, openedAt: bigint, from: string, timeframe: Timeframe, fromOpening?: boolean][] = [
    ['1D', longAgo, '2024-03-30T12:30:00Z', '5Min'],
    ['1W', longAgo, '2024-03-24T12:00:00Z', '1H'],
    ['1M', longAgo, '2024-02-29T00:00:00Z', '1D'],
    ['3M', longAgo, '2023-12-31T00:00:00Z', '1D'],
    ['1Y', longAgo, '2023-03-31T00:00:00Z', '1D'],
    ['ALL', longAgo, '2000-01-01T00:00:00Z', '1W', true],
    ['1Y', at('2024-03-20T10:00:00Z'), '2024-03-20T10:00:00Z', '1D', true],
    ['ALL', at('2024-03-20T10:00:00Z'), '2024-03-20T10:00:00Z', '1D', true],
    ['ALL', at('2024-03-28T10:10:00Z'), '2024-03-28T10:10:00Z', '1H', true],
    ['ALL', at('2024-03-31T10:12:00Z'), '2024-03-31T10:12:00Z', '5Min', true],
  ];
  test.each(rows)(
    '%s of an account opened at %d starts %s, by %s',
    (period, openedAt, from, timeframe, fromOpening = false) => {
      expect(spanOf(period, now, openedAt)).toMatchObject({ from: at(from), to: now, timeframe, fromOpening });
    },
  );

  const day = 86_400_000_000n;
  test.each<[what: string, age: bigint, timeframe: Timeframe]>([
    ['a day old is cut as a day is', day, '5Min'],
    ['a moment older as a week is', day + 1n, '1H'],
    ['a week old as a week is', 7n * day, '1H'],
    ['a moment older as a year is', 7n * day + 1n, '1D'],
    ['two years old as a year is', 732n * day, '1D'],
    ['a moment older by weeks', 732n * day + 1n, '1W'],
  ])('of a life, %s', (_, age, timeframe) => {
    expect(spanOf('ALL', now, now - age).timeframe).toBe(timeframe);
  });

  test('of a month reaches back to an opening of the same microsecond, and to no earlier one', () => {
    const [end, opened] = [now + 7n, at('2024-02-29T12:34:56.789Z') + 7n];
    expect([spanOf('1M', end, opened).fromOpening, spanOf('1M', end, opened - 1n).fromOpening]).toEqual([true, false]);
  });

  test('never has more than a few hundred points for an account of up to thirty years', () => {
    for (const period of ['1D', '1W', '1M', '3M', '1Y', 'ALL'] as const) {
      const { from, to, stepUs } = spanOf(period, now, at('1994-03-31T00:00:00Z'));
      expect(Number((to - from) / stepUs)).toBeLessThan(1600);
    }
  });
});

test('a snapshot belongs to the start of its step', () => {
  expect(snapshotAt(at('2024-03-31T12:34:56Z'), '5Min')).toBe(at('2024-03-31T12:30:00Z'));
});

function grown(intervals: { percent: number; deposit: number }[]): EquityPoint[] {
  let equity = 10n ** 13n;
  const none = toMicros(0n);
  const result: EquityPoint[] = [{ at: 0n, equity: toMicros(equity), deposits: none, withdrawals: none }];
  for (const [index, { percent, deposit }] of intervals.slice(0, 12).entries()) {
    const brought = BigInt(deposit) * DOLLAR;
    equity = ((equity + brought) * BigInt(100 + percent)) / 100n;
    result.push({ at: BigInt(index + 1), equity: toMicros(equity), deposits: toMicros(brought), withdrawals: none });
  }
  return result;
}
