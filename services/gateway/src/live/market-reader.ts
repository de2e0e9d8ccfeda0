import { setTimeout as pause } from 'node:timers/promises';
import type { Book, TradePrint } from '@andvari/proto/engine/v1/engine';
import type { Quote } from '@andvari/proto/stock/v1/stock';
import type { LiveBoard } from './live-board.ts';

/** What one reader gets of the market: of each thing what changed since it was told last, as one list. */
export type MarketChange =
  | { readonly kind: 'quotes'; readonly quotes: readonly Quote[] }
  | { readonly kind: 'book'; readonly book: Book }
  | { readonly kind: 'trades'; readonly trades: readonly TradePrint[] };

export interface MarketInterest {
  readonly quotes?: readonly string[];
  readonly books?: readonly string[];
  readonly trades?: readonly string[];
}

export interface MarketBoards {
  quotes: LiveBoard<Quote>;
  books: LiveBoard<Book>;
  trades: LiveBoard<TradePrint>;
}

/** Nobody reads faster: all quotes of this time come as one list. Books and trades are conflated by the engine already. */
const QUOTES_EVERY_MS = 200;
const MAX_TRADES = 40;

/**
 * Reads the market for one reader. What it keeps is bounded by what was asked for: a set of changed symbols, and the last
 * trades. Ends when `signal` aborts.
 */
export async function* readMarket(
  boards: MarketBoards,
  interest: MarketInterest,
  signal: AbortSignal,
): AsyncGenerator<MarketChange, undefined> {
  const changed = { quotes: new Set(interest.quotes), books: new Set(interest.books), trades: [] as TradePrint[] };
  let wake: (() => void) | undefined;
  const rung = (): void => wake?.();
  const leave = [
    boards.quotes.watch(interest.quotes ?? [], (symbol) => (changed.quotes.add(symbol), rung())),
    boards.books.watch(interest.books ?? [], (symbol) => (changed.books.add(symbol), rung())),
    boards.trades.watch(interest.trades ?? [], (symbol) => {
      const trade = boards.trades.latest(symbol);
      if (trade === undefined) return;
      if (changed.trades.length >= MAX_TRADES) changed.trades.shift();
      changed.trades.push(trade);
      rung();
    }),
  ];
  signal.addEventListener('abort', rung, { once: true });
  let quotesToldMs = 0;
  try {
    while (!signal.aborted) {
      for (const symbol of changed.books) {
        const book = boards.books.latest(symbol);
        changed.books.delete(symbol);
        if (book !== undefined) yield { kind: 'book', book };
      }
      if (changed.trades.length > 0) {
        const trades = changed.trades;
        changed.trades = [];
        yield { kind: 'trades', trades };
      }
      const waitMs = quotesToldMs + QUOTES_EVERY_MS - performance.now();
      if (changed.quotes.size > 0 && waitMs <= 0) {
        const quotes = [...changed.quotes].flatMap((symbol) => boards.quotes.latest(symbol) ?? []);
        changed.quotes.clear();
        if (quotes.length > 0) {
          quotesToldMs = performance.now();
          yield { kind: 'quotes', quotes };
        }
        continue;
      }
      if (changed.books.size > 0 || changed.trades.length > 0) continue;
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (signal.aborted) resolve();
        else if (changed.quotes.size > 0) void pause(Math.max(waitMs, 1)).then(resolve);
      });
      wake = undefined;
    }
  } finally {
    signal.removeEventListener('abort', rung);
    for (const left of leave) left();
  }
  return undefined;
}
