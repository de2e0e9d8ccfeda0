import { type Book, isContinuous } from './book.ts';
import { ExecType, OrderStatus, OrderType, Reason, Refused, Side, TimeInForce } from './codes.ts';
import { type Cancel, MAX_SIDE_QTY, type Replace } from './command.ts';
import { changeOpen, close, endOrder, withdraw } from './ending.ts';
import { addSlot, findSlot, hasEnded, isUsed } from './id-table.ts';
import { takeOver } from './ladder.ts';
import { enter, rest, wouldCross } from './matching.ts';
import { inherit } from './order-list.ts';
import {
  copyOwner,
  Flag,
  INT_SHIFT,
  Int,
  NONE,
  NUM_SHIFT,
  Num,
  type Orders,
  ownedBy,
  Place,
  retireSlot,
  takeSlot,
  writeIds,
  writeOrderId,
} from './orders.ts';
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
  const book = state.books[state.orders.int[(slot << INT_SHIFT) | Int.book]!]!;
  endOrder(state, book, slot, OrderStatus.canceled, Reason.user_requested);
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
    const side = old === NONE ? Side.buy : (orders.int[(old << INT_SHIFT) | Int.side] as Side);
    const replaced = old === NONE ? strangerSlot(state, command) : old;
    return refuseOrder(state, command, command.newOrderId, side, reason, replaced, Refused.replace);
  }
  const heir = createHeir(state, old, command);
  const stays = keepsPlace(orders, old, heir);
  const from = orders.int[(old << INT_SHIFT) | Int.place]!;
  const status = orders.int[(old << INT_SHIFT) | Int.status] as OrderStatus;
  changeOpen(
    book,
    orders.int[(old << INT_SHIFT) | Int.side]!,
    orders.num[(heir << NUM_SHIFT) | Num.leaves]! - orders.num[(old << NUM_SHIFT) | Num.leaves]!,
  );
  if (stays) succeed(state, book, old, heir);
  else withdraw(state, book, old);
  moveLinks(orders, old, heir);
  orders.num[(old << NUM_SHIFT) | Num.leaves] = 0;
  orders.int[(old << INT_SHIFT) | Int.status] = OrderStatus.replaced;
  close(state, book, old);
  addSlot(state.ids, orders, heir);
  orders.live++;

  const ends = orders.num[(heir << NUM_SHIFT) | Num.leaves] === 0;
  const kept = stays || from === Place.held;
  orders.int[(heir << INT_SHIFT) | Int.status] = ends
    ? OrderStatus.filled
    : kept
      ? status
      : freshStatus(book, orders, heir);
  reportBoth(state, old, heir);
  if (ends) close(state, book, heir);
  else if (!stays) reenter(state, book, heir, from);
}

function refuseReplace(state: EngineState, book: Book | undefined, command: Replace, old: number): Reason {
  const { orders } = state;
  if (book === undefined) return Reason.unknown_symbol;
  if (!isUuid(command.newOrderId)) return Reason.malformed;
  if (isUsed(state.ids, orders, command.newOrderId)) return Reason.duplicate_order_id;
  if (old === NONE) return missing(state, command);
  const type = workingType(orders, old);
  if (type === undefined) return Reason.not_replaceable;
  const collarOffset = orders.num[(old << NUM_SHIFT) | Num.collarOffset]!;
  const numbers = refuseNumbers(book, type, collarOffset, command);
  if (numbers !== Reason.none) return numbers;
  if (
    orders.int[(old << INT_SHIFT) | Int.flags]! & Flag.grouped &&
    command.qty !== orders.num[(old << NUM_SHIFT) | Num.qty]
  )
    return Reason.group_quantity_fixed;
  const side = orders.int[(old << INT_SHIFT) | Int.side] as Side;
  const open = side === Side.buy ? book.openBuy : book.openSell;
  if (open + command.qty - orders.num[(old << NUM_SHIFT) | Num.qty]! > MAX_SIDE_QTY) return Reason.quantity_ceiling;
  const moves =
    orders.int[(old << INT_SHIFT) | Int.flags]! & Flag.postOnly &&
    command.limitPrice !== orders.num[(old << NUM_SHIFT) | Num.price];
  if (moves && orders.int[(old << INT_SHIFT) | Int.place] === Place.book && isContinuous(book)) {
    if (wouldCross(state, book, side, command.limitPrice)) return Reason.post_only_would_cross;
  }
  return Reason.none;
}

