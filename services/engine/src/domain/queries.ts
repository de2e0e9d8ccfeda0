import { isLive, type OrderStatus, type OrderType, type Phase, type Side, type TimeInForce } from './codes.ts';
import { findSlot } from './id-table.ts';
import { eachLevel, type Ladder, priceOf } from './ladder.ts';
import { averagePrice, notionalAt } from './notional.ts';
import { accountIdOf, INT_SHIFT, Int, NONE, NUM_SHIFT, Num, orderIdOf, userIdOf } from './orders.ts';
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
}

/** A live order; ended ones are in the order service. */
export function findOrder(state: EngineState, id: Uuid): OrderView | undefined {
  const { orders } = state;
  const slot = findSlot(state.ids, orders, id);
  if (slot === NONE || !isLive(orders.int[(slot << INT_SHIFT) | Int.status] as OrderStatus)) return undefined;
  const highWater = orders.num[(slot << NUM_SHIFT) | Num.highWater]!;
  return {
    orderId: orderIdOf(orders, slot),
    accountId: accountIdOf(orders, slot),
    userId: userIdOf(orders, slot),
    symbol: state.books[orders.int[(slot << INT_SHIFT) | Int.book]!]!.symbol,
    side: orders.int[(slot << INT_SHIFT) | Int.side] as Side,
    type: orders.int[(slot << INT_SHIFT) | Int.type] as OrderType,
    timeInForce: orders.int[(slot << INT_SHIFT) | Int.timeInForce] as TimeInForce,
    status: orders.int[(slot << INT_SHIFT) | Int.status] as OrderStatus,
    limitPrice: orders.num[(slot << NUM_SHIFT) | Num.price]!,
    stopPrice: highWater > 0 ? trailingStopPrice(orders, slot) : orders.num[(slot << NUM_SHIFT) | Num.stop]!,
    highWater,
    qty: orders.num[(slot << NUM_SHIFT) | Num.qty]!,
    cumQty: orders.num[(slot << NUM_SHIFT) | Num.cum]!,
    leavesQty: orders.num[(slot << NUM_SHIFT) | Num.leaves]!,
    avgPx: averagePrice(
      notionalAt(orders.num, (slot << NUM_SHIFT) | Num.low),
      orders.num[(slot << NUM_SHIFT) | Num.cum]!,
    ),
  };
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

function depthOf({ levels }: EngineState, ladder: Ladder, maxLevels: number): DepthLevel[] {
  const depth: DepthLevel[] = [];
  eachLevel(ladder, (level) => {
    if (depth.length >= maxLevels) return false;
    depth.push({ price: priceOf(levels, ladder, level), qty: levels.qty[level]!, orders: levels.count[level]! });
    return true;
  });
  return depth;
}
