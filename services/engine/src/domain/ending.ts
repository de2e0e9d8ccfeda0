import type { Book } from './book.ts';
import { type BookSide, dequeue } from './book-side.ts';
import { ExecType, isLive, OrderStatus, Reason, Side } from './codes.ts';
import { addSlot, closeSlot } from './id-table.ts';
import { unlink } from './order-list.ts';
import { retireSlot } from './order-slots.ts';
import { Flag, Location, NONE } from './orders.ts';
import { report } from './reports.ts';
import type { EngineState } from './state.ts';

/** Ends an order that still has something open, reports it, and ends or frees what depends on it. */
export function endOrder(
  state: EngineState,
  book: Book,
  slot: number,
  status: typeof OrderStatus.canceled | typeof OrderStatus.expired,
  reason: Reason,
): void {
  const { orders } = state;
  withdraw(state, book, slot);
  changeOpen(book, orders.side(slot), -orders.leaves(slot));
  orders.setLeaves(slot, 0);
  orders.setStatus(slot, status);
  close(state, book, slot);
  if (orders.hasFlag(slot, Flag.house)) return;
  const execType = status === OrderStatus.expired ? ExecType.EXPIRED : ExecType.CANCELED;
  report(state.reports, orders, slot, execType, reason);
  if (orders.hasFlag(slot, Flag.grouped)) endRest(state, book, slot, reason);
}

/** An order's first step into the state: from here on it has an id, a place in time and a share of the open quantity. */
export function admit(state: EngineState, book: Book, slot: number): void {
  const { orders } = state;
  orders.setArrival(slot, ++state.arrivals);
  orders.live++;
  changeOpen(book, orders.side(slot), orders.leaves(slot));
  addSlot(state.ids, orders, slot);
}

/** Takes an order out of whatever it stands in. */
export function withdraw(state: EngineState, book: Book, slot: number): void {
  const { orders, levels } = state;
  const location = orders.location(slot);
  if (location === Location.book) dequeue(levels, bookSideOf(book, orders.side(slot)), orders, slot);
  else if (location === Location.stops) dequeue(levels, stopSideOf(book, orders.side(slot)), orders, slot);
  else if (location === Location.trailing) unlink(book.trailing, orders, slot);
  else if (location === Location.auction) unlink(book.auction, orders, slot);
  orders.setLocation(slot, Location.nowhere);
}

/**
 * Forgets a live order, apart from its id. The caller has withdrawn it and set its last status. House orders were never
 * in the id table: they belong to their quote and nobody can address them.
 */
export function close(state: EngineState, book: Book, slot: number): void {
  const { orders } = state;
  if (orders.hasFlag(slot, Flag.house)) book.house[book.house.indexOf(slot)] = NONE;
  else closeSlot(state.ids, orders, slot);
  orders.live--;
  retireSlot(orders, slot);
}

export function changeOpen(book: Book, side: number, by: number): void {
  if (side === Side.buy) book.openBuy += by;
  else book.openSell += by;
}

export function bookSideOf(book: Book, side: number): BookSide {
  return side === Side.buy ? book.bids : book.asks;
}

export function stopSideOf(book: Book, side: number): BookSide {
  return side === Side.buy ? book.buyStops : book.sellStops;
}

/**
 * What the end of a grouped order, other than by filling, does to the rest of its group:
 * - an entry that traded leaves its exits to protect what it bought; one that did not takes them with it;
 * - a leg ended by its user, by the day's end or by its group takes its sibling and, if it was still held, the entry
 *   with it; what the entry bought by then is left without exits, as asked;
 * - a leg ended by the market (a self-trade) leaves its sibling working, so the position stays protected.
 */
function endRest(state: EngineState, book: Book, slot: number, reason: Reason): void {
  const { orders } = state;
  const child = orders.child(slot);
  if (child !== NONE) {
    if (orders.cum(slot) > 0) {
      state.agenda.push(slot);
      return;
    }
    const second = orders.sibling(child);
    orders.setChild(slot, NONE);
    orders.setParent(child, NONE);
    if (second !== NONE) orders.setParent(second, NONE);
    endOrder(state, book, child, OrderStatus.canceled, Reason.group);
    return;
  }
  const sibling = orders.sibling(slot);
  const parent = orders.parent(slot);
  cutLinks(state, slot);
  if (reason === Reason.self_trade || reason === Reason.notional_ceiling) return;
  if (sibling !== NONE) endOrder(state, book, sibling, OrderStatus.canceled, Reason.group);
  if (parent !== NONE && isLive(orders.status(parent))) {
    endOrder(state, book, parent, OrderStatus.canceled, Reason.group);
  }
}

/** Makes a leg a lone order; its sibling and its entry no longer know it. */
export function cutLinks(state: EngineState, slot: number): void {
  const { orders } = state;
  const sibling = orders.sibling(slot);
  const parent = orders.parent(slot);
  orders.setSibling(slot, NONE);
  orders.setParent(slot, NONE);
  if (sibling !== NONE) {
    orders.setSibling(sibling, NONE);
    orders.setParent(sibling, NONE);
  }
  if (parent !== NONE) orders.setChild(parent, NONE);
}
