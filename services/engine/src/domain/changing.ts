import { type Book, isContinuous } from './book.ts';
import { takeOver } from './book-side.ts';
import { ExecType, OrderStatus, OrderType, Reason, Refused, Side, TimeInForce } from './codes.ts';
import { type Cancel, MAX_SIDE_QTY, type Replace } from './command.ts';
import { changeOpen, close, endOrder, withdraw } from './ending.ts';
import { addSlot, findSlot, hasEnded, isUsed } from './id-table.ts';
import { enter, rest, wouldCross } from './matching.ts';
import { replaceIn } from './order-list.ts';
import { copyNotional, copyOwner, ownedBy, retireSlot, takeSlot, writeIds, writeOrderId } from './order-slots.ts';
import { Flag, Location, NONE, type Orders } from './orders.ts';
import { refuseOrder } from './placing.ts';
import { refuseNumbers } from './refusals.ts';
import { linkReport, report } from './reports.ts';
import type { EngineState } from './state.ts';
import { widenBounds } from './stops.ts';
import { isUuid, type Uuid } from './uuid.ts';

export function cancel(state: EngineState, command: Cancel): void {
  const slot = findOwned(state, command);
  if (slot === NONE) {
    return refuseOrder(state, command, command.orderId, Side.buy, missing(state, command), NONE, Refused.cancel);
  }
  const book = state.books[state.orders.book(slot)]!;
  const reason = command.byOperator === true ? Reason.operator_requested : Reason.user_requested;
  endOrder(state, book, slot, OrderStatus.canceled, reason);
}

/**
 * FIX replace: a new order takes the old one's place in the world, its fills included. It keeps the old one's place in
 * the queue if only its quantity went down; any other change sends it to the back, through the market if it crosses.
 * A total at or below what has been filled ends the order as filled: nothing more may trade.
 */
export function replace(state: EngineState, command: Replace): void {
  const { orders } = state;
  const old = findOwned(state, command);
  const book = state.bySymbol.get(command.symbol);
  const reason = refuseReplace(state, book, command, old);
  if (book === undefined || reason !== Reason.none) {
    const side = old === NONE ? Side.buy : orders.side(old);
    const replaced = old === NONE ? strangerSlot(state, command) : old;
    return refuseOrder(state, command, command.newOrderId, side, reason, replaced, Refused.replace);
  }
  const replacement = createReplacement(state, old, command);
  const stays = keepsPlace(orders, old, replacement);
  const from = orders.location(old);
  const status = orders.status(old);
  changeOpen(book, orders.side(old), orders.leaves(replacement) - orders.leaves(old));
  if (stays) keepPlace(state, book, old, replacement);
  else withdraw(state, book, old);
  moveLinks(orders, old, replacement);
  orders.setLeaves(old, 0);
  orders.setStatus(old, OrderStatus.replaced);
  close(state, book, old);
  addSlot(state.ids, orders, replacement);
  orders.live++;

  const ends = orders.leaves(replacement) === 0;
  const kept = stays || from === Location.held;
  orders.setStatus(replacement, ends ? OrderStatus.filled : kept ? status : freshStatus(book, orders, replacement));
  reportBoth(state, old, replacement);
  if (ends) close(state, book, replacement);
  else if (!stays) reenter(state, book, replacement, from);
}

function refuseReplace(state: EngineState, book: Book | undefined, command: Replace, old: number): Reason {
  const { orders } = state;
  if (book === undefined) return Reason.unknown_symbol;
  if (!isUuid(command.newOrderId)) return Reason.malformed;
  if (isUsed(state.ids, orders, command.newOrderId)) return Reason.duplicate_order_id;
  if (old === NONE) return missing(state, command);
  const type = workingType(orders, old);
  if (type === undefined) return Reason.not_replaceable;
  const collarOffset = orders.collarOffset(old);
  const numbers = refuseNumbers(book, type, collarOffset, command);
  if (numbers !== Reason.none) return numbers;
  if (orders.hasFlag(old, Flag.grouped) && command.qty !== orders.qty(old)) return Reason.group_quantity_fixed;
  const side = orders.side(old);
  const open = side === Side.buy ? book.openBuy : book.openSell;
  if (open + command.qty - orders.qty(old) > MAX_SIDE_QTY) return Reason.quantity_ceiling;
  const moves = orders.hasFlag(old, Flag.postOnly) && command.limitPrice !== orders.price(old);
  if (moves && orders.location(old) === Location.book && isContinuous(book)) {
    if (wouldCross(state, book, side, command.limitPrice)) return Reason.post_only_would_cross;
  }
  return Reason.none;
}

/** The type an order works as now: a triggered stop_limit is a limit; market orders and triggered stops cannot change. */
function workingType(orders: Orders, slot: number): OrderType | undefined {
  const type = orders.type(slot);
  const triggered = orders.hasFlag(slot, Flag.triggered);
  if (type === OrderType.stop_limit && triggered) return OrderType.limit;
  return type === OrderType.market || triggered ? undefined : type;
}

