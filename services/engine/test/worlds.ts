/** Where random commands play: which grid, which lots, and how often a number is none that an order may have. */
export interface World {
  tick: number;
  tickBelowOne: number;
  lot: number;
  /** An order is of one to twelve of these. */
  size: number;
  /** The price at one of twenty places. */
  price: (place: number) => number;
  /** About the distance between two of them. */
  unit: number;
  offTick: number;
  /** An odd number once in so many. */
  tame: number;
}

const plain: World = { tick: 1, tickBelowOne: 1, lot: 1, size: 1, price: (n) => n, unit: 1, offTick: 1.5, tame: 60 };
const coarse: World = { ...plain, tick: 2, tickBelowOne: 2, price: (n) => n * 2, unit: 2, offTick: 5 };
const round: World = { ...plain, lot: 3, size: 3 };
/** Around one unit of currency, where the grid changes. */
const cents: World = {
  ...plain,
  tick: 10_000,
  tickBelowOne: 100,
  price: (n) => 1_000_000 + (n - 10) * (n < 10 ? 100 : 10_000),
  unit: 10_000,
  offTick: 1_005_000,
};
const wild: World = { ...plain, tame: 5 };
/** Where a few orders reach the largest sums that are exact. */
const vast: World = { ...plain, size: 2 ** 48, price: (n) => n * 2 ** 28, unit: 2 ** 28 };

export const worlds: readonly World[] = [plain, plain, plain, plain, coarse, round, cents, wild, vast];
