import { divideWide, MICRO, type Micros, type Rate, toMicros } from '@andvari/money';
import type { Currency } from './asset.ts';

/** Units of `quote`, in micro-units, for one unit of `base`; one of the two is the dollar. */
export type DollarRate = {
  readonly base: Currency;
  readonly quote: Currency;
  readonly rate: Rate;
  readonly asOfUs: bigint;
  /** Nothing is exchanged at it later. */
  readonly validUntilUs: bigint;
  readonly source: string;
};

/** What one micro-unit of a currency buys of another: a fraction, exact, with what the house keeps already taken off. */
export type Exchange = {
  readonly from: Currency;
  readonly to: Currency;
  readonly numerator: bigint;
  readonly denominator: bigint;
  /** What the house keeps, in micro-units of one. */
  readonly spread: bigint;
  /** Of the older of the rates it is made of. */
  readonly asOfUs: bigint;
  readonly sources: string;
};

/**
 * The way from one currency to another, through the dollar. Each pair has one rate, by which one direction multiplies and the other divides, so
 * whoever goes round over any currencies multiplies by exactly one, less the spread at every step.
 */
export function exchangeOf(
  from: Currency,
  to: Currency,
  rates: readonly DollarRate[],
  spread: bigint,
): Exchange | undefined {
  const steps = [inDollars(from, rates), inDollars(to, rates)];
  const [given, wanted] = steps;
  if (given === undefined || wanted === undefined) return undefined;
  const used = rates.filter(({ base, quote }) =>
    [from, to].some((currency) => currency !== 'USD' && [base, quote].includes(currency)),
  );
  return {
    from,
    to,
    numerator: given.numerator * wanted.denominator * (MICRO - spread),
    denominator: given.denominator * wanted.numerator * MICRO,
    spread,
    asOfUs: used.reduce((oldest, { asOfUs }) => (asOfUs < oldest ? asOfUs : oldest), used[0]?.asOfUs ?? 0n),
    sources: [...new Set(used.map(({ source }) => source))].join(','),
  };
}

/** What the client receives for what is given: rounded down, so that no number of exchanges adds up to more. */
export function exchanged(given: Micros, { numerator, denominator }: Exchange): Micros {
  return toMicros(divideWide(given * numerator, denominator, 'down'));
}

/** To be shown and kept beside the exact fraction: units of `to` in micro-units for one unit of `from`, spread included; never zero. */
export function shownRate({ numerator, denominator }: Exchange): bigint {
  const shown = divideWide(MICRO * numerator, denominator);
  return shown > 0n ? shown : 1n;
}

export type ExchangeRefusal =
  | 'exchange_limit_per_transfer'
  | 'exchange_limit_transfers_per_day'
  | 'exchange_limit_per_day';

export type ExchangeLimits = {
  readonly perTransfer: Micros;
  readonly perDay: Micros;
  readonly transfersPerDay: number;
};

/** `today`: what the user has exchanged out of this currency since midnight. */
export function refuseExchange(
  given: Micros,
  limits: ExchangeLimits,
  today: { readonly amount: bigint; readonly transfers: number },
): ExchangeRefusal | undefined {
  if (given > limits.perTransfer) return 'exchange_limit_per_transfer';
  if (today.transfers >= limits.transfersPerDay) return 'exchange_limit_transfers_per_day';
  if (today.amount + given > limits.perDay) return 'exchange_limit_per_day';
  return undefined;
}

/** The limit that a refusal is about: whoever keeps to it is let in. */
export function exchangeLimitOf(
  refused: ExchangeRefusal,
  limits: ExchangeLimits,
  today: { readonly amount: bigint; readonly transfers: number },
): Record<string, bigint> {
  switch (refused) {
    case 'exchange_limit_per_transfer':
      return { limit: limits.perTransfer };
    case 'exchange_limit_transfers_per_day':
      return { used: BigInt(today.transfers) * MICRO, limit: BigInt(limits.transfersPerDay) * MICRO };
    case 'exchange_limit_per_day':
      return { used: today.amount, limit: limits.perDay };
  }
}

function inDollars(
  currency: Currency,
  rates: readonly DollarRate[],
): { numerator: bigint; denominator: bigint } | undefined {
  if (currency === 'USD') return { numerator: 1n, denominator: 1n };
  const pair = rates.find(({ base, quote }) => base === currency || quote === currency);
  if (pair === undefined) return undefined;
  return pair.base === currency
    ? { numerator: pair.rate, denominator: MICRO }
    : { numerator: MICRO, denominator: pair.rate };
}
