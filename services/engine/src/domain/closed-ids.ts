import { hashWords, type Uuid } from './uuid.ts';

/**
 * The ids of orders that ended, so that an id is never used twice and a late cancel is told apart from an unknown one.
 * Two generations of `limit` ids each: when the young one is full it becomes the old one and the old one is forgotten,
 * so at least the last `limit` ended orders are known and memory never grows.
 *
 * What this does not do: an id that ended longer ago is accepted again. The order service refuses such ids from its
 * own table; this memory covers redelivery and re-sent commands. Ids are kept as 64-bit fingerprints: two different ids
 * that share one are taken for the same (about one in 10^13 orders), and the later order is refused as a duplicate.
 */
export interface ClosedIds {
  readonly limit: number;
  young: Generation;
  old: Generation;
}

/** `prints` holds the fingerprints in the order of their arrival; `index` finds them (position + 1, 0 is empty). */
interface Generation {
  count: number;
  readonly prints: Int32Array;
  readonly index: Int32Array;
}

export function createClosedIds(limit: number): ClosedIds {
  const slots = 2 ** Math.ceil(Math.log2(limit * 2));
  const generation = () => ({ count: 0, prints: new Int32Array(limit * 2), index: new Int32Array(slots) });
  return { limit, young: generation(), old: generation() };
}

export function isClosed(closed: ClosedIds, id: Uuid): boolean {
  const low = hashWords(id.a, id.b, id.c, id.d);
  const high = secondPrint(id.a, id.b, id.c, id.d);
  return has(closed.young, low, high) || (closed.old.count > 0 && has(closed.old, low, high));
}

export function addClosed(closed: ClosedIds, a: number, b: number, c: number, d: number): void {
  if (closed.young.count === closed.limit) rotate(closed);
  remember(closed.young, hashWords(a, b, c, d), secondPrint(a, b, c, d));
}

/** Rebuilds a generation from its fingerprints, in their order. */
export function remember(generation: Generation, low: number, high: number): void {
  const { prints, index } = generation;
  const mask = index.length - 1;
  const position = generation.count++;
  prints[position * 2] = low;
  prints[position * 2 + 1] = high;
  let at = low & mask;
  while (index[at] !== 0) at = (at + 1) & mask;
  index[at] = position + 1;
}

function has({ prints, index }: Generation, low: number, high: number): boolean {
  const mask = index.length - 1;
  for (let at = low & mask; ; at = (at + 1) & mask) {
    const position = index[at]! - 1;
    if (position < 0) return false;
    if (prints[position * 2] === low && prints[position * 2 + 1] === high) return true;
  }
}

function rotate(closed: ClosedIds): void {
  const forgotten = closed.old;
  closed.old = closed.young;
  closed.young = forgotten;
  forgotten.count = 0;
  forgotten.index.fill(0);
}

function secondPrint(a: number, b: number, c: number, d: number): number {
  const h = Math.imul(d ^ (c >>> 16), 0x7feb352d) ^ Math.imul(c, 0x846ca68b);
  const g = Math.imul(h ^ (h >>> 14) ^ b, 0x5bd1e995) ^ Math.imul(a, 0x1b873593);
  return g ^ (g >>> 15);
}
