import { type Book, createBook } from './book.ts';
import { liveOrders } from './book-orders.ts';
import { enqueue } from './book-side.ts';
import {
  type ByteReader,
  type ByteWriter,
  createReader,
  createWriter,
  hashBytes,
  readBigInt,
  readInt,
  readNumber,
  readText,
  writeBigInt,
  writeByte,
  writeInt,
  writeNumber,
  writeText,
  writtenBytes,
} from './bytes.ts';
import type { Phase } from './codes.ts';
import { printsOf, restorePrint } from './ended-ids.ts';
import { bookSideOf, changeOpen, stopSideOf } from './ending.ts';
import { addSlot, createIdTable, type IdTable } from './id-table.ts';
import { append } from './order-list.ts';
import { takeSlot } from './order-slots.ts';
import { Flag, ID_WORDS, INT_SHIFT, Int, Location, NONE, NUM_SHIFT, Num } from './orders.ts';
import { createState, type EngineState } from './state.ts';
import { widenBounds } from './stops.ts';

const MAGIC = 0x56444e41;
const VERSION = 2;
const TRAILER = 16;
const [TRADING, HALTED, SPLITTING] = [0, 1, 2];

/**
 * The whole state as bytes, in a canonical form: books in the order they were defined, live orders in the order of
 * arrival, remembered ids sorted. Where something happens to lie in memory does not show, so two states that behave the
 * same have the same bytes. The last 16 bytes are the hash of the rest.
 */
export function snapshot(state: EngineState): Uint8Array {
  const writer = createWriter(1 << 16);
  writeInt(writer, MAGIC);
  writeInt(writer, VERSION);
  for (const value of [state.partition, state.sequence, state.at, state.arrivals, state.commands, state.trades]) {
    writeNumber(writer, value);
  }
  writeInt(writer, state.books.length);
  for (const book of state.books) writeBook(writer, state, book);
  writeIds(writer, state);
  writeTrailer(writer);
  return writtenBytes(writer);
}

/** What two replays of one log are compared by. */
export function stateHash(state: EngineState): string {
  const bytes = snapshot(state);
  return hashBytes(bytes.subarray(0, bytes.length - TRAILER));
}

export type Restored = { ok: true; state: EngineState } | { ok: false; why: 'corrupt' | 'unknown_version' };

/** A state that goes on exactly as the one the bytes were taken from, or why there is none. */
export function restore(bytes: Uint8Array): Restored {
  if (bytes.length < TRAILER + 8) return { ok: false, why: 'corrupt' };
  const body = bytes.subarray(0, bytes.length - TRAILER);
  const trailer = String.fromCharCode(...bytes.subarray(bytes.length - TRAILER));
  const reader = createReader(body);
  if (hashBytes(body) !== trailer || readInt(reader) !== MAGIC) return { ok: false, why: 'corrupt' };
  if (readInt(reader) !== VERSION) return { ok: false, why: 'unknown_version' };
  const state = createState({ partition: readNumber(reader), rememberedIds: 1 });
  state.sequence = readNumber(reader);
  state.at = readNumber(reader);
  state.arrivals = readNumber(reader);
  state.commands = readNumber(reader);
  state.trades = readNumber(reader);
  const books = readInt(reader);
  const live: number[] = [];
  for (let index = 0; index < books; index++) for (const slot of readBook(reader, state, index)) live.push(slot);
  state.ids = readIds(reader);
  for (const slot of live) addSlot(state.ids, state.orders, slot);
  return { ok: true, state };
}

/** The cells of an order in the order they are written. */
const codes = [Int.side, Int.type, Int.timeInForce, Int.flags, Int.status, Int.location];
const links = [Int.sibling, Int.parent, Int.child];
const numbers = Object.values(Num);

