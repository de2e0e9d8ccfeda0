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

export interface Factors {
  readonly price: number;
  readonly volume: number;
}

/** What the prices and volumes from before an action are multiplied by, to compare with those after it. */
export function factorsOf({ terms, referencePx }: CorporateAction): Factors {
  if (terms.type === 'split') {
    return { price: Number(terms.from) / Number(terms.to), volume: Number(terms.to) / Number(terms.from) };
  }
  return { price: Number(referencePx - terms.amount) / Number(referencePx), volume: 1 };
}

export const UNCHANGED: Factors = { price: 1, volume: 1 };

/** All actions that took effect at the latest by then, one upon the other. */
export function factorsAt(actions: readonly CorporateAction[], atMs: number): Factors {
  return actions.reduce((all, action) => {
    if (Number(action.effectiveAtUs / 1000n) > atMs) return all;
    const { price, volume } = factorsOf(action);
    return { price: all.price * price, volume: all.volume * volume };
  }, UNCHANGED);
}
