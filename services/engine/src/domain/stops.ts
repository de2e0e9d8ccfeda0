import { type Book, ceilToTick, floorToTick, isContinuous, noTrailing } from './book.ts';
import { enqueue } from './book-side.ts';
import { ExecType, OrderStatus, OrderType, Reason, Side } from './codes.ts';
import { MAX_NOTIONAL, MAX_PRICE } from './command.ts';
import { endOrder, stopSideOf, withdraw } from './ending.ts';
import { append } from './order-list.ts';
import { Flag, Location, NONE, type Orders } from './orders.ts';
import { report } from './reports.ts';
import type { EngineState } from './state.ts';

const MILLION = 1_000_000;

/**
 * The one trigger rule. A mark is a trade print on this venue or the reference price of a house quote; during
 * continuous trading every mark, not only the last of a sweep, is shown to every waiting stop in the order it happened.
 * A buy stop triggers at or above its price, a sell stop at or below. Outside continuous trading marks are remembered
 * and the last one is shown when trading begins, so a stop passed by a gap triggers at the open.
 */
export function mark(state: EngineState, book: Book, price: number): void {
  book.mark = price;
  const { buyStops, sellStops, trailing } = book;
  if (buyStops.best === NONE && sellStops.best === NONE && trailing.head === NONE) return;
  if (!isContinuous(book)) return;
  const { levels } = state;
  while (buyStops.best !== NONE && -levels.key[buyStops.best]! <= price) {
    trigger(state, book, levels.head[buyStops.best]!, price);
  }
  while (sellStops.best !== NONE && levels.key[sellStops.best]! >= price) {
    trigger(state, book, levels.head[sellStops.best]!, price);
  }
  if (
    price > trailing.raiseAbove ||
    price < trailing.lowerBelow ||
    price <= trailing.triggerAtOrBelow ||
    price >= trailing.triggerAtOrAbove
  ) {
    markTrailing(state, book, price);
  }
}

/** A stop begins to wait, or triggers at once when the mark is already beyond it. */
export function waitForTrigger(state: EngineState, book: Book, slot: number): void {
  const { orders } = state;
  const live = isContinuous(book) && book.mark > 0;
  if (orders.type(slot) === OrderType.trailing_stop) {
    if (live && orders.highWater(slot) === 0) orders.setHighWater(slot, book.mark);
    orders.setLocation(slot, Location.trailing);
    append(book.trailing, orders, slot);
    widenBounds(book, orders, slot);
    // A replacement with a shorter trail may already be beyond its new stop.
    if (live && isBeyond(orders, slot, book.mark)) trigger(state, book, slot, book.mark);
    return;
  }
  const stop = orders.stop(slot);
  orders.setLocation(slot, Location.stops);
  enqueue(state.levels, stopSideOf(book, orders.side(slot)), orders, slot, stop);
  const beyond = orders.side(slot) === Side.buy ? book.mark >= stop : book.mark <= stop;
  if (live && beyond) trigger(state, book, slot, book.mark);
}

/** The price at which a waiting trailing stop that has seen a mark triggers now. */
export function trailingStopPrice(orders: Orders, slot: number): number {
  const highWater = orders.highWater(slot);
  const trail = trailOf(orders, slot, highWater);
  return orders.side(slot) === Side.buy ? Math.min(highWater + trail, MAX_PRICE) : Math.max(highWater - trail, 0);
}

/**
 * A triggered stop is a limit order from then on: a stop_limit at its limit, the others at the triggering price moved
 * by the collar offset, so a gap moves the collar with it and what finds no partner rests there instead of vanishing.
 */
function trigger(state: EngineState, book: Book, slot: number, price: number): void {
  const { orders } = state;
  withdraw(state, book, slot);
  orders.addFlag(slot, Flag.triggered);
  orders.setStatus(slot, OrderStatus.new);
  if (orders.type(slot) !== OrderType.stop_limit) {
    const offset = orders.collarOffset(slot);
    orders.setPrice(
      slot,
      orders.side(slot) === Side.buy
        ? floorToTick(book, Math.min(price + offset, MAX_PRICE))
        : ceilToTick(book, Math.max(price - offset, 1)),
    );
  }
  report(state.reports, orders, slot, ExecType.TRIGGERED, Reason.none);
  if (orders.price(slot) * orders.leaves(slot) > MAX_NOTIONAL) {
    endOrder(state, book, slot, OrderStatus.canceled, Reason.notional_ceiling);
    return;
  }
  orders.setLocation(slot, Location.running);
  state.agenda.push(slot);
}

/** One pass over the symbol's trailing stops; the bounds keep marks that move none of them away from here. */
function markTrailing(state: EngineState, book: Book, price: number): void {
  const { orders } = state;
  const { trailing } = book;
  Object.assign(trailing, noTrailing);
  for (let slot = trailing.head; slot !== NONE; ) {
    const next = orders.next(slot);
    const highWater = orders.highWater(slot);
    const better = orders.side(slot) === Side.buy ? price < highWater : price > highWater;
    if (better || highWater === 0) orders.setHighWater(slot, price);
    if (isBeyond(orders, slot, price)) trigger(state, book, slot, price);
    else widenBounds(book, orders, slot);
    slot = next;
  }
}

function isBeyond(orders: Orders, slot: number, price: number): boolean {
  const highWater = orders.highWater(slot);
  const trail = trailOf(orders, slot, highWater);
  return orders.side(slot) === Side.buy ? price >= highWater + trail : price <= highWater - trail;
}

export function widenBounds({ trailing }: Book, orders: Orders, slot: number): void {
  const highWater = orders.highWater(slot);
  const trail = trailOf(orders, slot, highWater);
  if (orders.side(slot) === Side.buy) {
    trailing.lowerBelow = Math.max(trailing.lowerBelow, highWater === 0 ? Infinity : highWater);
    if (highWater > 0) trailing.triggerAtOrAbove = Math.min(trailing.triggerAtOrAbove, highWater + trail);
  } else {
    trailing.raiseAbove = Math.min(trailing.raiseAbove, highWater);
    if (highWater > 0) trailing.triggerAtOrBelow = Math.max(trailing.triggerAtOrBelow, highWater - trail);
  }
}

/** The distance in micro-units: the amount, or the percentage rounded down without leaving the safe integers. */
function trailOf(orders: Orders, slot: number, highWater: number): number {
  const amount = orders.trailAmount(slot);
  if (amount > 0) return amount;
  const ppm = orders.trailPpm(slot);
  const millions = Math.floor(highWater / MILLION);
  const rest = highWater - millions * MILLION;
  return Math.max(1, millions * ppm + Math.floor((rest * ppm) / MILLION));
}