function writeBook(writer: ByteWriter, state: EngineState, book: Book): void {
  const { orders } = state;
  writeText(writer, book.symbol);
  for (const value of [book.tick, book.tickBelowOne, book.lot, book.mark, book.lastTrade]) writeNumber(writer, value);
  writeInt(writer, book.phase);
  writeInt(writer, book.splitting ? SPLITTING : book.halted ? HALTED : TRADING);
  const slots = liveOrders(state, book);
  const positions = new Map(slots.map((slot, i) => [slot, i]));
  writeInt(writer, slots.length);
  for (const slot of slots) {
    for (let word = 0; word < ID_WORDS; word++) writeInt(writer, orders.int[(slot << INT_SHIFT) | word]!);
    for (const cell of codes) writeInt(writer, orders.int[(slot << INT_SHIFT) | cell]!);
    for (const cell of links) writeInt(writer, positions.get(orders.int[(slot << INT_SHIFT) | cell]!) ?? NONE);
    for (const cell of numbers) writeNumber(writer, orders.num[(slot << NUM_SHIFT) | cell]!);
  }
}

/** Returns the live orders that have an id of their own, which is all but the house's. */
function readBook(reader: ByteReader, state: EngineState, index: number): number[] {
  const { orders } = state;
  const book = createBook(index, readText(reader));
  book.tick = readNumber(reader);
  book.tickBelowOne = readNumber(reader);
  book.lot = readNumber(reader);
  book.mark = readNumber(reader);
  book.lastTrade = readNumber(reader);
  book.phase = readInt(reader) as Phase;
  const halt = readInt(reader);
  book.halted = halt !== TRADING;
  book.splitting = halt === SPLITTING;
  state.books.push(book);
  state.bySymbol.set(book.symbol, book);
  const slots = Array.from({ length: readInt(reader) }, () => takeSlot(orders));
  for (const slot of slots) {
    orders.setBook(slot, index);
    for (let word = 0; word < ID_WORDS; word++) orders.int[(slot << INT_SHIFT) | word] = readInt(reader);
    for (const cell of codes) orders.int[(slot << INT_SHIFT) | cell] = readInt(reader);
    for (const cell of links) orders.int[(slot << INT_SHIFT) | cell] = slots[readInt(reader)] ?? NONE;
    for (const cell of numbers) orders.num[(slot << NUM_SHIFT) | cell] = readNumber(reader);
    stand(state, book, slot);
  }
  return slots.filter((slot) => !orders.hasFlag(slot, Flag.house));
}

/** Orders come in the order of arrival, so every queue fills in its own order. */
function stand(state: EngineState, book: Book, slot: number): void {
  const { orders, levels } = state;
  const side = orders.side(slot);
  orders.live++;
  changeOpen(book, side, orders.leaves(slot));
  if (orders.hasFlag(slot, Flag.house)) book.house.push(slot);
  const location = orders.location(slot);
  if (location === Location.book) enqueue(levels, bookSideOf(book, side), orders, slot, orders.price(slot));
  else if (location === Location.stops) enqueue(levels, stopSideOf(book, side), orders, slot, orders.stop(slot));
  else if (location === Location.auction) append(book.auction, orders, slot);
  else if (location === Location.trailing) {
    append(book.trailing, orders, slot);
    widenBounds(book, orders, slot);
  }
}

function writeIds(writer: ByteWriter, { ids }: EngineState): void {
  writeInt(writer, ids.remembered);
  for (const generation of [ids.young, ids.old]) {
    const prints = printsOf(generation);
    writeInt(writer, prints.length);
    for (const print of prints) writeBigInt(writer, print);
  }
}

function readIds(reader: ByteReader): IdTable {
  const ids = createIdTable(readInt(reader));
  for (const generation of [ids.young, ids.old]) {
    for (let left = readInt(reader); left > 0; left--) restorePrint(generation, readBigInt(reader));
  }
  return ids;
}

/** As text, so a person can read it at the end of the file. */
function writeTrailer(writer: ByteWriter): void {
  for (const char of hashBytes(writtenBytes(writer))) writeByte(writer, char.charCodeAt(0));
}
