import type { Clock, Instrument, Market, Quote } from '../domain/market.ts';

/** Instruments, prices and hours as far as this process has heard: asked on every order, so it never waits. */
export interface MarketView {
  of(symbol: string): Omit<Market, 'nowUs'>;
}

/** Filled by the streams and by what the stock service lists; a newer word wins, whichever way it came. */
export function createMarketView() {
  const instruments = new Map<string, Instrument>();
  const quotes = new Map<string, Quote>();
  let clock: Clock | undefined;

  return {
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
