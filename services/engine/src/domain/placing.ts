import { type Book, ceilToTick, floorToTick, isContinuous } from './book.ts';
import { ExecType, GroupKind, isLive, OrderStatus, OrderType, Reason, Refused, Side, TimeInForce } from './codes.ts';
import { type OrderTerms, type PlaceGroup, type PlaceOrder } from './command.ts';
import { admit } from './ending.ts';
import { useUp } from './id-table.ts';
import { enter } from './matching.ts';
import { retireSlot, takeSlot, writeIds } from './order-slots.ts';
import { Flag, Location, NONE, type Orders } from './orders.ts';
import { refuseGroup, refuseTerms } from './refusals.ts';
import { linkReport, markRefused, report } from './reports.ts';
import type { EngineState } from './state.ts';
import { isUuid, type Uuid } from './uuid.ts';

interface Owner {
  readonly accountId: Uuid;
  readonly userId: Uuid;
}

export function place(state: EngineState, command: PlaceOrder): void {
  const book = state.bySymbol.get(command.symbol);
  if (book === undefined)
    return refuseOrder(state, command, command.orderId, command.side, Reason.unknown_symbol, NONE);
  const owned = isUuid(command.accountId) && isUuid(command.userId);
  const reason = owned ? refuseTerms(state, book, command, false) : Reason.malformed;
  if (reason !== Reason.none) return refuseOrder(state, command, command.orderId, command.side, reason, NONE);
  const slot = newOrder(state, book, command, command);
  admitAs(state, book, slot, waitingStatus(book, command));
  enter(state, book, slot);
}

/** All of a group enters, or none of it: the order at fault carries the reason, the others `group`. */
export function placeGroup(state: EngineState, command: PlaceGroup): void {
  const book = state.bySymbol.get(command.symbol);
  if (command.orders.length === 0) return void (state.reports.refusal = Reason.group_invalid);
  const reasons =
    book === undefined ? command.orders.map(() => Reason.unknown_symbol) : refuseAll(state, book, command);
  if (book === undefined || reasons.some((reason) => reason !== Reason.none)) {
    command.orders.forEach((terms, i) => {
      refuseOrder(
        state,
        command,
        terms.orderId,
        terms.side,
        reasons[i] === Reason.none ? Reason.group : reasons[i]!,
        NONE,
      );
    });
    return;
  }
  const { orders } = state;
  const slots = command.orders.map((terms) => newOrder(state, book, command, terms));
  for (const slot of slots) orders.addFlag(slot, Flag.grouped);
  if (command.group === GroupKind.oco) placePair(state, book, slots, command.orders);
  else placeEntry(state, book, slots, command.orders);
}

/** Both exits of an OCO stand at once; if the first trades away on arrival the second never enters. */
function placePair(state: EngineState, book: Book, slots: number[], terms: readonly OrderTerms[]): void {
  link(state.orders, slots[0]!, slots[1]!);
  slots.forEach((slot, i) => admitAs(state, book, slot, waitingStatus(book, terms[i]!)));
  enterLegs(state, book, slots);
}

function placeEntry(state: EngineState, book: Book, slots: number[], terms: readonly OrderTerms[]): void {
  const { orders } = state;
  const [entry, ...exits] = slots as [number, ...number[]];
  orders.setChild(entry, exits[0]!);
  if (exits.length === 2) link(orders, exits[0]!, exits[1]!);
  for (const exit of exits) orders.setParent(exit, entry);
  admitAs(state, book, entry, waitingStatus(book, terms[0]!));
  for (const exit of exits) {
    admitAs(state, book, exit, OrderStatus.held);
    orders.setLocation(exit, Location.held);
  }
  enter(state, book, entry);
}

/**
 * The entry is done, wholly or as far as it came, and its exits begin to work for what it traded: first the limit, then
 * the stop if the limit has left anything to protect.
 */
export function activateExits(state: EngineState, book: Book, entry: number): void {
  const { orders } = state;
  const first = orders.child(entry);
  const second = orders.sibling(first);
  const exits = second === NONE ? [first] : [first, second];
  orders.setChild(entry, NONE);
  for (const exit of exits) {
    const traded = orders.cum(entry);
    const excess = orders.leaves(exit) - traded;
    if (orders.side(exit) === Side.buy) book.openBuy -= excess;
    else book.openSell -= excess;
    orders.setParent(exit, NONE);
    orders.setLocation(exit, Location.nowhere);
    orders.setQty(exit, traded);
    orders.setLeaves(exit, traded);
    orders.setArrival(exit, ++state.arrivals);
    const waits = orders.type(exit) >= OrderType.stop || !isContinuous(book);
    orders.setStatus(exit, waits ? OrderStatus.accepted : OrderStatus.new);
    report(state.reports, orders, exit, ExecType.RESTATED, Reason.entry_done);
  }
  enterLegs(state, book, exits);
}

