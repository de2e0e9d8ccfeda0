import { type Book, isContinuous, isMultiple, onTick } from './book.ts';
import { GroupKind, OrderType, Reason, Side, TimeInForce } from './codes.ts';
import { MAX_NOTIONAL, MAX_PRICE, MAX_QTY, MAX_SIDE_QTY, type OrderTerms, type PlaceGroup } from './command.ts';
import { isUsed } from './id-table.ts';
import { wouldCross } from './matching.ts';
import type { EngineState } from './state.ts';
import { isUuid, type Uuid } from './uuid.ts';

/** Why an order may not enter the book, in order of precedence. `held`: an exit, which waits for its entry first. */
export function refuseTerms(state: EngineState, book: Book, terms: OrderTerms, held: boolean): Reason {
  if (!isUuid(terms.orderId)) return Reason.malformed;
  if (isUsed(state.ids, state.orders, terms.orderId)) return Reason.duplicate_order_id;
  if (!isInSets(terms)) return Reason.malformed;
  if (!isSupported(terms)) return Reason.unsupported_combination;
  const numbers = refuseNumbers(book, terms.type, terms.collarOffset, terms);
  if (numbers !== Reason.none) return numbers;
  if (openOn(book, terms.side) + terms.qty > MAX_SIDE_QTY) return Reason.quantity_ceiling;
  if (book.splitting) return Reason.corporate_action;
  if (held) return Reason.none;
  const immediate = terms.timeInForce === TimeInForce.ioc || terms.timeInForce === TimeInForce.fok;
  if (immediate && !isContinuous(book)) return book.halted ? Reason.halted : Reason.session_closed;
  if (terms.postOnly && isContinuous(book) && wouldCross(state, book, terms.side, terms.limitPrice)) {
    return Reason.post_only_would_cross;
  }
  return Reason.none;
}

/** The numbers alone, which a replacement has to pass as well: it has no type and collar of its own. */
export function refuseNumbers(
  book: Book,
  type: OrderType,
  collarOffset: number,
  terms: Pick<OrderTerms, 'qty' | 'limitPrice' | 'stopPrice' | 'trailAmount' | 'trailPpm'>,
): Reason {
  const { qty } = terms;
  const limited = type === OrderType.limit || type === OrderType.stop_limit;
  const stopped = type === OrderType.stop || type === OrderType.stop_limit;
  const trailing = type === OrderType.trailing_stop;
  if (!isWhole(qty, MAX_QTY)) return Reason.quantity_invalid;
  if (!isMultiple(qty, book.lot)) return Reason.quantity_off_lot;
  if ((limited || type === OrderType.market) && !isWhole(terms.limitPrice, MAX_PRICE)) return Reason.price_invalid;
  if (type === OrderType.market && !isCollar(book, terms.limitPrice)) return Reason.price_invalid;
  if ((type === OrderType.stop || trailing) && !isWhole(collarOffset, MAX_PRICE)) return Reason.price_invalid;
  if (limited && !onTick(book, terms.limitPrice)) return Reason.price_off_tick;
  if (stopped && !isWhole(terms.stopPrice, MAX_PRICE)) return Reason.stop_price_invalid;
  if (stopped && !onTick(book, terms.stopPrice)) return Reason.price_off_tick;
  if (trailing && !isTrail(terms)) return Reason.trail_invalid;
  const price = type === OrderType.stop ? terms.stopPrice : trailing ? 0 : terms.limitPrice;
  if (price * qty > MAX_NOTIONAL) return Reason.notional_ceiling;
  return Reason.none;
}

/** Whether the orders of a group fit each other. Each order's own numbers are refused before. */
export function refuseGroup(book: Book, { group, orders }: PlaceGroup): Reason {
  if (group !== GroupKind.bracket && group !== GroupKind.oco && group !== GroupKind.oto) return Reason.malformed;
  if (orders.length !== (group === GroupKind.bracket ? 3 : 2)) return Reason.group_invalid;
  const first = orders[0]!;
  const exits = group === GroupKind.oco ? orders : orders.slice(1);
  const exitSide = group === GroupKind.oco ? first.side : first.side === Side.buy ? Side.sell : Side.buy;
  for (const exit of exits) {
    if (exit.side !== exitSide || exit.qty !== first.qty || !rests(exit)) return Reason.group_invalid;
    if (exit.type === OrderType.market || exit.postOnly) return Reason.group_invalid;
  }
  for (const order of orders) {
    if (orders.some((other) => other !== order && isSame(other.orderId, order.orderId))) return Reason.group_invalid;
  }
  if (openOn(book, exitSide) + exits.length * first.qty > MAX_SIDE_QTY) return Reason.quantity_ceiling;
  return group === GroupKind.oto ? Reason.none : refusePair(exits[0]!, exits[1]!);
}

/** A profit limit and a stop: selling, the limit lies above the stop; buying, below it. */
function refusePair(profit: OrderTerms, stop: OrderTerms): Reason {
  if (profit.type !== OrderType.limit || stop.type < OrderType.stop) return Reason.group_invalid;
  if (stop.type === OrderType.trailing_stop) return Reason.none;
  const apart = profit.side === Side.sell ? profit.limitPrice > stop.stopPrice : profit.limitPrice < stop.stopPrice;
  return apart ? Reason.none : Reason.group_invalid;
}

export function isWhole(value: number, max: number): boolean {
  return Number.isSafeInteger(value) && value > 0 && value <= max;
}

function openOn(book: Book, side: Side): number {
  return side === Side.buy ? book.openBuy : book.openSell;
}

function isInSets({ side, type, timeInForce }: OrderTerms): boolean {
  return isCode(side, 1) && isCode(type, OrderType.trailing_stop) && isCode(timeInForce, TimeInForce.cls);
}

function isCode(code: number, max: number): boolean {
  return Number.isInteger(code) && code >= 0 && code <= max;
}

/** Stops wait for days, post_only is for resting limits, and an auction takes market and limit orders. */
function isSupported(terms: OrderTerms): boolean {
  const { type, timeInForce, postOnly } = terms;
  if (type >= OrderType.stop) return rests(terms) && !postOnly;
  if (timeInForce >= TimeInForce.opg) return !postOnly;
  return !postOnly || (type === OrderType.limit && rests(terms));
}

function rests({ timeInForce }: OrderTerms): boolean {
  return timeInForce === TimeInForce.day || timeInForce === TimeInForce.gtc;
}

/** A collar is moved inward to the grid, so there must be a grid price inside it. */
function isCollar(book: Book, price: number): boolean {
  return price >= book.tickBelowOne && price <= MAX_PRICE - book.tick;
}

function isTrail({ trailAmount, trailPpm }: Pick<OrderTerms, 'trailAmount' | 'trailPpm'>): boolean {
  if (trailPpm === 0) return isWhole(trailAmount, MAX_PRICE);
  return trailAmount === 0 && isWhole(trailPpm, 999_999);
}

function isSame(one: Uuid, other: Uuid): boolean {
  return one.a === other.a && one.b === other.b && one.c === other.c && one.d === other.d;
}
