import { toPrice } from '@andvari/money';
import { expect, test } from 'vitest';
import { priceAsHeld } from '../../src/domain/split-under-way.ts';

const EFFECTIVE = 1_000n;

test.each<[rule: string, counted: boolean, asOfUs: bigint, price: bigint, expected: bigint]>([
  ['old shares at a price of old shares', false, 999n, 300_000_000n, 300_000_000n],
  ['new shares at a price of new shares', true, EFFECTIVE, 200_000_000n, 200_000_000n],
  ['new shares at a price of old shares', true, 999n, 300_000_000n, 200_000_000n],
  ['old shares at a price of new shares', false, EFFECTIVE, 200_000_000n, 300_000_000n],
  ['what is nearly nothing is not nothing', true, 999n, 1n, 1n],
])('three for two: %s', (_, counted, asOfUs, price, expected) => {
  const split = { to: 3n, from: 2n, effectiveAtUs: EFFECTIVE, counted };
  expect(priceAsHeld(toPrice(price), asOfUs, split)).toBe(expected);
});

test('one for a hundred: what comes to nothing is the least there is', () => {
  const split = { to: 100n, from: 1n, effectiveAtUs: EFFECTIVE, counted: true };
  expect(priceAsHeld(toPrice(1n), 999n, split)).toBe(1n);
});

test('without a split a price is a price', () => {
  expect(priceAsHeld(toPrice(5n), 1n, undefined)).toBe(5n);
});
