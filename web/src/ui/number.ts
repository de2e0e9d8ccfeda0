import { add, compare, divide, MICRO, type Micros, min, subtract, toMicros } from '@andvari/money';
import { format, microsOf, parseMicros } from '@andvari/money/decimal';

/**
 * Numbers for the eye. Decimal strings in, strings out: Intl formats a decimal string exactly to its last digit, which
 * it does not when the number has been a float on the way.
 */

let locale = 'en';
const formatters = new Map<string, Intl.NumberFormat>();

export function setLocale(tag: string): void {
  try {
    [locale = 'en'] = Intl.NumberFormat.supportedLocalesOf([tag, 'en']);
  } catch {
    // No language tag at all.
    locale = 'en';
  }
  formatters.clear();
  document.documentElement.lang = locale;
}

export const currentLocale = (): string => locale;

/** How a notation looks. */
export const exampleNumber = (tag: string): string => new Intl.NumberFormat(tag).format('1234567.89');

export const NONE = '–';

/** With the decimals of its tick, so that a column of prices lines up. */
export function price(value: string | null | undefined, tick = '0.01'): string {
  if (value == null) return NONE;
  const decimals = Math.max(decimalsOf(tick), Math.min(4, decimalsOf(value)));
  return formatted(value, { minimumFractionDigits: decimals, maximumFractionDigits: Math.max(decimals, 4) });
}

export function quantity(value: string | null | undefined): string {
  return value == null ? NONE : formatted(value, { maximumFractionDigits: 6 });
}

export function money(value: string | null | undefined, currency: string): string {
  return value == null ? NONE : formatted(value, { style: 'currency', currency, currencyDisplay: 'narrowSymbol' });
}

/** All digits that the ledger has: where two decimals would hide something. */
export function exactMoney(value: string | null | undefined, currency: string): string {
  if (value == null) return NONE;
  return formatted(value, { style: 'currency', currency, maximumFractionDigits: 6, currencyDisplay: 'narrowSymbol' });
}

export function signedMoney(value: string | null | undefined, currency: string): string {
  if (value == null) return NONE;
  return formatted(value, { style: 'currency', currency, signDisplay: 'exceptZero', currencyDisplay: 'narrowSymbol' });
}

export function signedPrice(value: string | null | undefined): string {
  if (value == null) return NONE;
  return formatted(value, { minimumFractionDigits: 2, maximumFractionDigits: 4, signDisplay: 'exceptZero' });
}

/** Of one: `"0.0152"` is +1.52 %. */
export function signedPercent(ratio: string | null | undefined): string {
  if (ratio == null) return NONE;
  return formatted(ratio, { style: 'percent', minimumFractionDigits: 2, signDisplay: 'exceptZero' });
}

export function percent(ratio: string | null | undefined): string {
  return ratio == null ? NONE : formatted(ratio, { style: 'percent', minimumFractionDigits: 2 });
}

/** For volume only, where nobody reads the last digits. The unit is a word of the page, which is English; the number before it is not. */
export function compact(value: string | null | undefined): string {
  if (value == null) return NONE;
  const parts = inThousands.formatToParts(value as Intl.StringNumericLiteral);
  const number = parts.filter(({ type }) => type !== 'compact').map((part) => part.value);
  const unit = parts.find(({ type }) => type === 'compact')?.value ?? '';
  return formatted(number.join(''), { maximumFractionDigits: 1 }) + unit;
}

const inThousands = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1, useGrouping: false });

export type Sign = 'up' | 'down' | 'flat';

export function signOf(value: string | null | undefined): Sign {
  if (value == null || !/[1-9]/.test(value)) return 'flat';
  return value.startsWith('-') ? 'down' : 'up';
}

/** ▲▼: colour is never alone. */
export const arrow: Record<Sign, string> = { up: '▲', down: '▼', flat: '' };

export type Understood =
  | { ok: true; value: string }
  | { ok: false; reason: 'empty' | 'not_a_number' | 'too_exact' | 'too_large' };

