import { divideWide, type Price, toPrice } from '@andvari/money';

/** A split, for as long as there may be prices from the other side of it than a holding's. */
export type SplitUnderWay = {
  /** New shares for old ones. */
  readonly to: bigint;
  readonly from: bigint;
  /** Quotes of this time and later are of new shares. */
  readonly effectiveAtUs: bigint;
  /** Whether the holding is counted in new shares already. */
  readonly counted: boolean;
};

/** A price in the shares that the holding is counted in: an account is worth the same before, during and after a split. */
export function priceAsHeld(price: Price, asOfUs: bigint, split: SplitUnderWay | undefined): Price {
  if (split === undefined) return price;
  const isOfNewShares = asOfUs >= split.effectiveAtUs;
  if (isOfNewShares === split.counted) return price;
  const { to, from } = split;
  const converted = split.counted ? divideWide(price * from, to) : divideWide(price * to, from);
  return toPrice(converted > 0n ? converted : 1n);
}
