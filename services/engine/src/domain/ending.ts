import type { Book } from './book.ts';
import { ExecType, isLive, OrderStatus, Reason, Side } from './codes.ts';
import { addSlot, closeSlot } from './id-table.ts';
import { dequeue, type Ladder } from './ladder.ts';
import { unlink } from './order-list.ts';
import { Flag, INT_SHIFT, Int, NONE, NUM_SHIFT, Num, Place, retireSlot } from './orders.ts';
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
  changeOpen(book, orders.int[(slot << INT_SHIFT) | Int.side]!, -orders.num[(slot << NUM_SHIFT) | Num.leaves]!);
  orders.num[(slot << NUM_SHIFT) | Num.leaves] = 0;
  orders.int[(slot << INT_SHIFT) | Int.status] = status;
  close(state, book, slot);
  if (orders.int[(slot << INT_SHIFT) | Int.flags]! & Flag.house) return;
  const execType = status === OrderStatus.expired ? ExecType.EXPIRED : ExecType.CANCELED;
  report(state.reports, orders, slot, execType, reason);
  if (orders.int[(slot << INT_SHIFT) | Int.flags]! & Flag.grouped) endRest(state, book, slot, reason);
}

/** An order's first step into the state: from here on it has an id, a place in time and a share of the open quantity. */
export function admit(state: EngineState, book: Book, slot: number): void {
  const { orders } = state;
  orders.num[(slot << NUM_SHIFT) | Num.arrival] = ++state.arrivals;
  orders.live++;
  changeOpen(book, orders.int[(slot << INT_SHIFT) | Int.side]!, orders.num[(slot << NUM_SHIFT) | Num.leaves]!);
  addSlot(state.ids, orders, slot);
}

/** Takes an order out of whatever it stands in. */
export function withdraw(state: EngineState, book: Book, slot: number): void {
  const { orders, levels } = state;
  const place = orders.int[(slot << INT_SHIFT) | Int.place]!;
  if (place === Place.book)
    dequeue(levels, sideLadder(book, orders.int[(slot << INT_SHIFT) | Int.side]!), orders, slot);
  else if (place === Place.stops)
    dequeue(levels, stopLadder(book, orders.int[(slot << INT_SHIFT) | Int.side]!), orders, slot);
  else if (place === Place.trailing) unlink(book.trailing, orders, slot);
  else if (place === Place.auction) unlink(book.auction, orders, slot);
  orders.int[(slot << INT_SHIFT) | Int.place] = Place.nowhere;
}

/**
 * Forgets a live order, apart from its id. The caller has withdrawn it and set its last status. House orders were never
 * in the id table: they belong to their quote and nobody can address them.
 */
export function close(state: EngineState, book: Book, slot: number): void {
  const { orders } = state;
  if (orders.int[(slot << INT_SHIFT) | Int.flags]! & Flag.house) book.house[book.house.indexOf(slot)] = NONE;
  else closeSlot(state.ids, orders, slot);
  orders.live--;
  retireSlot(orders, slot);
}

export function changeOpen(book: Book, side: number, by: number): void {
  if (side === Side.buy) book.openBuy += by;
  else book.openSell += by;
}

export function sideLadder(book: Book, side: number): Ladder {
  return side === Side.buy ? book.bids : book.asks;
}

export function stopLadder(book: Book, side: number): Ladder {
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
  const child = orders.int[(slot << INT_SHIFT) | Int.child]!;
  if (child !== NONE) {
    if (orders.num[(slot << NUM_SHIFT) | Num.cum]! > 0) {
      state.agenda.push(slot);
      return;
    }
    const second = orders.int[(child << INT_SHIFT) | Int.sibling]!;
    orders.int[(slot << INT_SHIFT) | Int.child] = NONE;
    orders.int[(child << INT_SHIFT) | Int.parent] = NONE;
    if (second !== NONE) orders.int[(second << INT_SHIFT) | Int.parent] = NONE;
    endOrder(state, book, child, OrderStatus.canceled, Reason.group);
    return;
  }
  const sibling = orders.int[(slot << INT_SHIFT) | Int.sibling]!;
  const parent = orders.int[(slot << INT_SHIFT) | Int.parent]!;
  cutLinks(state, slot);
  if (reason === Reason.self_trade || reason === Reason.notional_ceiling) return;
  if (sibling !== NONE) endOrder(state, book, sibling, OrderStatus.canceled, Reason.group);
  if (parent !== NONE && isLive(orders.int[(parent << INT_SHIFT) | Int.status] as OrderStatus)) {
    endOrder(state, book, parent, OrderStatus.canceled, Reason.group);
  }
}

/** Makes a leg a lone order; its sibling and its entry no longer know it. */
export function cutLinks(state: EngineState, slot: number): void {
  const { orders } = state;
  const sibling = orders.int[(slot << INT_SHIFT) | Int.sibling]!;
  const parent = orders.int[(slot << INT_SHIFT) | Int.parent]!;
  orders.int[(slot << INT_SHIFT) | Int.sibling] = NONE;
  orders.int[(slot << INT_SHIFT) | Int.parent] = NONE;
  if (sibling !== NONE) {
    orders.int[(sibling << INT_SHIFT) | Int.sibling] = NONE;
    orders.int[(sibling << INT_SHIFT) | Int.parent] = NONE;
  }
  if (parent !== NONE) orders.int[(parent << INT_SHIFT) | Int.child] = NONE;
}
