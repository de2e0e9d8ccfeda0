import type { Instrument } from '../domain/instrument.ts';
import type { Quote } from '../domain/quote.ts';
import type { Deps } from './deps.ts';
import type { Quotes } from './quotes.ts';

export interface TickOptions {
  /** Hands a quote to whoever listens. */
  publish: (quote: Quote) => void;
  /** How often a symbol is looked at. */
  everyMs: number;
  /** All symbols of a moment are asked for in so many parts, spread over that time; asked anew for each round. */
  parts: () => number;
}

export type Ticks = ReturnType<typeof createTicks>;

/**
 * Quotes as they move: a symbol is told anew when its price moved by a tick, and from time to time when it did not, so that
 * nobody takes a calm market for a dead one.
 */
export function createTicks({ listings, quoteTtlMs }: Deps, quotes: Quotes, { publish, everyMs, parts }: TickOptions) {
  const told = new Map<string, Quote>();
  let part = 0;
  let round: Instrument[][] = [];

  return {
    partMs: () => everyMs / round.length,

    async next(): Promise<void> {
      if (part >= round.length) {
        round = newRound();
        part = 0;
      }
      const slice = round[part] ?? [];
      part += 1;
      if (slice.length === 0) return;
      for (const quote of await quotes.of(slice)) {
        const before = told.get(quote.symbol);
        if (before !== undefined && !isNews(before, quote)) continue;
        told.set(quote.symbol, quote);
        publish(quote);
      }
    },
  };

  /** Instruments change rarely, so they are shared out anew once a round. */
  function newRound(): Instrument[][] {
    const made: Instrument[][] = Array.from({ length: Math.max(1, parts()) }, () => []);
    listings
      .all()
      .filter(({ tradable }) => tradable)
      .forEach((one, index) => made[index % made.length]?.push(one));
    return made;
  }

  function isNews(before: Quote, quote: Quote): boolean {
    if (before.last !== quote.last || before.bid !== quote.bid || before.ask !== quote.ask) return true;
    if (before.state !== quote.state || before.source !== quote.source) return true;
    return quote.asOfUs - before.asOfUs > BigInt(quoteTtlMs) * 300n;
  }
}
