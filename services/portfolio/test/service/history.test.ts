import { connectDb, transaction } from '@andvari/kit/db/db';
import { eventually } from '@andvari/kit/testing/eventually';
import { compare, MICRO } from '@andvari/money';
import { FundingState, HistoryPeriod } from '@andvari/proto/portfolio/v1/portfolio';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSnapshots } from '../../src/app/snapshots.ts';
import {
  expectClean,
  type Opened,
  opened,
  openPortfolio,
  type Portfolio,
  present,
  quoteOf,
  traded as trade,
} from './portfolio-fixture.ts';

const DAY_US = 86_400_000_000n;
const MINUTES_5_US = 300_000_000n;
/** A clock that the tests turn; it starts in the middle of a day. */
let nowUs = 1_790_000_000_000_000n - (1_790_000_000_000_000n % DAY_US) + DAY_US / 2n;
let price = 100n * MICRO;
const quotes = async () => new Map([['AAPL', quoteOf(price)]]);

let portfolio: Portfolio;
beforeAll(async () => {
  // The jobs of the service rest: the tests take the snapshots themselves.
  portfolio = await openPortfolio({ SNAPSHOT_CHECK_MS: '86400000' }, { now: () => nowUs, quotes });
});
afterAll(() => portfolio.close());

const traded = (account: Opened, side: 'buy' | 'sell', shares: bigint, at: bigint) =>
  trade(portfolio, account, side, { shares, price: at, atUs: nowUs });
const snapshots = () => createSnapshots({ db: portfolio.db, now: () => nowUs, quotes });
const take = () => snapshots().take(new AbortController().signal);
const history = (account: Opened, period: HistoryPeriod) =>
  account.client.getHistory({ accountId: account.id, period });

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
    expect(baseValue).toBe(0n);
    expect(points.map(({ equity }) => equity / MICRO)).toEqual([0n, 1100n, 1250n]);
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
    await eventually(async () => {
      const asked = await account.client.getAccount({ accountId: account.id });
      expect(asked.account?.cashPosted).toBe(1100n * MICRO);
    });
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

describe('a snapshot job that is killed', () => {
  test('while it writes leaves nothing half done, and the next takes every instant once', async () => {
    nowUs += DAY_US;
    const worker = connectDb(present(portfolio.env['POSTGRES_URL']), { service: 'doomed', maxConnections: 1 });
    const taken = async () => {
      const [row] = await portfolio.db<{ rows: number; accounts: number; twice: number }[]>`
        select count(*)::int as rows, count(distinct account_id)::int as accounts, count(*)::int - count(distinct (account_id, timeframe))::int as twice
        from snapshots where at > to_timestamp(${nowUs - DAY_US / 2n - 1n}::float8 / 1e6)`;
      return row;
    };
    await transaction(portfolio.db, async (tx) => {
      await tx`lock table snapshots in share mode`;
      const killed = expect(
        createSnapshots({ db: worker, now: () => nowUs, quotes }).take(new AbortController().signal),
      ).rejects.toThrow();
      await eventually(async () => {
        const stopped = await portfolio.db`
          select pg_terminate_backend(pid) from pg_stat_activity
          where application_name = 'doomed' and wait_event_type = 'Lock' and datname = current_database()`;
        expect(stopped).toHaveLength(1);
      });
      await killed;
    });
    await worker.end({ timeout: 1 });
    expect(await taken()).toEqual({ rows: 0, accounts: 0, twice: 0 });
    await Promise.all([take(), take(), take()]);
    const [{ open } = { open: 0 }] = await portfolio.db<{ open: number }[]>`
      select count(*)::int as open from accounts where kind <> 'house' and status <> 'closed'`;
    expect(await taken()).toMatchObject({ accounts: open, twice: 0 });
  });
});