/** The type an order works as now: a triggered stop_limit is a limit; market orders and triggered stops cannot change. */
function workingType(orders: Orders, slot: number): OrderType | undefined {
  const type = orders.int[(slot << INT_SHIFT) | Int.type] as OrderType;
  const triggered = (orders.int[(slot << INT_SHIFT) | Int.flags]! & Flag.triggered) !== 0;
  if (type === OrderType.stop_limit && triggered) return OrderType.limit;
  return type === OrderType.market || triggered ? undefined : type;
}

function createHeir(state: EngineState, old: number, command: Replace): number {
  const { orders } = state;
  const heir = takeSlot(orders);
  const type = workingType(orders, old);
  const cum = orders.num[(old << NUM_SHIFT) | Num.cum]!;
  writeOrderId(orders, heir, command.newOrderId);
  copyOwner(orders, old, heir);
  orders.int[(heir << INT_SHIFT) | Int.book] = orders.int[(old << INT_SHIFT) | Int.book]!;
  orders.int[(heir << INT_SHIFT) | Int.side] = orders.int[(old << INT_SHIFT) | Int.side]!;
  orders.int[(heir << INT_SHIFT) | Int.type] = orders.int[(old << INT_SHIFT) | Int.type]!;
  orders.int[(heir << INT_SHIFT) | Int.timeInForce] = orders.int[(old << INT_SHIFT) | Int.timeInForce]!;
  orders.int[(heir << INT_SHIFT) | Int.flags] = orders.int[(old << INT_SHIFT) | Int.flags]!;
  const limited = type === OrderType.limit || type === OrderType.stop_limit;
  const stopped = type === OrderType.stop || type === OrderType.stop_limit;
  const trailing = type === OrderType.trailing_stop;
  orders.num[(heir << NUM_SHIFT) | Num.price] = limited
    ? command.limitPrice
    : orders.num[(old << NUM_SHIFT) | Num.price]!;
  orders.num[(heir << NUM_SHIFT) | Num.stop] = stopped ? command.stopPrice : orders.num[(old << NUM_SHIFT) | Num.stop]!;
  orders.num[(heir << NUM_SHIFT) | Num.trailAmount] = trailing
    ? command.trailAmount
    : orders.num[(old << NUM_SHIFT) | Num.trailAmount]!;
  orders.num[(heir << NUM_SHIFT) | Num.trailPpm] = trailing
    ? command.trailPpm
    : orders.num[(old << NUM_SHIFT) | Num.trailPpm]!;
  orders.num[(heir << NUM_SHIFT) | Num.collarOffset] = orders.num[(old << NUM_SHIFT) | Num.collarOffset]!;
  orders.num[(heir << NUM_SHIFT) | Num.highWater] = orders.num[(old << NUM_SHIFT) | Num.highWater]!;
  const qty = Math.max(command.qty, cum);
  orders.num[(heir << NUM_SHIFT) | Num.qty] = qty;
  orders.num[(heir << NUM_SHIFT) | Num.leaves] = qty - cum;
  orders.num[(heir << NUM_SHIFT) | Num.cum] = cum;
  orders.num[(heir << NUM_SHIFT) | Num.low] = orders.num[(old << NUM_SHIFT) | Num.low]!;
  orders.num[(heir << NUM_SHIFT) | Num.mid] = orders.num[(old << NUM_SHIFT) | Num.mid]!;
  orders.num[(heir << NUM_SHIFT) | Num.high] = orders.num[(old << NUM_SHIFT) | Num.high]!;
  orders.num[(heir << NUM_SHIFT) | Num.arrival] = ++state.arrivals;
  return heir;
}

function keepsPlace(orders: Orders, old: number, heir: number): boolean {
  return (
    orders.num[(heir << NUM_SHIFT) | Num.leaves]! > 0 &&
    orders.num[(heir << NUM_SHIFT) | Num.qty]! <= orders.num[(old << NUM_SHIFT) | Num.qty]! &&
    orders.num[(heir << NUM_SHIFT) | Num.price] === orders.num[(old << NUM_SHIFT) | Num.price] &&
    orders.num[(heir << NUM_SHIFT) | Num.stop] === orders.num[(old << NUM_SHIFT) | Num.stop] &&
    orders.num[(heir << NUM_SHIFT) | Num.trailAmount] === orders.num[(old << NUM_SHIFT) | Num.trailAmount] &&
    orders.num[(heir << NUM_SHIFT) | Num.trailPpm] === orders.num[(old << NUM_SHIFT) | Num.trailPpm]
  );
}

