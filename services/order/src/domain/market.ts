import type { Rate } from '@andvari/money';
import type { Direction } from '@andvari/money/fx';

/** What of a symbol and its market has to be known to judge an order. Prices and quantities in micro-units. */
export interface Instrument {
  readonly symbol: string;
  readonly currency: string;
  readonly tick: bigint;
  readonly tickBelowOne: bigint;
  readonly lot: bigint;
  readonly fractionable: boolean;
  readonly tradable: boolean;
  readonly halted: boolean;
  readonly haltedAtUs: bigint;
  /** 0n where the instrument sets none. */
  readonly minNotional: bigint;
  readonly maxQty: bigint;
  readonly maxPrice: bigint;
  /** Of two, the higher is the newer. */
  readonly version: bigint;
}

export interface Quote {
  readonly last: bigint;
  readonly bid: bigint;
  readonly ask: bigint;
  readonly volume: bigint;
  readonly asOfUs: bigint;
  /** Whoever would use it later than this refuses. */
  readonly validUntilUs: bigint;
}

/** `regular` is when orders match at once; outside of it they wait. */
export type Session = 'closed' | 'pre' | 'regular' | 'after' | 'halted';

export interface Clock {
  readonly session: Session;
  /** 0n: unknown, or it never closes. */
  readonly nextOpenUs: bigint;
}

/** What a currency is worth: one rate for both directions of a pair, one of which is the dollar. */
export interface DollarRate {
  readonly currency: string;
  readonly rate: Rate;
  /** The direction in which it becomes dollars. */
  readonly direction: Direction;
}

/** All of it at one moment. */
export interface Market {
  readonly instrument: Instrument | undefined;
  readonly quote: Quote | undefined;
  readonly clock: Clock | undefined;
  readonly nowUs: bigint;
}

/** What a share is worth: the middle of what is bid and asked, or else what it last went for. 0n: nobody knows. */
export function referencePrice(quote: Quote | undefined): bigint {
  if (quote === undefined) return 0n;
  return quote.bid > 0n && quote.ask > 0n ? (quote.bid + quote.ask) / 2n : quote.last;
}

/** The best price of the side that an order would trade against, or the reference where that side is empty. */
export function touch(quote: Quote | undefined, side: 'buy' | 'sell'): bigint {
  const best = side === 'buy' ? quote?.ask : quote?.bid;
  return best !== undefined && best > 0n ? best : referencePrice(quote);
}

const ONE = 1_000_000n;

export function tickAt({ tick, tickBelowOne }: Pick<Instrument, 'tick' | 'tickBelowOne'>, price: bigint): bigint {
  return price >= ONE || tickBelowOne === 0n ? tick : tickBelowOne;
}

/** The next allowed price at or below; never 0. */
export function floorToTick(instrument: Pick<Instrument, 'tick' | 'tickBelowOne'>, price: bigint): bigint {
  const tick = tickAt(instrument, price);
  const floored = price - (price % tick);
  return floored > 0n ? floored : tick;
}

export function ceilToTick(instrument: Pick<Instrument, 'tick' | 'tickBelowOne'>, price: bigint): bigint {
  const tick = tickAt(instrument, price);
  const rest = price % tick;
  return rest === 0n ? price : price + tick - rest;
}
