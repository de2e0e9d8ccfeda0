import { lastly } from '@andvari/kit/db/db';
import type { Tx } from '@andvari/kit/db/types';
import { barStart } from '../domain/timeframe.ts';
import { addToBars, type VenueBar } from '../store/venue-bars.ts';

/** A trade of our own, once. Micro-units and milliseconds. */
export interface Print {
  readonly symbol: string;
  readonly price: number;
  readonly qty: number;
  readonly at: number;
}

export function createVenue() {
  return {
    /** Trades become bars, one statement for all of a batch. They come in the order of each symbol. */
    trades(tx: Tx, prints: readonly Print[]): Promise<void> {
      const bars = new Map<string, VenueBar>();
      for (const { symbol, price, qty, at } of prints) {
        for (const timeframe of ['minute', 'day'] as const) {
          const startsAt = barStart(timeframe, at);
          const key = `${symbol} ${timeframe} ${startsAt}`;
          const { open = price, high = price, low = price, volume = 0 } = bars.get(key) ?? {};
          bars.set(key, {
            symbol,
            timeframe,
            startsAt,
            open,
            high: Math.max(high, price),
            low: Math.min(low, price),
            close: price,
            volume: volume + qty,
          });
        }
      }
      // In one order, so that no two transactions wait for each other.
      const inOrder = [...bars.values()].toSorted((a, b) => compare(keyOf(a), keyOf(b)));
      return lastly(tx, addToBars(tx, inOrder));
    },
  };
}

function keyOf({ symbol, timeframe, startsAt }: VenueBar): string {
  return `${symbol} ${timeframe} ${startsAt}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
