import { liveSubjects } from '@andvari/kit/events/subject-filter';
import type { Nats } from '@andvari/kit/nats/nats';
import { subscribeLive } from '@andvari/kit/nats/subscribe-live';
import type { Scope } from '@andvari/kit/process/scope';
import { Quote } from '@andvari/proto/stock/v1/stock';

export interface Instrument {
  symbol: string;
  tick: number;
  tickBelowOne: number;
  lot: number;
}

/** Where the house learns what things are worth. Prices are micro-units. */
export interface ReferencePrices {
  /** Instruments that the source itself brings; a real market's are defined by its service. */
  readonly instruments: readonly Instrument[];
  subscribe(scope: Scope, onPrice: (symbol: string, price: number) => void): void;
}

/** The quotes that the stock service sends out live. */
export function marketPrices(nats: Nats): ReferencePrices {
  return {
    instruments: [],
    subscribe(scope, onPrice) {
      subscribeLive(scope, nats, liveSubjects.quote(), ({ payload }) => {
        const { symbol, bid, ask, last } = Quote.decode(payload);
        const price = Number(bid > 0n && ask > 0n ? (bid + ask) / 2n : last);
        if (Number.isSafeInteger(price) && price > 0) onPrice(symbol, price);
      });
    },
  };
}

const CENT = 10_000;
const TICK_BELOW_ONE = 100;
const basePrices: Record<string, number> = {
  AAPL: 227_500_000,
  AMZN: 204_200_000,
  GOOG: 178_900_000,
  META: 561_300_000,
  MSFT: 417_800_000,
  NVDA: 146_700_000,
  SPY: 589_400_000,
  TSLA: 338_100_000,
};
const EVERY_MS = 1000;

/**
 * A handful of symbols whose prices swing slowly around a fixed value, a function of the time alone: enough to trade against
 * where no market data runs.
 */
export function builtInPrices(now: () => number): ReferencePrices {
  const symbols = Object.keys(basePrices);
  return {
    instruments: symbols.map((symbol) => ({ symbol, tick: CENT, tickBelowOne: TICK_BELOW_ONE, lot: 1 })),
    subscribe(scope, onPrice) {
      const tell = (): void => {
        for (const symbol of symbols) onPrice(symbol, builtInPrice(symbol, now()));
      };
      const timer = setInterval(tell, EVERY_MS);
      scope.defer('built-in prices', () => clearInterval(timer));
      tell();
    },
  };
}

export function builtInPrice(symbol: string, atMs: number): number {
  const base = basePrices[symbol] ?? 100_000_000;
  const seconds = atMs / 1000;
  const phase = symbol.charCodeAt(0) + symbol.length;
  const swing = Math.sin(seconds / 600 + phase) * 0.01 + Math.sin(seconds / 37 + phase * 3) * 0.002;
  return Math.round((base * (1 + swing)) / CENT) * CENT;
}
