import { type Book, isContinuous } from './book.ts';
import { ExecType, Liquidity, OrderStatus, OrderType, Reason, Side, TimeInForce } from './codes.ts';
import { changeOpen, close, cutLinks, endOrder, sideLadder, withdraw } from './ending.ts';
import { eachLevel, enqueue, type Ladder } from './ladder.ts';
import { addProduct } from './notional.ts';
import { append } from './order-list.ts';
import { Flag, INT_SHIFT, Int, NONE, NUM_SHIFT, Num, Place, sameUser } from './orders.ts';
import { report, reportFill } from './reports.ts';
import type { EngineState } from './state.ts';
import { mark, waitForTrigger } from './stops.ts';

/** Sends an admitted order where it belongs: to wait for a trigger or an auction, into the call, or to the market. */
export function enter(state: EngineState, book: Book, slot: number): void {
  const { orders } = state;
  const waits =
    orders.int[(slot << INT_SHIFT) | Int.type]! >= OrderType.stop &&
    (orders.int[(slot << INT_SHIFT) | Int.flags]! & Flag.triggered) === 0;
  if (waits) return waitForTrigger(state, book, slot);
  if (orders.int[(slot << INT_SHIFT) | Int.timeInForce]! >= TimeInForce.opg) {
    orders.int[(slot << INT_SHIFT) | Int.place] = Place.auction;
    append(book.auction, orders, slot);
    return;
  }
  if (isContinuous(book)) execute(state, book, slot);
  else rest(state, book, slot);
}

/** Matches an order against the other side, then rests or ends what is left of it. */
export function execute(state: EngineState, book: Book, slot: number): void {
  const { orders } = state;
  const opposite = orders.int[(slot << INT_SHIFT) | Int.side] === Side.buy ? book.asks : book.bids;
  if (orders.int[(slot << INT_SHIFT) | Int.timeInForce] === TimeInForce.fok && !canFill(state, opposite, slot)) {
    return endOrder(state, book, slot, OrderStatus.canceled, Reason.fok_unfillable);
  }
  match(state, book, opposite, slot);
  if (orders.num[(slot << NUM_SHIFT) | Num.leaves] === 0) return;
  if (orders.int[(slot << INT_SHIFT) | Int.type] === OrderType.market) {
    const reason = opposite.best === NONE ? Reason.no_liquidity : Reason.collar;
    return endOrder(state, book, slot, OrderStatus.canceled, reason);
  }
  if (orders.int[(slot << INT_SHIFT) | Int.timeInForce] === TimeInForce.ioc) {
    return endOrder(state, book, slot, OrderStatus.canceled, Reason.ioc_remainder);
  }
  rest(state, book, slot);
}

