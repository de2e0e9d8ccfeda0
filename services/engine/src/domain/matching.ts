import { type Book, isContinuous } from './book.ts';
import { type BookSide, eachLevel, enqueue } from './book-side.ts';
import { ExecType, Liquidity, OrderStatus, OrderType, Reason, Side, TimeInForce } from './codes.ts';
import { bookSideOf, changeOpen, close, cutLinks, endOrder, withdraw } from './ending.ts';
import { addProduct } from './notional.ts';
import { append } from './order-list.ts';
import { sameUser } from './order-slots.ts';
import { Flag, Location, NONE, NUM_SHIFT, Num } from './orders.ts';
import { report, reportFill } from './reports.ts';
import type { EngineState } from './state.ts';
import { mark, waitForTrigger } from './stops.ts';

/** Sends an admitted order where it belongs: to wait for a trigger or an auction, into the call, or to the market. */
export function enter(state: EngineState, book: Book, slot: number): void {
  const { orders } = state;
  const waits = orders.type(slot) >= OrderType.stop && !orders.hasFlag(slot, Flag.triggered);
  if (waits) return waitForTrigger(state, book, slot);
  if (orders.timeInForce(slot) >= TimeInForce.opg) {
    orders.setLocation(slot, Location.auction);
    append(book.auction, orders, slot);
    return;
  }
  if (isContinuous(book)) execute(state, book, slot);
  else rest(state, book, slot);
}

/** Matches an order against the other side, then rests or ends what is left of it. */
export function execute(state: EngineState, book: Book, slot: number): void {
  const { orders } = state;
  const opposite = orders.side(slot) === Side.buy ? book.asks : book.bids;
  if (orders.timeInForce(slot) === TimeInForce.fok && !canFill(state, opposite, slot)) {
    return endOrder(state, book, slot, OrderStatus.canceled, Reason.fok_unfillable);
  }
  match(state, book, opposite, slot);
  if (orders.leaves(slot) === 0) return;
  if (orders.type(slot) === OrderType.market) {
    const reason = opposite.best === NONE ? Reason.no_liquidity : Reason.collar;
    return endOrder(state, book, slot, OrderStatus.canceled, reason);
  }
  if (orders.timeInForce(slot) === TimeInForce.ioc) {
    return endOrder(state, book, slot, OrderStatus.canceled, Reason.ioc_remainder);
  }
  rest(state, book, slot);
}

export function rest(state: EngineState, book: Book, slot: number): void {
  const { orders } = state;
  orders.setLocation(slot, Location.book);
  orders.setArrival(slot, ++state.arrivals);
  enqueue(state.levels, bookSideOf(book, orders.side(slot)), orders, slot, orders.price(slot));
}

/** Whether the order would trade at once; the test of post_only. */
export function wouldCross(state: EngineState, book: Book, side: Side, price: number): boolean {
  const opposite = side === Side.buy ? book.asks : book.bids;
  return opposite.best !== NONE && state.levels.key[opposite.best]! >= price * opposite.sign;
}

/**
 * One trade between two orders, at the given price. Reports come maker first, then taker, then what the trade caused:
 * exits that shrink, stops that trigger. Whoever is filled leaves its queue here.
 */
export function trade(state: EngineState, book: Book, maker: number, taker: number, qty: number, price: number): void {
  const { orders, reports } = state;
  fill(state, book, maker, qty);
  fill(state, book, taker, qty);
  addProduct(orders.num, (maker << NUM_SHIFT) | Num.low, (taker << NUM_SHIFT) | Num.low, price, qty);
  reportFill(reports, orders, maker, qty, price, Liquidity.maker);
  reportFill(reports, orders, taker, qty, price, Liquidity.taker);
  reports.trades++;
  state.trades++;
  book.lastTrade = price;
  afterFill(state, book, maker, qty);
  afterFill(state, book, taker, qty);
}