/** A leg may have been ended, or replaced nothing else, by what the one before it did on entering. */
function enterLegs(state: EngineState, book: Book, legs: number[]): void {
  for (const leg of legs) {
    if (isLive(state.orders.status(leg))) enter(state, book, leg);
  }
}

/** Reports the refusal of an order that never was one; `replaces` is the order it was meant to replace, or NONE. */
export function refuseOrder(
  state: EngineState,
  owner: Owner,
  orderId: Uuid,
  side: Side,
  reason: Reason,
  replaces: number,
  refused: Refused = Refused.place,
): void {
  const { orders, reports } = state;
  const slot = takeSlot(orders);
  writeIds(orders, slot, orderId, owner.accountId, owner.userId);
  orders.setSide(slot, side);
  orders.setFlags(slot, 0);
  orders.setStatus(slot, OrderStatus.rejected);
  if (refused !== Refused.cancel && isUuid(orderId)) useUp(state.ids, orders, orderId);
  const row = report(reports, orders, slot, ExecType.REJECTED, reason);
  markRefused(reports, row, refused);
  linkReport(reports, row, replaces);
  retireSlot(orders, slot);
}

function refuseAll(state: EngineState, book: Book, command: PlaceGroup): Reason[] {
  const { orders, group } = command;
  if (!isUuid(command.accountId) || !isUuid(command.userId)) return orders.map(() => Reason.malformed);
  const held = (i: number) => group !== GroupKind.oco && i > 0;
  const reasons = orders.map((terms, i) => refuseTerms(state, book, terms, held(i)));
  const whole = refuseGroup(book, command);
  if (whole !== Reason.none && reasons.every((reason) => reason === Reason.none)) return orders.map(() => whole);
  return reasons;
}

/** Numbers that do not apply to the type are 0, whatever they were: reports repeat an order's terms. */
function newOrder(state: EngineState, book: Book, owner: Owner, terms: OrderTerms): number {
  const { orders } = state;
  const { type } = terms;
  const limited = type === OrderType.limit || type === OrderType.stop_limit;
  const stopped = type === OrderType.stop || type === OrderType.stop_limit;
  const trailing = type === OrderType.trailing_stop;
  const slot = takeSlot(orders);
  writeIds(orders, slot, terms.orderId, owner.accountId, owner.userId);
  orders.setBook(slot, book.index);
  orders.setSide(slot, terms.side);
  orders.setType(slot, type);
  orders.setTimeInForce(slot, terms.timeInForce);
  orders.setFlags(slot, terms.postOnly ? Flag.postOnly : 0);
  orders.setPrice(slot, type === OrderType.market ? collar(book, terms) : limited ? terms.limitPrice : 0);
  orders.setQty(slot, terms.qty);
  orders.setLeaves(slot, terms.qty);
  orders.setStop(slot, stopped ? terms.stopPrice : 0);
  orders.setTrailAmount(slot, trailing ? terms.trailAmount : 0);
  orders.setTrailPpm(slot, trailing ? terms.trailPpm : 0);
  orders.setCollarOffset(slot, trailing || type === OrderType.stop ? terms.collarOffset : 0);
  return slot;
}

function admitAs(state: EngineState, book: Book, slot: number, status: OrderStatus): void {
  admit(state, book, slot);
  state.orders.setStatus(slot, status);
  report(state.reports, state.orders, slot, ExecType.NEW, Reason.none);
}

/** `accepted` for what waits (a stop, an auction order, anything outside continuous trading), else `new`. */
function waitingStatus(book: Book, { type, timeInForce }: OrderTerms): OrderStatus {
  const waits = type >= OrderType.stop || timeInForce >= TimeInForce.opg || !isContinuous(book);
  return waits ? OrderStatus.accepted : OrderStatus.new;
}

/** A collar may be given off the grid; it binds at the nearest price inside it. */
function collar(book: Book, { side, limitPrice }: OrderTerms): number {
  return side === Side.buy ? floorToTick(book, limitPrice) : ceilToTick(book, limitPrice);
}

function link(orders: Orders, one: number, other: number): void {
  orders.setSibling(one, other);
  orders.setSibling(other, one);
}
