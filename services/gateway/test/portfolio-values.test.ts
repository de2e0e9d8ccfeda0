import { expect, test } from 'vitest';
import { asHeld, type LedgerState, valued } from '../src/live/portfolio-reader.ts';
import { CLOSED_AT_US, quoteOf } from './fake-market.ts';
import { holdingOf } from './fake-portfolio.ts';

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

const M = 1_000_000n;
const summary = {
  currency: 'USD',
  cash: 100n * M,
  marketValue: 0n,
  equity: 0n,
  costBasis: 3600n * M,
  unrealizedPnl: 0n,
  realizedPnl: 0n,
  dayPnl: 0n,
  dayPnlOfGone: 7n * M,
  netPaidIn: 0n,
  unquotedSymbols: [],
  staleSymbols: [],
};
const state: LedgerState = {
  summary,
  cashAvailable: 100n * M,
  buyingPower: 100n * M,
  holdings: [holdingOf('a', 'ACME'), holdingOf('a', 'GLOBEX')],
};
const today = (quotes: Record<string, ReturnType<typeof quoteOf>>) =>
  valued(state, (symbol) => quotes[symbol], 0n).summary.dayPnl;

/** Of ten six are from the close at 185, and four were bought for 744; the ledger's rule is in its domain/holding-day.ts. */
test('while prices move, today counts from the close, from what was paid, and with what is gone', () => {
  const at190 = 10n * 190n - 6n * 185n - 744n;
  expect(today({ ACME: quoteOf('ACME', 190n * M) })).toBe((at190 + 7n) * M);
  expect(today({ ACME: quoteOf('ACME', 190n * M), GLOBEX: quoteOf('GLOBEX', 191n * M) })).toBe(
    (2n * at190 + 10n + 7n) * M,
  );
});

test('a price of another day than the ledger’s says nothing about today', () => {
  const old = { ...quoteOf('ACME', 190n * M), previousCloseAtUs: CLOSED_AT_US - 1n };
  expect(today({ ACME: old })).toBe(7n * M);
});
