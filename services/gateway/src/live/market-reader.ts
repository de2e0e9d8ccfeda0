import type { Book, TradePrint } from '@andvari/proto/engine/v1/engine';
import type { Quote } from '@andvari/proto/stock/v1/stock';
import { createAlarm } from './alarm.ts';
import type { LiveBoard } from './live-board.ts';

/**
 * What one reader gets of the market: of each thing what changed since it was told last, as one list. Readers that are told the
 * same at the same time get the same object, which says so: what is made of it need be made only once.
 */
export type MarketChange = { readonly isForAll?: true } & (
  | { readonly kind: 'quotes'; readonly quotes: readonly Quote[] }
  | { readonly kind: 'book'; readonly book: Book }
  | { readonly kind: 'trades'; readonly trades: readonly TradePrint[]; readonly missed: number }
);

export interface MarketInterest {
  readonly quotes?: readonly string[];
  readonly books?: readonly string[];
  readonly trades?: readonly string[];
  /** Prices a side of a book. */
  readonly levels?: number;
}

export interface MarketBoards {
  quotes: LiveBoard<Quote>;
  books: LiveBoard<Book>;
  trades: LiveBoard<TradePrint>;
}

/**
 * Nobody reads faster: all quotes of this time come as one list, and everybody's begins at the same moment, so that they are told the
 * same. Books and trades are conflated by the engine already.
 */
export const QUOTES_EVERY_MS = 200;
const MAX_TRADES = 40;
const DEFAULT_LEVELS = 10;

/**
 * Reads the market for one reader. What it keeps is bounded by what was asked for: a set of changed symbols, and the last
 * trades; a slow reader gets the newest of each when it comes back. Ends when `signal` aborts.
 */
export async function* readMarket(
  boards: MarketBoards,
  interest: MarketInterest,
  signal: AbortSignal,
): AsyncGenerator<MarketChange, undefined> {
  const { levels = DEFAULT_LEVELS } = interest;
  const changed = { quotes: new Set(interest.quotes), books: new Set(interest.books), trades: [] as TradePrint[] };
  const alarm = createAlarm();
  let missed = 0;
  let nextQuotesMs = Number.NEGATIVE_INFINITY;
  const leave = [
    boards.quotes.watch(interest.quotes ?? [], (symbol) => {
      changed.quotes.add(symbol);
      alarm.ringIn(nextQuotesMs - performance.now());
    }),
    boards.books.watch(interest.books ?? [], (symbol) => {
      changed.books.add(symbol);
      alarm.ring();
    }),
    boards.trades.watch(interest.trades ?? [], (symbol) => {
      const trade = boards.trades.latest(symbol);
      if (trade === undefined) return;
      if (changed.trades.length >= MAX_TRADES) {
        changed.trades.shift();
        missed += 1;
      }
      changed.trades.push(trade);
      alarm.ring();
    }),
  ];
  signal.addEventListener('abort', alarm.ring, { once: true });
  alarm.ring();
  try {
    for (;;) {
      await alarm.rung();
      if (signal.aborted) return undefined;
      for (const symbol of changed.books) {
        changed.books.delete(symbol);
        const book = boards.books.latest(symbol);
        if (book !== undefined) yield forAll(book, levels, () => ({ kind: 'book', book: cut(book, levels) }));
      }
      if (changed.trades.length > 0) {
        const told = tradesOf(changed.trades, missed);
        changed.trades = [];
        missed = 0;
        yield told;
      }
      if (changed.quotes.size === 0) continue;
      const now = performance.now();
      if (now < nextQuotesMs) {
        // Woken by something else, or by a timer that rang a moment too early.
        alarm.ringIn(nextQuotesMs - now);
        continue;
      }
      const quotes = boards.quotes.several([...changed.quotes].toSorted());
      changed.quotes.clear();
      if (quotes.length === 0) continue;
      nextQuotesMs = (Math.floor(now / QUOTES_EVERY_MS) + 1) * QUOTES_EVERY_MS;
      yield forAll(quotes, 0, () => ({ kind: 'quotes', quotes }));
    }
  } finally {
    alarm.stop();
    signal.removeEventListener('abort', alarm.ring);
    for (const left of leave) left();
  }
}

/** Who keeps up is told of each trade by itself, like everybody else who does. */
function tradesOf(trades: readonly TradePrint[], missed: number): MarketChange {
  const [only] = trades;
  if (only === undefined || trades.length > 1 || missed > 0) return { kind: 'trades', trades, missed };
  return forAll(only, 0, () => ({ kind: 'trades', trades, missed }));
}

const changes = new WeakMap<object, Map<number, MarketChange>>();

function forAll(of: object, levels: number, make: () => MarketChange): MarketChange {
  let made = changes.get(of);
  if (made === undefined) changes.set(of, (made = new Map()));
  let change = made.get(levels);
  if (change === undefined) made.set(levels, (change = { ...make(), isForAll: true }));
  return change;
}

function cut(book: Book, levels: number): Book {
  if (book.bids.length <= levels && book.asks.length <= levels) return book;
  return { ...book, bids: book.bids.slice(0, levels), asks: book.asks.slice(0, levels) };
}
