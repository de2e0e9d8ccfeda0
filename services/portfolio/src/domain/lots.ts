import { type Micros, min, type Quantity, slice, subtract, subtractQuantity } from '@andvari/money';

/**
 * Tax lots, first in, first out. A lot's cost belongs to its micro-shares evenly, so selling it in pieces of any size and
 * order of sizes takes the same cost in all, and the last piece takes whatever rounding left: nothing is lost.
 */
export type Lot = {
  readonly id: string;
  readonly openedAt: bigint;
  readonly qty: Quantity;
  readonly cost: Micros;
  readonly remaining: Quantity;
};

/** The part of a sale that one lot supplied. */
export type Closing = {
  readonly lotId: string;
  readonly qty: Quantity;
  readonly cost: Micros;
  readonly proceeds: Micros;
  readonly realised: Micros;
};

/** The lots that a sale touched, as they now are, and what each gave; or undefined when they do not hold that many shares. */
export function closeLots(
  lots: readonly Lot[],
  qty: Quantity,
  proceeds: Micros,
): { lots: Lot[]; closings: Closing[] } | undefined {
  const touched: Lot[] = [];
  const closings: Closing[] = [];
  let open = qty;
  for (const lot of lots) {
    if (open === 0n) break;
    if (lot.remaining === 0n) continue;
    const taken = min(lot.remaining, open);
    const left = subtractQuantity(open, taken);
    // Proceeds are shared out like the cost: by stretches of the sale, so that they too add up.
    closings.push(closing(lot, taken, slice(proceeds, qty - open, qty - left, qty)));
    touched.push({ ...lot, remaining: subtractQuantity(lot.remaining, taken) });
    open = left;
  }
  return open === 0n ? { lots: touched, closings } : undefined;
}

/** What the shares left in a lot cost. */
export function remainingCost(lot: Lot): Micros {
  return slice(lot.cost, 0n, lot.remaining, lot.qty);
}

function closing(lot: Lot, taken: Quantity, proceeds: Micros): Closing {
  const cost = slice(lot.cost, lot.remaining - taken, lot.remaining, lot.qty);
  return { lotId: lot.id, qty: taken, cost, proceeds, realised: subtract(proceeds, cost) };
}
