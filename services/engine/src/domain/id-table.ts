import { INT_SHIFT, NONE, type Orders } from './orders.ts';
import { hashWords, type Uuid } from './uuid.ts';

/** Not live, but an order had this id before. */
export const CLOSED = -2;

/**
 * Order id -> slot, and the memory of ids whose orders ended, so that an id is never used twice and a late cancel is
 * told apart from one for an unknown order. One lookup answers both.
 *
 * Two generations of open addressing over [hash, value] pairs; value is 0 for empty, slot + 1 for a live order, below 0
 * for an ended one. Ending an order only marks its pair. When the young generation is half full it becomes the old one,
 * the live ids move on to a fresh one and what was old is forgotten: at least the last `capacity / 4` ended orders are
 * known, and memory grows with the number of live orders only.
 *
 * What this does not do: an id whose order ended longer ago is accepted again. The order service refuses such ids from
 * its own table; this memory covers redelivered and re-sent commands. Ended ids are kept as 63-bit fingerprints: two
 * ids that share one are taken for the same (once in about 10^13 orders), and the later order is refused as a duplicate.
 */
export interface IdTable {
  capacity: number;
  /** Pairs in use in the young generation. */
  count: number;
  live: number;
  young: Int32Array;
  old: Int32Array;
  /** One bit per hash of an ended id in the old generation: small enough for the cache, it answers nearly always. */
  oldFilter: Int32Array;
}

export function createIdTable(capacity: number): IdTable {
  const pairs = () => new Int32Array(capacity * 2);
  return { capacity, count: 0, live: 0, young: pairs(), old: pairs(), oldFilter: new Int32Array(capacity / 8) };
}

/** The slot of a live order, CLOSED or NONE. */
export function findSlot(table: IdTable, orders: Orders, id: Uuid): number {
  const { young, old, oldFilter } = table;
  const ids = orders.int;
  const mask = table.capacity - 1;
  const hash = hashWords(id.a, id.b, id.c, id.d);
  for (let at = hash & mask; ; at = (at + 1) & mask) {
    const value = young[at * 2 + 1]!;
    if (value === 0) break;
    if (young[at * 2] !== hash) continue;
    if (value < 0) {
      if (value === printOf(id.a, id.b, id.c, id.d)) return CLOSED;
      continue;
    }
    const word = (value - 1) << INT_SHIFT;
    if (ids[word + 3] === id.d && ids[word + 2] === id.c && ids[word + 1] === id.b && ids[word] === id.a) {
      return value - 1;
    }
  }
  if ((oldFilter[(hash >>> 5) & (oldFilter.length - 1)]! & (1 << hash)) === 0) return NONE;
  const print = printOf(id.a, id.b, id.c, id.d);
  const oldMask = (old.length >> 1) - 1;
  for (let at = hash & oldMask; ; at = (at + 1) & oldMask) {
    const value = old[at * 2 + 1]!;
    if (value === 0) return NONE;
    if (value === print && old[at * 2] === hash) return CLOSED;
  }
}

/** The caller has made sure that the id is in neither generation. */
export function addSlot(table: IdTable, orders: Orders, slot: number): void {
  if (table.count * 2 >= table.capacity) rotate(table);
  const word = slot << INT_SHIFT;
  const ids = orders.int;
  insert(table, hashWords(ids[word]!, ids[word + 1]!, ids[word + 2]!, ids[word + 3]!), slot + 1);
  table.live++;
}

export function closeSlot(table: IdTable, orders: Orders, slot: number): void {
  const { young } = table;
  const ids = orders.int;
  const mask = table.capacity - 1;
  const word = slot << INT_SHIFT;
  const a = ids[word]!;
  const b = ids[word + 1]!;
  const c = ids[word + 2]!;
  const d = ids[word + 3]!;
  let at = hashWords(a, b, c, d) & mask;
  while (young[at * 2 + 1] !== slot + 1) at = (at + 1) & mask;
  young[at * 2 + 1] = printOf(a, b, c, d);
  table.live--;
}

/** The ended ids of one generation as sorted fingerprints: the same for every table that remembers the same ids. */
export function closedPrints(generation: Int32Array): BigInt64Array {
  const prints: bigint[] = [];
  for (let at = 0; at < generation.length; at += 2) {
    const value = generation[at + 1]!;
    if (value < 0) prints.push((BigInt(value) << 32n) | BigInt(generation[at]! >>> 0));
  }
  return BigInt64Array.from(prints).toSorted();
}

/** Makes the table remember what another one did; live orders are added after. */
export function restoreIds(
  table: IdTable,
  capacity: number,
  oldCapacity: number,
  young: bigint[],
  old: bigint[],
): void {
  const former = createIdTable(oldCapacity);
  for (const print of old) insert(former, Number(BigInt.asIntN(32, print)), Number(print >> 32n));
  Object.assign(table, createIdTable(capacity));
  for (const print of young) insert(table, Number(BigInt.asIntN(32, print)), Number(print >> 32n));
  table.old = former.young;
  for (const print of old) noteOld(table, Number(BigInt.asIntN(32, print)));
}

function insert(table: IdTable, hash: number, value: number): void {
  const { young } = table;
  const mask = table.capacity - 1;
  let at = hash & mask;
  while (young[at * 2 + 1] !== 0) at = (at + 1) & mask;
  young[at * 2] = hash;
  young[at * 2 + 1] = value;
  table.count++;
}

function rotate(table: IdTable): void {
  const { young } = table;
  if (table.live * 4 > table.capacity) table.capacity *= 2;
  const fresh = table.old.length === table.capacity * 2 ? table.old.fill(0) : new Int32Array(table.capacity * 2);
  table.old = young;
  table.young = fresh;
  table.count = 0;
  const filterWords = table.capacity / 8;
  table.oldFilter = table.oldFilter.length === filterWords ? table.oldFilter.fill(0) : new Int32Array(filterWords);
  for (let at = 0; at < young.length; at += 2) {
    const hash = young[at]!;
    const value = young[at + 1]!;
    if (value > 0) insert(table, hash, value);
    // What is live now may still end; it is then marked in the young generation.
    else if (value < 0) noteOld(table, hash);
  }
}

/** The bits come from the middle of the hash and its lowest five, the table's place from its lowest bits alone. */
function noteOld({ oldFilter }: IdTable, hash: number): void {
  const word = (hash >>> 5) & (oldFilter.length - 1);
  oldFilter[word] = oldFilter[word]! | (1 << hash);
}

/** The second half of the fingerprint, always below 0. */
function printOf(a: number, b: number, c: number, d: number): number {
  const h = Math.imul(d ^ (c >>> 16), 0x7feb352d) ^ Math.imul(c, 0x846ca68b);
  const g = Math.imul(h ^ (h >>> 14) ^ b, 0x5bd1e995) ^ Math.imul(a, 0x1b873593);
  return g | 0x80000000;
}
