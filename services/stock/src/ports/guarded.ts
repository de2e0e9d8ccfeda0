import { CircuitBreaker } from '@andvari/kit/base/circuit-breaker';
import type { ProviderQuote } from '../domain/quote.ts';
import type { MarketDataProvider } from './provider.ts';
import { UpstreamError } from './upstream.ts';

export interface GuardOptions {
  /** Told of every call that went out, and how it ended. */
  count?: (provider: string, outcome: string) => void;
  openMs?: number;
  maxOpenMs?: number;
}

/** One failure is enough: whoever comes next should not wait for a time-out of its own. */
const FAILURES = 1;

/** The same calls, made once for all who ask at the same time, and not at all while the provider is down or told us to wait. */
export function guarded(provider: MarketDataProvider, options: GuardOptions = {}): MarketDataProvider {
  const call = guard(provider.name, options);
  const quotes = new Map<string, Promise<ReadonlyMap<string, ProviderQuote>>>();
  const bars = new Map<string, ReturnType<MarketDataProvider['bars']>>();

  return {
    name: provider.name,

    async quotes(instruments, at) {
      const mine = instruments.filter(({ symbol }) => !quotes.has(symbol));
      if (mine.length > 0) {
        const asked = call(() => provider.quotes(mine, at)).then(
          (found) => new Map(found.map((quote) => [quote.symbol, quote])),
        );
        const done = asked.finally(() => {
          for (const { symbol } of mine) quotes.delete(symbol);
        });
        for (const { symbol } of mine) quotes.set(symbol, done);
      }
      const asked = instruments.flatMap(({ symbol }) => quotes.get(symbol) ?? []);
      const answers = await Promise.all(new Set(asked));
      return instruments.flatMap(({ symbol }) => {
        const found = answers.find((answer) => answer.has(symbol))?.get(symbol);
        return found ?? [];
      });
    },

    bars(instrument, timeframe, query) {
      const { from, to, now, limit, backwards, adjusted } = query;
      const until = to > now ? 'now' : to;
      const key = [instrument.symbol, timeframe, from, until, limit, backwards, adjusted].join();
      let asked = bars.get(key);
      if (asked === undefined) {
        asked = call(() => provider.bars(instrument, timeframe, query)).finally(() => bars.delete(key));
        bars.set(key, asked);
      }
      return asked;
    },
  };
}

/** A breaker around calls to one upstream. */
export function guard(name: string, { count, openMs = 5000, maxOpenMs = 60_000 }: GuardOptions = {}) {
  const breaker = new CircuitBreaker({ failures: FAILURES, openMs, maxOpenMs });
  let waitUntil = 0;
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (Date.now() < waitUntil) throw new UpstreamError(name, 'limited');
    if (!breaker.admits()) throw new UpstreamError(name, 'unreachable');
    try {
      const answer = await work();
      breaker.succeeded();
      count?.(name, 'ok');
      return answer;
    } catch (error) {
      const fault = error instanceof UpstreamError ? error.fault : 'malformed';
      count?.(name, fault);
      if (error instanceof UpstreamError && error.retryAfterMs !== undefined) {
        waitUntil = Date.now() + error.retryAfterMs;
        breaker.abandoned();
      } else {
        breaker.failed();
      }
      throw error;
    }
  };
}
