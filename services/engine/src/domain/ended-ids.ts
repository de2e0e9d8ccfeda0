/**
 * A generation of ended order ids as fingerprints of 63 bits, in the order they ended, so remembering one writes next to
 * the last. Lookups go through chains. Nearly all ids that are not here are told by a few bits beside the head of the
 * chain, two for each id in it.
 */
export interface EndedIds {
  count: number;
  /** Three cells each: the id's hash, the rest of its fingerprint and the one before it in the same chain, or 0. */
  readonly rows: Int32Array;
  /** For each chain the latest row, counted from 1 (0 for none), and the bits of its ids. */
  readonly chains: Int32Array;
}

const CELLS = 3;

export function createEndedIds(capacity: number): EndedIds {
  const chains = 2 ** Math.ceil(Math.log2(Math.max(2, capacity / 2)));
  return { count: 0, rows: new Int32Array(capacity * CELLS), chains: new Int32Array(chains * 2) };
}

/** False where it surely does not hold the id. */
export function mayHold({ chains }: EndedIds, hash: number): boolean {
  const bits = bitsOf(hash);
  return (chains[((hash << 1) & (chains.length - 1)) | 1]! & bits) === bits;
}

export function holds({ rows, chains }: EndedIds, hash: number, a: number, b: number, c: number, d: number): boolean {
  const print = printOf(a, b, c, d);
  for (let row = chains[(hash << 1) & (chains.length - 1)]!; row !== 0; row = rows[row * CELLS - 1]!) {
    if (rows[row * CELLS - 3] === hash && rows[row * CELLS - 2] === print) return true;
  }
  return false;
}

/** The caller sees to it that there is room. */
export function rememberEnded(ended: EndedIds, hash: number, a: number, b: number, c: number, d: number): void {
  add(ended, hash, printOf(a, b, c, d));
}

export function forgetAll(ended: EndedIds): void {
  ended.count = 0;
  ended.chains.fill(0);
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
  const { rows, chains } = ended;
  const at = ended.count * CELLS;
  const chain = (hash << 1) & (chains.length - 1);
  rows[at] = hash;
  rows[at + 1] = print;
  rows[at + 2] = chains[chain]!;
  chains[chain] = ++ended.count;
  chains[chain | 1] = chains[chain | 1]! | bitsOf(hash);
}

/** From the ten highest bits of the hash; which chain comes from the lowest. */
function bitsOf(hash: number): number {
  return (1 << (hash >>> 27)) | (1 << (hash >>> 22));
}

/** The second half of the fingerprint, always below 0. */
function printOf(a: number, b: number, c: number, d: number): number {
  const h = Math.imul(d ^ (c >>> 16), 0x7feb352d) ^ Math.imul(c, 0x846ca68b);
  const g = Math.imul(h ^ (h >>> 14) ^ b, 0x5bd1e995) ^ Math.imul(a, 0x1b873593);
  return g | 0x80000000;
}
