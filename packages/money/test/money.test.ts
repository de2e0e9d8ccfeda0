import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  add,
  allocate,
  amount,
  averagePrice,
  basisPoints,
  compare,
  divide,
  divideWide,
  fitsInt64,
  fromSafeInteger,
  INT64_MAX,
  INT64_MIN,
  MICRO,
  MoneyError,
  type MoneyFault,
  max,
  min,
  NO_SHARES,
  negate,
  type Rounding,
  scale,
  slice,
  subtract,
  subtractQuantity,
  sum,
  toBasisPoints,
  toMicros,
  toPrice,
  toQuantity,
  toRate,
  toSafeInteger,
} from '../src/money.ts';

const int64 = fc.bigInt({ min: INT64_MIN, max: INT64_MAX });
const natural = fc.bigInt({ min: 0n, max: INT64_MAX });
const tame = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n });

describe('divide rounds', () => {
  const rows: [rounding: Rounding, dividend: bigint, divisor: bigint, result: bigint][] = [
    ['half_even', 1n, 2n, 0n],
    ['half_even', 3n, 2n, 2n],
    ['half_even', 5n, 2n, 2n],
    ['half_even', -1n, 2n, 0n],
    ['half_even', -3n, 2n, -2n],
    ['half_even', 3n, -2n, -2n],
    ['half_even', -5n, -2n, 2n],
    ['half_even', 51n, 100n, 1n],
    ['half_even', 49n, 100n, 0n],
    ['half_even', 6n, 3n, 2n],
    ['down', 19n, 10n, 1n],
    ['down', -19n, 10n, -1n],
    ['up', 11n, 10n, 2n],
    ['up', -11n, 10n, -2n],
    ['up', 20n, 10n, 2n],
  ];
  test.each(rows)('%s: %d / %d is %d', (rounding, dividend, divisor, result) => {
    expect(divide(dividend, divisor, rounding)).toBe(result);
  });
});

test('a division in the middle of a calculation rounds alike, and may be larger than what is kept', () => {
  expect(divideWide(3n, 2n)).toBe(2n);
  expect(divideWide(10n ** 30n, 2n)).toBe(5n * 10n ** 29n);
});

describe('half-even division against rational arithmetic', () => {
  test('leaves at most half a divisor, and an even number on a tie', () => {
    fc.assert(
      fc.property(int64, fc.bigInt({ min: -(10n ** 7n), max: 10n ** 7n }), (dividend, divisor) => {
        fc.pre(divisor !== 0n && fitsInt64(dividend / divisor));
        const quotient = divide(dividend, divisor);
        const twice = abs(dividend - quotient * divisor) * 2n;
        expect(twice <= abs(divisor)).toBe(true);
        if (twice === abs(divisor)) expect(quotient % 2n).toBe(0n);
      }),
    );
  });
});

describe('amount', () => {
  const rows: [rule: string, price: bigint, qty: bigint, amount: bigint][] = [
    ['whole shares are exact', 187_250_000n, 10_000_000n, 1_872_500_000n],
    ['one micro-share at a dollar', 1_000_000n, 1n, 1n],
    ['half a micro-unit goes to the even zero', 500_000n, 1n, 0n],
    ['one and a half goes to the even two', 1_500_000n, 1n, 2n],
    ['two and a half goes to the even two', 2_500_000n, 1n, 2n],
    ['just above half goes up', 500_001n, 1n, 1n],
    ['no shares cost nothing', 187_250_000n, 0n, 0n],
    ['the largest that fits', INT64_MAX, 1_000_000n, INT64_MAX],
  ];
  test.each(rows)('%s', (_, price, qty, expected) => {
    expect(amount(toPrice(price), toQuantity(qty))).toBe(expected);
  });

  test('is within half a micro-unit of the true product', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 12n }), fc.bigInt({ min: 0n, max: 10n ** 12n }), (price, qty) => {
        const error = price * qty - amount(toPrice(price), toQuantity(qty)) * MICRO;
        expect(abs(error) * 2n <= MICRO).toBe(true);
      }),
    );
  });

  test('gives back the price it came from, as an average over whole shares', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 9n }), fc.bigInt({ min: 1n, max: 10n ** 6n }), (price, shares) => {
        const qty = toQuantity(shares * MICRO);
        expect(averagePrice(amount(toPrice(price), qty), qty)).toBe(price);
      }),
    );
  });
});

