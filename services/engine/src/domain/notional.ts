/**
 * The exact value of everything an order has traded: the sum of price x quantity. One product can need 105 bits, so it
 * is kept in three limbs of 26 bits and the rest, every step of which stays below 2^53: prices are below 2^53 and an
 * order's whole quantity below 2^52, hence the highest limb is below 2^53 for any number of fills.
 */
const LIMB = 2 ** 26;
const TO_LIMB = 2 ** -26;

/** Adds one product to two sums, whose low, middle and high limbs are the three cells from `one` and `other` on. */
export function addProduct(cells: Float64Array, one: number, other: number, price: number, qty: number): void {
  const priceHigh = Math.floor(price * TO_LIMB);
  const priceLow = price - priceHigh * LIMB;
  const qtyHigh = Math.floor(qty * TO_LIMB);
  const qtyLow = qty - qtyHigh * LIMB;

  const low = priceLow * qtyLow;
  const carry = Math.floor(low * TO_LIMB);

  const cross = carry + priceHigh * qtyLow;
  const crossCarry = Math.floor(cross * TO_LIMB);
  const mid = cross - crossCarry * LIMB + priceLow * qtyHigh;
  const midCarry = Math.floor(mid * TO_LIMB);

  const lowLimb = low - carry * LIMB;
  const midLimb = mid - midCarry * LIMB;
  const high = crossCarry + midCarry + priceHigh * qtyHigh;
  addLimbs(cells, one, lowLimb, midLimb, high);
  addLimbs(cells, other, lowLimb, midLimb, high);
}

function addLimbs(cells: Float64Array, at: number, low: number, mid: number, high: number): void {
  const lowSum = cells[at]! + low;
  const lowCarry = lowSum >= LIMB ? 1 : 0;
  const midSum = cells[at + 1]! + mid + lowCarry;
  const midCarry = midSum >= LIMB ? 1 : 0;
  cells[at] = lowSum - lowCarry * LIMB;
  cells[at + 1] = midSum - midCarry * LIMB;
  cells[at + 2] = cells[at + 2]! + high + midCarry;
}

export function notionalAt(cells: Float64Array, at: number): bigint {
  return (BigInt(cells[at + 2]!) << 52n) + (BigInt(cells[at + 1]!) << 26n) + BigInt(cells[at]!);
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
