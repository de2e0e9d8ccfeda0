import { type Book, isContinuous, isMultiple, onTick } from './book.ts';
import { OrderStatus, OrderType, Reason, Side, TimeInForce } from './codes.ts';
import {
  MAX_NOTIONAL,
  MAX_PRICE,
  MAX_QTY,
  MAX_QUOTE_LEVELS,
  MAX_SIDE_QTY,
  type Quote,
  type QuoteLevel,
} from './command.ts';
import { changeOpen, endOrder } from './ending.ts';
import { execute, rest } from './matching.ts';
import { takeSlot, writeIds } from './order-slots.ts';
import { Flag, NONE } from './orders.ts';
import { isWhole } from './refusals.ts';
import type { EngineState } from './state.ts';
import { mark } from './stops.ts';
import { isUuid, type Uuid } from './uuid.ts';

/**
 * The house replaces its ladder. A new level that crosses a user's resting order trades with it as any taker would, at
 * the user's price: when the market moves through a limit, the limit is filled, and the book is never crossed. Then the
 * reference price is shown to the stops, which meet the new ladder. House levels make no NEW or CANCELED reports, only
 * fills: nobody waits for the others, and there would be twenty for every quote.
 */
export function quote(state: EngineState, command: Quote): void {
  const book = state.bySymbol.get(command.symbol);
  const refusal = refuseQuote(book, command);
  if (book === undefined || refusal !== Reason.none) {
    state.reports.refusal = refusal;
    return;
  }
  // A ladder of old shares may still be on its way.
  if (book.splitting) return;
  withdrawQuotes(state, book);
  command.bids.forEach((level, i) => placeLevel(state, book, command, Side.buy, level, i));
  command.asks.forEach((level, i) => placeLevel(state, book, command, Side.sell, level, i));
  if (command.reference > 0) mark(state, book, command.reference);
}

/** A quote that is wrong in any part changes nothing; the ladder before it stays. */
function refuseQuote(book: Book | undefined, { reference, bids, asks, accountId, userId }: Quote): Reason {
  if (book === undefined) return Reason.unknown_symbol;
  if (!isUuid(accountId) || !isUuid(userId)) return Reason.malformed;
  if (reference !== 0 && !isWhole(reference, MAX_PRICE)) return Reason.quote_invalid;
  if (bids.length > MAX_QUOTE_LEVELS || asks.length > MAX_QUOTE_LEVELS) return Reason.quote_invalid;
  if (![...bids, ...asks].every((level) => isQuotable(book, level))) return Reason.quote_invalid;
  if (!bids.every(({ price }, i) => i === 0 || price < bids[i - 1]!.price)) return Reason.quote_invalid;
  if (!asks.every(({ price }, i) => i === 0 || price > asks[i - 1]!.price)) return Reason.quote_invalid;
  if (bids.length > 0 && asks.length > 0 && bids[0]!.price >= asks[0]!.price) return Reason.quote_invalid;
  if (total(bids) + book.openBuy > MAX_SIDE_QTY) return Reason.quantity_ceiling;
  if (total(asks) + book.openSell > MAX_SIDE_QTY) return Reason.quantity_ceiling;
  return Reason.none;
}

function isQuotable(book: Book, { price, qty }: QuoteLevel): boolean {
  if (!isWhole(price, MAX_PRICE) || !isWhole(qty, MAX_QTY)) return false;
  return onTick(book, price) && isMultiple(qty, book.lot) && price * qty <= MAX_NOTIONAL;
}

function total(levels: readonly QuoteLevel[]): number {
  return levels.reduce((sum, level) => sum + level.qty, 0);
}

function withdrawQuotes(state: EngineState, book: Book): void {
  for (const slot of book.house) {
    if (slot !== NONE) endOrder(state, book, slot, OrderStatus.canceled, Reason.user_requested);
  }
  book.house = [];
}

function placeLevel(
  state: EngineState,
  book: Book,
  command: Quote,
  side: Side,
  { price, qty }: QuoteLevel,
  level: number,
): void {
  const { orders } = state;
  const slot = takeSlot(orders);
  writeIds(
    orders,
    slot,
    houseOrderId(state.partition, command.sequence, side, level),
    command.accountId,
    command.userId,
  );
  orders.setBook(slot, book.index);
  orders.setSide(slot, side);
  orders.setType(slot, OrderType.limit);
  orders.setTimeInForce(slot, TimeInForce.gtc);
  orders.setFlags(slot, Flag.house);
  orders.setStatus(slot, OrderStatus.new);
  orders.setPrice(slot, price);
  orders.setQty(slot, qty);
  orders.setLeaves(slot, qty);
  orders.setStop(slot, 0);
  orders.setTrailAmount(slot, 0);
  orders.setTrailPpm(slot, 0);
  orders.setCollarOffset(slot, 0);
  orders.setArrival(slot, ++state.arrivals);
  orders.live++;
  changeOpen(book, side, qty);
  book.house.push(slot);
  if (isContinuous(book)) execute(state, book, slot);
  else rest(state, book, slot);
}

/** A version 8 UUID that says which quote's level traded: partition, side and level, command sequence. */
export function houseOrderId(partition: number, sequence: number, side: Side, level: number): Uuid {
  const high = Math.floor(sequence / 2 ** 32);
  return {
    a: 0x686f7573,
    b: ((partition & 0xffff) << 16) | 0x8000 | (side << 8) | level,
    c: 0x80000000 | high,
    d: sequence | 0,
  };
}
