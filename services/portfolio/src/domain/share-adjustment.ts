import {
  add,
  amount,
  averagePrice,
  type Micros,
  negate,
  type Price,
  type Quantity,
  toMicros,
  toPrice,
  toQuantity,
  ZERO,
} from '@andvari/money';
import { type Closing, closeLots, type Lot } from './lots.ts';
import { bought, type Position, sold } from './position.ts';

/** Shares that come or go by an operator's word, without a trade. */
export type ShareAdjustment = {
  readonly id: string;
  /** Signed. */
  readonly shares: Micros;
  /** Of one share that comes. Those that go leave at what they cost. */
  readonly costPrice: Micros;
  readonly at: bigint;
};

export type AdjustedShares = {
  /** Signed, like the shares. */
  readonly cost: Micros;
  /** What one of them cost. */
  readonly costPrice: Micros;
  /**
   * What they are worth in the account's history, signed: at the quote if there is one, else at cost, as the history values what is
   * held. They count as brought or taken by so much, so that they are neither a gain nor a loss.
   */
  readonly worth: Micros;
  readonly position: Position;
  /** Lots that were opened or touched. */
  readonly lots: readonly Lot[];
  readonly closings: readonly Closing[];
};

/**
 * Shares that come make a lot of their own. Shares that go leave first in, first out, and count as sold for what they had cost: a
 * correction realises nothing, in no lot and in all. Undefined when there are not that many.
 */
export function adjustShares(
  adjustment: ShareAdjustment,
  position: Position,
  lots: readonly Lot[],
  quote: Price | undefined,
): AdjustedShares | undefined {
  const { shares } = adjustment;
  return shares > 0n
    ? addShares(adjustment, toQuantity(shares), position, quote)
    : removeShares(toQuantity(negate(shares)), position, lots, quote);
}

function addShares(
  { id, costPrice, at }: ShareAdjustment,
  qty: Quantity,
  position: Position,
  quote: Price | undefined,
): AdjustedShares {
  const cost = costPrice === 0n ? ZERO : amount(toPrice(costPrice), qty);
  const lot: Lot = { id, openedAt: at, qty, cost, remaining: qty };
  const worth = quote === undefined ? cost : amount(quote, qty);
  return { cost, costPrice, worth, position: bought(position, qty, cost), lots: [lot], closings: [] };
}

function removeShares(
  qty: Quantity,
  position: Position,
  open: readonly Lot[],
  quote: Price | undefined,
): AdjustedShares | undefined {
  const closed = closeLots(open, qty, ZERO);
  if (closed === undefined) return undefined;
  const closings = closed.closings.map((closing) => ({ ...closing, proceeds: closing.cost, realised: ZERO }));
  const cost = closings.reduce((total, closing) => add(total, closing.cost), ZERO);
  return {
    cost: negate(cost),
    costPrice: toMicros(averagePrice(cost, qty)),
    worth: negate(quote === undefined ? cost : amount(quote, qty)),
    position: sold(position, qty, cost, cost),
    lots: closed.lots,
    closings,
  };
}
