import { randomFillSync } from 'node:crypto';

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const pool = Buffer.alloc(16_384);
let next = pool.length;

/**
 * A UUID of version 7: time-ordered to the millisecond, random within it. The random bytes come from a pool that is filled for hundreds at a
 * time; it costs a fraction of asking for those of one.
 */
export function pooledUuidV7(): string {
  if (next + 10 > pool.length) {
    randomFillSync(pool);
    next = 0;
  }
  const time = Date.now().toString(16).padStart(12, '0');
  const at = next;
  next += 10;
  const hex = (offset: number): string => HEX[pool[at + offset] ?? 0] ?? '00';
  const variant = HEX[((pool[at + 2] ?? 0) & 0x3f) | 0x80] ?? '80';
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(0).charAt(0)}${hex(1)}-${variant}${hex(3)}-${hex(4)}${hex(5)}${hex(6)}${hex(7)}${hex(8)}${hex(9)}`;
}
