import { AppError } from '@andvari/kit/base/errors';
import type { ProviderQuote } from '../domain/quote.ts';
import type { FxSource, PairRate } from './fx-source.ts';
import type { MarketDataProvider } from './provider.ts';

/** The first provider that knows answers; one that fails leaves it to the next. Each answer says whose it is. */
export function chained(providers: readonly MarketDataProvider[]): MarketDataProvider {
  return {
    name: providers.map(({ name }) => name).join(', '),

    async quotes(instruments, at) {
      const found = new Map<string, ProviderQuote>();
      let failure: unknown;
      for (const provider of providers) {
        const missing = instruments.filter(({ symbol }) => !found.has(symbol));
        if (missing.length === 0) break;
        try {
          for (const quote of await provider.quotes(missing, at)) found.set(quote.symbol, quote);
        } catch (error) {
          failure = error;
        }
      }
      if (found.size === 0 && failure !== undefined) throw unavailable(failure);
      return instruments.flatMap(({ symbol }) => found.get(symbol) ?? []);
    },

    async bars(instrument, timeframe, query) {
      let failure: unknown;
      for (const provider of providers) {
        try {
          const answer = await provider.bars(instrument, timeframe, query);
          if (answer.bars.length > 0) return answer;
        } catch (error) {
          failure = error;
        }
      }
      if (failure !== undefined) throw unavailable(failure);
      return { bars: [], source: providers[0]?.name ?? '' };
    },
  };
}

export function chainedFx(sources: readonly FxSource[]): FxSource {
  return {
    name: sources.map(({ name }) => name).join(', '),
    async rates(pairs, atMs) {
      const found = new Map<string, PairRate>();
      for (const source of sources) {
        const missing = pairs.filter(({ base, quote }) => !found.has(`${base}/${quote}`));
        if (missing.length === 0) break;
        const rates = await source.rates(missing, atMs).catch(() => []);
        for (const rate of rates) found.set(`${rate.base}/${rate.quote}`, rate);
      }
      return [...found.values()];
    },
  };
}

function unavailable(cause: unknown): AppError {
  return new AppError('unavailable', 'no provider of market data answers', {
    reason: 'market_data_unavailable',
    cause,
  });
}
