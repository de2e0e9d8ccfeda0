import { CURRENCIES, isCurrency } from '@andvari/money/currency';

/** What can be traded, and by which rules. Prices, quantities and amounts are micro-units. */
export interface Instrument {
  readonly symbol: string;
  readonly name: string;
  readonly exchange: string;
  readonly sector: string;
  readonly type: 'equity' | 'etf';
  readonly currency: string;
  /** Prices from one unit of currency upwards are multiples of it, those below of `tickBelowOne`. */
  readonly tick: bigint;
  readonly tickBelowOne: bigint;
  readonly lot: bigint;
  readonly fractionable: boolean;
  readonly tradable: boolean;
  readonly halt: Halt | undefined;
  readonly basePrice: bigint;
  readonly minNotional: bigint;
  readonly maxQty: bigint;
  readonly maxPrice: bigint;
  /** Grows with every change. */
  readonly version: bigint;
  /** For the simulated market: of a year in millionths, and whole shares a day. */
  readonly volatilityPpm: number;
  readonly dailyVolume: number;
}

export interface Halt {
  readonly reason: string;
  readonly sinceUs: bigint;
}

export type Refusal = { readonly field: string; readonly message: string };

export const SYMBOL = /^[A-Z][A-Z0-9-]{0,15}$/;

const ONE = 1_000_000n;
/** The engine calculates with doubles that hold such numbers exactly. */
const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);
export const DEFAULT_LIMITS = { minNotional: ONE, maxQty: 1_000_000n * ONE, maxPrice: 1_000_000n * ONE };
export const DEFAULT_VOLATILITY_PPM = 300_000;
export const DEFAULT_DAILY_VOLUME = 1_000_000;

/** The first rule that it breaks, in this order; undefined where it may be listed. */
export function refuseInstrument(made: Instrument): Refusal | undefined {
  const { symbol, name, exchange, sector, currency, tick, tickBelowOne, lot, basePrice } = made;
  if (!SYMBOL.test(symbol)) return refused('symbol', 'should be like AAPL or BRK-B, at most 16 characters');
  if (!isText(name, 80)) return refused('name', 'should be 1 to 80 characters of text');
  if (!isText(exchange, 20)) return refused('exchange', 'should be 1 to 20 characters of text');
  if (!isText(sector, 40)) return refused('sector', 'should be 1 to 40 characters of text');
  if (!isCurrency(currency)) return refused('currency', `one of ${CURRENCIES.join(', ')}`);
  if (tick <= 0n || tick > ONE || ONE % tick !== 0n) return refused('tick', 'should divide one unit of currency');
  if (tickBelowOne <= 0n || tick % tickBelowOne !== 0n) return refused('tick_below_one', 'should divide the tick');
  if (lot <= 0n || lot > 1_000_000n * ONE) return refused('lot', 'should be from 0.000001 to 1,000,000');
  if (made.fractionable !== lot < ONE) return refused('fractionable', 'goes with a lot below one share');
  if (made.maxPrice < tick || made.maxPrice > MAX_SAFE) return refused('max_price', 'should be at least a tick');
  if (basePrice <= 0n || basePrice > made.maxPrice) return refused('base_price', 'should be up to the highest price');
  if (basePrice % tickAt(made, basePrice) !== 0n) return refused('base_price', 'should be a multiple of the tick');
  if (made.minNotional <= 0n) return refused('min_notional', 'should be above zero');
  if (made.maxQty < lot || made.maxQty > MAX_SAFE) return refused('max_qty', 'should be at least a lot');
  if (made.minNotional > largestOrder(made))
    return refused('min_notional', 'should be up to what the largest order comes to');
  if (!isBetween(made.volatilityPpm, 1000, 3_000_000)) return refused('volatility', 'should be from 0.001 to 3');
  if (!isBetween(made.dailyVolume, 1, 1_000_000_000)) return refused('daily_volume', 'should be 1 to 1,000,000,000');
  return undefined;
}

/** What the most shares of one order cost at the highest price. */
function largestOrder({ maxQty, maxPrice }: Instrument): bigint {
  return (maxQty * maxPrice) / ONE;
}

export function tickAt({ tick, tickBelowOne }: Pick<Instrument, 'tick' | 'tickBelowOne'>, price: bigint): bigint {
  return price >= ONE ? tick : tickBelowOne;
}

/** What an operator may state anew; halts and the version are not among it. */
export function sameTerms(a: Instrument, b: Instrument): boolean {
  return terms.every((term) => a[term] === b[term]);
}

const terms = [
  'name',
  'exchange',
  'sector',
  'type',
  'currency',
  'tick',
  'tickBelowOne',
  'lot',
  'fractionable',
  'tradable',
  'basePrice',
  'minNotional',
  'maxQty',
  'maxPrice',
  'volatilityPpm',
  'dailyVolume',
] as const satisfies readonly (keyof Instrument)[];

function refused(field: string, message: string): Refusal {
  return { field, message };
}

function isText(text: string, max: number): boolean {
  return text.trim() === text && text.length > 0 && text.length <= max && !/[\p{Cc}\p{Cs}]/u.test(text);
}

function isBetween(value: number, min: number, max: number): boolean {
  return Number.isSafeInteger(value) && value >= min && value <= max;
}
