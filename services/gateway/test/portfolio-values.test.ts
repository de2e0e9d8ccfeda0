import { expect, test } from 'vitest';
import { asHeld } from '../src/live/portfolio-reader.ts';

const EFFECTIVE = 1_000n;

/** The ledger's own rule (services/portfolio/src/domain/split-under-way.ts), for prices that the gateway puts to its holdings. */
test.each<[rule: string, counted: boolean, asOfUs: bigint, price: bigint, expected: bigint]>([
  ['old shares at a price of old shares', false, 999n, 300_000_000n, 300_000_000n],
  ['new shares at a price of new shares', true, EFFECTIVE, 200_000_000n, 200_000_000n],
  ['new shares at a price of old shares', true, 999n, 300_000_000n, 200_000_000n],
  ['old shares at a price of new shares', false, EFFECTIVE, 200_000_000n, 300_000_000n],
])('three for two: %s', (_, counted, asOfUs, price, expected) => {
  const split = { ratioTo: 3n, ratioFrom: 2n, effectiveAtUs: EFFECTIVE, counted };
  expect(asHeld(price, { asOfUs }, split)).toBe(expected);
});

test('without a split a price is a price', () => {
  expect(asHeld(5n, { asOfUs: 1n }, undefined)).toBe(5n);
});
