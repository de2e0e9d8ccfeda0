import { describe, expect, test } from 'vitest';
import { type MoversKind, movers } from '../../src/domain/movers.ts';

const market = [
  { symbol: 'DIPPED', last: 9_000_000n, previousClose: 10_000_000n, volume: 2_000_000n },
  { symbol: 'CRUMB', last: 1n, previousClose: 1n, volume: 3_000_000n },
  { symbol: 'RISEN', last: 11_000_000n, previousClose: 10_000_000n, volume: 1_000_000n },
  { symbol: 'DEAR', last: 500_000_000n, previousClose: 400_000_000n, volume: 10_000_000n },
  { symbol: 'PENNY', last: 1_000_000n, previousClose: 2_000_000n, volume: 900_000_000n },
  { symbol: 'FLAT', last: 7_000_000n, previousClose: 7_000_000n, volume: 50_000_000n },
  { symbol: 'RISEN TOO', last: 110_000_000n, previousClose: 100_000_000n, volume: 1_000_000n },
  { symbol: 'DIPPED TOO', last: 90_000_000n, previousClose: 100_000_000n, volume: 2_000_000n },
  { symbol: 'DOUBLED', last: 2n, previousClose: 1n, volume: 5_000_000n },
  { symbol: 'NEW', last: 11_000_000n, previousClose: 0n, volume: 1_000_000_000n },
];

test.each<[MoversKind, string[]]>([
  ['gainers', ['DOUBLED', 'DEAR', 'RISEN', 'RISEN TOO']],
  ['losers', ['PENNY', 'DIPPED', 'DIPPED TOO']],
  ['most_active', ['PENNY', 'FLAT', 'DEAR', 'DOUBLED', 'CRUMB', 'DIPPED', 'DIPPED TOO', 'RISEN', 'RISEN TOO']],
])('%s: by percent, and the most active by shares, not by money; equals as they come', (kind, symbols) => {
  expect(movers(kind, market, 10).map(({ of }) => of.symbol)).toEqual(symbols);
  expect(movers(kind, market, 2).map(({ of }) => of.symbol)).toEqual(symbols.slice(0, 2));
});

describe('a change in millionths is the nearest, as of a quote', () => {
  test.each<[last: bigint, previousClose: bigint, ppm: bigint]>([
    [184_470_400n, 182_470_000n, 10_963n],
    [162_470_000n, 164_470_400n, -12_163n],
    [3_000_000n, 2_000_000n, 500_000n],
  ])('%d after %d is %d', (last, previousClose, ppm) => {
    const kind = last > previousClose ? 'gainers' : 'losers';
    expect(movers(kind, [{ last, previousClose, volume: 0n }], 1)).toMatchObject([{ changePpm: ppm }]);
  });
});
