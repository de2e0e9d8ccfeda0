import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type HouseQuoteSettings, houseQuotes } from '../src/domain/house-quotes.ts';

const CENT = 10_000;
const SHARE = 1_000_000;
const settings: HouseQuoteSettings = {
  levels: 3,
  halfSpreadPpm: 1000,
  stepPpm: 500,
  baseQty: 100 * SHARE,
  maxInventory: 1000 * SHARE,
  skewPpm: 2000,
};
const ladder = (inventory: number, reference = 100 * SHARE) => houseQuotes(reference, inventory, CENT, settings);

describe('the house’s ladder', () => {
  test('stands around the reference, wider and larger level by level', () => {
    expect(ladder(0)).toEqual({
      bids: [
        { price: 99_900_000, qty: 100 * SHARE },
        { price: 99_850_000, qty: 200 * SHARE },
        { price: 99_800_000, qty: 300 * SHARE },
      ],
      asks: [
        { price: 100_100_000, qty: 100 * SHARE },
        { price: 100_150_000, qty: 200 * SHARE },
        { price: 100_200_000, qty: 300 * SHARE },
      ],
    });
  });

  test.each<[rule: string, inventory: number, bestBid: number | undefined, bestAsk: number | undefined]>([
    ['half full, it quotes lower on both sides', 500 * SHARE, 99_800_000, 100_000_000],
    ['half short, it quotes higher', -500 * SHARE, 100_000_000, 100_200_000],
    ['full, it buys no more', 1000 * SHARE, undefined, 99_900_000],
    ['more than full, it leans no further', 5000 * SHARE, undefined, 99_900_000],
    ['short to its limit, it sells no more', -1000 * SHARE, 100_100_000, undefined],
  ])('%s', (_, inventory, bestBid, bestAsk) => {
    const { bids, asks } = ladder(inventory);
    expect([bids[0]?.price, asks[0]?.price]).toEqual([bestBid, bestAsk]);
  });

  test('nothing is bid where there is no price above zero', () => {
    const { bids, asks } = ladder(0, CENT);
    expect([bids, asks.map(({ price }) => price)]).toEqual([[], [2 * CENT, 3 * CENT, 4 * CENT]]);
    expect(ladder(0, 3 * CENT).bids.map(({ price }) => price)).toEqual([2 * CENT, CENT]);
  });

  test('whatever the numbers are, it is on the tick, above zero, ordered and never crossed', () => {
    const prices = fc.integer({ min: 1, max: 10_000_000 }).map((ticks) => ticks * CENT);
    fc.assert(
      fc.property(
        prices,
        fc.integer({ min: -3000, max: 3000 }),
        fc.constantFrom(1, 100, CENT),
        (reference, held, tick) => {
          const { bids, asks } = houseQuotes(reference, held * SHARE, tick, settings);
          const all = [...asks.toReversed(), ...bids].map(({ price }) => price);
          expect(all.every((price) => price > 0 && price % tick === 0)).toBe(true);
          expect(all).toEqual([...new Set(all)].toSorted((a, b) => b - a));
        },
      ),
    );
  });
});
