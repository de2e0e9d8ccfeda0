import { invalid } from '@andvari/kit/base/errors';
import { CURRENCIES, isCurrency } from '@andvari/money/currency';
import type { GetBarsRequest } from '@andvari/proto/stock/v1/stock';
import { BarOrigin } from '@andvari/proto/stock/v1/stock';
import { unknownSymbol } from '../app/instruments.ts';
import { DAY_MS, dayFromIso } from '../domain/days.ts';
import { SYMBOL } from '../domain/instrument.ts';
import { barStart, HISTORY_BEGINS, periods, type Timeframe } from '../domain/timeframe.ts';
import { periodFrom, timeframeFrom } from '../messages/convert.ts';

export const MAX_SYMBOLS = 500;
const MAX_CALENDAR_DAYS = 400;

/** Looks like a symbol; whether there is one is another question. */
export function requireSymbol(field: string, symbol: string): void {
  if (!SYMBOL.test(symbol)) throw invalid(field, 'should be a symbol like AAPL or BRK-B');
}

export function requireSymbols(field: string, symbols: readonly string[]): void {
  if (symbols.length === 0) throw invalid(field, 'should name at least one');
  if (symbols.length > MAX_SYMBOLS) throw invalid(field, `at most ${MAX_SYMBOLS}`);
  symbols.forEach((symbol, index) => {
    requireSymbol(`${field}[${index}]`, symbol);
  });
}

/** Where unknown ones are not allowed, the first is named. */
export function refuseUnknown(symbols: readonly string[], unknown: readonly string[], allowed: boolean): void {
  const [first] = unknown;
  if (first === undefined || allowed) return;
  throw unknownSymbol(`symbols[${symbols.indexOf(first)}]`, first);
}

/** In any case; empty where none was asked for. */
export function currencyFrom(field: string, given: string): string {
  const currency = /^[a-z]*$/i.test(given) ? given.toUpperCase() : given;
  if (currency !== '' && !isCurrency(currency)) throw invalid(field, `should be one of ${CURRENCIES.join(', ')}`);
  return currency;
}

export function datesFrom(request: { fromDate: string; toDate: string }): { from: number; to: number } {
  const from = dayFromIso(request.fromDate);
  const to = dayFromIso(request.toDate);
  if (from === undefined) throw invalid('from_date', 'should be a date like 2026-01-31');
  if (to === undefined) throw invalid('to_date', 'should be a date like 2026-01-31');
  if (to < from) throw invalid('to_date', 'should not be before the first date');
  if (to - from >= MAX_CALENDAR_DAYS) throw invalid('to_date', `at most ${MAX_CALENDAR_DAYS} days`);
  return { from, to };
}

/** Milliseconds, and in which steps. */
export function rangeFrom(request: GetBarsRequest, nowMs: number): { timeframe: Timeframe; from: number; to: number } {
  const period = periodFrom(request.period);
  const asked = timeframeFrom(request.timeframe);
  if (period !== undefined) {
    if (request.fromUs !== 0n || request.toUs !== 0n) throw invalid('period', 'goes without a range');
    const { days, timeframe } = periods[period];
    const from = days === Number.POSITIVE_INFINITY ? HISTORY_BEGINS : nowMs - days * DAY_MS;
    const steps = asked ?? timeframe;
    return { timeframe: steps, from: barStart(steps, from), to: nowMs + 1 };
  }
  if (asked === undefined) throw invalid('timeframe', 'should be said where no period is');
  const from = msFrom('from_us', request.fromUs);
  const to = request.toUs === 0n ? nowMs + 1 : msFrom('to_us', request.toUs);
  if (to <= from) throw invalid('to_us', 'should be after the beginning');
  return { timeframe: asked, from, to };
}

/** To the millisecond above: no bar begins in between. */
function msFrom(field: string, us: bigint): number {
  if (us < 0n || us > LAST_US) throw invalid(field, 'should be a time between 1970 and 2200');
  return Number((us + 999n) / 1000n);
}

const LAST_US = 7_258_118_400_000_000n;

export function originFrom(origin: BarOrigin): 'merged' | 'reference' | 'venue' {
  const found = origins.get(origin);
  if (found === undefined) throw invalid('origin', 'should be the reference or the venue');
  return found;
}

const origins = new Map<BarOrigin, 'merged' | 'reference' | 'venue'>([
  [BarOrigin.BAR_ORIGIN_UNSPECIFIED, 'merged'],
  [BarOrigin.BAR_ORIGIN_REFERENCE, 'reference'],
  [BarOrigin.BAR_ORIGIN_VENUE, 'venue'],
]);
