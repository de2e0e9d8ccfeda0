import { liveOrders } from './book-orders.ts';
import { isLive, OrderStatus, Reason } from './codes.ts';
import { MAX_PRICE, MAX_RATIO, type Split } from './command.ts';
import { endOrder } from './ending.ts';
import { isWhole } from './refusals.ts';
import type { EngineState } from './state.ts';

/**
 * Old shares become new ones. No order survives, for what it asks for is no longer what its owner asked for: prices off
 * the tick, quantities off the lot and fractions of either would each need a rule that some owner did not expect. The last
 * prices are carried over, so that what comes after the halt is measured by them.
 */
export function split(state: EngineState, { symbol, ratioTo, ratioFrom }: Split): void {
  const book = state.bySymbol.get(symbol);
  if (book === undefined) return void (state.reports.refusal = Reason.unknown_symbol);
  if (!isWhole(ratioTo, MAX_RATIO) || !isWhole(ratioFrom, MAX_RATIO)) {
    return void (state.reports.refusal = Reason.malformed);
  }
  book.halted = true;
  book.splitting = true;
  for (const slot of liveOrders(state, book)) {
    if (isLive(state.orders.status(slot))) endOrder(state, book, slot, OrderStatus.canceled, Reason.corporate_action);
  }
  book.house = [];
  book.mark = carriedOver(book.mark, ratioTo, ratioFrom);
  book.lastTrade = carriedOver(book.lastTrade, ratioTo, ratioFrom);
}

/** A price in new shares. The product of two safe integers may not be one; its rounding is the same everywhere. */
function carriedOver(price: number, ratioTo: number, ratioFrom: number): number {
  return price === 0 ? 0 : Math.min(Math.max(Math.round((price * ratioFrom) / ratioTo), 1), MAX_PRICE);
}
