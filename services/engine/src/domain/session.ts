import { uncross } from './auction.ts';
import type { Book } from './book.ts';
import { liveOrders } from './book-orders.ts';
import { ExecType, isLive, OrderStatus, OrderType, Phase, Reason, TimeInForce } from './codes.ts';
import type { ExpireDay, SetHalt, SetPhase } from './command.ts';
import { endOrder, withdraw } from './ending.ts';
import { rest } from './matching.ts';
import { Location, NONE } from './orders.ts';
import { report } from './reports.ts';
import type { EngineState } from './state.ts';
import { mark } from './stops.ts';

/**
 * The phases of a day. Orders arriving outside `open` gather and stand in the book unmatched. Entering `open` calls the
 * on-open orders into the book and matches it at one price; leaving it for `closing` or `closed` calls the on-close
 * orders, and reaching `closed` matches at one price again. What is left of auction and market orders then ends. A halt
 * postpones the match until trading resumes.
 */
export function setPhase(state: EngineState, { symbol, phase }: SetPhase): void {
  const book = state.bySymbol.get(symbol);
  if (book === undefined) return void (state.reports.refusal = Reason.unknown_symbol);
  if (!Number.isInteger(phase) || phase < Phase.closed || phase > Phase.closing) {
    return void (state.reports.refusal = Reason.malformed);
  }
  const from = book.phase;
  if (phase === from) return;
  book.phase = phase;
  switch (phase) {
    case Phase.open:
      call(state, book, TimeInForce.opg);
      if (!book.halted) openTrading(state, book);
      return;
    case Phase.closing:
      call(state, book, TimeInForce.cls);
      return;
    case Phase.closed:
      if (from === Phase.open) call(state, book, TimeInForce.cls);
      if (from !== Phase.pre_open) closeTrading(state, book);
      return;
    case Phase.pre_open:
      return;
  }
}

export function setHalt(state: EngineState, { symbol, halted }: SetHalt): void {
  const book = state.bySymbol.get(symbol);
  if (book === undefined) return void (state.reports.refusal = Reason.unknown_symbol);
  const resumes = book.halted && !halted;
  book.halted = halted;
  if (!halted) book.splitting = false;
  if (resumes && book.phase === Phase.open) openTrading(state, book);
}

/** Day orders end, whatever they were waiting for, in the order of their arrival. */
export function expireDay(state: EngineState, { symbol }: ExpireDay): void {
  const { orders } = state;
  const book = state.bySymbol.get(symbol);
  if (book === undefined) return void (state.reports.refusal = Reason.unknown_symbol);
  for (const slot of liveOrders(state, book)) {
    if (orders.timeInForce(slot) !== TimeInForce.day || !isLive(orders.status(slot))) continue;
    endOrder(state, book, slot, OrderStatus.expired, Reason.day_end);
  }
}

function openTrading(state: EngineState, book: Book): void {
  const price = uncross(state, book);
  endLeftovers(state, book);
  announceWorking(state, book);
  const last = price === 0 ? book.mark : price;
  // A symbol that has no price yet has none below a sell stop either.
  if (last !== 0) mark(state, book, last);
}

/** The closing print is remembered; stops see it when trading begins again. */
function closeTrading(state: EngineState, book: Book): void {
  const price = book.halted ? 0 : uncross(state, book);
  if (price !== 0) book.mark = price;
  endLeftovers(state, book);
}

/** On-open or on-close orders join the book behind what stands at their price, in the order of their arrival. */
function call(state: EngineState, book: Book, timeInForce: TimeInForce): void {
  const { orders } = state;
  for (let slot = book.auction.head; slot !== NONE; ) {
    const next = orders.next(slot);
    if (orders.timeInForce(slot) === timeInForce) {
      withdraw(state, book, slot);
      rest(state, book, slot);
    }
    slot = next;
  }
}

/** Auction and market orders do not outlive the auction. */
function endLeftovers(state: EngineState, book: Book): void {
  const { orders } = state;
  for (const slot of liveOrders(state, book)) {
    if (orders.location(slot) !== Location.book) continue;
    const auctionOnly = orders.timeInForce(slot) >= TimeInForce.opg;
    if (auctionOnly) endOrder(state, book, slot, OrderStatus.expired, Reason.auction_remainder);
    else if (orders.type(slot) === OrderType.market) {
      endOrder(state, book, slot, OrderStatus.canceled, Reason.auction_remainder);
    }
  }
}

/** Orders that queued for the open now work, and their owners are told. */
function announceWorking(state: EngineState, book: Book): void {
  const { orders } = state;
  for (const slot of liveOrders(state, book)) {
    if (orders.location(slot) !== Location.book || orders.status(slot) !== OrderStatus.accepted) continue;
    orders.setStatus(slot, OrderStatus.new);
    report(state.reports, orders, slot, ExecType.RESTATED, Reason.session_open);
  }
}
