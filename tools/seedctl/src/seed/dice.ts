import { createHash } from 'node:crypto';
import { mulberry32 } from '@andvari/kit/base/mulberry32';

/** Numbers that look thrown and are the same every time for the same words. */
export interface Dice {
  /** From 0 to below 1. */
  roll(): number;
  /** From the first to the last, both possible. */
  whole(from: number, to: number): number;
  pick<T>(of: readonly T[]): T;
}

export function diceOf(words: string): Dice {
  const roll = mulberry32(createHash('sha256').update(words).digest().readUInt32LE());
  const whole = (from: number, to: number): number => from + Math.floor(roll() * (to - from + 1));
  return {
    roll,
    whole,
    pick(of) {
      const picked = of[whole(0, of.length - 1)];
      if (picked === undefined) throw new Error('there is nothing to pick from');
      return picked;
    },
  };
}

/** An id that the same words always have. It is of version 7, with a time that is only a place in line: later numbers sort later. */
export function idOf(words: string, place: number): string {
  const time = (FIRST_MS + place).toString(16).padStart(12, '0');
  const hash = createHash('sha1').update(words).digest('hex');
  const variant = ((Number.parseInt(hash.slice(3, 5), 16) & 0x3f) | 0x80).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hash.slice(0, 3)}-${variant}${hash.slice(5, 7)}-${hash.slice(7, 19)}`;
}

const FIRST_MS = Date.UTC(2020, 0, 1);
