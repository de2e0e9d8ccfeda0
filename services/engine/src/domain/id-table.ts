import { ID_WORDS, NONE, type Orders } from './orders.ts';
import { hashWords, type Uuid } from './uuid.ts';

/** Order id -> slot for live orders: open addressing over [hash, slot + 1] pairs, deletion by shifting back. */
export interface IdTable {
  pairs: Int32Array;
  mask: number;
  count: number;
}

export function createIdTable(capacity: number): IdTable {
  return { pairs: new Int32Array(capacity * 2), mask: capacity - 1, count: 0 };
}

export function findSlot(table: IdTable, orders: Orders, id: Uuid): number {
  const { pairs, mask } = table;
  const { ids } = orders;
  const hash = hashWords(id.a, id.b, id.c, id.d);
  for (let at = hash & mask; ; at = (at + 1) & mask) {
    const slot = pairs[at * 2 + 1]! - 1;
    if (slot === NONE) return NONE;
    if (pairs[at * 2] !== hash) continue;
    const word = slot * ID_WORDS;
    if (ids[word] === id.a && ids[word + 1] === id.b && ids[word + 2] === id.c && ids[word + 3] === id.d) return slot;
  }
}

/** The caller has made sure that the id is not in the table. */
export function addSlot(table: IdTable, orders: Orders, slot: number): void {
  if (table.count * 2 > table.mask) widen(table);
  insert(table, hashOf(orders, slot), slot);
  table.count++;
}

export function removeSlot(table: IdTable, orders: Orders, slot: number): void {
  const { pairs, mask } = table;
  let hole = hashOf(orders, slot) & mask;
  while (pairs[hole * 2 + 1] !== slot + 1) hole = (hole + 1) & mask;
  // Entries after the hole that may live nearer to their home move into it, so no search ever meets a gap.
  for (let at = (hole + 1) & mask; pairs[at * 2 + 1] !== 0; at = (at + 1) & mask) {
    const home = pairs[at * 2]! & mask;
    if (((at - home) & mask) < ((at - hole) & mask)) continue;
    pairs[hole * 2] = pairs[at * 2]!;
    pairs[hole * 2 + 1] = pairs[at * 2 + 1]!;
    hole = at;
  }
  pairs[hole * 2 + 1] = 0;
  table.count--;
}

function hashOf({ ids }: Orders, slot: number): number {
  const at = slot * ID_WORDS;
  return hashWords(ids[at]!, ids[at + 1]!, ids[at + 2]!, ids[at + 3]!);
}

function insert({ pairs, mask }: IdTable, hash: number, slot: number): void {
  let at = hash & mask;
  while (pairs[at * 2 + 1] !== 0) at = (at + 1) & mask;
  pairs[at * 2] = hash;
  pairs[at * 2 + 1] = slot + 1;
}

function widen(table: IdTable): void {
  const { pairs } = table;
  const wider = createIdTable((table.mask + 1) * 2);
  for (let at = 0; at < pairs.length; at += 2) if (pairs[at + 1] !== 0) insert(wider, pairs[at]!, pairs[at + 1]! - 1);
  table.pairs = wider.pairs;
  table.mask = wider.mask;
}
