import { createEndedIds, type EndedIds, forgetAll, holds, mayHold, rememberEnded } from './ended-ids.ts';
import { INT_SHIFT, NONE, type Orders } from './orders.ts';
import { hashWords, type Uuid } from './uuid.ts';

/**
 * Order id -> slot, and the memory of ids whose orders ended or were refused, so that an id is never used twice and a
 * late cancel is told apart from one for an unknown order.
 *
 * Live ids are open addressing over [hash, slot + 1] pairs, at most half full, so a lookup is one cache line of a table
 * no larger than the live orders need; ended ones lie elsewhere. The ids themselves are in the orders. What has ended
 * is remembered in two generations: when the young one is full it becomes the old one and what was old is forgotten, so
 * at least the last `remembered` ended orders are known, in a fixed amount of memory.
 *
 * What this does not do: an id whose order ended longer ago is accepted again. The order service refuses such ids from
 * its own table; this memory covers redelivered and re-sent commands. Ended ids are kept as 63-bit fingerprints: two
 * ids that share one are taken for the same (once in about 10^13 orders), and the later order is refused as a duplicate.
 */
export interface IdTable {
  readonly remembered: number;
  live: number;
  pairs: Int32Array;
  young: EndedIds;
  old: EndedIds;
}

const FIRST_PAIRS = 1024;

export function createIdTable(remembered: number): IdTable {
  return {
    remembered,
    live: 0,
    pairs: new Int32Array(FIRST_PAIRS * 2),
    young: createEndedIds(remembered),
    old: createEndedIds(remembered),
  };
}

/** The slot of a live order, or NONE. */
export function findSlot(table: IdTable, orders: Orders, id: Uuid): number {
  const { pairs } = table;
  const { int } = orders;
  const { a, b, c, d } = id;
  const last = pairs.length - 1;
  const hash = hashWords(a, b, c, d);
  for (let at = (hash << 1) & last; ; at = (at + 2) & last) {
    const value = pairs[at | 1]!;
    if (value === 0) return NONE;
    if (pairs[at] !== hash) continue;
    const word = (value - 1) << INT_SHIFT;
    if (int[word] === a && int[word | 1] === b && int[word | 2] === c && int[word | 3] === d) return value - 1;
  }
}

/** Whether an order had this id and ended. */
export function hasEnded({ young, old }: IdTable, { a, b, c, d }: Uuid): boolean {
  const hash = hashWords(a, b, c, d);
  return holds(young, hash, a, b, c, d) || (mayHold(old, hash) && holds(old, hash, a, b, c, d));
}

/** The same for an id that is expected to be new: it leaves the chains alone. */
export function isUsed(table: IdTable, orders: Orders, id: Uuid): boolean {
  if (findSlot(table, orders, id) !== NONE) return true;
  const { a, b, c, d } = id;
  const hash = hashWords(a, b, c, d);
  return (mayHold(table.young, hash) || mayHold(table.old, hash)) && hasEnded(table, id);
}

/** The caller has made sure that the id is neither live nor remembered. */
export function addSlot(table: IdTable, orders: Orders, slot: number): void {
  if (++table.live * 4 > table.pairs.length) widen(table);
  const { int } = orders;
  const word = slot << INT_SHIFT;
  insert(table.pairs, hashWords(int[word]!, int[word | 1]!, int[word | 2]!, int[word | 3]!), slot + 1);
}

export function closeSlot(table: IdTable, orders: Orders, slot: number): void {
  const { pairs } = table;
  const { int } = orders;
  const word = slot << INT_SHIFT;
  const a = int[word]!;
  const b = int[word | 1]!;
  const c = int[word | 2]!;
  const d = int[word | 3]!;
  const hash = hashWords(a, b, c, d);
  const last = pairs.length - 1;
  let at = (hash << 1) & last;
  while (pairs[at | 1] !== slot + 1) at = (at + 2) & last;
  remove(pairs, at);
  table.live--;
  remember(table, hash, a, b, c, d);
}

/** An id that was refused is used up: its command, sent once more, must not find the market in a better mood. */
export function useUp(table: IdTable, orders: Orders, id: Uuid): void {
  if (isUsed(table, orders, id)) return;
  const { a, b, c, d } = id;
  remember(table, hashWords(a, b, c, d), a, b, c, d);
}

function remember(table: IdTable, hash: number, a: number, b: number, c: number, d: number): void {
  if (table.young.count >= table.remembered) turn(table);
  rememberEnded(table.young, hash, a, b, c, d);
}

function insert(pairs: Int32Array, hash: number, value: number): void {
  const last = pairs.length - 1;
  let at = (hash << 1) & last;
  while (pairs[at | 1] !== 0) at = (at + 2) & last;
  pairs[at] = hash;
  pairs[at | 1] = value;
}

/** Moves what follows back over the gap as far as its own place allows, so a search may stop at the first empty pair. */
function remove(pairs: Int32Array, from: number): void {
  const last = pairs.length - 1;
  let gap = from;
  for (let at = (from + 2) & last; pairs[at | 1] !== 0; at = (at + 2) & last) {
    const hash = pairs[at]!;
    const displaced = (at - (hash << 1)) & last;
    if (displaced < ((at - gap) & last)) continue;
    pairs[gap] = hash;
    pairs[gap | 1] = pairs[at | 1]!;
    gap = at;
  }
  pairs[gap | 1] = 0;
}

function widen(table: IdTable): void {
  const { pairs } = table;
  table.pairs = new Int32Array(pairs.length * 2);
  for (let at = 0; at < pairs.length; at += 2) {
    if (pairs[at | 1] !== 0) insert(table.pairs, pairs[at]!, pairs[at | 1]!);
  }
}

function turn(table: IdTable): void {
  const { young, old } = table;
  forgetAll(old);
  table.young = old;
  table.old = young;
}
