import { randomUUID } from 'node:crypto';
import { AppError } from '@andvari/kit/base/errors';
import { eventually } from '@andvari/kit/testing/eventually';
import { MICRO } from '@andvari/money';
import { adjustmentPosted } from '@andvari/proto/events';
import { AccountKind, ActivityType, type AdjustRequest, HistoryPeriod } from '@andvari/proto/portfolio/v1/portfolio';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  balance,
  buyOf,
  type Client,
  caughtUp,
  expectClean,
  fill,
  type Opened,
  opened,
  openPortfolio,
  operator,
  orders,
  type Portfolio,
  published,
  quoteOf,
  sellOf,
} from './portfolio-fixture.ts';

let portfolio: Portfolio;
let clerk: Client;
let isListed = async (symbol: string): Promise<boolean> => ['AAPL', 'MSFT'].includes(symbol);
let quotes: [string, bigint][] = [];
beforeAll(async () => {
  const options = {
    isListed: (symbol: string) => isListed(symbol),
    quotes: async () => new Map(quotes.map(([symbol, price]) => [symbol, quoteOf(price)])),
  };
  portfolio = await openPortfolio({ POSTGRES_CONNECTIONS: '3' }, options);
  clerk = operator(portfolio);
});
afterAll(() => portfolio.close());

/** Whole shares; a price where they come. */
function of(account: Opened, shares: bigint, costPx?: bigint, more: Partial<AdjustRequest> = {}): AdjustRequest {
  const { id: accountId } = account;
  const cost = costPx === undefined ? {} : { costPx: costPx * MICRO };
  const given = { accountId, asset: 'AAPL', amount: shares * MICRO, reason: 'a slip', idempotencyKey: randomUUID() };
  return { ...given, ...cost, ...more };
}

async function holding(account: Opened) {
  const { holdings } = await account.client.listHoldings({ accountId: account.id, page: undefined });
  return holdings[0];
}

const lotsOf = async ({ id: accountId, client }: Opened) =>
  (await client.listLots({ accountId, symbol: 'AAPL', includeClosed: true, page: undefined })).lots;

async function adjustmentsOf({ id: accountId, client }: Opened) {
  const types = [ActivityType.ACTIVITY_TYPE_ADJUSTMENT];
  const asked = {
    accountId,
    types,
    symbol: 'AAPL',
    fromUs: 0n,
    toUs: 0n,
    oldestFirst: false,
    withBalance: false,
    page: undefined,
  };
  return (await client.listActivities(asked)).activities;
}

describe('shares that an operator adds', () => {
  test('are held in a lot of their own at the cost given, shown and told', async () => {
    const account = await opened(portfolio);
    const { journalId, costBasis } = await clerk.adjust(of(account, 10n, 25n));
    expect(costBasis).toBe(250n * MICRO);
    expect(await balance(portfolio, account.id, 'AAPL')).toEqual({ posted: 10n * MICRO, reserved: 0n });
    expect(await holding(account)).toMatchObject({
      qty: 10n * MICRO,
      avgCostPx: 25n * MICRO,
      costBasis: 250n * MICRO,
      realizedPnl: 0n,
    });
    expect(await lotsOf(account)).toMatchObject([{ qtyRemaining: 10n * MICRO, costRemaining: 250n * MICRO }]);
    expect(await adjustmentsOf(account)).toMatchObject([
      { symbol: 'AAPL', qty: 10n * MICRO, px: 25n * MICRO, amount: 0n, currency: 'USD', journalId, realizedPnl: 0n },
    ]);
    const entries = await portfolio.db`
      select account.kind, entry.amount from entries entry join ledger_accounts account on account.id = ledger_account_id
      where journal_id = ${journalId} order by entry.amount`;
    expect(entries).toEqual([
      { kind: 'house', amount: -10n * MICRO },
      { kind: 'position', amount: 10n * MICRO },
    ]);
    await eventually(async () => {
      const told = (await portfolio.published(adjustmentPosted)).filter(({ accountId }) => accountId === account.id);
      expect(told).toMatchObject([
        {
          asset: 'AAPL',
          amount: 10n * MICRO,
          costBasis: 250n * MICRO,
          reason: 'a slip',
          journalId,
          userId: account.userId,
        },
      ]);
    });
  });

  test('are sold like any, and realise what they brought beyond that cost', async () => {
    const account = await opened(portfolio);
    await clerk.adjust(of(account, 10n, 25n));
    const order = sellOf(account, 4n);
    await orders(portfolio).reserve(order);
    await published(portfolio, [fill(order, 4n, 30n)]);
    await caughtUp(portfolio);
    expect(await holding(account)).toMatchObject({ qty: 6n * MICRO, realizedPnl: 20n * MICRO });
    expect((await balance(portfolio, account.id)).posted).toBe(120n * MICRO);
  });
});

