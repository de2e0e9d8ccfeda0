import type { ProviderQuote } from '../domain/quote.ts';
import type { MarketDataProvider, ProviderBars } from './provider.ts';

/** What all replicas share; may forget at any time, and what is not there is asked for again. */
export interface SharedCopies {
  read(keys: readonly string[]): Promise<(string | undefined)[]>;
  write(entries: readonly (readonly [key: string, value: string])[], ttlMs: number): Promise<void>;
}

export interface SharedCopyOptions {
  copies: SharedCopies;
  quoteTtlMs: number;
  barsTtlMs: number;
}

/** Answers of a provider that costs money per call, kept for all replicas for a moment. */
export function sharedCopy(provider: MarketDataProvider, options: SharedCopyOptions): MarketDataProvider {
  const { copies, quoteTtlMs, barsTtlMs } = options;
  const quoteKey = (symbol: string): string => `quote:${provider.name}:${symbol}`;

  return {
    name: provider.name,

    async quotes(instruments, at) {
      const kept = await copies.read(instruments.map(({ symbol }) => quoteKey(symbol)));
      const known = kept.flatMap((text) => (text === undefined ? [] : [quoteFrom(text)]));
      const symbols = new Set(known.map(({ symbol }) => symbol));
      const missing = instruments.filter(({ symbol }) => !symbols.has(symbol));
      if (missing.length === 0) return known;
      const fresh = await provider.quotes(missing, at);
      await copies.write(
        fresh.map((quote) => [quoteKey(quote.symbol), quoteTo(quote)] as const),
        quoteTtlMs,
      );
      return [...known, ...fresh];
    },

    async bars(instrument, timeframe, query) {
      const { from, to, now, limit, backwards, adjusted } = query;
      // Up to now is another moment for everybody who asks; within a copy's life it is the same.
      const until = to > now ? 'now' : to;
      const key = ['bars', provider.name, instrument.symbol, timeframe, from, until, limit, backwards, adjusted].join(
        ':',
      );
      const [kept] = await copies.read([key]);
      if (kept !== undefined) return JSON.parse(kept) as ProviderBars;
      const fresh = await provider.bars(instrument, timeframe, query);
      await copies.write([[key, JSON.stringify(fresh)]], barsTtlMs);
      return fresh;
    },
  };
}

const amounts = [
  'last',
  'bid',
  'ask',
  'bidSize',
  'askSize',
  'open',
  'high',
  'low',
  'previousClose',
  'volume',
  'high52w',
  'low52w',
  'asOfUs',
] as const satisfies readonly (keyof ProviderQuote)[];

function quoteTo(quote: ProviderQuote): string {
  return JSON.stringify([quote.symbol, quote.source, ...amounts.map((name) => quote[name].toString())]);
}

function quoteFrom(text: string): ProviderQuote {
  const [symbol, source, ...values] = JSON.parse(text) as string[];
  const numbers = Object.fromEntries(amounts.map((name, index) => [name, BigInt(values[index] ?? '0')]));
  return { symbol, source, ...numbers } as ProviderQuote;
}
