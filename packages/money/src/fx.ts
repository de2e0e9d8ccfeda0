import { divide, MICRO, type Micros, MoneyError, type Rate, toMicros } from './money.ts';

/**
 * Conversion between currencies at a stored rate. A rate is a rational number, micro-units of quote per whole unit of base, so
 * either direction is one exact multiplication and one half-even division.
 */

/** `base_to_quote` sells base; `quote_to_base` sells quote. The rate is the same number for both. */
export type Direction = 'base_to_quote' | 'quote_to_base';

/**
 * The remainder rule: `given * multiplier = received * divisor + remainder`, with the remainder at most half a micro-unit of
 * the currency received, either way. It belongs to the house's fx account, which gives `received` and takes
 * `given`; so each currency stays whole on its own and nobody is owed a fraction.
 */
export type Conversion = {
  readonly given: Micros;
  readonly received: Micros;
  readonly remainder: bigint;
  readonly divisor: bigint;
};

/** What `given` buys. To convert a total in parts, convert the total and `allocate` it: converting the parts rounds each. */
export function convert(given: Micros, at: Rate, direction: Direction): Conversion {
  const [multiplier, divisor] = RATIO[direction](at);
  const received = toMicros(divide(given * multiplier, divisor));
  return { given, received, remainder: given * multiplier - received * divisor, divisor };
}

/** The least that must be given so that at least `wanted` is received. */
export function costOf(wanted: Micros, at: Rate, direction: Direction): Micros {
  if (wanted <= 0n) throw new MoneyError('not_positive', 'an amount to receive is above zero');
  const [multiplier, divisor] = RATIO[direction](at);
  // Half a unit less than wanted still rounds up to it when the tie falls on an even number, so start there and step.
  let given = divide((2n * wanted - 1n) * divisor, 2n * multiplier, 'down');
  while (convert(toMicros(given), at, direction).received < wanted) given += 1n;
  return toMicros(given);
}

const RATIO: Record<Direction, (at: Rate) => [multiplier: bigint, divisor: bigint]> = {
  base_to_quote: (at) => [at, MICRO],
  quote_to_base: (at) => [MICRO, at],
};
