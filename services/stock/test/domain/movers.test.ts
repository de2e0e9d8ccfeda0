import { describe, expect, test } from 'vitest';
import { type MoversKind, movers } from '../../src/domain/movers.ts';

const market = [
  { symbol: 'DEAR', last: 500_000_000n, previousClose: 400_000_000n, volume: 10_000_000n },
  { symbol: 'PENNY', last: 1_000_000n, previousClose: 2_000_000n, volume: 900_000_000n },
  { symbol: 'FLAT', last: 7_000_000n, previousClose: 7_000_000n, volume: 50_000_000n },
  { symbol: 'RISEN', last: 11_000_000n, previousClose: 10_000_000n, volume: 1_000_000n },
  { symbol: 'NEW', last: 11_000_000n, previousClose: 0n, volume: 1_000_000_000n },
];

test.each<[MoversKind, string[]]>([
  ['gainers', ['DEAR', 'RISEN']],
  ['losers', ['PENNY']],
  ['most_active', ['PENNY', 'FLAT', 'DEAR', 'RISEN']],
])('%s: by percent, and the most active by shares, not by money', (kind, symbols) => {
  expect(movers(kind, market, 10).map(({ of }) => of.symbol)).toEqual(symbols);
  expect(movers(kind, market, 1).map(({ of }) => of.symbol)).toEqual(symbols.slice(0, 1));
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
