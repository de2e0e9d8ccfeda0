import { type BookSide, eachLevel, priceOf } from './book-side.ts';
import { isLive, type OrderStatus, type OrderType, type Phase, type Side, type TimeInForce } from './codes.ts';
import { findSlot } from './id-table.ts';
import { averagePrice, notionalAt } from './notional.ts';
import { accountIdOf, orderIdOf, userIdOf } from './order-slots.ts';
import { Location, NONE, NUM_SHIFT, Num, type Orders } from './orders.ts';
import type { EngineState } from './state.ts';
import { trailingStopPrice } from './stops.ts';
import type { Uuid } from './uuid.ts';

export interface DepthLevel {
  price: number;
  qty: number;
  orders: number;
}

export interface Depth {
  symbol: string;
  phase: Phase;
  halted: boolean;
  mark: number;
  lastTrade: number;
  bids: DepthLevel[];
  asks: DepthLevel[];
}

/** The best levels of each side, best first. Outside continuous trading the two sides may overlap: a call gathers. */
export function findDepth(state: EngineState, symbol: string, maxLevels: number): Depth | undefined {
  const book = state.bySymbol.get(symbol);
  if (book === undefined) return undefined;
  const { phase, halted, mark, lastTrade } = book;
  const bids = depthOf(state, book.bids, maxLevels);
  const asks = depthOf(state, book.asks, maxLevels);
  return { symbol, phase, halted, mark, lastTrade, bids, asks };
}

export interface OrderView {
  orderId: Uuid;
  accountId: Uuid;
  userId: Uuid;
  symbol: string;
  side: Side;
  type: OrderType;
  timeInForce: TimeInForce;
  status: OrderStatus;
  limitPrice: number;
  /** The price that triggers it; for a trailing stop the present one. */
  stopPrice: number;
  /** The best mark a trailing stop has seen; 0 before the first. */
  highWater: number;
  qty: number;
  cumQty: number;
  leavesQty: number;
  avgPx: number;
  /** What stands before it at its price; 0 for one that waits elsewhere than in the book. */
  aheadQty: number;
  aheadOrders: number;
}

/** A live order; ended ones are in the order service. */
export function findOrder(state: EngineState, id: Uuid): OrderView | undefined {
  const { orders } = state;
  const slot = findSlot(state.ids, orders, id);
  if (slot === NONE || !isLive(orders.status(slot))) return undefined;
  const highWater = orders.highWater(slot);
  return {
    orderId: orderIdOf(orders, slot),
    accountId: accountIdOf(orders, slot),
    userId: userIdOf(orders, slot),
    symbol: state.books[orders.book(slot)]!.symbol,
    side: orders.side(slot),
    type: orders.type(slot),
    timeInForce: orders.timeInForce(slot),
    status: orders.status(slot),
    limitPrice: orders.price(slot),
    stopPrice: highWater > 0 ? trailingStopPrice(orders, slot) : orders.stop(slot),
    highWater,
    qty: orders.qty(slot),
    cumQty: orders.cum(slot),
    leavesQty: orders.leaves(slot),
    avgPx: averagePrice(notionalAt(orders.num, (slot << NUM_SHIFT) | Num.low), orders.cum(slot)),
    ...aheadOf(orders, slot),
  };
}

/** Walks what stands before it: for people who ask about one order, never on the way of a command. */
function aheadOf(orders: Orders, slot: number): { aheadQty: number; aheadOrders: number } {
  let aheadQty = 0;
  let aheadOrders = 0;
  if (orders.location(slot) === Location.book) {
    for (let other = orders.prev(slot); other !== NONE; other = orders.prev(other)) {
      aheadQty += orders.leaves(other);
      aheadOrders += 1;
    }
  }
  return { aheadQty, aheadOrders };
}

export interface Stats {
  sequence: number;
  at: number;
  commands: number;
  trades: number;
  liveOrders: number;
  symbols: number;
}

export function statsOf({ sequence, at, commands, trades, orders, books }: EngineState): Stats {
  return { sequence, at, commands, trades, liveOrders: orders.live, symbols: books.length };
}

/** How many orders stand in each book: counted level by level, for whoever asks now and then. */
export function bookOrders({ books, levels }: EngineState): { symbol: string; orders: number }[] {
  return books.map(({ symbol, bids, asks }) => {
    let orders = 0;
    for (const side of [bids, asks]) {
      eachLevel(side, (level) => {
        orders += levels.count[level]!;
        return true;
      });
    }
    return { symbol, orders };
  });
}

function depthOf({ levels }: EngineState, bookSide: BookSide, maxLevels: number): DepthLevel[] {
  const depth: DepthLevel[] = [];
  eachLevel(bookSide, (level) => {
    if (depth.length >= maxLevels) return false;
    depth.push({ price: priceOf(levels, bookSide, level), qty: levels.qty[level]!, orders: levels.count[level]! });
    return true;
  });
  return depth;
}
