import { createBook, validTicks } from './book.ts';
import { cancel, replace } from './changing.ts';
import { isLive, Reason } from './codes.ts';
import { type Command, type DefineInstrument, MAX_QTY } from './command.ts';
import { execute } from './matching.ts';
import { reuseRetired } from './order-slots.ts';
import { Location, NONE } from './orders.ts';
import { activateExits, place, placeGroup } from './placing.ts';
import { quote } from './quoting.ts';
import { isWhole } from './refusals.ts';
import { beginReports, type Reports } from './reports.ts';
import { expireDay, setHalt, setPhase } from './session.ts';
import { split } from './split.ts';
import type { EngineState } from './state.ts';

/**
 * The engine: one command of the log in, its reports out, the state moved on. It reads no clock and no randomness, so
 * the same log gives the same reports, byte for byte. The reports are overwritten by the next call.
 *
 * A command that is not newer than the last one applied is a redelivery: it changes nothing and reports nothing.
 */
export function apply(state: EngineState, command: Command): Reports {
  const { reports } = state;
  const { sequence, at } = command;
  beginReports(reports, sequence, at);
  if (!(sequence > state.sequence)) return reports;
  reuseRetired(state.orders);
  state.sequence = sequence;
  state.at = at;
  state.commands++;
  dispatch(state, command);
  if (state.agenda.length > 0) runAgenda(state);
  return reports;
}

function dispatch(state: EngineState, command: Command): void {
  switch (command.kind) {
    case 'place':
      return place(state, command);
    case 'cancel':
      return cancel(state, command);
    case 'replace':
      return replace(state, command);
    case 'quote':
      return quote(state, command);
    case 'place_group':
      return placeGroup(state, command);
    case 'define_instrument':
      return defineInstrument(state, command);
    case 'set_phase':
      return setPhase(state, command);
    case 'set_halt':
      return setHalt(state, command);
    case 'expire_day':
      return expireDay(state, command);
    case 'split':
      return split(state, command);
  }
}

/**
 * Triggered stops and exits of completed entries take their turn one after the other, in the order their cause
 * happened, after the order that caused them is done. Their own trades may add more; there is no recursion.
 */
function runAgenda(state: EngineState): void {
  const { agenda, orders } = state;
  for (let i = 0; i < agenda.length; i++) {
    const slot = agenda[i]!;
    const book = state.books[orders.book(slot)]!;
    if (orders.location(slot) === Location.running) {
      orders.setLocation(slot, Location.nowhere);
      execute(state, book, slot);
    } else if (orders.child(slot) !== NONE && !isLive(orders.status(slot))) {
      activateExits(state, book, slot);
    }
  }
  agenda.length = 0;
}

function defineInstrument(state: EngineState, command: DefineInstrument): void {
  const { symbol, tick, tickBelowOne, lot } = command;
  if (symbol === '' || !validTicks(tick, tickBelowOne) || !isWhole(lot, MAX_QTY)) {
    state.reports.refusal = Reason.instrument_invalid;
    return;
  }
  let book = state.bySymbol.get(symbol);
  if (book === undefined) {
    book = createBook(state.books.length, symbol);
    state.books.push(book);
    state.bySymbol.set(symbol, book);
  }
  book.tick = tick;
  book.tickBelowOne = tickBelowOne;
  book.lot = lot;
}