export function rest(state: EngineState, book: Book, slot: number): void {
  const { orders } = state;
  orders.int[(slot << INT_SHIFT) | Int.place] = Place.book;
  orders.num[(slot << NUM_SHIFT) | Num.arrival] = ++state.arrivals;
  enqueue(
    state.levels,
    sideLadder(book, orders.int[(slot << INT_SHIFT) | Int.side]!),
    orders,
    slot,
    orders.num[(slot << NUM_SHIFT) | Num.price]!,
  );
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

function match(state: EngineState, book: Book, opposite: Ladder, slot: number): void {
  const { orders, levels } = state;
  const limitKey = orders.num[(slot << NUM_SHIFT) | Num.price]! * opposite.sign;
  while (opposite.best !== NONE) {
    const level = opposite.best;
    const key = levels.key[level]!;
    if (key < limitKey) return;
    const maker = levels.head[level]!;
    if (sameUser(orders, maker, slot)) {
      return endOrder(state, book, slot, OrderStatus.canceled, Reason.self_trade);
    }
    const price = key * opposite.sign;
    trade(
      state,
      book,
      maker,
      slot,
      Math.min(orders.num[(slot << NUM_SHIFT) | Num.leaves]!, orders.num[(maker << NUM_SHIFT) | Num.leaves]!),
      price,
    );
    mark(state, book, price);
    if (orders.num[(slot << NUM_SHIFT) | Num.leaves] === 0) return;
  }
}

function fill(state: EngineState, book: Book, slot: number, qty: number): void {
  const { orders, levels } = state;
  const leaves = orders.num[(slot << NUM_SHIFT) | Num.leaves]! - qty;
  orders.num[(slot << NUM_SHIFT) | Num.leaves] = leaves;
  orders.num[(slot << NUM_SHIFT) | Num.cum] = orders.num[(slot << NUM_SHIFT) | Num.cum]! + qty;
  orders.int[(slot << INT_SHIFT) | Int.status] = leaves === 0 ? OrderStatus.filled : OrderStatus.partially_filled;
  changeOpen(book, orders.int[(slot << INT_SHIFT) | Int.side]!, -qty);
  const level = orders.int[(slot << INT_SHIFT) | Int.level]!;
  if (level !== NONE) levels.qty[level] = levels.qty[level]! - qty;
}

function afterFill(state: EngineState, book: Book, slot: number, qty: number): void {
  const { orders } = state;
  const flags = orders.int[(slot << INT_SHIFT) | Int.flags]!;
  if (orders.num[(slot << NUM_SHIFT) | Num.leaves] === 0) {
    withdraw(state, book, slot);
    close(state, book, slot);
    if (orders.int[(slot << INT_SHIFT) | Int.child] !== NONE) state.agenda.push(slot);
  }
  if (flags & Flag.grouped) shrinkSibling(state, book, slot, qty);
}

/** One exit traded, so the other protects that much less: in the same step, before anything else can trade. */
function shrinkSibling(state: EngineState, book: Book, slot: number, qty: number): void {
  const { orders, levels } = state;
  const sibling = orders.int[(slot << INT_SHIFT) | Int.sibling]!;
  if (sibling === NONE) return;
  if (orders.num[(sibling << NUM_SHIFT) | Num.leaves]! <= qty) {
    cutLinks(state, slot);
    return endOrder(state, book, sibling, OrderStatus.canceled, Reason.group);
  }
  orders.num[(sibling << NUM_SHIFT) | Num.qty] = orders.num[(sibling << NUM_SHIFT) | Num.qty]! - qty;
  orders.num[(sibling << NUM_SHIFT) | Num.leaves] = orders.num[(sibling << NUM_SHIFT) | Num.leaves]! - qty;
  changeOpen(book, orders.int[(sibling << INT_SHIFT) | Int.side]!, -qty);
  const level = orders.int[(sibling << INT_SHIFT) | Int.level]!;
  if (level !== NONE) levels.qty[level] = levels.qty[level]! - qty;
  report(state.reports, orders, sibling, ExecType.RESTATED, Reason.sibling_filled);
}

/**
 * Whether a fill-or-kill order can be filled whole. Level totals refuse most orders without looking at any order; the
 * second pass stops where the match would, at the user's own order, and counts shares that two exits protect once.
 */
function canFill(state: EngineState, opposite: Ladder, slot: number): boolean {
  const { orders, levels } = state;
  const limitKey = orders.num[(slot << NUM_SHIFT) | Num.price]! * opposite.sign;
  const wanted = orders.num[(slot << NUM_SHIFT) | Num.leaves]!;
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
    for (
      let maker = levels.head[level]!;
      maker !== NONE && left > 0;
      maker = orders.int[(maker << INT_SHIFT) | Int.next]!
    ) {
      if (sameUser(orders, maker, slot)) return false;
      if (!isBehindSibling(state, maker)) left -= orders.num[(maker << NUM_SHIFT) | Num.leaves]!;
    }
    return left > 0;
  });
  return left <= 0;
}

/** Of two exits that protect the same shares, the one that trades first leaves the other nothing to trade. */
function isBehindSibling({ orders, levels }: EngineState, slot: number): boolean {
  const sibling = orders.int[(slot << INT_SHIFT) | Int.sibling]!;
  if (sibling === NONE || orders.int[(sibling << INT_SHIFT) | Int.place] !== Place.book) return false;
  const theirs = levels.key[orders.int[(sibling << INT_SHIFT) | Int.level]!]!;
  const own = levels.key[orders.int[(slot << INT_SHIFT) | Int.level]!]!;
  if (theirs !== own) return theirs > own;
  return orders.num[(sibling << NUM_SHIFT) | Num.arrival]! < orders.num[(slot << NUM_SHIFT) | Num.arrival]!;
}
