import { toMicros } from '@andvari/money';
import { convert } from '@andvari/money/fx';
import type { Clock, DollarRate, Instrument, Market, Quote } from '../domain/market.ts';

/** Instruments, prices and hours as far as this process has heard: asked on every order, so it never waits. */
export interface MarketView {
  of(symbol: string): Omit<Market, 'nowUs'>;
  /** Undefined where nobody has said what the currency is worth. */
  inDollars(currency: string, amount: bigint): bigint | undefined;
}

/** Filled by the streams and by what the stock service lists; a newer word wins, whichever way it came. */
export function createMarketView() {
  const instruments = new Map<string, Instrument>();
  const quotes = new Map<string, Quote>();
  const rates = new Map<string, DollarRate>();
  let clock: Clock | undefined;

  return {
    inDollars(currency: string, amount: bigint): bigint | undefined {
      if (currency === 'USD') return amount;
      const known = rates.get(currency);
      return known === undefined ? undefined : convert(toMicros(amount), known.rate, known.direction).received;
    },

    learnRate(rate: DollarRate): void {
      rates.set(rate.currency, rate);
    },

    of(symbol: string): Omit<Market, 'nowUs'> {
      return { instrument: instruments.get(symbol), quote: quotes.get(symbol), clock };
    },

    learnInstrument(instrument: Instrument): void {
      const known = instruments.get(instrument.symbol);
      if (known === undefined || known.version <= instrument.version) instruments.set(instrument.symbol, instrument);
    },

    learnHalt(symbol: string, halted: boolean, atUs: bigint, version: bigint): void {
      const known = instruments.get(symbol);
      if (known === undefined || known.version > version) return;
      instruments.set(symbol, { ...known, halted, haltedAtUs: halted ? atUs : 0n, version });
    },

    learnQuote(symbol: string, quote: Quote): void {
      const known = quotes.get(symbol);
      if (known === undefined || known.asOfUs <= quote.asOfUs) quotes.set(symbol, quote);
    },

    learnClock(told: Clock): void {
      clock = told;
    },

    size: () => instruments.size,
  };
}

export type LearningView = ReturnType<typeof createMarketView>;
