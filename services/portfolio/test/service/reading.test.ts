import { randomUUID } from 'node:crypto';
import { MICRO, toPrice } from '@andvari/money';
import { ActivityType, HistoryPeriod } from '@andvari/proto/portfolio/v1/portfolio';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSnapshots } from '../../src/app/snapshots.ts';
import {
  buyOf,
  caughtUp,
  expectClean,
  fill,
  houseLeg,
  type Opened,
  opened,
  openPortfolio,
  orders,
  type Portfolio,
  published,
  sellOf,
} from './portfolio-fixture.ts';

const DAY_US = 86_400_000_000n;
const MINUTES_5_US = 300_000_000n;
/** A clock that the tests turn; it starts in the middle of a day. */
let nowUs = 1_790_000_000_000_000n - (1_790_000_000_000_000n % DAY_US) + DAY_US / 2n;
let price = 100n * MICRO;
const quotes = async () => new Map([['AAPL', toPrice(price)]]);

let portfolio: Portfolio;
beforeAll(async () => {
  // The jobs of the service rest: the tests take the snapshots themselves.
  portfolio = await openPortfolio({ SNAPSHOT_CHECK_MS: '86400000' }, { now: () => nowUs, quotes });
});
afterAll(() => portfolio.close());

async function traded(
  account: Opened,
  side: 'buy' | 'sell',
  shares: bigint,
  at: bigint,
  symbol = 'AAPL',
): Promise<void> {
  const more = { symbol, asset: side === 'buy' ? 'USD' : symbol };
  const order = side === 'buy' ? buyOf(account, shares, at, more) : sellOf(account, shares, more);
  await orders(portfolio).reserve(order);
  const leg = { ...fill(order, shares, at), transactTimeUs: nowUs };
  await published(portfolio, [leg, houseLeg(leg)]);
  await caughtUp(portfolio);
}

const snapshots = () => createSnapshots({ db: portfolio.db, now: () => nowUs, quotes });
const take = () => snapshots().take(new AbortController().signal);
const history = (account: Opened, period: HistoryPeriod) =>
  account.client.getHistory({ accountId: account.id, period });

describe('what is held', () => {
  test('is listed with its cost, what orders hold of it, and the profit taken', async () => {
    const account = await opened(portfolio, { cash: 10_000n * MICRO });
    await traded(account, 'buy', 10n, 100n);
    await traded(account, 'buy', 10n, 200n);
    await traded(account, 'sell', 15n, 300n);
    await traded(account, 'buy', 1n, 7n, 'MSFT');
    await orders(portfolio).reserve(sellOf(account, 2n));
    const { holdings } = await account.client.listHoldings({ accountId: account.id, page: undefined });
    expect(holdings).toMatchObject([
      {
        symbol: 'AAPL',
        qty: 5n * MICRO,
        qtyReserved: 2n * MICRO,
        avgCostPx: 200n * MICRO,
        costBasis: 1000n * MICRO,
        realizedPnl: 2500n * MICRO,
      },
      { symbol: 'MSFT', qty: MICRO },
    ]);
    const { lots } = await account.client.listLots({
      accountId: account.id,
      symbol: 'AAPL',
      includeClosed: true,
      page: undefined,
    });
    expect(lots).toMatchObject([
      { qtyOpened: 10n * MICRO, qtyRemaining: 0n, realizedPnl: 2000n * MICRO, closedAtUs: nowUs },
      { qtyOpened: 10n * MICRO, qtyRemaining: 5n * MICRO, realizedPnl: 500n * MICRO, costRemaining: 1000n * MICRO },
    ]);
    const open = await account.client.listLots({
      accountId: account.id,
      symbol: '',
      includeClosed: false,
      page: undefined,
    });
    expect(open.lots.map(({ symbol }) => symbol)).toEqual(['AAPL', 'MSFT']);
  });

  test('is valued at the quotes given, and at cost without', async () => {
    const account = await opened(portfolio, { cash: 10_000n * MICRO });
    await traded(account, 'buy', 10n, 100n);
    await traded(account, 'buy', 1n, 7n, 'MSFT');
    const quoted = { symbol: 'AAPL', px: 120n * MICRO, previousClose: 110n * MICRO };
    expect(await account.client.getSummary({ accountId: account.id, quotes: [quoted] })).toEqual({
      currency: 'USD',
      cash: 8993n * MICRO,
      marketValue: 1207n * MICRO,
      equity: 10_200n * MICRO,
      costBasis: 1007n * MICRO,
      unrealizedPnl: 200n * MICRO,
      realizedPnl: 0n,
      dayPnl: 100n * MICRO,
      unquotedSymbols: ['MSFT'],
    });
  });
});

