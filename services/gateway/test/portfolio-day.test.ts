import { eventually } from '@andvari/kit/testing/eventually';
import type { Quote } from '@andvari/proto/stock/v1/stock';
import { afterEach, expect, test, vi } from 'vitest';
import { type LedgerState, type PortfolioSnapshot, readPortfolio } from '../src/live/portfolio-reader.ts';
import { CLOSED_AT_US, quoteOf } from './fake-market.ts';
import { holdingOf } from './fake-portfolio.ts';

const M = 1_000_000n;
const NEXT_CLOSE_US = CLOSED_AT_US + 86_400_000_000n;

const noOne = (): void => undefined;

/** An account before its reader: what the ledger would say now, how often it was asked, and a price that moves. */
function reading(first: LedgerState) {
  let state = first;
  let quote: Quote = quoteOf('ACME', 190n * M);
  let loads = 0;
  let ring: () => void = noOne;
  const told: PortfolioSnapshot[] = [];
  const ended = new AbortController();
  const source = {
    accountId: 'a',
    load: async () => {
      loads += 1;
      return state;
    },
    watchLedger: async () => () => undefined,
    watchQuotes: (_: readonly string[], onChange: () => void) => {
      ring = onChange;
      return () => undefined;
    },
    latestQuote: (symbol: string) => (symbol === 'ACME' ? quote : undefined),
    nowUs: () => 0n,
  };
  const done = (async () => {
    for await (const snapshot of readPortfolio(source, ended.signal)) told.push(snapshot);
  })();
  return {
    told,
    today: () => told.at(-1)?.summary.dayPnl,
    loads: () => loads,
    ledgerSays: (next: LedgerState) => void (state = next),
    priced(of: Partial<Quote>) {
      quote = { ...quote, ...of };
      ring();
    },
    async end() {
      ended.abort();
      await done;
    },
  };
}

const stateOf = (dayPnlOfGone: bigint, holdings: LedgerState['holdings']): LedgerState => ({
  summary: {
    currency: 'USD',
    cash: 100n * M,
    marketValue: 0n,
    equity: 0n,
    costBasis: 1800n * M,
    unrealizedPnl: 0n,
    realizedPnl: 0n,
    dayPnl: 0n,
    dayPnlOfGone,
    netPaidIn: 0n,
    unquotedSymbols: [],
    staleSymbols: [],
  },
  cashAvailable: 100n * M,
  buyingPower: 100n * M,
  holdings,
});
const held = holdingOf('a', 'ACME');
afterEach(() => vi.useRealTimers());

test('the first price of a new day has the ledger asked again, once, and today begins anew', async () => {
  const reader = reading(stateOf(7n * M, [held]));
  // Six from the close at 185, four bought for 744, and what is gone.
  await eventually(() => expect(reader.today()).toBe((10n * 190n - 6n * 185n - 744n + 7n) * M));
  reader.priced({ last: 191n * M });
  await eventually(() => expect(reader.today()).toBe((10n * 191n - 6n * 185n - 744n + 7n) * M));
  expect(reader.loads()).toBe(1);

  // All ten are from the close before by now, and nothing was sold since.
  reader.ledgerSays(stateOf(0n, [{ ...held, day: { sinceUs: NEXT_CLOSE_US, qty: held.qty, paid: 0n } }]));
  reader.priced({ last: 193n * M, previousClose: 191n * M, previousCloseAtUs: NEXT_CLOSE_US });
  await eventually(() => expect(reader.today()).toBe(10n * 2n * M));
  reader.priced({ last: 194n * M });
  await eventually(() => expect(reader.today()).toBe(10n * 3n * M));
  expect(reader.loads()).toBe(2);
  await reader.end();
});

test('a ledger that has not heard of the new day is asked until it has, and meanwhile nothing was gained', async () => {
  const reader = reading(stateOf(0n, [held]));
  await eventually(() => expect(reader.loads()).toBe(1));
  reader.priced({ last: 193n * M, previousClose: 191n * M, previousCloseAtUs: NEXT_CLOSE_US });
  await eventually(() => expect(reader.loads()).toBe(2));
  await eventually(() => expect(reader.today()).toBe(0n));
  reader.ledgerSays(stateOf(0n, [{ ...held, day: { sinceUs: NEXT_CLOSE_US, qty: held.qty, paid: 0n } }]));
  reader.priced({ last: 193n * M });
  await eventually(() => expect(reader.today()).toBe(10n * 2n * M));
  expect(reader.loads()).toBe(3);
  await reader.end();
});

test('who has sold all is told of the new day too, though no price of theirs moves', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const reader = reading(stateOf(7n * M, []));
  await vi.advanceTimersByTimeAsync(300);
  expect([reader.today(), reader.loads()]).toEqual([7n * M, 1]);
  reader.ledgerSays(stateOf(0n, []));
  await vi.advanceTimersByTimeAsync(60_300);
  expect([reader.today(), reader.loads()]).toEqual([0n, 2]);
  // Nothing is left to be told, so nobody is asked any more.
  await vi.advanceTimersByTimeAsync(600_000);
  expect(reader.loads()).toBe(2);
  await reader.end();
});
