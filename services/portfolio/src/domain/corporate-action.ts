import {
  allocate,
  amount,
  divideWide,
  MICRO,
  type Micros,
  type Price,
  slice,
  subtract,
  toMicros,
  toQuantity,
  ZERO,
} from '@andvari/money';
import type { Currency } from './asset.ts';
import { type Lot, remainingCost } from './lots.ts';
import type { Position } from './position.ts';
import type { MovedHolding } from './settlement-batch.ts';

/** What a company does to all who hold its shares. */
export type CorporateAction = {
  readonly id: string;
  readonly symbol: string;
  readonly at: bigint;
} & (Split | Dividend);

/** `to` new shares for `from` old ones. */
export type Split = {
  readonly type: 'split';
  readonly to: bigint;
  readonly from: bigint;
  /** What a share was worth before it: what is too little for a share of its own is paid out at that. */
  readonly referencePrice: bigint;
  /** Prices of this time and later are of new shares. */
  readonly effectiveAtUs: bigint;
};

export type Dividend = { readonly type: 'cash_dividend'; readonly perShare: Price; readonly currency: Currency };

export type CorporateActionFault =
  | 'ratio_not_positive'
  | 'ratio_too_large'
  | 'dividend_not_positive'
  | 'reference_price_missing';

const MOST = 10_000n;

export function refuseCorporateAction(action: CorporateAction): CorporateActionFault | undefined {
  if (action.type === 'cash_dividend') return undefined;
  if (action.to <= 0n || action.from <= 0n) return 'ratio_not_positive';
  if (action.to > action.from * MOST || action.from > action.to * MOST) return 'ratio_too_large';
  if (action.referencePrice < 0n) return 'reference_price_missing';
  return undefined;
}

export type SplitHolding = MovedHolding & {
  /** Signed change of shares. */
  readonly shares: Micros;
  /** For what could not be had in shares. */
  readonly cash: Micros;
  readonly realised: Micros;
  readonly opened: readonly Lot[];
};

/**
 * A holding after a split. Its worth and cost stay as they were, but for the part of a share that is smaller than the symbol's smallest quantity:
 * that part is sold, at what it was worth before the split, and leaves with its share of the cost. Each open lot is closed at cost and opened
 * again with its new quantity, as old as it was, so first in stays first out.
 */
export function splitHolding(
  { to, from, referencePrice }: Split,
  held: {
    readonly position: Position;
    readonly lots: readonly Lot[];
    readonly smallest: bigint;
    readonly newLotId: (index: number) => string;
  },
): SplitHolding {
  const { position, lots, smallest, newLotId } = held;
  const whole = position.qty * to;
  const kept = divideWide(whole, from, 'down');
  const qty = kept - (kept % smallest);
  const cash = toMicros(divideWide(referencePrice * (whole - qty * from), to * MICRO));
  const opened: Lot[] = [];
  const gone: { weight: bigint; cost: Micros; keptCost: Micros; lot: Lot }[] = [];
  let before = 0n;
  // Of lots too small for a micro-share of their own: the next one takes it along.
  let carried = 0n;
  for (const lot of lots) {
    const [begins, ends] = [before * to, (before + lot.remaining) * to];
    before += lot.remaining;
    const last = ends < qty * from ? ends : qty * from;
    const stays = last > begins ? last - begins : 0n;
    const cost = remainingCost(lot);
    const keptCost = slice(cost, 0n, stays, ends - begins);
    const newQty = last > begins ? last / from - begins / from : 0n;
    carried += keptCost;
    if (newQty > 0n) {
      const renewed = { qty: toQuantity(newQty), cost: toMicros(carried), remaining: toQuantity(newQty) };
      opened.push({ id: newLotId(opened.length), openedAt: lot.openedAt, ...renewed });
      carried = 0n;
    }
    gone.push({ weight: ends - begins - stays, cost, keptCost, lot });
  }
  const weights = gone.map(({ weight }) => weight);
  const shares = weights.some((weight) => weight > 0n) ? allocate(cash, weights) : [];
  const closings = gone.map(({ cost, keptCost, lot }, index) => {
    const proceeds = toMicros(keptCost + (shares[index] ?? ZERO));
    return { lotId: lot.id, qty: lot.remaining, cost, proceeds, realised: subtract(proceeds, cost) };
  });
  const cost = opened.reduce((total, lot) => total + lot.cost, 0n);
  const proceeds = closings.reduce((total, closing) => total + closing.proceeds, 0n);
  return {
    shares: toMicros(qty - position.qty),
    cash,
    realised: toMicros(closings.reduce((total, closing) => total + closing.realised, 0n)),
    position: {
      qty: toQuantity(qty),
      cost: toMicros(cost),
      averageCost: whole === 0n ? ZERO : slice(position.averageCost, 0n, qty * from, whole),
      bought: toMicros(position.bought + cost),
      sold: toMicros(position.sold + proceeds),
    },
    lots: lots.map((lot) => ({ ...lot, remaining: toQuantity(0n) })),
    closings,
    opened,
  };
}

/** By how much a balance changes that is nothing but a number of shares, above zero or below; a fraction of a micro-share is dropped. */
export function splitBalance({ to, from }: Split, posted: Micros): Micros {
  return toMicros(divideWide(posted * to, from, 'down') - posted);
}

/** What a holding earns; nothing where it is too small for a micro-unit. */
export function dividendOf({ perShare }: Dividend, { qty }: Position): Micros {
  return amount(perShare, qty);
}
