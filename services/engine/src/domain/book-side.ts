import { NONE, type Orders } from './orders.ts';

/**
 * Price levels in order of merit, each a first-in-first-out queue of orders. Levels are rows of a shared table; a ladder
 * keeps them sorted in chunks of 64, the best level last, so work near the best price touches a few neighbouring cells
 * and work far away costs two binary searches, however many levels there are and however far apart their prices.
 * A level's key is its price with the sign that makes the best one the largest.
 */
export interface Levels {
  free: number;
  capacity: number;
  key: Float64Array;
  qty: Float64Array;
  count: Int32Array;
  head: Int32Array;
  tail: Int32Array;
}

export interface BookSide {
  /** 1 where a higher price is better (bids), -1 where a lower one is (asks). */
  readonly sign: 1 | -1;
  best: number;
  levelCount: number;
  readonly chunks: Chunk[];
}

interface Chunk {
  size: number;
  readonly keys: Float64Array;
  readonly levels: Int32Array;
}

const CHUNK = 64;

export function createLevels(capacity: number): Levels {
  const levels: Levels = {
    free: NONE,
    capacity: 0,
    key: new Float64Array(0),
    qty: new Float64Array(0),
    count: new Int32Array(0),
    head: new Int32Array(0),
    tail: new Int32Array(0),
  };
  growLevels(levels, capacity);
  return levels;
}

export function createBookSide(sign: 1 | -1): BookSide {
  return { sign, best: NONE, levelCount: 0, chunks: [createChunk()] };
}

export function priceOf(levels: Levels, bookSide: BookSide, level: number): number {
  return bookSide.sign * levels.key[level]!;
}

export function bestPrice(levels: Levels, bookSide: BookSide): number {
  return bookSide.best === NONE ? 0 : priceOf(levels, bookSide, bookSide.best);
}

/** Puts an order at the end of its price's queue. */
export function enqueue(levels: Levels, bookSide: BookSide, orders: Orders, slot: number, price: number): void {
  const level = levelFor(levels, bookSide, price * bookSide.sign);
  const tail = levels.tail[level]!;
  orders.setLevel(slot, level);
  orders.setPrev(slot, tail);
  orders.setNext(slot, NONE);
  if (tail === NONE) levels.head[level] = slot;
  else orders.setNext(tail, slot);
  levels.tail[level] = slot;
  levels.count[level] = levels.count[level]! + 1;
  levels.qty[level] = levels.qty[level]! + orders.leaves(slot);
}

/** Takes an order out of its queue, from any place in it. */
export function dequeue(levels: Levels, bookSide: BookSide, orders: Orders, slot: number): void {
  const level = orders.level(slot);
  const prev = orders.prev(slot);
  const next = orders.next(slot);
  if (prev === NONE) levels.head[level] = next;
  else orders.setNext(prev, next);
  if (next === NONE) levels.tail[level] = prev;
  else orders.setPrev(next, prev);
  orders.setLevel(slot, NONE);
  levels.qty[level] = levels.qty[level]! - orders.leaves(slot);
  const left = levels.count[level]! - 1;
  levels.count[level] = left;
  if (left === 0) removeLevel(levels, bookSide, level);
}

/** Gives `replacement` the place of `slot` in its queue: a replacement that keeps its time priority. */
export function takeOver(levels: Levels, orders: Orders, slot: number, replacement: number): void {
  const level = orders.level(slot);
  const prev = orders.prev(slot);
  const next = orders.next(slot);
  orders.setLevel(replacement, level);
  orders.setPrev(replacement, prev);
  orders.setNext(replacement, next);
  if (prev === NONE) levels.head[level] = replacement;
  else orders.setNext(prev, replacement);
  if (next === NONE) levels.tail[level] = replacement;
  else orders.setPrev(next, replacement);
  orders.setLevel(slot, NONE);
  levels.qty[level] = levels.qty[level]! - orders.leaves(slot) + orders.leaves(replacement);
}

/** Calls `visit` for each level from the best price on, until it returns false. */
export function eachLevel(bookSide: BookSide, visit: (level: number) => boolean): void {
  for (let c = bookSide.chunks.length - 1; c >= 0; c--) {
    const chunk = bookSide.chunks[c]!;
    for (let i = chunk.size - 1; i >= 0; i--) if (!visit(chunk.levels[i]!)) return;
  }
}