function match(state: EngineState, book: Book, opposite: BookSide, slot: number): void {
  const { orders, levels } = state;
  const limitKey = orders.price(slot) * opposite.sign;
  while (opposite.best !== NONE) {
    const level = opposite.best;
    const key = levels.key[level]!;
    if (key < limitKey) return;
    const maker = levels.head[level]!;
    if (sameUser(orders, maker, slot)) {
      return endOrder(state, book, slot, OrderStatus.canceled, Reason.self_trade);
    }
    const price = key * opposite.sign;
    trade(state, book, maker, slot, Math.min(orders.leaves(slot), orders.leaves(maker)), price);
    mark(state, book, price);
    if (orders.leaves(slot) === 0) return;
  }
}

function fill(state: EngineState, book: Book, slot: number, qty: number): void {
  const { orders, levels } = state;
  const leaves = orders.leaves(slot) - qty;
  orders.setLeaves(slot, leaves);
  orders.setCum(slot, orders.cum(slot) + qty);
  orders.setStatus(slot, leaves === 0 ? OrderStatus.filled : OrderStatus.partially_filled);
  changeOpen(book, orders.side(slot), -qty);
  const level = orders.level(slot);
  if (level !== NONE) levels.qty[level] = levels.qty[level]! - qty;
}

function afterFill(state: EngineState, book: Book, slot: number, qty: number): void {
  const { orders } = state;
  const flags = orders.flags(slot);
  if (orders.leaves(slot) === 0) {
    withdraw(state, book, slot);
    close(state, book, slot);
    if (orders.child(slot) !== NONE) state.agenda.push(slot);
  }
  if (flags & Flag.grouped) shrinkSibling(state, book, slot, qty);
}

/** One exit traded, so the other protects that much less: in the same step, before anything else can trade. */
function shrinkSibling(state: EngineState, book: Book, slot: number, qty: number): void {
  const { orders, levels } = state;
  const sibling = orders.sibling(slot);
  if (sibling === NONE) return;
  if (orders.leaves(sibling) <= qty) {
    cutLinks(state, slot);
    return endOrder(state, book, sibling, OrderStatus.canceled, Reason.group);
  }
  orders.setQty(sibling, orders.qty(sibling) - qty);
  orders.setLeaves(sibling, orders.leaves(sibling) - qty);
  changeOpen(book, orders.side(sibling), -qty);
  const level = orders.level(sibling);
  if (level !== NONE) levels.qty[level] = levels.qty[level]! - qty;
  report(state.reports, orders, sibling, ExecType.RESTATED, Reason.sibling_filled);
}

/**
 * Whether a fill-or-kill order can be filled whole. Level totals refuse most orders without looking at any order; the
 * second pass stops where the match would, at the user's own order, and counts shares that two exits protect once.
 */
function canFill(state: EngineState, opposite: BookSide, slot: number): boolean {
  const { orders, levels } = state;
  const limitKey = orders.price(slot) * opposite.sign;
  const wanted = orders.leaves(slot);
  let offered = 0;
  eachLevel(opposite, (level) => {
    if (levels.key[level]! < limitKey) return false;
    offered += levels.qty[level]!;
    return offered < wanted;
  });
  if (offered < wanted) return false;
  let left = wanted;
  eachLevel(opposite, (level) => {
    if (levels.key[level]! < limitKey) return false;
    for (let maker = levels.head[level]!; maker !== NONE && left > 0; maker = orders.next(maker)) {
      if (sameUser(orders, maker, slot)) return false;
      if (!isBehindSibling(state, maker)) left -= orders.leaves(maker);
    }
    return left > 0;
  });
  return left <= 0;
}

/** Of two exits that protect the same shares, the one that trades first leaves the other nothing to trade. */
function isBehindSibling({ orders, levels }: EngineState, slot: number): boolean {
  const sibling = orders.sibling(slot);
  if (sibling === NONE || orders.location(sibling) !== Location.book) return false;
  const theirs = levels.key[orders.level(sibling)]!;
  const own = levels.key[orders.level(slot)]!;
  if (theirs !== own) return theirs > own;
  return orders.arrival(sibling) < orders.arrival(slot);
}