function createReplacement(state: EngineState, old: number, command: Replace): number {
  const { orders } = state;
  const replacement = takeSlot(orders);
  const type = workingType(orders, old);
  const cum = orders.cum(old);
  writeOrderId(orders, replacement, command.newOrderId);
  copyOwner(orders, old, replacement);
  orders.setBook(replacement, orders.book(old));
  orders.setSide(replacement, orders.side(old));
  orders.setType(replacement, orders.type(old));
  orders.setTimeInForce(replacement, orders.timeInForce(old));
  orders.setFlags(replacement, orders.flags(old));
  const limited = type === OrderType.limit || type === OrderType.stop_limit;
  const stopped = type === OrderType.stop || type === OrderType.stop_limit;
  const trailing = type === OrderType.trailing_stop;
  orders.setPrice(replacement, limited ? command.limitPrice : orders.price(old));
  orders.setStop(replacement, stopped ? command.stopPrice : orders.stop(old));
  orders.setTrailAmount(replacement, trailing ? command.trailAmount : orders.trailAmount(old));
  orders.setTrailPpm(replacement, trailing ? command.trailPpm : orders.trailPpm(old));
  orders.setCollarOffset(replacement, orders.collarOffset(old));
  orders.setHighWater(replacement, orders.highWater(old));
  const qty = Math.max(command.qty, cum);
  orders.setQty(replacement, qty);
  orders.setLeaves(replacement, qty - cum);
  orders.setCum(replacement, cum);
  copyNotional(orders, old, replacement);
  orders.setArrival(replacement, ++state.arrivals);
  return replacement;
}

function keepsPlace(orders: Orders, old: number, replacement: number): boolean {
  return (
    orders.leaves(replacement) > 0 &&
    orders.qty(replacement) <= orders.qty(old) &&
    orders.price(replacement) === orders.price(old) &&
    orders.stop(replacement) === orders.stop(old) &&
    orders.trailAmount(replacement) === orders.trailAmount(old) &&
    orders.trailPpm(replacement) === orders.trailPpm(old)
  );
}

function keepPlace(state: EngineState, book: Book, old: number, replacement: number): void {
  const { orders } = state;
  const location = orders.location(old);
  orders.setLocation(replacement, location);
  orders.setArrival(replacement, orders.arrival(old));
  if (location === Location.book || location === Location.stops) takeOver(state.levels, orders, old, replacement);
  else if (location === Location.trailing) replaceIn(book.trailing, orders, old, replacement);
  else if (location === Location.auction) replaceIn(book.auction, orders, old, replacement);
  if (location === Location.trailing) widenBounds(book, orders, replacement);
  orders.setLocation(old, Location.nowhere);
}

function moveLinks(orders: Orders, old: number, replacement: number): void {
  const sibling = orders.sibling(old);
  const parent = orders.parent(old);
  const child = orders.child(old);
  orders.setSibling(replacement, sibling);
  orders.setParent(replacement, parent);
  orders.setChild(replacement, child);
  if (sibling !== NONE) orders.setSibling(sibling, replacement);
  if (parent !== NONE && orders.child(parent) === old) orders.setChild(parent, replacement);
  if (child !== NONE) {
    orders.setParent(child, replacement);
    if (orders.sibling(child) !== NONE) orders.setParent(orders.sibling(child), replacement);
  }
  orders.setSibling(old, NONE);
  orders.setParent(old, NONE);
  orders.setChild(old, NONE);
}

function reenter(state: EngineState, book: Book, replacement: number, from: number): void {
  if (from === Location.held) state.orders.setLocation(replacement, Location.held);
  // An auction order that has joined its call stays in the call.
  else if (from === Location.book && state.orders.timeInForce(replacement) >= TimeInForce.opg)
    rest(state, book, replacement);
  else enter(state, book, replacement);
}

function freshStatus(book: Book, orders: Orders, replacement: number): OrderStatus {
  if (orders.cum(replacement) > 0) return OrderStatus.partially_filled;
  const waitsForTrigger = orders.type(replacement) >= OrderType.stop && !orders.hasFlag(replacement, Flag.triggered);
  const waits = waitsForTrigger || orders.timeInForce(replacement) >= TimeInForce.opg || !isContinuous(book);
  return waits ? OrderStatus.accepted : OrderStatus.new;
}

function reportBoth(state: EngineState, old: number, replacement: number): void {
  const gone = report(state.reports, state.orders, old, ExecType.REPLACED, Reason.none);
  linkReport(state.reports, gone, replacement);
  const here = report(state.reports, state.orders, replacement, ExecType.NEW, Reason.none);
  linkReport(state.reports, here, old);
}

function findOwned(state: EngineState, command: Cancel | Replace): number {
  const { orders } = state;
  const slot = findSlot(state.ids, orders, command.orderId);
  if (slot === NONE || !ownedBy(orders, slot, command.accountId)) return NONE;
  return state.books[orders.book(slot)]!.symbol === command.symbol ? slot : NONE;
}

/** Another's order is as unknown as one that never was. */
function missing(state: EngineState, { orderId }: { readonly orderId: Uuid }): Reason {
  return hasEnded(state.ids, orderId) ? Reason.too_late : Reason.unknown_order;
}

/** A row to name an order by that the engine does not know. */
function strangerSlot(state: EngineState, command: Replace): number {
  const slot = takeSlot(state.orders);
  writeIds(state.orders, slot, command.orderId, command.accountId, command.userId);
  retireSlot(state.orders, slot);
  return slot;
}
