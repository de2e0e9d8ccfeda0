import { type Micros, NO_SHARES, subtract, sum, toMicros, toPrice, toQuantity, ZERO } from '@andvari/money';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { closeLots, type Lot, remainingCost } from '../../src/domain/lots.ts';
import {
  averageEntry,
  bought,
  FLAT,
  type Position,
  realised,
  realisedByAverage,
  sold,
  valued,
} from '../../src/domain/position.ts';

const lot = (id: string, qty: bigint, cost: bigint, remaining = qty): Lot => ({
  id,
  openedAt: 0n,
  qty: toQuantity(qty),
  cost: toMicros(cost),
  remaining: toQuantity(remaining),
});

describe('a sale closes lots first in, first out', () => {
  type Row = [rule: string, lots: Lot[], qty: bigint, proceeds: bigint, closings: [string, bigint, bigint, bigint][]];
  const rows: Row[] = [
    ['a whole lot', [lot('a', 10n, 1000n)], 10n, 1500n, [['a', 10n, 1000n, 500n]]],
    ['part of a lot', [lot('a', 10n, 1000n)], 4n, 600n, [['a', 4n, 400n, 200n]]],
    ['the older lot first', [lot('a', 10n, 1000n), lot('b', 10n, 2000n)], 5n, 500n, [['a', 5n, 500n, 0n]]],
    [
      'across lots',
      [lot('a', 2n, 200n), lot('b', 4n, 800n)],
      4n,
      600n,
      [
        ['a', 2n, 200n, 100n],
        ['b', 2n, 400n, -100n],
      ],
    ],
    ['a spent lot is passed over', [lot('a', 2n, 200n, 0n), lot('b', 4n, 800n)], 1n, 300n, [['b', 1n, 200n, 100n]]],
    ['the last share takes the rest of the cost', [lot('a', 3n, 100n, 1n)], 1n, 33n, [['a', 1n, 33n, 0n]]],
    ['a gift has no cost', [lot('a', 3n, 0n)], 3n, 90n, [['a', 3n, 0n, 90n]]],
  ];
  test.each(rows)('%s', (_, lots, qty, proceeds, closings) => {
    const result = closeLots(lots, toQuantity(qty), toMicros(proceeds));
    expect(result?.closings.map((c) => [c.lotId, c.qty, c.cost, c.realised])).toEqual(closings);
  });

  test('has no answer for more shares than there are', () => {
    expect(closeLots([lot('a', 3n, 100n)], toQuantity(4n), toMicros(1n))).toBeUndefined();
  });
});

/** Every micro-share on its own, with its own whole number of micro-units of cost. */
type Share = { lotId: string; cost: bigint };

const trades = fc.array(
  fc.record({
    buy: fc.boolean(),
    qty: fc.bigInt({ min: 1n, max: 25n }),
    amount: fc.bigInt({ min: 0n, max: 1000n }),
  }),
  { minLength: 1, maxLength: 25 },
);

