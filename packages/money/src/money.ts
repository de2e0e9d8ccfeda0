/**
 * Money, prices and quantities as exact integers in micro-units (1e-6), each at most an int64, because that is what the
 * wire and the database hold. Everything here is checked: a result that does not fit is an error, never a wrap, and
 * a result that does not divide is rounded half-even, once, in `divide`.
 */

declare const unit: unique symbol;

/** A signed number of micro-units of one asset: money, or a movement of shares in the ledger. */
export type Micros = bigint & { readonly [unit]: 'micros' };
/** Micro-units of currency for one whole share; always positive. */
export type Price = bigint & { readonly [unit]: 'price' };
/** Micro-shares; never negative. */
export type Quantity = bigint & { readonly [unit]: 'quantity' };
/** Micro-units of a basis point (one basis point is 1_000_000n, a ten-thousandth of the amount); never negative. */
export type BasisPoints = bigint & { readonly [unit]: 'basis_points' };

/** Micro-units of the quote currency for one whole unit of the base currency; always positive. See fx.ts. */
export type Rate = bigint & { readonly [unit]: 'rate' };

export type Measure = Micros | Price | Quantity | BasisPoints | Rate;

export type MoneyFault = 'overflow' | 'not_positive' | 'negative' | 'division_by_zero' | 'no_weight' | 'unsafe_integer';

/** Arithmetic that has no answer. A value from outside is parsed (decimal.ts) or checked first and never gets here. */
export class MoneyError extends RangeError {
  readonly fault: MoneyFault;

  constructor(fault: MoneyFault, message: string) {
    super(message);
    this.name = 'MoneyError';
    this.fault = fault;
  }
}

export const MICRO = 1_000_000n;
export const INT64_MAX = 2n ** 63n - 1n;
export const INT64_MIN = -(2n ** 63n);
export const ZERO = toMicros(0n);
export const NO_SHARES = toQuantity(0n);

const BASIS_POINTS_IN_ONE = 10_000n;

/** What `qty` costs at `price`: the only place where a price and a quantity become money, so both legs of a trade agree. */
export function amount(price: Price, qty: Quantity): Micros {
  return exact(divide(price * qty, MICRO));
}

/** The average price of `qty` shares that cost `cost` in all. Below half a micro-unit a share it is zero, unlike a quoted price. */
export function averagePrice(cost: Micros, qty: Quantity): Price {
  return exact(divide(cost * MICRO, qty));
}

/** The share of an amount that a rate in basis points takes. */
export function basisPoints(of: Micros, rate: BasisPoints): Micros {
  return exact(divide(of * rate, BASIS_POINTS_IN_ONE * MICRO));
}

/**
 * The part of `total` that belongs to the stretch `from`..`to` of `whole` equal pieces. Adjacent stretches add up to the
 * total exactly, however the whole is cut, because each end is rounded on its own and the piece is the difference.
 */
export function slice(total: Micros, from: bigint, to: bigint, whole: bigint): Micros {
  return exact(divide(total * to, whole) - divide(total * from, whole));
}

/**
 * Shares `total` out by weight without losing or inventing a micro-unit: everyone gets the whole part, what is left goes one
 * micro-unit each to the largest remainders, the earlier one first among equals.
 */
export function allocate(total: Micros, weights: readonly bigint[]): Micros[] {
  if (weights.some((weight) => weight < 0n)) throw new MoneyError('negative', 'a weight is negative');
  const whole = weights.reduce((all, weight) => all + weight, 0n);
  if (whole === 0n) throw new MoneyError('no_weight', 'there is no weight to allocate over');
  const sign = total < 0n ? -1n : 1n;
  const unsigned = total * sign;
  const parts = weights.map((weight) => ({
    part: (unsigned * weight) / whole,
    remainder: (unsigned * weight) % whole,
  }));
  let left = unsigned - parts.reduce((all, { part }) => all + part, 0n);
  for (const each of parts.toSorted((a, b) => compare(b.remainder, a.remainder))) {
    if (left === 0n) break;
    each.part += 1n;
    left -= 1n;
  }
  return parts.map(({ part }) => exact(part * sign));
}

export type Rounding = 'half_even' | 'down' | 'up';

