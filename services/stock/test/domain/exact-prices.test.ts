import { array, assert, bigInt, integer, oneof, pre, property, tuple } from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type CorporateAction,
  factorsAt,
  factorsBetween,
  isUnchanged,
  times,
} from '../../src/domain/corporate-action.ts';
import { createSimulatedMarket } from '../../src/domain/simulated-market.ts';
import { tradingDays } from '../../src/domain/trading-days.ts';
import { onGridOf, simulatedSymbol } from '../../src/ports/simulated.ts';
import { micros, volume } from '../../src/ports/upstream.ts';
import { shippedInstruments } from '../simulated/symbols.ts';

/** Nothing that reaches a message has gone through a rounding that a double could get wrong. See docs/decisions/0046. */
const NOW = Date.UTC(2026, 5, 10, 15, 20, 30);
const MICRO = 1_000_000n;
const MAX_PRICE = 1_000_000_000_000;

const action = (terms: CorporateAction['terms'], effectiveAtUs = 1n): CorporateAction => ({
  id: '',
  symbol: 'ACME',
  terms,
  exDate: '2026-06-10',
  referencePx: 100n * MICRO,
  appliedAtUs: 1n,
  effectiveAtUs,
});
const split = (to: bigint, from: bigint) => action({ type: 'split', to, from });
const dividend = (amount: bigint) => action({ type: 'cash_dividend', amount, currency: 'USD' });

const ratioNumbers = bigInt({ min: 1n, max: 10_000n });
const anyAction = oneof(
  tuple(ratioNumbers, ratioNumbers).map(([to, from]) => split(to, from)),
  bigInt({ min: 1n, max: 99n * MICRO }).map(dividend),
);
const price = integer({ min: 1, max: MAX_PRICE });

describe('a price times the factors of its actions', () => {
  test('is the nearest whole number to the exact product, whatever the chain of actions', () => {
    assert(
      property(price, array(anyAction, { minLength: 1, maxLength: 8 }), (value, actions) => {
        const { numerator, denominator } = factorsAt(actions, NOW).price;
        // As far as a double counts: nothing is worth more than nine billion.
        pre(BigInt(value) * numerator < BigInt(Number.MAX_SAFE_INTEGER) * denominator);
        // No more than half away from the product, compared without any division.
        const twice = 2n * (BigInt(times(value, { numerator, denominator })) * denominator - BigInt(value) * numerator);
        expect(twice <= denominator && twice >= -denominator).toBe(true);
      }),
    );
  });

  test('is on the grid and at most half a tick away', () => {
    assert(
      property(price, anyAction, (value, one) => {
        const ratio = factorsAt([one], NOW).price;
        const grid = { tick: 10_000, tickBelowOne: 100 };
        const quoted = onGridOf(grid, value, ratio);
        const tick = BigInt(value) * ratio.numerator >= MICRO * ratio.denominator ? 10_000 : 100;
        expect(quoted % tick).toBe(0);
        expect(quoted).toBeGreaterThan(0);
        const off = BigInt(quoted) * ratio.denominator - BigInt(value) * ratio.numerator;
        if (quoted > tick) expect(2n * (off < 0n ? -off : off) <= BigInt(tick) * ratio.denominator).toBe(true);
      }),
    );
  });

  test('a split and its reverse change nothing, not a micro-unit, however they are chained', () => {
    assert(
      property(array(tuple(ratioNumbers, ratioNumbers), { maxLength: 6 }), (ratios) => {
        const there = ratios.map(([to, from]) => split(to, from));
        const back = ratios.map(([to, from]) => split(from, to));
        expect(isUnchanged(factorsAt([...there, ...back], NOW))).toBe(true);
        const now = factorsAt(there, NOW);
        expect(isUnchanged(factorsBetween(now, now))).toBe(true);
      }),
    );
  });

  test.each<[string, number, CorporateAction, number]>([
    ['three for two', 150_000_003, split(3n, 2n), 100_000_002],
    ['one for three', 1, split(1n, 3n), 3],
    ['what lies in the middle goes up', 3, split(2n, 1n), 2],
    ['more than a double has digits for', MAX_PRICE - 1, split(1n, 9_000n), (MAX_PRICE - 1) * 9_000],
    ['where a double says 31', 45, split(10n, 7n), 32],
    ['where a double says one more', 539_040_334_630, dividend(2_126_737n), 527_576_364_388],
    ['a dividend', 100_000_000, dividend(1_234_567n), 98_765_433],
  ])('%s', (_, value, one, expected) => {
    expect(times(value, factorsAt([one], NOW).price)).toBe(expected);
  });
});

test('a price that a provider writes with six decimals is read as it was written', () => {
  assert(
    property(price, (value) => {
      const text = `${Math.floor(value / 1_000_000)}.${String(value % 1_000_000).padStart(6, '0')}`;
      expect(micros(JSON.parse(text))).toBe(value);
      expect(volume(JSON.parse(text))).toBe(value);
    }),
    { numRuns: 2000 },
  );
});

test('what the simulated market says is whole ticks, at any moment, of any instrument', () => {
  const market = createSimulatedMarket('exact', tradingDays.always);
  const instruments = shippedInstruments();
  assert(
    property(
      integer({ min: 0, max: instruments.length - 1 }),
      integer({ min: Date.UTC(2016, 0), max: Date.UTC(2036, 0) }),
      (index, at) => {
        const [instrument] = instruments.slice(index, index + 1);
        if (instrument === undefined) return;
        const of = simulatedSymbol(instrument);
        const { last, bid, ask, open, high, low, previousClose } = market.quote(of, at);
        for (const one of [last, bid, ask, open, high, low, previousClose]) {
          expect(Number.isSafeInteger(one) && one > 0).toBe(true);
          expect(one % (one >= 1_000_000 ? of.tick : of.tickBelowOne)).toBe(0);
        }
        expect(bid <= last && last <= ask && low <= last && last <= high).toBe(true);
      },
    ),
    { numRuns: 60 },
  );
});
