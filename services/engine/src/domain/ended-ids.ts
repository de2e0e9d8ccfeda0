/**
 * A generation of ended order ids as fingerprints of 63 bits, in the order they ended, so remembering one writes next to
 * the last. Lookups go through chains, and nearly all of them are answered before by a filter of two bits for each id,
 * small enough to stay in the cache.
 */
export interface EndedIds {
  count: number;
  /** Three cells each: the id's hash, the rest of its fingerprint and the one before it in the same chain, or 0. */
  readonly rows: Int32Array;
  /** The latest of each chain, counted from 1; 0 for none. */
  readonly heads: Int32Array;
  readonly filter: Int32Array;
}

const CELLS = 3;

export function createEndedIds(capacity: number): EndedIds {
  const chains = 2 ** Math.ceil(Math.log2(capacity));
  return {
    count: 0,
    rows: new Int32Array(capacity * CELLS),
    heads: new Int32Array(chains),
    filter: new Int32Array(Math.max(1, chains / 2)),
  };
}

export function hasEnded(ended: EndedIds, hash: number, a: number, b: number, c: number, d: number): boolean {
  const { filter } = ended;
  const bits = bitsOf(hash);
  if ((filter[(hash >>> 5) & (filter.length - 1)]! & bits) !== bits) return false;
  return isChained(ended, hash, printOf(a, b, c, d));
}

/** The caller sees to it that there is room. */
export function rememberEnded(ended: EndedIds, hash: number, a: number, b: number, c: number, d: number): void {
  add(ended, hash, printOf(a, b, c, d));
}

export function forgetAll(ended: EndedIds): void {
  ended.count = 0;
  ended.heads.fill(0);
  ended.filter.fill(0);
}

/** As sorted fingerprints: the same for every generation that remembers the same ids. */
export function printsOf({ rows, count }: EndedIds): BigInt64Array {
  const prints = new BigInt64Array(count);
  for (let i = 0; i < count; i++) prints[i] = (BigInt(rows[i * CELLS + 1]!) << 32n) | BigInt(rows[i * CELLS]! >>> 0);
  return prints.toSorted();
}

export function restorePrint(ended: EndedIds, print: bigint): void {
  add(ended, Number(BigInt.asIntN(32, print)), Number(print >> 32n));
}

function add(ended: EndedIds, hash: number, print: number): void {
  const { rows, heads, filter } = ended;
  const at = ended.count * CELLS;
  const chain = hash & (heads.length - 1);
  rows[at] = hash;
  rows[at + 1] = print;
  rows[at + 2] = heads[chain]!;
  heads[chain] = ++ended.count;
  const word = (hash >>> 5) & (filter.length - 1);
  filter[word] = filter[word]! | bitsOf(hash);
}

function isChained({ rows, heads }: EndedIds, hash: number, print: number): boolean {
  for (let row = heads[hash & (heads.length - 1)]!; row !== 0; row = rows[row * CELLS - 1]!) {
    if (rows[(row - 1) * CELLS] === hash && rows[(row - 1) * CELLS + 1] === print) return true;
  }
  return false;
}

/** From the lowest and the highest five bits; which word of the filter comes from the bits between. */
function bitsOf(hash: number): number {
  return (1 << hash) | (1 << (hash >>> 27));
}

/** The second half of the fingerprint, always below 0. */
function printOf(a: number, b: number, c: number, d: number): number {
  const h = Math.imul(d ^ (c >>> 16), 0x7feb352d) ^ Math.imul(c, 0x846ca68b);
  const g = Math.imul(h ^ (h >>> 14) ^ b, 0x5bd1e995) ^ Math.imul(a, 0x1b873593);
  return g | 0x80000000;
}
