import { describe, expect, test } from 'vitest';
import { type Intent, makeMarket, momentum, noise, type View, value } from '../src/strategies.ts';

const ONE = 1_000_000n;
const view = (changes: Partial<View> = {}): View => ({
  symbol: 'ACME',
  bid: 99_990_000n,
  ask: 100_010_000n,
  tick: 10_000n,
  history: Array.from({ length: 40 }, () => 100n * ONE),
  held: 1000n * ONE,
  cash: 1_000_000n * ONE,
  ...changes,
});
const rolls =
  (...numbers: number[]) =>
  () =>
    numbers.shift() ?? 0.99;
const rising = Array.from({ length: 40 }, (_, at) => (100n + BigInt(at)) * ONE);

describe('momentum', () => {
  test.each<[string, View, Intent['side'][]]>([
    ['buys what rises', view({ history: rising }), ['BUY']],
    ['sells what falls', view({ history: rising.toReversed() }), ['SELL']],
    ['does nothing when nothing moves', view(), []],
    ['knows nothing yet', view({ history: rising.slice(0, 10) }), []],
    ['sells nothing that it does not have', view({ history: rising.toReversed(), held: 0n }), []],
  ])('%s', (_, seen, sides) => {
    expect(momentum(seen, rolls()).map(({ side }) => side)).toEqual(sides);
  });
});

test('a maker quotes both sides, on the tick, and never crosses itself', () => {
  const [buy, sell] = makeMarket(1000n * ONE)(view(), rolls());
  expect([buy?.side, sell?.side]).toEqual(['BUY', 'SELL']);
  expect(buy?.limitPrice ?? 0n).toBeLessThan(sell?.limitPrice ?? 0n);
  for (const { limitPrice = 1n } of [buy, sell].flatMap((one) => one ?? [])) expect(limitPrice % 10_000n).toBe(0n);
});

test('a maker that holds too much leans down', () => {
  const price = (held: bigint) => makeMarket(1000n * ONE)(view({ held }), rolls())[0]?.limitPrice ?? 0n;
  expect(price(2000n * ONE)).toBeLessThan(price(1000n * ONE));
  expect(price(500n * ONE)).toBeGreaterThan(price(1000n * ONE));
});

test('nobody asks for what they cannot pay or do not have', () => {
  for (let first = 0; first < 1; first += 0.05) {
    for (const strategy of [noise, momentum, value, makeMarket(0n)]) {
      const made = strategy(view({ cash: 0n, held: 0n, history: rising }), rolls(0.9, first, first, first));
      expect(made).toEqual([]);
    }
  }
});