describe('shares that an operator removes', () => {
  test('are the oldest, at what they had cost: nothing is realised', async () => {
    const account = await opened(portfolio);
    await clerk.adjust(of(account, 10n, 25n));
    await clerk.adjust(of(account, 10n, 50n));
    expect((await clerk.adjust(of(account, -15n))).costBasis).toBe(-500n * MICRO);
    expect(await holding(account)).toMatchObject({ qty: 5n * MICRO, costBasis: 250n * MICRO, realizedPnl: 0n });
    expect(await lotsOf(account)).toMatchObject([
      { qtyRemaining: 0n, realizedPnl: 0n, closedAtUs: expect.any(BigInt) },
      { qtyRemaining: 5n * MICRO, costRemaining: 250n * MICRO, realizedPnl: 0n, closedAtUs: 0n },
    ]);
    expect(await adjustmentsOf(account)).toMatchObject([
      { qty: -15n * MICRO },
      { qty: 10n * MICRO },
      { qty: 10n * MICRO },
    ]);
    await clerk.adjust(of(account, -5n));
    await account.client.closeAccount({ accountId: account.id });
  });

  test('are not those that an order holds, nor more than there are', async () => {
    const account = await opened(portfolio);
    await clerk.adjust(of(account, 10n, 25n));
    await orders(portfolio).reserve(sellOf(account, 4n));
    await expect(clerk.adjust(of(account, -7n))).rejects.toMatchObject({
      code: 'failed_precondition',
      reason: 'insufficient_shares',
      numbers: { needed: 7n * MICRO, available: 6n * MICRO },
    });
    await clerk.adjust(of(account, -6n));
    await expect(clerk.adjust(of(account, -1n))).rejects.toMatchObject({ reason: 'insufficient_shares' });
    expect(await balance(portfolio, account.id, 'AAPL')).toEqual({ posted: 4n * MICRO, reserved: 4n * MICRO });
    await expect(clerk.adjust(of(account, -1n, undefined, { asset: 'MSFT' }))).rejects.toMatchObject({
      reason: 'insufficient_shares',
    });
  });

  test('twice as many at once as there are, go as far as they reach', async () => {
    const account = await opened(portfolio);
    await clerk.adjust(of(account, 10n, 25n));
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => clerk.adjust(of(account, -1n))));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
    expect(await holding(account)).toBeUndefined();
  });
});

