/** Micro-units; times in microseconds. */
export interface CorporateAction {
  readonly id: string;
  readonly symbol: string;
  readonly terms: Split | CashDividend;
  /** An ISO date in the market's own zone. */
  readonly exDate: string;
  /** What a share was worth when it was applied; a split's before it. */
  readonly referencePx: bigint;
  readonly appliedAtUs: bigint;
  /** From then on prices are those after it. */
  readonly effectiveAtUs: bigint;
}

export interface Split {
  readonly type: 'split';
  /** New shares for old ones. */
  readonly to: bigint;
  readonly from: bigint;
}

export interface CashDividend {
  readonly type: 'cash_dividend';
  /** Per share. */
  readonly amount: bigint;
  readonly currency: string;
}

export type ActionRefusal =
  | 'ratio_invalid'
  | 'ratio_is_one'
  | 'amount_invalid'
  | 'amount_above_price'
  | 'currency_foreign';

const MAX_RATIO = 10_000n;

export function refuseTerms(
  terms: Split | CashDividend,
  of: { currency: string; price: bigint },
): ActionRefusal | undefined {
  if (terms.type === 'split') {
    const { to, from } = terms;
    if (to <= 0n || from <= 0n || to > MAX_RATIO || from > MAX_RATIO) return 'ratio_invalid';
    return to === from ? 'ratio_is_one' : undefined;
  }
  if (terms.currency !== of.currency) return 'currency_foreign';
  if (terms.amount <= 0n) return 'amount_invalid';
  return terms.amount >= of.price ? 'amount_above_price' : undefined;
}

/** The next minute's beginning, so that no bar of a minute has prices from both sides. */
export function effectiveAfter(nowUs: bigint): bigint {
  return (nowUs / MINUTE_US + 1n) * MINUTE_US;
}

const MINUTE_US = 60_000_000n;

/** An exact number: no action, and no chain of them, is rounded before it comes to a price. */
export interface Ratio {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

export interface Factors {
  readonly price: Ratio;
  readonly volume: Ratio;
}

/** What the prices and volumes from before an action are multiplied by, to compare with those after it. */
export function factorsOf({ terms, referencePx }: CorporateAction): Factors {
  if (terms.type === 'split') {
    const { to, from } = terms;
    return { price: { numerator: from, denominator: to }, volume: { numerator: to, denominator: from } };
  }
  return { price: { numerator: referencePx - terms.amount, denominator: referencePx }, volume: ONE };
}

const ONE: Ratio = { numerator: 1n, denominator: 1n };
export const UNCHANGED: Factors = { price: ONE, volume: ONE };

/** All actions that took effect at the latest by then, one upon the other. */
export function factorsAt(actions: readonly CorporateAction[], atMs: number): Factors {
  return actions.reduce((all, action) => {
    if (Number(action.effectiveAtUs / 1000n) > atMs) return all;
    const { price, volume } = factorsOf(action);
    return { price: product(all.price, price), volume: product(all.volume, volume) };
  }, UNCHANGED);
}

/** From factors of then to factors of later. */
export function factorsBetween(then: Factors, later: Factors): Factors {
  return { price: product(later.price, inverse(then.price)), volume: product(later.volume, inverse(then.volume)) };
}

export function isUnchanged({ price, volume }: Factors): boolean {
  return price.numerator === price.denominator && volume.numerator === volume.denominator;
}

/** A whole number times a ratio, to the nearest multiple of `step`; what lies in the middle goes up. */
export function times(value: number, { numerator, denominator }: Ratio, step = 1): number {
  const grid = denominator * BigInt(step);
  return Number((2n * BigInt(value) * numerator + grid) / (2n * grid)) * step;
}

function inverse({ numerator, denominator }: Ratio): Ratio {
  return { numerator: denominator, denominator: numerator };
}

function product(a: Ratio, b: Ratio): Ratio {
  const [numerator, denominator] = [a.numerator * b.numerator, a.denominator * b.denominator];
  const common = greatestCommonDivisor(numerator, denominator);
  return { numerator: numerator / common, denominator: denominator / common };
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [larger, smaller] = [a, b];
  while (smaller !== 0n) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}