function succeed(state: EngineState, book: Book, old: number, heir: number): void {
  const { orders } = state;
  const place = orders.int[(old << INT_SHIFT) | Int.place]!;
  orders.int[(heir << INT_SHIFT) | Int.place] = place;
  orders.num[(heir << NUM_SHIFT) | Num.arrival] = orders.num[(old << NUM_SHIFT) | Num.arrival]!;
  if (place === Place.book || place === Place.stops) takeOver(state.levels, orders, old, heir);
  else if (place === Place.trailing) inherit(book.trailing, orders, old, heir);
  else if (place === Place.auction) inherit(book.auction, orders, old, heir);
  if (place === Place.trailing) widenBounds(book, orders, heir);
  orders.int[(old << INT_SHIFT) | Int.place] = Place.nowhere;
}

function moveLinks(orders: Orders, old: number, heir: number): void {
  const sibling = orders.int[(old << INT_SHIFT) | Int.sibling]!;
  const parent = orders.int[(old << INT_SHIFT) | Int.parent]!;
  const child = orders.int[(old << INT_SHIFT) | Int.child]!;
  orders.int[(heir << INT_SHIFT) | Int.sibling] = sibling;
  orders.int[(heir << INT_SHIFT) | Int.parent] = parent;
  orders.int[(heir << INT_SHIFT) | Int.child] = child;
  if (sibling !== NONE) orders.int[(sibling << INT_SHIFT) | Int.sibling] = heir;
  if (parent !== NONE && orders.int[(parent << INT_SHIFT) | Int.child] === old)
    orders.int[(parent << INT_SHIFT) | Int.child] = heir;
  if (child !== NONE) {
    orders.int[(child << INT_SHIFT) | Int.parent] = heir;
    if (orders.int[(child << INT_SHIFT) | Int.sibling] !== NONE)
      orders.int[(orders.int[(child << INT_SHIFT) | Int.sibling]! << INT_SHIFT) | Int.parent] = heir;
  }
  orders.int[(old << INT_SHIFT) | Int.sibling] = NONE;
  orders.int[(old << INT_SHIFT) | Int.parent] = NONE;
  orders.int[(old << INT_SHIFT) | Int.child] = NONE;
}

function reenter(state: EngineState, book: Book, heir: number, from: number): void {
  if (from === Place.held) state.orders.int[(heir << INT_SHIFT) | Int.place] = Place.held;
  // An auction order that has joined its call stays in the call.
  else if (from === Place.book && state.orders.int[(heir << INT_SHIFT) | Int.timeInForce]! >= TimeInForce.opg)
    rest(state, book, heir);
  else enter(state, book, heir);
}

function freshStatus(book: Book, orders: Orders, heir: number): OrderStatus {
  if (orders.num[(heir << NUM_SHIFT) | Num.cum]! > 0) return OrderStatus.partially_filled;
  const waitsForTrigger =
    orders.int[(heir << INT_SHIFT) | Int.type]! >= OrderType.stop &&
    (orders.int[(heir << INT_SHIFT) | Int.flags]! & Flag.triggered) === 0;
  const waits =
    waitsForTrigger || orders.int[(heir << INT_SHIFT) | Int.timeInForce]! >= TimeInForce.opg || !isContinuous(book);
  return waits ? OrderStatus.accepted : OrderStatus.new;
}

function reportBoth(state: EngineState, old: number, heir: number): void {
  const gone = report(state.reports, state.orders, old, ExecType.REPLACED, Reason.none);
  linkReport(state.reports, gone, heir);
  const here = report(state.reports, state.orders, heir, ExecType.NEW, Reason.none);
  linkReport(state.reports, here, old);
}

function findOwned(state: EngineState, command: Cancel | Replace): number {
  const { orders } = state;
  const slot = findSlot(state.ids, orders, command.orderId);
  if (slot === NONE || !ownedBy(orders, slot, command.accountId)) return NONE;
  return state.books[orders.int[(slot << INT_SHIFT) | Int.book]!]!.symbol === command.symbol ? slot : NONE;
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