describe('shares of a symbol that the market does not list', () => {
  const misspelt = { asset: 'APPL' };

  test('are not added, and the input at fault is named', async () => {
    const account = await opened(portfolio);
    await expect(clerk.adjust(of(account, 10n, 25n, misspelt))).rejects.toMatchObject({
      code: 'not_found',
      reason: 'instrument_not_found',
      field: 'asset',
    });
    expect(await holding(account)).toBeUndefined();
  });

  test('that were added once are taken away', async () => {
    const account = await opened(portfolio);
    const before = isListed;
    isListed = async () => true;
    await clerk.adjust(of(account, 10n, 25n, misspelt)).finally(() => {
      isListed = before;
    });
    await clerk.adjust(of(account, -10n, undefined, misspelt));
    expect(await holding(account)).toBeUndefined();
  });

  test('nobody knows of while the market is away: what it has told of before is added, all else is not', async () => {
    const account = await opened(portfolio, { cash: 100n * MICRO });
    await orders(portfolio).reserve(buyOf(account, 1n, 10n, { symbol: 'TOLD' }));
    const before = isListed;
    isListed = () => Promise.reject(new AppError('unavailable', 'away', { reason: 'market_data_unavailable' }));
    try {
      await clerk.adjust(of(account, 10n, 25n, { asset: 'TOLD' }));
      await expect(clerk.adjust(of(account, 10n, 25n, { asset: 'NEWS' }))).rejects.toMatchObject({
        code: 'unavailable',
        reason: 'market_data_unavailable',
      });
    } finally {
      isListed = before;
    }
    expect((await account.client.listHoldings({ accountId: account.id, page: undefined })).holdings).toMatchObject([
      { symbol: 'TOLD', qty: 10n * MICRO },
    ]);
  });
});

describe('an adjustment’s key', () => {
  test('used again gives the same adjustment', async () => {
    const account = await opened(portfolio);
    const request = of(account, 10n, 25n);
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => clerk.adjust(request)));
    expect(new Set(answers.map(({ journalId }) => journalId)).size).toBe(1);
    expect(await clerk.adjust(request)).toEqual(answers[0]);
    expect((await balance(portfolio, account.id, 'AAPL')).posted).toBe(10n * MICRO);
    expect(await lotsOf(account)).toHaveLength(1);
  });

  const changes: [what: string, change: Partial<AdjustRequest>][] = [
    ['amount', { amount: MICRO }],
    ['cost', { costPx: MICRO }],
    ['reason', { reason: 'another' }],
    ['symbol', { asset: 'MSFT' }],
    ['asset', { asset: 'USD', costPx: undefined }],
  ];
  test.each(changes)('used for another %s is refused', async (_, change) => {
    const account = await opened(portfolio);
    const request = of(account, 10n, 25n);
    await clerk.adjust(request);
    await expect(clerk.adjust({ ...request, ...change })).rejects.toMatchObject({
      code: 'already_exists',
      reason: 'idempotency_key_reused',
      field: 'idempotency_key',
    });
    expect((await balance(portfolio, account.id, 'AAPL')).posted).toBe(10n * MICRO);
  });
});

test('an account that does not trade holds no shares', async () => {
  const savings = await opened(portfolio, { kind: AccountKind.ACCOUNT_KIND_SAVINGS });
  await expect(clerk.adjust(of(savings, 1n, 1n))).rejects.toMatchObject({
    reason: 'account_kind_cannot_trade',
    field: 'asset',
  });
});

