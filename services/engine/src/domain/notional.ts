/**
 * The exact value of everything an order has traded: the sum of price x quantity. One product can need 105 bits, so it
 * is kept in three limbs of 26 bits and the rest, every step of which stays below 2^53: prices are below 2^53 and an
 * order's whole quantity below 2^52, hence the highest limb is below 2^53 for any number of fills.
 */
const LIMB = 2 ** 26;
const TO_LIMB = 2 ** -26;

export interface NotionalColumns {
  low: Float64Array;
  mid: Float64Array;
  high: Float64Array;
}

export function addProduct(sum: NotionalColumns, at: number, price: number, qty: number): void {
  const priceHigh = Math.floor(price * TO_LIMB);
  const priceLow = price - priceHigh * LIMB;
  const qtyHigh = Math.floor(qty * TO_LIMB);
  const qtyLow = qty - qtyHigh * LIMB;

  const low = sum.low[at]! + priceLow * qtyLow;
  const carry = Math.floor(low * TO_LIMB);
  sum.low[at] = low - carry * LIMB;

  const cross = sum.mid[at]! + carry + priceHigh * qtyLow;
  const crossCarry = Math.floor(cross * TO_LIMB);
  const mid = cross - crossCarry * LIMB + priceLow * qtyHigh;
  const midCarry = Math.floor(mid * TO_LIMB);
  sum.mid[at] = mid - midCarry * LIMB;

  sum.high[at] = sum.high[at]! + crossCarry + midCarry + priceHigh * qtyHigh;
}

export function notionalAt(sum: NotionalColumns, at: number): bigint {
  return (BigInt(sum.high[at]!) << 52n) + (BigInt(sum.mid[at]!) << 26n) + BigInt(sum.low[at]!);
}

/** The average price of `qty` bought for `notional`, half to even; 0 when nothing traded. */
export function averagePrice(notional: bigint, qty: number): number {
  if (qty === 0) return 0;
  const divisor = BigInt(qty);
  const quotient = notional / divisor;
  const twice = (notional % divisor) * 2n;
  const up = twice > divisor || (twice === divisor && quotient % 2n === 1n);
  return Number(up ? quotient + 1n : quotient);
}