function levelFor(levels: Levels, bookSide: BookSide, key: number): number {
  if (bookSide.best !== NONE && levels.key[bookSide.best] === key) return bookSide.best;
  const chunkAt = chunkFor(bookSide.chunks, key);
  const chunk = bookSide.chunks[chunkAt]!;
  const at = positionIn(chunk, key);
  if (at < chunk.size && chunk.keys[at] === key) return chunk.levels[at]!;
  const level = takeLevel(levels, key);
  insertInto(bookSide, chunkAt, at, key, level);
  return level;
}

function insertInto(bookSide: BookSide, chunkAt: number, at: number, key: number, level: number): void {
  let chunk = bookSide.chunks[chunkAt]!;
  let position = at;
  if (chunk.size === CHUNK) {
    const upper = split(chunk);
    bookSide.chunks.splice(chunkAt + 1, 0, upper);
    if (position > chunk.size) {
      position -= chunk.size;
      chunk = upper;
    }
  }
  const { keys, levels } = chunk;
  for (let i = chunk.size; i > position; i--) {
    keys[i] = keys[i - 1]!;
    levels[i] = levels[i - 1]!;
  }
  keys[position] = key;
  levels[position] = level;
  chunk.size++;
  bookSide.levelCount++;
  bookSide.best = bestOf(bookSide);
}

function removeLevel(levels: Levels, bookSide: BookSide, level: number): void {
  const key = levels.key[level]!;
  const { chunks } = bookSide;
  const chunkAt = level === bookSide.best ? chunks.length - 1 : chunkFor(chunks, key);
  const chunk = chunks[chunkAt]!;
  const from = level === bookSide.best ? chunk.size - 1 : positionIn(chunk, key);
  chunk.size--;
  for (let i = from; i < chunk.size; i++) {
    chunk.keys[i] = chunk.keys[i + 1]!;
    chunk.levels[i] = chunk.levels[i + 1]!;
  }
  if (chunk.size === 0 && chunks.length > 1) chunks.splice(chunkAt, 1);
  bookSide.levelCount--;
  bookSide.best = bestOf(bookSide);
  levels.head[level] = levels.free;
  levels.free = level;
}

function bestOf({ chunks }: BookSide): number {
  const last = chunks[chunks.length - 1]!;
  return last.size === 0 ? NONE : last.levels[last.size - 1]!;
}

/** The last chunk whose first key is not above `key`, or the first chunk. */
function chunkFor(chunks: Chunk[], key: number): number {
  let low = 0;
  let high = chunks.length - 1;
  if (chunks[high]!.keys[0]! <= key) return high;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (chunks[middle]!.keys[0]! <= key) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The first position whose key is not below `key`. */
function positionIn({ keys, size }: Chunk, key: number): number {
  let low = 0;
  let high = size;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keys[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

function split(chunk: Chunk): Chunk {
  const upper = createChunk();
  const half = CHUNK / 2;
  upper.keys.set(chunk.keys.subarray(half));
  upper.levels.set(chunk.levels.subarray(half));
  upper.size = half;
  chunk.size = half;
  return upper;
}

function createChunk(): Chunk {
  return { size: 0, keys: new Float64Array(CHUNK), levels: new Int32Array(CHUNK) };
}

function takeLevel(levels: Levels, key: number): number {
  if (levels.free === NONE) growLevels(levels, levels.capacity * 2);
  const level = levels.free;
  levels.free = levels.head[level]!;
  levels.key[level] = key;
  levels.qty[level] = 0;
  levels.count[level] = 0;
  levels.head[level] = NONE;
  levels.tail[level] = NONE;
  return level;
}

function growLevels(levels: Levels, capacity: number): void {
  const from = levels.capacity;
  levels.key = wider(levels.key, new Float64Array(capacity));
  levels.qty = wider(levels.qty, new Float64Array(capacity));
  levels.count = wider(levels.count, new Int32Array(capacity));
  levels.head = wider(levels.head, new Int32Array(capacity));
  levels.tail = wider(levels.tail, new Int32Array(capacity));
  for (let level = capacity - 1; level >= from; level--) {
    levels.head[level] = levels.free;
    levels.free = level;
  }
  levels.capacity = capacity;
}

function wider<T extends Float64Array | Int32Array>(column: T, into: T): T {
  into.set(column);
  return into;
}
