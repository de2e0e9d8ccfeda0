import {
  add,
  amount,
  averagePrice,
  type Micros,
  NO_SHARES,
  type Price,
  type Quantity,
  slice,
  subtract,
  subtractQuantity,
  ZERO,
} from '@andvari/money';

/**
 * All that is held of one symbol. What was ever paid and received is kept beside what the shares left cost, so realised
 * profit is a difference of stored figures under either method, first in first out or average cost, and both end at the same
 * number once the position is flat. Fees are not part of the cost.
 */
export type Position = {
  readonly qty: Quantity;
  /** What the shares left cost, by lots: the sum of the lots' remaining cost. */
  readonly cost: Micros;
  /** What the shares left cost, by the average. */
  readonly averageCost: Micros;
  readonly bought: Micros;
  readonly sold: Micros;
};

export const FLAT: Position = { qty: NO_SHARES, cost: ZERO, averageCost: ZERO, bought: ZERO, sold: ZERO };

export function bought(position: Position, qty: Quantity, paid: Micros): Position {
  return {
    qty: add(position.qty, qty),
    cost: add(position.cost, paid),
    averageCost: add(position.averageCost, paid),
    bought: add(position.bought, paid),
    sold: position.sold,
  };
}

/** `cost` is what the lots say the shares sold had cost. The last share takes the rest of the average cost. */
export function sold(position: Position, qty: Quantity, proceeds: Micros, cost: Micros): Position {
  return {
    qty: subtractQuantity(position.qty, qty),
    cost: subtract(position.cost, cost),
    averageCost: slice(position.averageCost, 0n, position.qty - qty, position.qty),
    bought: position.bought,
    sold: add(position.sold, proceeds),
  };
}

export function realised(position: Position): Micros {
  return subtract(add(position.sold, position.cost), position.bought);
}

export function realisedByAverage(position: Position): Micros {
  return subtract(add(position.sold, position.averageCost), position.bought);
}

/** What one share of those held cost; undefined when none are. */
export function averageEntry(position: Position): Price | undefined {
  return position.qty === 0n ? undefined : averagePrice(position.cost, position.qty);
}

export type Valuation = { readonly marketValue: Micros; readonly unrealised: Micros };

/** Without a quote a position is worth what it cost, so that a missing price is not shown as a loss. */
export function valued(position: Position, quote: Price | undefined): Valuation {
  const marketValue = quote === undefined ? position.cost : amount(quote, position.qty);
  return { marketValue, unrealised: subtract(marketValue, position.cost) };
}
