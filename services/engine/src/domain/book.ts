import { type BookSide, createBookSide } from './book-side.ts';
import { Phase } from './codes.ts';
import { NONE } from './orders.ts';

const ONE = 1_000_000;

/** A first-in-first-out list of orders outside any ladder, linked through the orders' `next` and `prev`. */
export interface OrderList {
  head: number;
  tail: number;
}

/** Everything about one symbol. */
export interface Book {
  readonly index: number;
  readonly symbol: string;
  tick: number;
  tickBelowOne: number;
  lot: number;
  phase: Phase;
  halted: boolean;
  /** A split is under way: it is halted, and nobody's order or quote gets in. */
  splitting: boolean;
  /**
   * The price that triggers stops: the last print on this venue or the last reference price of a house quote,
   * whichever came later. 0 until there is one.
   */
  mark: number;
  lastTrade: number;
  readonly bids: BookSide;
  readonly asks: BookSide;
  /** Waiting stops, nearest to the market first: a buy waits for a rise, so the lowest stop is the nearest. */
  readonly buyStops: BookSide;
  readonly sellStops: BookSide;
  readonly trailing: Trailing;
  /** On-open and on-close orders waiting for their auction. */
  readonly auction: OrderList;
  /** The house's ladder: slots, NONE where a level has been traded away. */
  house: number[];
  /** Open quantity on each side, everything accepted included, so that sums over it stay exact. */
  openBuy: number;
  openSell: number;
}

/**
 * Trailing stops of both sides, and bounds outside which a mark concerns none of them: only a mark above `raiseAbove`
 * or below `lowerBelow` moves a high-water mark, only one at or beyond the trigger bounds can trigger. The bounds may
 * be wider than needed, never narrower.
 */
export interface Trailing extends OrderList {
  raiseAbove: number;
  lowerBelow: number;
  triggerAtOrBelow: number;
  triggerAtOrAbove: number;
}

export function createBook(index: number, symbol: string): Book {
  return {
    index,
    symbol,
    tick: 1,
    tickBelowOne: 1,
    lot: 1,
    phase: Phase.closed,
    halted: false,
    splitting: false,
    mark: 0,
    lastTrade: 0,
    bids: createBookSide(1),
    asks: createBookSide(-1),
    buyStops: createBookSide(-1),
    sellStops: createBookSide(1),
    trailing: { head: NONE, tail: NONE, ...noTrailing },
    auction: { head: NONE, tail: NONE },
    house: [],
    openBuy: 0,
    openSell: 0,
  };
}

export const noTrailing = {
  raiseAbove: Infinity,
  lowerBelow: -Infinity,
  triggerAtOrBelow: -Infinity,
  triggerAtOrAbove: Infinity,
};

/** Orders meet as they arrive; in every other state they gather and meet at one price when it ends. */
export function isContinuous(book: Book): boolean {
  return book.phase === Phase.open && !book.halted;
}

export function onTick(book: Book, price: number): boolean {
  return isMultiple(price, tickAt(book, price));
}

/**
 * Whether a safe integer is a multiple of another. Exact, as a whole quotient is representable and no other product can
 * meet `value`; and many times faster than the remainder of two doubles.
 */
export function isMultiple(value: number, step: number): boolean {
  return Math.floor(value / step) * step === value;
}

/** The nearest price on the grid that is not above `price`, and at least one tick. */
export function floorToTick(book: Book, price: number): number {
  const tick = tickAt(book, price);
  return Math.max(price - (price % tick), book.tickBelowOne);
}

export function ceilToTick(book: Book, price: number): number {
  const tick = tickAt(book, price);
  const past = price % tick;
  return past === 0 ? price : floorToTick(book, price + tick - past);
}

/** One grid only if ticks divide one unit of currency, where the two meet; the instrument's definition is checked so. */
export function validTicks(tick: number, tickBelowOne: number): boolean {
  if (!Number.isSafeInteger(tick) || !Number.isSafeInteger(tickBelowOne) || tick <= 0 || tickBelowOne <= 0)
    return false;
  return tick === tickBelowOne || (tick % tickBelowOne === 0 && ONE % tick === 0);
}

export function tickAt(book: Book, price: number): number {
  return price < ONE ? book.tickBelowOne : book.tick;
}
