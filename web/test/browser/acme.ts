import { type Quote, seedQuotes } from '../../src/live/market-feed.ts';

/** What a ticket for ACME is given: the instrument, somebody's account and what the market asks. */
export const instrument = {
  symbol: 'ACME',
  currency: 'USD',
  tick: '0.01',
  tickBelowOne: '0.0001',
  lot: '0.000001',
  fractionable: true,
  tradable: true,
  halted: false,
  minNotional: '1',
  maxQuantity: '1000000',
  maxPrice: '1000000',
};
export const account = {
  __typename: 'Account' as const,
  id: 'a',
  accountId: 'a',
  currency: 'USD',
  status: 'ACTIVE' as const,
  buyingPower: { __typename: 'BuyingPower' as const, amount: '10000', currency: 'USD' },
  holdings: { nodes: [] },
  feeSchedule: null,
};

/** Each newer than the one before, or it would not be taken. */
let quotedAtMs = Date.now();
export function quoted(changes: Partial<Quote>): void {
  quotedAtMs = Math.max(quotedAtMs + 1, Date.now());
  const quote = {
    symbol: 'ACME',
    last: '187.20',
    bid: '187.19',
    ask: '187.21',
    asOf: new Date(quotedAtMs).toISOString(),
    validUntil: new Date(Date.now() + 60_000).toISOString(),
    isStale: false,
    ...changes,
  };
  seedQuotes([quote as Quote]);
}
