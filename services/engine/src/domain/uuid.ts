/** A UUID as four signed 32-bit words: compared, hashed and stored without touching a string. */
export interface Uuid {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
}

const CANONICAL = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Undefined for anything that is not the usual 8-4-4-4-12 form: the edge refuses it before the log. */
export function parseUuid(text: string): Uuid | undefined {
  if (!CANONICAL.test(text)) return undefined;
  return {
    a: wordOf(text.slice(0, 8)),
    b: wordOf(text.slice(9, 13) + text.slice(14, 18)),
    c: wordOf(text.slice(19, 23) + text.slice(24, 28)),
    d: wordOf(text.slice(28, 36)),
  };
}

export function formatUuid(uuid: Uuid): string {
  const [a, b, c, d] = [hex(uuid.a), hex(uuid.b), hex(uuid.c), hex(uuid.d)] as const;
  return `${a}-${b.slice(0, 4)}-${b.slice(4)}-${c.slice(0, 4)}-${c.slice(4)}${d}`;
}

export function isUuid(uuid: Uuid): boolean {
  return isWord(uuid.a) && isWord(uuid.b) && isWord(uuid.c) && isWord(uuid.d);
}

/** Spreads all 128 bits: ids may be time-ordered or derived, and neighbours must not share a bucket. */
export function hashWords(a: number, b: number, c: number, d: number): number {
  let h = Math.imul(a ^ (b >>> 15), 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15) ^ c, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 13) ^ d, 0x27d4eb2f);
  return h ^ (h >>> 16);
}

function isWord(word: number): boolean {
  return (word | 0) === word;
}

function wordOf(digits: string): number {
  return Number.parseInt(digits, 16) | 0;
}

/** By a table: every report is written with the ids of three things. */
const BYTES = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function hex(value: number): string {
  return BYTES[value >>> 24]! + BYTES[(value >>> 16) & 255]! + BYTES[(value >>> 8) & 255]! + BYTES[value & 255]!;
}