describe('lots against one micro-share at a time', () => {
  test('agree on every cost, every lot and the realised profit', () => {
    fc.assert(
      fc.property(trades, (sequence) => {
        let lots: Lot[] = [];
        let shares: Share[] = [];
        let profit = 0n;
        let naiveProfit = 0n;
        for (const [index, trade] of sequence.entries()) {
          if (trade.buy) {
            lots.push(lot(`lot${index}`, trade.qty, trade.amount));
            shares.push(...sharesOf(`lot${index}`, trade.qty, trade.amount));
            continue;
          }
          const result = closeLots(lots, toQuantity(trade.qty), toMicros(trade.amount));
          if (trade.qty > shares.length) {
            expect(result).toBeUndefined();
            continue;
          }
          const gone = shares.slice(0, Number(trade.qty));
          shares = shares.slice(Number(trade.qty));
          naiveProfit += trade.amount - gone.reduce((total, share) => total + share.cost, 0n);
          const touched = new Map(result?.lots.map((each) => [each.id, each]));
          lots = lots.map((each) => touched.get(each.id) ?? each);
          profit += result?.closings.reduce((total, closing) => total + closing.realised, 0n) ?? 0n;
          for (const closing of result?.closings ?? []) {
            expect(closing.cost).toBe(costOf(gone.filter((share) => share.lotId === closing.lotId)));
          }
        }
        expect(profit).toBe(naiveProfit);
        for (const each of lots) {
          const left = shares.filter((share) => share.lotId === each.id);
          expect([each.remaining, remainingCost(each)]).toEqual([BigInt(left.length), costOf(left)]);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('a position', () => {
  test('costs what its lots cost, and realises what its closings realised', () => {
    fc.assert(
      fc.property(trades, (sequence) => {
        let lots: Lot[] = [];
        let position: Position = FLAT;
        let profit: Micros = ZERO;
        for (const [index, { buy, qty, amount }] of sequence.entries()) {
          if (buy) {
            lots.push(lot(`lot${index}`, qty, amount));
            position = bought(position, toQuantity(qty), toMicros(amount));
            continue;
          }
          const result = closeLots(lots, toQuantity(qty), toMicros(amount));
          if (result === undefined) continue;
          const touched = new Map(result.lots.map((each) => [each.id, each]));
          lots = lots.map((each) => touched.get(each.id) ?? each);
          const cost = sum(result.closings.map((closing) => closing.cost));
          profit = toMicros(profit + subtract(toMicros(amount), cost));
          position = sold(position, toQuantity(qty), toMicros(amount), cost);
        }
        expect(position.cost).toBe(sum(lots.map(remainingCost)));
        expect(position.qty).toBe(lots.reduce((total, each) => total + each.remaining, 0n));
        expect(realised(position)).toBe(profit);
        if (position.qty === NO_SHARES) {
          expect([position.cost, position.averageCost]).toEqual([0n, 0n]);
          expect(realisedByAverage(position)).toBe(profit);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('costs on average what its micro-shares cost, and by the average method what a fraction says', () => {
    fc.assert(
      fc.property(trades, (sequence) => {
        let lots: Lot[] = [];
        let shares: Share[] = [];
        let position: Position = FLAT;
        // The cost by the average method as an exact fraction; each sale rounds ours by half a micro-unit at most.
        let [dividend, divisor] = [0n, 1n];
        let sales = 0n;
        for (const [index, { buy, qty, amount }] of sequence.entries()) {
          if (buy) {
            lots.push(lot(`lot${index}`, qty, amount));
            shares.push(...sharesOf(`lot${index}`, qty, amount));
            position = bought(position, toQuantity(qty), toMicros(amount));
            dividend += amount * divisor;
          } else {
            const result = closeLots(lots, toQuantity(qty), toMicros(amount));
            if (result === undefined) continue;
            const touched = new Map(result.lots.map((each) => [each.id, each]));
            lots = lots.map((each) => touched.get(each.id) ?? each);
            shares = shares.slice(Number(qty));
            dividend *= position.qty - qty;
            divisor *= position.qty;
            position = sold(position, toQuantity(qty), toMicros(amount), sum(result.closings.map(({ cost }) => cost)));
            sales += 1n;
          }
          const held = BigInt(shares.length);
          expect(averageEntry(position)).toBe(held === 0n ? undefined : nearest(costOf(shares) * 1_000_000n, held));
          const off = position.averageCost * divisor - dividend;
          expect(2n * (off < 0n ? -off : off) <= sales * divisor).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('keeps its average when part of it is sold', () => {
    let position = bought(FLAT, toQuantity(10_000_000n), toMicros(100_000_000n));
    position = bought(position, toQuantity(10_000_000n), toMicros(200_000_000n));
    position = sold(position, toQuantity(10_000_000n), toMicros(300_000_000n), toMicros(100_000_000n));
    expect(position.averageCost).toBe(150_000_000n);
    expect(position.cost).toBe(200_000_000n);
    expect(realised(position)).toBe(200_000_000n);
    expect(realisedByAverage(position)).toBe(150_000_000n);
  });
});

test.each([
  ['at its quote, and gains what that is above its cost', 30_000_000n, 60n, 10n],
  ['at its quote, and loses what that is below', 20_000_000n, 40n, -10n],
  ['at its cost where nobody quotes it: a missing price is no loss', undefined, 50n, 0n],
])('a position is worth what it is %s', (_, quote, marketValue, unrealised) => {
  const position = bought(FLAT, toQuantity(2n), toMicros(50n));
  expect(valued(position, quote === undefined ? undefined : toPrice(quote))).toEqual({ marketValue, unrealised });
});

/** The k-th micro-share costs the difference of two rounded stretches; rounding by trying both neighbours. */
function sharesOf(lotId: string, qty: bigint, cost: bigint): Share[] {
  return Array.from({ length: Number(qty) }, (_, index) => {
    const left = qty - BigInt(index);
    return { lotId, cost: nearest(cost * left, qty) - nearest(cost * (left - 1n), qty) };
  });
}

function costOf(shares: Share[]): bigint {
  return shares.reduce((total, share) => total + share.cost, 0n);
}

function nearest(dividend: bigint, divisor: bigint): bigint {
  const low = dividend / divisor;
  const under = dividend - low * divisor;
  const over = (low + 1n) * divisor - dividend;
  if (under === over) return low % 2n === 0n ? low : low + 1n;
  return under < over ? low : low + 1n;
}
