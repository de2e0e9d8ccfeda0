import { MICRO, type Micros, toMicros, toPrice, toQuantity } from '@andvari/money';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  dividendOf,
  refuseCorporateAction,
  type Split,
  splitBalance,
  splitHolding,
} from '../../src/domain/corporate-action.ts';
import { type Lot, remainingCost } from '../../src/domain/lots.ts';
import { bought, FLAT, type Position, realised } from '../../src/domain/position.ts';

const lot = (id: string, shares: bigint, cost: bigint): Lot => ({
  id,
  openedAt: 1n,
  qty: toQuantity(shares),
  cost: toMicros(cost),
  remaining: toQuantity(shares),
});
const holding = (lots: readonly Lot[]): Position =>
  lots.reduce((position, { qty, cost }) => bought(position, qty, cost), FLAT);
const split = (to: bigint, from: bigint, referencePrice = 100n * MICRO): Split => ({
  type: 'split',
  to,
  from,
  referencePrice,
  effectiveAtUs: 0n,
});
const after = (of: Split, lots: readonly Lot[], smallest = 1n) =>
  splitHolding(of, { position: holding(lots), lots, smallest, newLotId: (index) => `s/${index}` });

const sum = (of: readonly bigint[]): bigint => of.reduce((total, one) => total + one, 0n);

describe('a split', () => {
  const two = [lot('a', 10n * MICRO, 500n * MICRO), lot('b', 5n * MICRO, 400n * MICRO)];

  test('of two for one doubles the shares of every lot, and leaves what they cost', () => {
    const { position, opened, cash, realised: gained, shares, lots } = after(split(2n, 1n), two);
    expect(shares).toBe(15n * MICRO);
    expect(lots).toEqual(two.map((each) => ({ ...each, remaining: 0n })));
    expect(position).toMatchObject({ qty: 30n * MICRO, cost: 900n * MICRO, averageCost: 900n * MICRO });
    expect(opened.map(({ qty, cost }) => [qty, cost])).toEqual([
      [20n * MICRO, 500n * MICRO],
      [10n * MICRO, 400n * MICRO],
    ]);
    expect([cash, gained]).toEqual([0n, 0n]);
  });

  test('of one for ten pays out what is less than the smallest quantity, and realises on that alone', () => {
    const { position, cash, realised: gained, closings } = after(split(1n, 10n, 80n * MICRO), two, MICRO);
    expect(closings.map(({ lotId, proceeds }) => [lotId, proceeds])).toEqual([
      ['a', 500n * MICRO],
      ['b', 400n * MICRO],
    ]);
    expect(position.averageCost).toBe(600n * MICRO);
    expect(position.qty).toBe(MICRO);
    // Five of fifteen shares, out of the youngest lot, at 80; they had cost 400.
    expect([cash, gained, position.cost]).toEqual([400n * MICRO, 0n, 500n * MICRO]);
  });

  test('that leaves nothing pays all of it out', () => {
    const { position, cash, opened, closings } = after(split(1n, 100n), two, MICRO);
    expect(closings.map(({ proceeds }) => proceeds)).toEqual([1000n * MICRO, 500n * MICRO]);
    expect([position.qty, position.cost, cash, opened.length]).toEqual([0n, 0n, 1500n * MICRO, 0]);
  });

  test('of nothing is nothing', () => {
    expect(after(split(2n, 1n), [])).toMatchObject({ shares: 0n, cash: 0n, position: FLAT, opened: [], closings: [] });
  });

  test('keeps every lot as old as it was', () => {
    expect(after(split(3n, 2n), two).opened.map(({ openedAt }) => openedAt)).toEqual([1n, 1n]);
  });

  const amounts = fc.array(fc.tuple(fc.bigInt({ min: 1n, max: 10n ** 10n }), fc.bigInt({ min: 0n, max: 10n ** 13n })), {
    minLength: 1,
    maxLength: 8,
  });
  const ratio = fc.bigInt({ min: 1n, max: 100n });

  test('of any ratio and any lots loses neither a share nor a micro-unit', () => {
    fc.assert(
      fc.property(amounts, ratio, ratio, fc.constantFrom(1n, MICRO), (sizes, to, from, smallest) => {
        const lots = sizes.map(([shares, cost], index) => lot(`l${index}`, shares, cost));
        const before = holding(lots);
        const result = after(split(to, from), lots, smallest);
        const { position, opened, closings } = result;
        expect(position.qty * from <= before.qty * to).toBe(true);
        expect(before.qty * to - position.qty * from < smallest * from).toBe(true);
        expect(sum(opened.map(({ qty }) => qty))).toBe(position.qty);
        expect(sum(opened.map(remainingCost))).toBe(position.cost);
        expect(sum(closings.map(({ qty }) => qty))).toBe(before.qty);
        expect(realised(position)).toBe(result.realised);
        // What is left and what was paid out is what there was, and what was gained.
        expect(position.cost + result.cash).toBe(before.cost + result.realised);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a corporate action is refused', () => {
  const at = { id: 'a', symbol: 'AAPL', at: 1n };
  const rows: [rule: string, split: Split, refusal: string | undefined][] = [
    ['of no new shares', split(0n, 1n), 'ratio_not_positive'],
    ['for no old shares', split(1n, 0n), 'ratio_not_positive'],
    ['by more than anybody splits', split(10_001n, 1n), 'ratio_too_large'],
    ['the other way as well', split(1n, 10_001n), 'ratio_too_large'],
    ['at a price below nothing', split(1n, 2n, -1n), 'reference_price_missing'],
    ['never for being usual', split(2n, 1n), undefined],
    ['nor for the most that anybody splits', split(10_000n, 1n), undefined],
    ['nor the other way', split(1n, 10_000n), undefined],
    ['nor for a price of nothing', split(1n, 2n, 0n), undefined],
  ];
  test.each(rows)('%s', (_, action, refusal) => {
    expect(refuseCorporateAction({ ...at, ...action })).toBe(refusal);
  });
});

test('a dividend is never refused: its company has decided it', () => {
  const dividend = { type: 'cash_dividend', perShare: toPrice(1n), currency: 'USD' } as const;
  expect(refuseCorporateAction({ id: 'a', symbol: 'AAPL', at: 1n, ...dividend })).toBeUndefined();
});

test('a dividend is what each share is paid, rounded once', () => {
  const dividend = { type: 'cash_dividend', perShare: toPrice(240_000n), currency: 'USD' } as const;
  expect(dividendOf(dividend, { ...FLAT, qty: toQuantity(1_500_001n) })).toBe(360_000n as Micros);
});

test.each([
  [-10_000_001n, 3n, 2n, -5_000_000n],
  [10_000_001n, 3n, 2n, 5_000_000n],
  [-25n, 1n, 10n, 23n],
  [-7n, 2n, 1n, -7n],
  [0n, 2n, 1n, 0n],
])('a balance of %s micro-shares changes at %s for %s by %s', (posted, to, from, change) => {
  expect(splitBalance(split(to, from), toMicros(posted))).toBe(change);
});