/** `value * numerator / denominator`; `down` is towards zero, `up` away from it. */
export function scale<T extends Measure>(value: T, numerator: bigint, denominator: bigint, rounding: Rounding): T {
  return exact(divide(value * numerator, denominator, rounding));
}

/** The one division: exact where it can be, else rounded, and refused when the result does not fit an int64. */
export function divide(dividend: bigint, divisor: bigint, rounding: Rounding = 'half_even'): bigint {
  return int64(divideWide(dividend, divisor, rounding));
}

/** For a step in the middle of a calculation, which may be larger than what is kept in the end. */
export function divideWide(dividend: bigint, divisor: bigint, rounding: Rounding = 'half_even'): bigint {
  if (divisor === 0n) throw new MoneyError('division_by_zero', 'division by zero');
  const quotient = dividend / divisor;
  const remainder = dividend % divisor;
  if (remainder === 0n || !roundsAway(rounding, quotient, remainder, divisor)) return quotient;
  return dividend < 0n === divisor < 0n ? quotient + 1n : quotient - 1n;
}

export function add<T extends Measure>(left: T, right: NoInfer<T>): T {
  return exact(left + right);
}

export function subtract(from: Micros, what: Micros): Micros {
  return exact(from - what);
}

/** A quantity is never negative, so taking more than there is has no answer. */
export function subtractQuantity(from: Quantity, what: Quantity): Quantity {
  return toQuantity(from - what);
}

export function negate(value: Micros | Quantity): Micros {
  return exact(0n - value);
}

export function sum(values: Iterable<Micros>): Micros {
  let total = 0n;
  for (const value of values) total += value;
  return exact(total);
}

export function min<T extends Measure>(left: T, right: NoInfer<T>): T {
  return left < right ? left : right;
}

export function max<T extends Measure>(left: T, right: NoInfer<T>): T {
  return left > right ? left : right;
}

export function compare(left: bigint, right: bigint): -1 | 0 | 1 {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** From here on the compiler knows the unit; the value is checked to be one of its kind. */
export function toMicros(value: bigint): Micros {
  return exact(value);
}

export function toPrice(value: bigint): Price {
  return exact(positive(value, 'a price'));
}

export function toQuantity(value: bigint): Quantity {
  return exact(notNegative(value, 'a quantity'));
}

export function toBasisPoints(value: bigint): BasisPoints {
  return exact(notNegative(value, 'a rate in basis points'));
}

export function toRate(value: bigint): Rate {
  return exact(positive(value, 'a rate of exchange'));
}

/** For the engine's hot loop only, whose numbers are integers that a float64 holds exactly. */
export function toSafeInteger(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER) || value < BigInt(Number.MIN_SAFE_INTEGER)) {
    throw new MoneyError('unsafe_integer', 'the value does not fit a safe integer');
  }
  return Number(value);
}

export function fromSafeInteger(value: number): bigint {
  if (!Number.isSafeInteger(value)) throw new MoneyError('unsafe_integer', 'the number is not a safe integer');
  return BigInt(value);
}

export function fitsInt64(value: bigint): boolean {
  return value <= INT64_MAX && value >= INT64_MIN;
}

function roundsAway(rounding: Rounding, quotient: bigint, remainder: bigint, divisor: bigint): boolean {
  if (rounding !== 'half_even') return rounding === 'up';
  const twice = magnitude(remainder) * 2n;
  const whole = magnitude(divisor);
  return twice > whole || (twice === whole && quotient % 2n !== 0n);
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function positive(value: bigint, what: string): bigint {
  if (value <= 0n) throw new MoneyError('not_positive', `${what} is above zero`);
  return value;
}

function notNegative(value: bigint, what: string): bigint {
  if (value < 0n) throw new MoneyError('negative', `${what} is not below zero`);
  return value;
}

/** The only place where a bigint gets its unit. Private, so that elsewhere a unit is earned through a checked constructor. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller names the unit
function exact<T extends Measure>(value: bigint): T {
  // A brand has no run-time form to test for.
  return int64(value) as T;
}

function int64(value: bigint): bigint {
  if (!fitsInt64(value)) throw new MoneyError('overflow', 'the result does not fit an int64');
  return value;
}
