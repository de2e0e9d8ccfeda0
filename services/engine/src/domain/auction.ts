import { type Book, ceilToTick, floorToTick } from './book.ts';
import { type BookSide, bestPrice, eachLevel, priceOf } from './book-side.ts';
import { OrderStatus, Reason } from './codes.ts';
import { endOrder } from './ending.ts';
import { trade } from './matching.ts';
import { sameUser } from './order-slots.ts';
import { NONE } from './orders.ts';
import type { EngineState } from './state.ts';

/**
 * Matches a book that gathered crossing orders at one price, by price, then time; returns that price, or 0 when nothing
 * traded. Self-trades are taken out first (the newer order is canceled) and the price is found without them. Afterwards
 * the book is not crossed. Only two exits of one OCO that both stand in the auction can change the volume while it is
 * traded; then what still crosses is matched at a second price.
 */
export function uncross(state: EngineState, book: Book): number {
  let last = 0;
  while (isCrossed(state, book)) {
    const price = clearingPrice(state, book);
    const newer = findSelfTrade(state, book, price);
    if (newer === NONE) {
      matchAt(state, book, price);
      last = price;
    } else {
      endOrder(state, book, newer, OrderStatus.canceled, Reason.self_trade);
    }
  }
  return last;
}

export function isCrossed({ levels }: EngineState, { bids, asks }: Book): boolean {
  return (
    bids.best !== NONE && asks.best !== NONE && priceOf(levels, bids, bids.best) >= priceOf(levels, asks, asks.best)
  );
}

interface Best {
  price: number;
  volume: number;
  imbalance: number;
}

/**
 * The price of the largest volume; of those the one that leaves the least on either side; of those the one closest to
 * the mark; of those the lowest. Every price on the grid is a candidate: between two neighbouring order prices demand
 * and supply do not change, so the grid price there that is nearest to the mark stands for all of them.
 */
export function clearingPrice(state: EngineState, book: Book): number {
  const points = crossingPoints(state, book);
  const best: Best = { price: 0, volume: -1, imbalance: 0 };
  let demand = points.reduce((sum, point) => sum + point.bid, 0);
  let supply = 0;
  points.forEach((point, i) => {
    supply += point.ask;
    consider(book, best, point.price, demand, supply);
    demand -= point.bid;
    const next = points[i + 1];
    if (next === undefined) return;
    const low = ceilToTick(book, point.price + 1);
    const high = floorToTick(book, next.price - 1);
    if (low <= point.price || high >= next.price || low > high) return;
    const within = Math.min(Math.max(book.mark, low), high);
    consider(book, best, floorToTick(book, within), demand, supply);
    consider(book, best, ceilToTick(book, within), demand, supply);
  });
  return best.price;
}

function consider(book: Book, best: Best, price: number, demand: number, supply: number): void {
  const volume = Math.min(demand, supply);
  const imbalance = Math.abs(demand - supply);
  if (volume < best.volume) return;
  if (volume === best.volume) {
    if (imbalance > best.imbalance) return;
    if (imbalance === best.imbalance && Math.abs(price - book.mark) >= Math.abs(best.price - book.mark)) return;
  }
  best.price = price;
  best.volume = volume;
  best.imbalance = imbalance;
}

interface Point {
  price: number;
  bid: number;
  ask: number;
}

/** The order prices between the best ask and the best bid, ascending, with the quantity on each side. */
function crossingPoints(state: EngineState, book: Book): Point[] {
  const { levels } = state;
  const points = new Map<number, Point>();
  const gather = (bookSide: BookSide, side: 'bid' | 'ask', until: number) => {
    eachLevel(bookSide, (level) => {
      if (levels.key[level]! < until * bookSide.sign) return false;
      const price = priceOf(levels, bookSide, level);
      const point = points.get(price) ?? { price, bid: 0, ask: 0 };
      point[side] += levels.qty[level]!;
      points.set(price, point);
      return true;
    });
  };
  gather(book.bids, 'bid', bestPrice(levels, book.asks));
  gather(book.asks, 'ask', bestPrice(levels, book.bids));
  return [...points.values()].toSorted((one, other) => one.price - other.price);
}

function matchAt(state: EngineState, book: Book, price: number): void {
  const { orders, levels } = state;
  const { bids, asks } = book;
  while (bids.best !== NONE && asks.best !== NONE) {
    if (priceOf(levels, bids, bids.best) < price || priceOf(levels, asks, asks.best) > price) return;
    const bid = levels.head[bids.best]!;
    const ask = levels.head[asks.best]!;
    if (sameUser(orders, bid, ask)) return;
    const bidFirst = orders.arrival(bid) < orders.arrival(ask);
    const qty = Math.min(orders.leaves(bid), orders.leaves(ask));
    trade(state, book, bidFirst ? bid : ask, bidFirst ? ask : bid, qty, price);
  }
}

/** Pairs the orders as matchAt would and returns the newer of the first pair of one user, or NONE. */
function findSelfTrade(state: EngineState, book: Book, price: number): number {
  const { orders } = state;
  const bids = eligible(state, book.bids, price);
  const asks = eligible(state, book.asks, price);
  let bidLeft = orders.leaves(bids[0]!);
  let askLeft = orders.leaves(asks[0]!);
  for (let b = 0, a = 0; b < bids.length && a < asks.length; ) {
    const bid = bids[b]!;
    const ask = asks[a]!;
    if (sameUser(orders, bid, ask)) return orders.arrival(bid) > orders.arrival(ask) ? bid : ask;
    const qty = Math.min(bidLeft, askLeft);
    bidLeft -= qty;
    askLeft -= qty;
    if (bidLeft === 0 && ++b < bids.length) bidLeft = orders.leaves(bids[b]!);
    if (askLeft === 0 && ++a < asks.length) askLeft = orders.leaves(asks[a]!);
  }
  return NONE;
}

function eligible({ orders, levels }: EngineState, bookSide: BookSide, price: number): number[] {
  const slots: number[] = [];
  eachLevel(bookSide, (level) => {
    if (levels.key[level]! < price * bookSide.sign) return false;
    for (let slot = levels.head[level]!; slot !== NONE; slot = orders.next(slot)) slots.push(slot);
    return true;
  });
  return slots;
}
