import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rateOf } from '../src/decimal.ts';
import { convert, costOf, type Direction } from '../src/fx.ts';
import { allocate, INT64_MAX, MoneyError, sum, toMicros, toRate } from '../src/money.ts';

const anyRate = fc.bigInt({ min: 1n, max: 10n ** 12n }).map(toRate);
const anyAmount = fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }).map(toMicros);
const anyDirection = fc.constantFrom<Direction>('base_to_quote', 'quote_to_base');

describe('convert', () => {
  const rows: [rule: string, given: bigint, rate: string, direction: Direction, received: bigint][] = [
    ['base to quote multiplies', 100_000_000n, '1.35', 'base_to_quote', 135_000_000n],
    ['quote to base divides', 135_000_000n, '1.35', 'quote_to_base', 100_000_000n],
    ['a third is rounded', 1_000_000n, '3', 'quote_to_base', 333_333n],
    ['a tie goes to the even', 1n, '0.5', 'base_to_quote', 0n],
    ['a tie goes to the even', 3n, '0.5', 'base_to_quote', 2n],
    ['too little to be worth a micro-unit', 1n, '0.000001', 'base_to_quote', 0n],
    ['the sign is kept', -100_000_000n, '1.35', 'base_to_quote', -135_000_000n],
  ];
  test.each(rows)('%s', (_, given, rate, direction, received) => {
    expect(convert(toMicros(given), rateOf(rate), direction).received).toBe(received);
  });

  test('refuses what does not fit', () => {
    expect(() => convert(toMicros(INT64_MAX), rateOf('1.000001'), 'base_to_quote')).toThrow('int64');
  });

  test('accounts for every fraction: what went in is what came out plus the remainder', () => {
    fc.assert(
      fc.property(anyAmount, anyRate, anyDirection, (given, rate, direction) => {
        const { received, remainder, divisor } = convert(given, rate, direction);
        const [up, down] = direction === 'base_to_quote' ? [rate, 1_000_000n] : [1_000_000n, rate];
        expect(divisor).toBe(down);
        expect(received * divisor + remainder).toBe(given * up);
        expect((remainder < 0n ? -remainder : remainder) * 2n <= divisor).toBe(true);
      }),
    );
  });

  test('of a total, allocated, creates and destroys nothing', () => {
    fc.assert(
      fc.property(
        anyAmount,
        anyRate,
        fc.array(fc.bigInt({ min: 1n, max: 1000n }), { minLength: 1 }),
        (total, rate, weights) => {
          const { received } = convert(total, rate, 'base_to_quote');
          expect(sum(allocate(received, weights))).toBe(received);
        },
      ),
    );
  });

  test('there and back never leaves the client ahead by more than the rounding of one micro-unit received', () => {
    fc.assert(
      fc.property(anyAmount, anyRate, (given, rate) => {
        const there = convert(given, rate, 'base_to_quote').received;
        const back = convert(there, rate, 'quote_to_base').received;
        const drift = (back - given) * rate;
        // Half a micro-unit of quote on the way there, half of base on the way back.
        expect((drift < 0n ? -drift : drift) * 2n <= 1_000_000n + BigInt(rate)).toBe(true);
      }),
    );
  });
});

describe('costOf', () => {
  test('is the least that buys what is wanted', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 10n ** 9n }).map(toMicros),
        anyRate,
        anyDirection,
        (wanted, rate, direction) => {
          const given = costOf(wanted, rate, direction);
          expect(convert(given, rate, direction).received >= wanted).toBe(true);
          expect(convert(toMicros(given - 1n), rate, direction).received < wanted).toBe(true);
        },
      ),
    );
  });

  test('refuses to price nothing', () => {
    const refusal = new MoneyError('not_positive', 'an amount to receive is above zero');
    expect(() => costOf(toMicros(0n), rateOf('1'), 'base_to_quote')).toThrow(refusal);
  });
});
