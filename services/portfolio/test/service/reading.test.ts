import { randomUUID } from 'node:crypto';
import { transaction } from '@andvari/kit/db/db';
import { MICRO } from '@andvari/money';
import { ActivityType, HistoryPeriod } from '@andvari/proto/portfolio/v1/portfolio';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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
  traded as trade,
} from './portfolio-fixture.ts';

/** A clock that the tests turn. */
let nowUs = 1_790_000_000_000_000n;

let portfolio: Portfolio;
beforeAll(async () => {
  portfolio = await openPortfolio({}, { now: () => nowUs });
});
afterAll(() => portfolio.close());

const traded = (account: Opened, side: 'buy' | 'sell', shares: bigint, price: bigint, symbol = 'AAPL') =>
  trade(portfolio, account, side, { shares, price, symbol, atUs: nowUs });

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
    // The close before: what was bought since counts from what was paid.
    const previousCloseAtUs = nowUs - 1n;
    const quoted = { symbol: 'AAPL', px: 120n * MICRO, previousClose: 110n * MICRO, previousCloseAtUs, asOfUs: 0n };
    expect(await account.client.getSummary({ accountId: account.id, quotes: [quoted] })).toEqual({
      currency: 'USD',
      cash: 8993n * MICRO,
      marketValue: 1207n * MICRO,
      equity: 10_200n * MICRO,
      costBasis: 1007n * MICRO,
      unrealizedPnl: 200n * MICRO,
      realizedPnl: 0n,
      dayPnl: 200n * MICRO,
      dayPnlOfGone: 0n,
      netPaidIn: 10_000n * MICRO,
      staleSymbols: [],
      unquotedSymbols: ['MSFT'],
    });
  });
});

test('fills of one moment are told in the order in which they were booked', async () => {
  const account = await opened(portfolio, { cash: 10_000n * MICRO });
  const order = buyOf(account, 36n, 100n);
  await orders(portfolio).reserve(order);
  const shares = [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n];
  let before = 0n;
  const legs = shares.map((each) => {
    const leg = { ...fill(order, each, 100n, before), transactTimeUs: nowUs };
    before += each;
    return leg;
  });
  await published(
    portfolio,
    legs.flatMap((leg) => [leg, houseLeg(leg)]),
  );
  await caughtUp(portfolio);
  const types = [ActivityType.ACTIVITY_TYPE_BUY];
  const asked = { accountId: account.id, types, symbol: '', fromUs: 0n, toUs: 0n, withBalance: false };
  for (const [oldestFirst, told] of [
    [true, shares],
    [false, shares.toReversed()],
  ] as const) {
    const { activities } = await account.client.listActivities({ ...asked, oldestFirst, page: undefined });
    expect(activities.map(({ qty }) => qty / MICRO)).toEqual(told);
  }
});

test('today counts what was held from the close, what was bought from its price, and what was sold until what it brought', async () => {
  const account = await opened(portfolio, { cash: 10_000n * MICRO });
  await traded(account, 'buy', 10n, 100n);
  await traded(account, 'buy', 3n, 30n, 'TSLA');
  nowUs += 1_000_000n;
  const previousCloseAtUs = nowUs;
  const close = (symbol: string, px: bigint, previousClose: bigint) => ({
    symbol,
    px: px * MICRO,
    previousClose: previousClose * MICRO,
    previousCloseAtUs,
    asOfUs: 0n,
  });
  const closes = [close('AAPL', 125n, 110n), close('TSLA', 50n, 40n), close('MSFT', 9n, 1n)];
  const today = async (quotes = closes) => {
    const { dayPnl, dayPnlOfGone } = await account.client.getSummary({ accountId: account.id, quotes });
    return [dayPnl / MICRO, dayPnlOfGone / MICRO];
  };
  expect(await today()).toEqual([10n * 15n + 3n * 10n, 0n]);
  nowUs += 1_000_000n;
  await traded(account, 'buy', 5n, 120n);
  await traded(account, 'sell', 3n, 130n);
  await traded(account, 'buy', 2n, 7n, 'MSFT');
  await traded(account, 'sell', 2n, 9n, 'MSFT');
  await traded(account, 'sell', 3n, 45n, 'TSLA');
  const held = 12n * 125n - 10n * 110n - 5n * 120n + 3n * 130n;
  const gone = 2n * (9n - 7n) + 3n * (45n - 40n);
  expect(await today()).toEqual([held + gone, gone]);
  // A price of an earlier day says nothing about this one.
  const old = { ...close('AAPL', 125n, 110n), previousCloseAtUs: previousCloseAtUs - 1n };
  expect(await today([old, ...closes.slice(1)])).toEqual([gone, gone]);
});