describe('what has no answer is an error, never a wrap', () => {
  const rows: [rule: string, fault: MoneyFault, run: () => unknown][] = [
    ['a product beyond int64', 'overflow', () => amount(toPrice(INT64_MAX), toQuantity(1_000_001n))],
    ['a sum beyond int64', 'overflow', () => add(toMicros(INT64_MAX), toMicros(1n))],
    ['a sum of many beyond int64', 'overflow', () => sum([toMicros(INT64_MAX), toMicros(INT64_MAX)])],
    ['a difference below int64', 'overflow', () => subtract(toMicros(INT64_MIN), toMicros(1n))],
    ['the negative of the lowest', 'overflow', () => negate(toMicros(INT64_MIN))],
    ['an average over no shares', 'division_by_zero', () => averagePrice(toMicros(5n), toQuantity(0n))],
    ['an average beyond int64', 'overflow', () => averagePrice(toMicros(INT64_MAX), toQuantity(1n))],
    ['more shares taken than there are', 'negative', () => subtractQuantity(toQuantity(1n), toQuantity(2n))],
    ['a negative quantity', 'negative', () => toQuantity(-1n)],
    ['a negative fee rate', 'negative', () => toBasisPoints(-1n)],
    ['a price of zero', 'not_positive', () => toPrice(0n)],
    ['a division by zero', 'division_by_zero', () => divide(1n, 0n)],
    ['a rate of zero', 'not_positive', () => toRate(0n)],
    ['a value above int64', 'overflow', () => toMicros(INT64_MAX + 1n)],
    ['a value below int64', 'overflow', () => toMicros(INT64_MIN - 1n)],
    ['an allocation over nothing', 'no_weight', () => allocate(toMicros(5n), [0n, 0n])],
    ['an allocation to nobody', 'no_weight', () => allocate(toMicros(5n), [])],
    ['a negative weight', 'negative', () => allocate(toMicros(5n), [2n, -1n])],
    ['a bigint beyond the safe integers', 'unsafe_integer', () => toSafeInteger(2n ** 53n)],
    ['a number that is not an integer', 'unsafe_integer', () => fromSafeInteger(0.5)],
    ['a number beyond the safe integers', 'unsafe_integer', () => fromSafeInteger(2 ** 53)],
  ];
  test.each(rows)('%s: %s', (_, fault, run) => {
    expect(faultOf(run)).toBe(fault);
  });

  test('adds exactly or refuses', () => {
    fc.assert(
      fc.property(int64, int64, (left, right) => {
        const run = () => add(toMicros(left), toMicros(right));
        if (fitsInt64(left + right)) expect(run()).toBe(left + right);
        else expect(faultOf(run)).toBe('overflow');
      }),
    );
  });

  test('sums without minding a detour beyond int64', () => {
    expect(sum([INT64_MAX, 5n, -5n].map(toMicros))).toBe(INT64_MAX);
  });
});

describe('basis points', () => {
  const rows: [rule: string, of: bigint, rate: bigint, fee: bigint][] = [
    ['one basis point of a million dollars is a hundred', 10n ** 12n, 1_000_000n, 10n ** 8n],
    ['half a basis point', 10n ** 12n, 500_000n, 5n * 10n ** 7n],
    ['ten thousand of them are the whole', 123_457n, 10_000n * MICRO, 123_457n],
    ['a tie goes to even', 25_000n, 1_000_000n, 2n],
    ['nothing of nothing', 0n, 1_000_000n, 0n],
  ];
  test.each(rows)('%s', (_, of, rate, fee) => {
    expect(basisPoints(toMicros(of), toBasisPoints(rate))).toBe(fee);
  });
});

