import { invalid } from '@andvari/kit/base/errors';
import { requireName, requireText } from '@andvari/kit/handler/inputs';
import { MICRO, type Micros, toMicros, ZERO } from '@andvari/money';
import { CURRENCIES } from '@andvari/money/currency';
import { type Currency, isCurrency } from '../domain/asset.ts';

/** A trillion units: no request is for more, and sums of many requests still fit an int64. */
const MAX_AMOUNT = 10n ** 18n;
/** Of what somebody says for a reason. */
export const MAX_REASON = 500;
const SYMBOL = /^[A-Z0-9][A-Z0-9./-]{0,23}$/;

export function amountFrom(field: string, value: bigint): Micros {
  if (value <= 0n) throw invalid(field, 'should be above zero', 'amount_not_positive');
  return signedAmountFrom(field, value);
}

export function signedAmountFrom(field: string, value: bigint): Micros {
  if (value === 0n) throw invalid(field, 'should not be zero', 'amount_zero');
  if (value > MAX_AMOUNT || value < -MAX_AMOUNT) {
    throw invalid(field, `should be at most ${MAX_AMOUNT / MICRO}`, 'amount_too_large');
  }
  return toMicros(value);
}

export function notNegativeFrom(field: string, value: bigint): Micros {
  return value === 0n ? ZERO : amountFrom(field, value);
}

export function currencyFrom(field: string, value: string): Currency {
  if (!isCurrency(value)) throw invalid(field, `should be one of ${CURRENCIES.join(', ')}`, 'currency_unknown');
  return value;
}

export function symbolFrom(field: string, value: string): string {
  if (!SYMBOL.test(value) || isCurrency(value)) throw invalid(field, 'should be a symbol like AAPL', 'symbol_invalid');
  return value;
}

export function keyFrom(value: string): string {
  requireText('idempotency_key', value, { min: 1, max: 128 });
  return value;
}

/** A name that people gave, without the blanks around it. */
export function nameFrom(field: string, value: string): string {
  const name = value.trim();
  requireName(field, name, { min: 1, max: 60 });
  return name;
}

/** The word of a closed set, from its number in the contract. */
export function codeFrom<Name extends string>(field: string, table: Record<Name, number>, value: number): Name {
  const found = (Object.keys(table) as Name[]).find((name) => table[name] === value);
  if (found === undefined) throw invalid(field, `should be one of ${Object.keys(table).join(', ')}`);
  return found;
}

export function optionalTimeFrom(field: string, value: bigint): bigint {
  if (value < 0n || value > 253_402_300_799_000_000n) throw invalid(field, 'should be microseconds since 1970');
  return value;
}