describe('what happened', () => {
  test('is listed the newest first, a page at a time, by type, symbol and date', async () => {
    const account = await opened(portfolio, { cash: 10_000n * MICRO });
    const from = nowUs;
    for (let i = 0; i < 5; i += 1) {
      nowUs += 1_000_001n;
      await traded(account, i % 2 === 0 ? 'buy' : 'sell', 1n, 10n);
    }
    const orderId = await traded(account, 'buy', 1n, 7n, 'MSFT');
    const all = {
      accountId: account.id,
      types: [],
      symbol: '',
      fromUs: 0n,
      toUs: 0n,
      oldestFirst: false,
      withBalance: false,
      page: undefined,
    };
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
    const [bought, paidIn] = [
      await account.client.listActivities({ ...all, symbol: 'MSFT' }),
      await account.client.listActivities({ ...all, types: [ActivityType.ACTIVITY_TYPE_ADJUSTMENT] }),
    ].map(({ activities }) => activities[0]);
    expect([bought?.orderId, paidIn?.orderId]).toEqual([orderId, '']);
    expect(await count({ fromUs: from + 1n, toUs: from + 2_000_003n })).toBe(2);
  });

  test('is a statement: from what was there before, line by line, to what is there after, which is what the ledger says', async () => {
    const account = await opened(portfolio, { cash: 10_000n * MICRO });
    const { id: accountId, client } = account;
    const bounds = [nowUs];
    for (const price of [10n, 20n, 30n]) {
      nowUs += 1_000_000n;
      bounds.push(nowUs);
      await traded(account, 'buy', 3n, price);
      nowUs += 1n;
      await traded(account, 'sell', 1n, price);
    }
    nowUs += 1_000_000n;
    bounds.push(nowUs, nowUs + 5n);
    const asked = { accountId, types: [], symbol: '', oldestFirst: true, withBalance: true };
    let before = 0n;
    for (const [index, fromUs] of bounds.slice(0, -1).entries()) {
      const span = { ...asked, fromUs, toUs: bounds[index + 1] ?? 0n };
      const { activities, balanceBefore } = await client.listActivities({ ...span, page: undefined });
      expect(balanceBefore).toBe(before);
      const times = activities.map(({ occurredAtUs }) => occurredAtUs);
      expect(times).toEqual(times.toSorted((a, b) => Number(a - b)));
      const paged = await client.listActivities({ ...span, page: { first: 1, after: '' } });
      const after = paged.pageInfo?.endCursor ?? '';
      const rest = await client.listActivities({ ...span, withBalance: false, page: { first: 50, after } });
      expect([...paged.activities, ...rest.activities]).toEqual(activities);
      expect(rest.balanceBefore).toBeUndefined();
      before = activities.reduce((sum, { amount }) => sum + amount, before);
    }
    expect(before).toBe((10_000n - 2n * (10n + 20n + 30n)) * MICRO);
    const { account: now } = await client.getAccount({ accountId });
    expect(now?.cashPosted).toBe(before);
    const { startsUs } = await client.listActiveSpans({ accountId, boundsUs: bounds });
    // Nothing happened in the last of them.
    expect(startsUs).toEqual(bounds.slice(0, -2));
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

test('the ledger adds up', () => expectClean(portfolio));

test('nothing of what is held, owned or earned is added up from what happened: without a past it reads the same', async () => {
  const account = await opened(portfolio, { cash: 1000n * MICRO });
  const { id: accountId, client } = account;
  await traded(account, 'buy', 10n, 50n);
  await traded(account, 'sell', 4n, 60n);
  const page = undefined;
  const all = () =>
    Promise.all([
      client.getAccount({ accountId }),
      client.getBuyingPower({ accountId, currency: '' }),
      client.listHoldings({ accountId, page }),
      client.listLots({ accountId, symbol: '', includeClosed: true, page }),
      client.getSummary({ accountId, quotes: [{ symbol: 'AAPL', px: 70n * MICRO, previousClose: 0n, asOfUs: 0n }] }),
      client.getHistory({ accountId, period: HistoryPeriod.HISTORY_PERIOD_ALL }),
    ]);
  const before = await all();
  expect(before[4]).toMatchObject({ equity: 1160n * MICRO, realizedPnl: 40n * MICRO });
  await transaction(portfolio.db, async (tx) => {
    await tx`set local session_replication_role = replica`;
    for (const past of ['entries', 'journals', 'activities', 'lot_closings', 'reservations'])
      await tx`delete from ${tx(past)}`;
  });
  expect(await all()).toEqual(before);
});
