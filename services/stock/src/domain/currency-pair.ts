import type { CURRENCIES } from '@andvari/money/currency';

/** In the order in which a pair names them: the base comes first. */
const PRECEDENCE = ['EUR', 'GBP', 'USD', 'CAD'] as const;

export interface Pair {
  readonly base: string;
  readonly quote: string;
}

/** A pair has one rate, so it has one name, whichever way round it is asked for; undefined of what is no pair. */
export function canonicalPair(one: string, other: string): Pair | undefined {
  const [a, b] = [one, other].map((currency) => PRECEDENCE.findIndex((known) => known === currency));
  if (a === undefined || b === undefined || a < 0 || b < 0 || a === b) return undefined;
  return a < b ? { base: one, quote: other } : { base: other, quote: one };
}

/** What a unit costs in dollars, about which the simulated rates swing, in micro-units. */
export const inDollars: Record<(typeof CURRENCIES)[number], bigint> = {
  EUR: 1_080_000n,
  GBP: 1_270_000n,
  USD: 1_000_000n,
  CAD: 730_000n,
};