/** What somebody typed in their own notation, as a decimal string: `1.234,5` is "1234.5" in German. */
export function understood(text: string): Understood {
  const { group, decimal } = separators();
  const bare = text.trim().replaceAll(/[\s'’]/g, '');
  if (bare === '') return { ok: false, reason: 'empty' };
  const [whole = '', fraction, ...rest] = bare.split(decimal);
  if (rest.length > 0) return { ok: false, reason: 'not_a_number' };
  const digits = withoutGroups(whole, group);
  if (digits === undefined || !/^\d*$/.test(fraction ?? '')) return { ok: false, reason: 'not_a_number' };
  const plain = `${digits.replace(/^0+(?=\d)/, '') || '0'}${fraction ? `.${fraction}` : ''}`;
  if ((fraction ?? '').replace(/0+$/, '').length > 6) return { ok: false, reason: 'too_exact' };
  const parsed = parseMicros(shortened(plain));
  // Digits they are; what is left to be wrong is that there are too many.
  return parsed.ok ? { ok: true, value: format(parsed.value) } : { ok: false, reason: 'too_large' };
}

/** The inverse, for a field: the locale's separator, no grouping, nothing lost; a price with the decimals of its tick. */
export function typed(value: string, tick = '1'): string {
  const [whole = '', fraction = ''] = value.split('.');
  const shown = fraction.padEnd(decimalsOf(tick), '0');
  return shown === '' ? whole : whole + separators().decimal + shown;
}

/** Groups are optional, but where one stands it has to be one: `1.5` is not fifteen in German. */
function withoutGroups(whole: string, group: string): string | undefined {
  if (!whole.includes(group)) return /^\d*$/.test(whole) ? whole : undefined;
  const parts = whole.split(group);
  const isGrouped = parts.every(
    (part, index) => /^\d+$/.test(part) && (index === 0 ? part.length <= 3 : part.length === 3),
  );
  return isGrouped ? parts.join('') : undefined;
}

function separators(): { group: string; decimal: string } {
  const parts = formatter({ useGrouping: true }).formatToParts(1_234_567.5);
  const group = parts.find(({ type }) => type === 'group')?.value ?? ',';
  return { group: /\s/.test(group) ? ' ' : group, decimal: parts.find(({ type }) => type === 'decimal')?.value ?? '.' };
}

const shortened = (plain: string): string => (plain.includes('.') ? plain.replace(/\.?0+$/, '') : plain);

function decimalsOf(value: string): number {
  const point = value.indexOf('.');
  return point === -1 ? 0 : value.slice(point + 1).replace(/0+$/, '').length;
}

/** Half is rounded away from zero, and what rounds to nothing has no sign: one rule for all that is shown. */
function formatted(value: string, options: Intl.NumberFormatOptions): string {
  return formatter({ signDisplay: 'negative', ...options }).format(value as Intl.StringNumericLiteral);
}

function formatter(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = JSON.stringify(options);
  let found = formatters.get(key);
  if (found === undefined) formatters.set(key, (found = new Intl.NumberFormat(locale, options)));
  return found;
}

/** Arithmetic on decimal strings, exact, for display: the ledger's own numbers come from the server. */
export const plus = (left: string, right: string): string => format(add(microsOf(left), microsOf(right)));
export const minus = (left: string, right: string): string => format(subtract(microsOf(left), microsOf(right)));
export const order = (left: string, right: string): number => compare(microsOf(left), microsOf(right));
export const smaller = (left: string, right: string): string => format(min(microsOf(left), microsOf(right)));
export const sumOf = (values: readonly string[]): string => values.reduce(plus, '0');

/** `part` of `whole`, of one, to four decimals; "0" of nothing. */
export function ratioOf(part: string, whole: string): string {
  const divisor: Micros = microsOf(whole);
  return divisor === 0n ? '0' : format(toMicros(divide(microsOf(part) * MICRO, divisor)));
}

/** For a picture, which has no last digit, and for nothing else. */
export const drawn = (value: string): number => Number(value);

/**
 * And back from a picture, whose places are floats: exact for whatever has fifteen digits at most, which a test tries. Beyond that, and
 * between two prices, it is the nearest that a finger or an axis could mean.
 */
export const fromPicture = (place: number, decimals: number): string => place.toFixed(decimals);

/** Money at a place in a picture. All digits that the ledger has come back, so that it is rounded as what stands beside it. */
export const pictureMoney = (place: number, currency: string): string => money(fromPicture(place, 6), currency);

/** How wide a bar is drawn, 0 to 1. */
export function barWidth(part: string, whole: string): number {
  const share = Number(ratioOf(part, whole));
  return Math.min(1, Math.max(0, share));
}