describe('more than an account can hold is refused, and nothing of it is kept', () => {
  const most = 10n ** 18n;
  const rows: [of: string, request: (account: Opened) => AdjustRequest, times: number][] = [
    ['money', (account) => of(account, 0n, undefined, { asset: 'USD', amount: most }), 9],
    ['shares', (account) => of(account, 0n, 0n, { amount: most }), 9],
    ['cost', (account) => of(account, 0n, 10_000_000n, { amount: most }), 0],
  ];
  test.each(rows)('of %s', async (_, request, times) => {
    const account = await opened(portfolio);
    for (let time = 0; time < times; time += 1) await clerk.adjust(request(account));
    const refused = { code: 'failed_precondition', reason: 'amount_out_of_range', field: 'amount' };
    await expect(clerk.adjust(request(account))).rejects.toMatchObject(refused);
    const [kept] =
      await portfolio.db`select count(*)::int as journals from activities where account_id = ${account.id}`;
    expect(kept).toEqual({ journals: times });
  });

  test('of money on its way', async () => {
    const account = await opened(portfolio);
    for (let time = 0; time < 9; time += 1)
      await clerk.adjust(of(account, 0n, undefined, { asset: 'USD', amount: most }));
    const room = 2n ** 63n - 1n - 9n * most;
    await clerk.adjust(of(account, 0n, undefined, { asset: 'USD', amount: room }));
    const deposit = { accountId: account.id, currency: 'USD', amount: 10_000n, idempotencyKey: randomUUID() };
    await expect(account.client.deposit(deposit)).rejects.toMatchObject({ reason: 'amount_out_of_range' });
  });

  test('of what was ever brought, though as much was taken', async () => {
    const account = await opened(portfolio);
    const money = (amount: bigint) => of(account, 0n, undefined, { asset: 'USD', amount });
    for (let time = 0; time < 9; time += 1) {
      await clerk.adjust(money(most));
      await clerk.adjust(money(-most));
    }
    await expect(clerk.adjust(money(most))).rejects.toMatchObject({ reason: 'amount_out_of_range' });
  });

  const bringNineTimesTheMost = async (account: Opened): Promise<void> => {
    for (let time = 0; time < 9; time += 1)
      await clerk.adjust(of(account, 0n, undefined, { asset: 'USD', amount: most }));
  };

  test('but not for what others hold, though the same account of the house stands across from them', async () => {
    // Of 33 accounts three stand across from the same of the sixteen.
    const accounts = await Promise.all(Array.from({ length: 33 }, () => opened(portfolio)));
    const neighbours =
      [...Map.groupBy(accounts, ({ id }) => id.at(-1)).values()].find(({ length }) => length >= 3) ?? [];
    expect(neighbours.length).toBeGreaterThanOrEqual(3);
    await Promise.all(neighbours.slice(0, 3).map(bringNineTimesTheMost));
    for (const { id } of neighbours.slice(0, 3)) expect((await balance(portfolio, id)).posted).toBe(9n * most);
  });
});

describe('in the history', () => {
  test.each<[rule: string, quoted: [string, bigint][], equity: bigint]>([
    ['at the quote', [['AAPL', 40n * MICRO]], 800n],
    ['at cost where nobody quotes them', [], 500n],
  ])('shares that come and go are neither gain nor loss: %s', async (_, quoted, equity) => {
    quotes = quoted;
    const account = await opened(portfolio);
    await clerk.adjust(of(account, 30n, 25n));
    await clerk.adjust(of(account, -10n));
    const { points, timeWeightedReturn } = await account.client.getHistory({
      accountId: account.id,
      period: HistoryPeriod.HISTORY_PERIOD_DAY,
    });
    quotes = [];
    expect(points.at(-1)).toMatchObject({ equity: equity * MICRO, profitLoss: 0n });
    expect(timeWeightedReturn).toBe(0n);
    const [flow] = await portfolio.db`
      select brought - taken as flow from account_flows where account_id = ${account.id}`;
    expect(flow).toEqual({ flow: equity * MICRO });
  });
});

test('beside trades of the same shares at the same time, all adds up', async () => {
  const account = await opened(portfolio, { cash: 1000n * MICRO });
  await clerk.adjust(of(account, 50n, 10n));
  const trades = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? buyOf(account, 2n, 10n) : sellOf(account, 1n)));
  await Promise.all(trades.map((trade) => orders(portfolio).reserve(trade)));
  await Promise.all([
    published(
      portfolio,
      trades.map((trade) => fill(trade, trade.qty / MICRO, 10n)),
    ),
    ...Array.from({ length: 20 }, (_, i) => clerk.adjust(i % 2 === 0 ? of(account, 3n, 12n) : of(account, -2n))),
  ]);
  await caughtUp(portfolio);
  expect(await holding(account)).toMatchObject({ qty: 70n * MICRO });
});

test('no share appears or disappears, and the ledger adds up', async () => {
  const [row] = await portfolio.db`select sum(posted)::bigint as all_told from ledger_accounts where asset = 'AAPL'`;
  expect(row).toEqual({ all_told: 0n });
  await expectClean(portfolio);
});
