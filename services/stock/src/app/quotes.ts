import type { Instrument } from '../domain/instrument.ts';
import { stateAt } from '../domain/market-clock.ts';
import { type Move, type MoversKind, movers } from '../domain/movers.ts';
import type { Quote } from '../domain/quote.ts';
import { previousCloseAt } from '../domain/trading-days.ts';
import type { Deps } from './deps.ts';

export type Quotes = ReturnType<typeof createQuotes>;

export function createQuotes({ now, provider, listings, days, quoteTtlMs }: Deps) {
  return { of, movers: moversOf };

  /** In their order, without those that nobody has a price of. */
  async function of(instruments: readonly Instrument[]): Promise<Quote[]> {
    const at = Number(now() / 1000n);
    const state = stateAt(days, at);
    const found = new Map((await provider.quotes(instruments, at)).map((quote) => [quote.symbol, quote]));
    return instruments.flatMap((instrument) => {
      const quote = found.get(instrument.symbol);
      if (quote === undefined) return [];
      const validUntilUs = quote.asOfUs + BigInt(quoteTtlMs) * 1000n;
      const previousCloseAtUs = BigInt(previousCloseAt(days, Number(quote.asOfUs / 1000n))) * 1000n;
      return [{ ...quote, validUntilUs, previousCloseAtUs, state: instrument.halt === undefined ? state : 'halted' }];
    });
  }

  async function moversOf(kind: MoversKind, first: number, currency: string): Promise<Move<Quote>[]> {
    const wanted = listings
      .all()
      .filter((one) => one.tradable && (currency === '' || one.currency === currency))
      .slice(0, MOST_MOVING);
    return movers(kind, await of(wanted), first);
  }
}

/** Beyond so many, looking at all of them is no answer of one request. */
const MOST_MOVING = 5000;
