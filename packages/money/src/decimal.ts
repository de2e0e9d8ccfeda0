import {
  type BasisPoints,
  fitsInt64,
  type Measure,
  type Micros,
  type Price,
  type Quantity,
  type Rate,
  toBasisPoints,
  toMicros,
  toPrice,
  toQuantity,
  toRate,
} from './money.ts';

/** Decimal strings, as they stand at the edge: `"187.25"`. One number has one accepted shape, give or take trailing zeros. */

export type ParseRefusal =
  | 'empty'
  | 'not_a_decimal'
  | 'leading_zero'
  | 'negative_zero'
  | 'too_many_decimals'
  | 'out_of_range'
  | 'negative'
  | 'not_positive';

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: ParseRefusal };

export const parseMicros = (text: string): Parsed<Micros> => parsed(text, anySign, toMicros);
export const parsePrice = (text: string): Parsed<Price> => parsed(text, positive, toPrice);
export const parseQuantity = (text: string): Parsed<Quantity> => parsed(text, notNegative, toQuantity);
export const parseBasisPoints = (text: string): Parsed<BasisPoints> => parsed(text, notNegative, toBasisPoints);
export const parseRate = (text: string): Parsed<Rate> => parsed(text, positive, toRate);

/** The same for text that the program itself wrote: a mistake is a bug and throws. */
export const microsOf = (text: string): Micros => expected(text, parseMicros(text));
export const priceOf = (text: string): Price => expected(text, parsePrice(text));
export const quantityOf = (text: string): Quantity => expected(text, parseQuantity(text));
export const basisPointsOf = (text: string): BasisPoints => expected(text, parseBasisPoints(text));
export const rateOf = (text: string): Rate => expected(text, parseRate(text));

/** The inverse of parsing, in the shortest form: no trailing zeros, no sign on zero. */
export function format(value: Measure): string {
  const magnitude = value < 0n ? 0n - value : BigInt(value);
  const digits = magnitude.toString().padStart(DECIMALS + 1, '0');
  const whole = digits.slice(0, -DECIMALS);
  const fraction = digits.slice(-DECIMALS).replace(/0+$/, '');
  return `${value < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

const DECIMALS = 6;
/** Longer text cannot be in range, and is refused before anyone builds an integer of a million digits from it. */
const LONGEST_WHOLE = 13;
const SHAPE = /^(-?)([0-9]+)(?:\.([0-9]+))?$/;

function parsed<T>(
  text: string,
  refuse: (value: bigint) => ParseRefusal | undefined,
  brand: (value: bigint) => T,
): Parsed<T> {
  const value = parse(text);
  if (typeof value !== 'bigint') return { ok: false, reason: value };
  const reason = refuse(value);
  return reason === undefined ? { ok: true, value: brand(value) } : { ok: false, reason };
}

function parse(text: string): bigint | ParseRefusal {
  if (text === '') return 'empty';
  const [, sign, whole, fraction = ''] = SHAPE.exec(text) ?? [];
  if (sign === undefined || whole === undefined) return 'not_a_decimal';
  if (whole.length > 1 && whole.startsWith('0')) return 'leading_zero';
  if (fraction.length > DECIMALS) return 'too_many_decimals';
  if (whole.length > LONGEST_WHOLE) return 'out_of_range';
  const magnitude = BigInt(whole + fraction.padEnd(DECIMALS, '0'));
  if (sign === '-' && magnitude === 0n) return 'negative_zero';
  const value = sign === '-' ? -magnitude : magnitude;
  return fitsInt64(value) ? value : 'out_of_range';
}

function anySign(): undefined {}

function notNegative(value: bigint): ParseRefusal | undefined {
  return value < 0n ? 'negative' : undefined;
}

function positive(value: bigint): ParseRefusal | undefined {
  return value <= 0n ? 'not_positive' : undefined;
}

function expected<T>(text: string, result: Parsed<T>): T {
  if (result.ok) return result.value;
  throw new TypeError(`${JSON.stringify(text.slice(0, 40))} is not an amount: ${result.reason}`);
}
