import { toRate } from '@andvari/money';
import type { FxRate, Instrument as InstrumentMessage, Quote as QuoteMessage } from '@andvari/proto/stock/v1/stock';
import type { Clock, DollarRate, Instrument, Quote } from '../domain/market.ts';
import { sessionFrom } from './codes.ts';

/** An instrument that cannot be traded on a grid is none. */
export function instrumentFrom(message: InstrumentMessage): Instrument | undefined {
  const { symbol, currency, tick, tickBelowOne, lot, fractionable, tradable, halted, haltedAtUs } = message;
  if (symbol === '' || tick <= 0n || lot <= 0n) return undefined;
  const { minNotional, maxQty, maxPrice, version } = message;
  return {
    symbol,
    currency,
    tick,
    tickBelowOne: tickBelowOne > 0n ? tickBelowOne : tick,
    // Of what can be divided, any part can be had.
    lot: fractionable ? 1n : lot,
    fractionable,
    tradable,
    halted,
    haltedAtUs,
    minNotional: minNotional > 0n ? minNotional : ONE,
    maxQty,
    maxPrice,
    version,
  };
}

const ONE = 1_000_000n;

export function quoteFrom({ last, bid, ask, volume, asOfUs, validUntilUs }: QuoteMessage): Quote {
  return { last, bid, ask, volume, asOfUs, validUntilUs };
}

export function clockFrom({ state, nextOpenUs }: { state: number; nextOpenUs: bigint }): Clock | undefined {
  const session = sessionFrom(state);
  return session === undefined ? undefined : { session, nextOpenUs };
}

export function dollarRateFrom({ base, quote, rate }: FxRate): DollarRate {
  return base === 'USD'
    ? { currency: quote, rate: toRate(rate), direction: 'quote_to_base' }
    : { currency: base, rate: toRate(rate), direction: 'base_to_quote' };
}
