import { MICRO, type Micros, negate, sum, toMicros, toPrice, toQuantity, ZERO } from '@andvari/money';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Lot, remainingCost } from '../../src/domain/lots.ts';
import { bought, FLAT, type Position, realised } from '../../src/domain/position.ts';
import { type AdjustedShares, adjustShares } from '../../src/domain/share-adjustment.ts';

const shares = (n: bigint) => toMicros(n * MICRO);
const lot = (id: string, qty: bigint, cost: bigint): Lot => ({
  id,
  openedAt: 0n,
  qty: toQuantity(qty * MICRO),
  cost: toMicros(cost * MICRO),
  remaining: toQuantity(qty * MICRO),
});
/** Ten at 100 and ten at 200. */
const held = [lot('old', 10n, 1000n), lot('new', 10n, 2000n)];
const holding: Position = held.reduce((position, { qty, cost }) => bought(position, qty, cost), FLAT);

function adjusted(by: bigint, costPrice = 0n, quote?: bigint): AdjustedShares | undefined {
  const adjustment = { id: 'a', shares: shares(by), costPrice: shares(costPrice), at: 7n };
  return adjustShares(adjustment, holding, held, quote === undefined ? undefined : toPrice(quote * MICRO));
}

describe('shares', () => {
  type Row = [rule: string, by: bigint, costPrice: bigint, cost: bigint, price: bigint, left: bigint, leftCost: bigint];
  const rows: Row[] = [
    ['that come cost what is said', 5n, 300n, 1500n, 300n, 25n, 4500n],
    ['that are given cost nothing', 5n, 0n, 0n, 0n, 25n, 3000n],
    ['that go are the oldest', -5n, 0n, -500n, 100n, 15n, 2500n],
    ['that go come out of as many lots as it takes', -15n, 0n, -2000n, 133n, 5n, 1000n],
    ['may all go', -20n, 0n, -3000n, 150n, 0n, 0n],
  ];
  test.each(rows)('%s', (_, by, costPrice, cost, price, left, leftCost) => {
    const result = adjusted(by, costPrice);
    expect([result?.cost, (result?.costPrice ?? 0n) / MICRO]).toEqual([cost * MICRO, price]);
    expect(result?.position).toMatchObject({ qty: left * MICRO, cost: leftCost * MICRO });
    expect(realised(result?.position ?? FLAT)).toBe(0n);
  });

  test('that come make one lot, opened then', () => {
    const lots = [{ id: 'a', openedAt: 7n, qty: 5n * MICRO, remaining: 5n * MICRO, cost: 1500n * MICRO }];
    expect(adjusted(5n, 300n)).toMatchObject({ lots, closings: [] });
  });

  test('that go realise nothing in any lot', () => {
    const result = adjusted(-15n);
    expect(result?.lots.map(({ id, remaining }) => [id, remaining])).toEqual([
      ['old', 0n],
      ['new', 5n * MICRO],
    ]);
    expect(
      result?.closings.map(({ lotId, cost, proceeds, realised: profit }) => [lotId, cost, proceeds, profit]),
    ).toEqual([
      ['old', 1000n * MICRO, 1000n * MICRO, 0n],
      ['new', 1000n * MICRO, 1000n * MICRO, 0n],
    ]);
  });

  test('that are not there cannot go', () => {
    expect(adjusted(-21n)).toBeUndefined();
  });

  const worths: [rule: string, by: bigint, quote: bigint | undefined, worth: bigint][] = [
    ['at the quote when they come', 5n, 120n, 600n],
    ['at cost when nobody quotes them', 5n, undefined, 1500n],
    ['at the quote when they go', -5n, 120n, -600n],
    ['at cost when they go and nobody quotes them', -5n, undefined, -500n],
  ];
  test.each(worths)('count in the history %s', (_, by, quote, worth) => {
    expect(adjusted(by, by > 0n ? 300n : 0n, quote)?.worth).toBe(worth * MICRO);
  });
});

test('any run of adjustments keeps the position at what its lots hold and cost, and realises nothing', () => {
  const steps = fc.array(
    fc.record({ by: fc.bigInt({ min: -3_000_000n, max: 3_000_000n }), price: fc.bigInt({ min: 0n, max: 10n ** 9n }) }),
    { maxLength: 25 },
  );
  fc.assert(
    fc.property(steps, (sequence) => {
      let position = FLAT;
      let lots: Lot[] = [];
      let cost: Micros = ZERO;
      for (const [index, { by, price }] of sequence.entries()) {
        if (by === 0n) continue;
        const adjustment = { id: `${index}`, shares: toMicros(by), costPrice: toMicros(price), at: 0n };
        const result = adjustShares(adjustment, position, lots, undefined);
        if (result === undefined) {
          expect(position.qty < -by).toBe(true);
          continue;
        }
        const touched = new Map(result.lots.map((each) => [each.id, each]));
        lots = [...lots.map((each) => touched.get(each.id) ?? each), ...(by > 0n ? result.lots : [])];
        cost = toMicros(cost + result.cost);
        position = result.position;
        expect(position.cost).toBe(sum(lots.map(remainingCost)));
        expect(position.qty).toBe(lots.reduce((total, { remaining }) => total + remaining, 0n));
        expect([realised(position), position.cost]).toEqual([0n, cost]);
        expect(result.worth).toBe(result.cost);
        if (by < 0n) expect(sum(result.closings.map((closing) => closing.cost))).toBe(negate(result.cost));
      }
    }),
    { numRuns: 500 },
  );
});