describe('allocate', () => {
  const rows: [rule: string, total: bigint, weights: bigint[], parts: bigint[]][] = [
    ['evenly where it can', 9n, [1n, 1n, 1n], [3n, 3n, 3n]],
    ['the odd one to the first of equals', 10n, [1n, 1n, 1n], [4n, 3n, 3n]],
    ['the odd one to the largest remainder', 10n, [1n, 5n, 2n], [1n, 6n, 3n]],
    ['nothing to no weight', 7n, [0n, 1n, 0n], [0n, 7n, 0n]],
    ['debts as credits', -10n, [1n, 1n, 1n], [-4n, -3n, -3n]],
  ];
  test.each(rows)('%s', (_, total, weights, parts) => {
    expect(allocate(toMicros(total), weights)).toEqual(parts);
  });

  test('gives out the total exactly, and to each within one micro-unit of a fair share', () => {
    fc.assert(
      fc.property(int64, fc.array(natural, { minLength: 1, maxLength: 20 }), (total, weights) => {
        const whole = weights.reduce((all, weight) => all + weight, 0n);
        fc.pre(whole > 0n);
        const parts = allocate(toMicros(total), weights);
        expect(sum(parts)).toBe(total);
        for (const [index, part] of parts.entries()) {
          const weight = weights[index] ?? 0n;
          expect(abs(part * whole - total * weight) < whole).toBe(true);
        }
      }),
    );
  });
});

describe('slice', () => {
  test('pieces of a whole add up to it, however it is cut', () => {
    fc.assert(
      fc.property(
        tame,
        fc.array(fc.bigInt({ min: 0n, max: 10n ** 9n }), { minLength: 1, maxLength: 30 }),
        (total, sizes) => {
          const whole = sizes.reduce((all, size) => all + size, 0n);
          fc.pre(whole > 0n);
          let from = 0n;
          const pieces = sizes.map((size) => {
            const piece = slice(toMicros(total), from, from + size, whole);
            from += size;
            return piece;
          });
          expect(sum(pieces)).toBe(total);
        },
      ),
    );
  });

  test('one cut in two or in many takes the same', () => {
    fc.assert(
      fc.property(tame, fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 50 }), (total, taken, left) => {
        const whole = BigInt(taken + left);
        const singles = Array.from({ length: taken }, (_, i) =>
          slice(toMicros(total), BigInt(i), BigInt(i + 1), whole),
        );
        expect(sum(singles)).toBe(slice(toMicros(total), 0n, BigInt(taken), whole));
      }),
    );
  });
});

test('scale takes the rounding that the caller needs', () => {
  expect(scale(toPrice(101n), 105n, 100n, 'up')).toBe(107n);
  expect(scale(toPrice(101n), 105n, 100n, 'down')).toBe(106n);
});

test('comparison', () => {
  const [one, two] = [toMicros(1n), toMicros(2n)];
  expect([min(one, two), min(two, one), max(one, two), max(two, one)]).toEqual([1n, 1n, 2n, 2n]);
  expect([compare(1n, 2n), compare(2n, 2n), compare(3n, 2n)]).toEqual([-1, 0, 1]);
});

test('the negative of an amount, and no shares at all', () => {
  expect([negate(toMicros(5n)), negate(toMicros(-5n)), NO_SHARES]).toEqual([-5n, 5n, 0n]);
});

test('a safe integer is one up to the last on either side', () => {
  const { MAX_SAFE_INTEGER: most, MIN_SAFE_INTEGER: least } = Number;
  expect([toSafeInteger(BigInt(most)), toSafeInteger(BigInt(least))]).toEqual([most, least]);
  expect([BigInt(most) + 1n, BigInt(least) - 1n].map((value) => faultOf(() => toSafeInteger(value)))).toEqual([
    'unsafe_integer',
    'unsafe_integer',
  ]);
});

test('safe integers go there and back', () => {
  fc.assert(fc.property(fc.maxSafeInteger(), (n) => toSafeInteger(fromSafeInteger(n)) === n));
});

test('units do not mix', () => {
  // @ts-expect-error a price is not a quantity
  amount(toPrice(1n), toPrice(1n));
  // @ts-expect-error money and shares do not add
  add(toMicros(1n), toQuantity(1n));
  // @ts-expect-error a bare bigint has no unit
  subtract(toMicros(1n), 1n);
});

function abs(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function faultOf(run: () => unknown): MoneyFault | 'none' {
  try {
    run();
  } catch (error) {
    // Whoever reads it in a log has only this.
    if (error instanceof MoneyError && error.name === 'MoneyError' && /^\w.*\w$/.test(error.message))
      return error.fault;
    throw error;
  }
  return 'none';
}
