import { UsageError } from './system.ts';

/** An option that is a whole number; undefined where it was not given. */
export function wholeNumber(
  name: string,
  given: string | boolean | undefined,
  { from, to }: { from: number; to: number },
): number | undefined {
  if (given === undefined) return undefined;
  const value = typeof given === 'string' && /^\d+$/.test(given) ? Number(given) : Number.NaN;
  if (value >= from && value <= to) return value;
  throw new UsageError(`${name} is a whole number from ${from} to ${to}, and not ${given}`);
}