describe('a history of more than a year, with money brought in and taken out on the way', () => {
  let account: Opened;
  const growths: [atDay: number, to: bigint][] = [
    [100, 110n],
    [300, 121n],
    [400, 132n],
  ];

  beforeAll(async () => {
    price = 100n * MICRO;
    account = await opened(portfolio, { cash: 1000n * MICRO });
    await traded(account, 'buy', 10n, 100n);
    for (let day = 1; day <= 420; day += 1) {
      nowUs += DAY_US;
      price = (growths.find(([at]) => at === day)?.[1] ?? price / MICRO) * MICRO;
      await take();
      if (day === 200) await settled('deposit', 1100n);
      if (day === 350) await settled('withdraw', 500n);
    }
    // The last day by the hour: a price, and more money, in the middle of it.
    for (let hour = 1; hour <= 23; hour += 1) {
      nowUs += DAY_US / 24n;
      if (hour === 12) price = 143n * MICRO;
      await take();
      if (hour === 18) await settled('deposit', 70n);
    }
    // Four hundred and more days, however busy the machine is.
  }, 600_000);

  async function settled(way: 'deposit' | 'withdraw', units: bigint): Promise<void> {
    const { id: accountId, client } = account;
    const request = { accountId, currency: 'USD', amount: units * MICRO, idempotencyKey: `${way} ${nowUs}` };
    const { funding } = await client[way](request);
    await eventually(async () => {
      const asked = await client.getFunding({ fundingId: present(funding).id });
      expect(asked.funding?.state).toBe(FundingState.FUNDING_STATE_SETTLED);
    });
  }

  /** What each interval began with and came to, flows apart, as one does it on paper. */
  const links: [from: bigint, to: bigint][] = [
    [1000n, 1100n],
    [1100n + 1100n, 1210n + 1100n],
    [1210n + 600n, 1320n + 600n],
    [1320n + 600n, 1430n + 600n],
  ];
  const chained = (some: typeof links) => {
    const [from, to] = some.reduce(([a, b], [c, d]) => [a * c, b * d], [1n, 1n]);
    return ((to - from) * MICRO + from / 2n) / from;
  };

  type Row = [
    period: 'DAY' | 'WEEK' | 'MONTH' | 'QUARTER' | 'YEAR' | 'ALL',
    links: typeof links,
    base: bigint,
    profit: bigint,
    flow: bigint,
    points: number,
    stepUs: bigint,
  ];
  const rows: Row[] = [
    ['DAY', links.slice(3), 1920n, 110n, 70n, 24, MINUTES_5_US],
    ['WEEK', links.slice(3), 1920n, 110n, 70n, 30, DAY_US / 24n],
    ['MONTH', links.slice(2), 1810n, 220n, 70n, 31, DAY_US],
    ['QUARTER', links.slice(2), 2310n, 220n, -430n, 92, DAY_US],
    ['YEAR', links, 1000n, 430n, 670n, 366, DAY_US],
    ['ALL', links, 0n, 430n, 1670n, 420, DAY_US],
  ];
  test.each(rows)('over a %s', async (period, expected, base, profit, flow, count, stepUs) => {
    const answer = await history(account, HistoryPeriod[`HISTORY_PERIOD_${period}`]);
    const { points } = answer;
    expect(answer).toMatchObject({ stepUs, baseValue: base * MICRO, timeWeightedReturn: chained(expected) });
    expect(points.at(-1)).toMatchObject({ atUs: nowUs, equity: 2100n * MICRO, profitLoss: profit * MICRO });
    expect(points.reduce((total, { cashFlow }) => total + cashFlow, 0n)).toBe(flow * MICRO);
    // The same from the standing alone, which moves on while a history stays as it was read.
    const { equity, netPaidIn } = await account.client.getSummary({ accountId: account.id, quotes: [] });
    expect(equity - netPaidIn - (answer.baseValue - answer.baseNetPaidIn)).toBe(profit * MICRO);
    expect(Math.abs(points.length - count)).toBeLessThanOrEqual(3);
    expect(points.map(({ atUs }) => atUs)).toEqual(points.map(({ atUs }) => atUs).toSorted(compare));
  });

  test('keeps its fine instants for as long as they are asked for, and no longer', async () => {
    const kept = await portfolio.db<{ timeframe: string; days: number }[]>`
      select timeframe, (extract(epoch from max(at) - min(at)) / 86400)::int as days from snapshots
      where account_id = ${account.id} group by timeframe order by days`;
    expect(kept.map(({ timeframe, days }) => [timeframe, days < 20])).toEqual([
      ['5Min', true],
      ['1H', true],
      [expect.stringMatching(/^1[DW]$/), false],
      [expect.stringMatching(/^1[DW]$/), false],
    ]);
  });
});

test('the ledger adds up', () => expectClean(portfolio));