describe('what happened', () => {
  test('is listed the newest first, a page at a time, by type, symbol and date', async () => {
    const account = await opened(portfolio, { cash: 10_000n * MICRO });
    const from = nowUs;
    for (let i = 0; i < 5; i += 1) {
      nowUs += 1_000_001n;
      await traded(account, i % 2 === 0 ? 'buy' : 'sell', 1n, 10n);
    }
    await traded(account, 'buy', 1n, 7n, 'MSFT');
    const all = { accountId: account.id, types: [], symbol: '', fromUs: 0n, toUs: 0n, page: undefined };
    const listed: bigint[] = [];
    for (let after = '', more = true; more; ) {
      const answer = await account.client.listActivities({ ...all, page: { first: 2, after } });
      listed.push(...answer.activities.map(({ occurredAtUs }) => occurredAtUs));
      [after, more] = [answer.pageInfo?.endCursor ?? '', answer.pageInfo?.hasNextPage ?? false];
    }
    expect(listed).toHaveLength(7);
    expect(listed).toEqual(listed.toSorted((a, b) => Number(b - a)));
    const count = async (change: object) =>
      (await account.client.listActivities({ ...all, ...change })).activities.length;
    expect(await count({ types: [ActivityType.ACTIVITY_TYPE_SELL] })).toBe(2);
    expect(await count({ types: [ActivityType.ACTIVITY_TYPE_ADJUSTMENT, ActivityType.ACTIVITY_TYPE_BUY] })).toBe(5);
    expect(await count({ symbol: 'MSFT' })).toBe(1);
    expect(await count({ fromUs: from + 1n, toUs: from + 2_000_003n })).toBe(2);
  });

  const plans: [what: string, sql: string, index: string][] = [
    ['all of an account', '', 'activities_pkey'],
    ['one symbol', "and symbol = 'AAPL'", 'activities_by_symbol'],
  ];
  test.each(plans)('is found through an index: %s', async (_, condition, index) => {
    const plan = await portfolio.db.begin(async (tx) => {
      await tx`set local enable_seqscan = off`;
      await tx`set local enable_sort = off`;
      return tx.unsafe(`explain select * from activities where account_id = '${randomUUID()}' ${condition}
        and (occurred_at, id) < (now(), '${randomUUID()}') order by occurred_at desc, id desc limit 51`);
    });
    expect(JSON.stringify(plan)).toContain(`Index Scan Backward using ${index}`);
  });
});

describe('the history', () => {
  test('is of instants, taken once each whoever takes them, and ends now', async () => {
    const account = await opened(portfolio, { cash: 1000n * MICRO });
    price = 100n * MICRO;
    await traded(account, 'buy', 5n, 100n);
    await take();
    price = 120n * MICRO;
    // The same instants, from the beginning, by somebody who does not know: what was taken stays.
    expect(await take()).toBe(0);
    nowUs += MINUTES_5_US;
    await Promise.all([take(), take()]);
    price = 150n * MICRO;
    const { points, stepUs, baseValue, timeWeightedReturn } = await history(account, HistoryPeriod.HISTORY_PERIOD_DAY);
    expect(stepUs).toBe(MINUTES_5_US);
    expect(baseValue).toBe(1000n * MICRO);
    expect(points.map(({ equity }) => equity / MICRO)).toEqual([1000n, 1100n, 1250n]);
    expect(points.map(({ profitLoss }) => profitLoss / MICRO)).toEqual([0n, 100n, 250n]);
    expect(timeWeightedReturn).toBe(250_000n);
  });

  test('takes what the owner brought out of the return', async () => {
    const account = await opened(portfolio, { cash: 1000n * MICRO });
    price = 100n * MICRO;
    await traded(account, 'buy', 10n, 100n);
    nowUs += MINUTES_5_US;
    await take();
    price = 110n * MICRO;
    nowUs += MINUTES_5_US;
    await take();
    await account.client.deposit({
      accountId: account.id,
      currency: 'USD',
      amount: 1100n * MICRO,
      idempotencyKey: 'k',
    });
    await expect
      .poll(async () => (await account.client.getAccount({ accountId: account.id })).account?.cashPosted)
      .toBe(1100n * MICRO);
    nowUs += MINUTES_5_US;
    const { points, timeWeightedReturn } = await history(account, HistoryPeriod.HISTORY_PERIOD_DAY);
    expect(points.at(-1)).toMatchObject({ equity: 2200n * MICRO, cashFlow: 1100n * MICRO, profitLoss: 100n * MICRO });
    expect(timeWeightedReturn).toBe(100_000n);
  });

  test.each<[period: HistoryPeriod, stepUs: bigint]>([
    [HistoryPeriod.HISTORY_PERIOD_WEEK, 3_600_000_000n],
    [HistoryPeriod.HISTORY_PERIOD_MONTH, DAY_US],
    [HistoryPeriod.HISTORY_PERIOD_QUARTER, DAY_US],
    [HistoryPeriod.HISTORY_PERIOD_YEAR, DAY_US],
    [HistoryPeriod.HISTORY_PERIOD_ALL, MINUTES_5_US],
  ])('of period %i is cut at %i', async (period, stepUs) => {
    const account = await opened(portfolio, { cash: MICRO });
    expect((await history(account, period)).stepUs).toBe(stepUs);
  });

  test('broken off is taken up by the next, which takes what is missing', async () => {
    nowUs += DAY_US;
    const stop = new AbortController();
    const slow = createSnapshots({
      db: portfolio.db,
      now: () => nowUs,
      quotes: async () => {
        // The second timeframe is as far as it comes.
        if (asked++ === 1) stop.abort();
        return new Map();
      },
    });
    let asked = 0;
    const before = await slow.take(stop.signal);
    const [{ open } = { open: 0 }] = await portfolio.db<{ open: number }[]>`
      select count(*)::int as open from accounts where kind <> 'house' and status <> 'closed'`;
    expect(before).toBe(open);
    expect(await take()).toBeGreaterThanOrEqual(2 * open);
    expect(await take()).toBe(0);
  });
});

test('the ledger adds up', () => expectClean(portfolio));
