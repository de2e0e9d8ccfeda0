import { randomUUID } from 'node:crypto';
import { eventually } from '@andvari/kit/testing/eventually';
import { MICRO } from '@andvari/money';
import { Side } from '@andvari/proto/engine/v1/commands';
import { fillSettled, fundingChanged } from '@andvari/proto/events';
import {
  AccountKind,
  HistoryPeriod,
  type ImportedAccount,
  type ImportedOrder,
  PortfolioServiceService,
} from '@andvari/proto/portfolio/v1/portfolio';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  as,
  balance,
  expectClean,
  giveShares,
  opened,
  openPortfolio,
  type Portfolio,
  traded,
} from './portfolio-fixture.ts';

/** Accounts that come with a past: as if it had been settled, so that everything that verifies finds nothing. */
let portfolio: Portfolio;
beforeAll(async () => {
  portfolio = await openPortfolio({ SNAPSHOT_CHECK_MS: '20' });
});
afterAll(() => portfolio.close());

const DAY_US = 86_400_000_000n;
/** A midnight, a year ago. */
const START_US = ((BigInt(Date.now()) * 1000n) / DAY_US - 365n) * DAY_US;

const tool = (service = 'operator-tool') => portfolio.client(PortfolioServiceService, { service });

let orders = 0;
function order(
  day: bigint,
  side: 'buy' | 'sell',
  shares: bigint,
  price: bigint,
  more: Partial<ImportedOrder> = {},
): ImportedOrder {
  const at = START_US + day * DAY_US + 3600n * MICRO;
  orders += 1;
  return {
    orderId: randomUUID(),
    symbol: 'AAPL',
    side: side === 'buy' ? Side.SIDE_BUY : Side.SIDE_SELL,
    qty: shares * MICRO,
    limitPx: 0n,
    held: side === 'buy' ? shares * (price + 1n) * MICRO : shares * MICRO,
    fillPx: price * MICRO,
    execId: `import-${orders}`,
    placedAtUs: at,
    endedAtUs: at + MICRO,
    ...more,
  };
}

function account(past: ImportedOrder[], more: Partial<ImportedAccount> = {}): ImportedAccount {
  return {
    id: randomUUID(),
    userId: randomUUID(),
    kind: AccountKind.ACCOUNT_KIND_INVESTMENT,
    currency: 'USD',
    name: 'Imported',
    openedAtUs: START_US,
    depositId: randomUUID(),
    deposit: 10_000n * MICRO,
    orders: past,
    ...more,
  };
}

test('a past is booked as if it had been settled: balances, holdings, what a client was shown, and the ledger verifies clean', async () => {
  const traders = [
    account([order(10n, 'buy', 10n, 100n), order(200n, 'sell', 4n, 150n)]),
    account([order(20n, 'buy', 5n, 110n, { limitPx: 111n * MICRO }), order(30n, 'buy', 2n, 90n, { fillPx: 0n })]),
    account([order(21n, 'buy', 3n, 50n, { symbol: 'MSFT' })]),
  ];
  const [first] = traders;
  if (first === undefined) throw new Error('nobody');
  const marks = [
    { atUs: START_US + 100n * DAY_US, prices: [{ symbol: 'AAPL', price: 120n * MICRO }] },
    { atUs: START_US + 300n * DAY_US, prices: [{ symbol: 'AAPL', price: 200n * MICRO }] },
  ];
  expect(await tool().importAccounts({ accounts: traders, marks })).toEqual({ imported: 3 });
  await expectClean(portfolio);
  expect(await balance(portfolio, first.id)).toEqual({ posted: 9_600n * MICRO, reserved: 0n });
  expect(await balance(portfolio, first.id, 'AAPL')).toEqual({ posted: 6n * MICRO, reserved: 0n });

  const owner = as(portfolio, first.userId);
  const { holdings } = await owner.listHoldings({ accountId: first.id, page: undefined });
  expect(holdings).toMatchObject([
    { symbol: 'AAPL', qty: 6n * MICRO, costBasis: 600n * MICRO, realizedPnl: 200n * MICRO },
  ]);
  const { activities } = await owner.listActivities({
    accountId: first.id,
    types: [],
    symbol: '',
    fromUs: 0n,
    toUs: 0n,
    oldestFirst: false,
    withBalance: false,
    page: undefined,
  });
  expect(activities.map(({ amount }) => amount)).toEqual([600n * MICRO, -1_000n * MICRO, 10_000n * MICRO]);
  const { points } = await owner.getHistory({ accountId: first.id, period: HistoryPeriod.HISTORY_PERIOD_ALL });
  // The service takes snapshots of its own meanwhile.
  const marked = points.filter(({ atUs }) => marks.some((mark) => mark.atUs === atUs));
  expect(marked.map(({ equity }) => equity)).toEqual([10_200n * MICRO, 10_800n * MICRO]);
});

test('whoever is there stays as they are: the same again, and half of it again, change nothing', async () => {
  const [one, other] = [account([order(40n, 'buy', 1n, 100n)]), account([order(41n, 'buy', 2n, 100n)])];
  expect(await tool().importAccounts({ accounts: [one], marks: [] })).toEqual({ imported: 1 });
  expect(await tool().importAccounts({ accounts: [one, other], marks: [] })).toEqual({ imported: 1 });
  expect(await tool().importAccounts({ accounts: [one, other], marks: [] })).toEqual({ imported: 0 });
  expect((await balance(portfolio, one.id)).posted).toBe(9_900n * MICRO);
  await expectClean(portfolio);
});

test('two who import the same at the same moment import it once', async () => {
  const accounts = Array.from({ length: 20 }, () => account([order(50n, 'buy', 1n, 100n)]));
  const answers = await Promise.all([
    tool().importAccounts({ accounts, marks: [] }),
    tool().importAccounts({ accounts, marks: [] }),
  ]);
  expect(new Set(answers.map(({ imported }) => imported))).toEqual(new Set([0, 20]));
  await expectClean(portfolio);
});

test('batches at once, beside people who trade: all meet in the house’s accounts, and none is lost', async () => {
  const batches = Array.from({ length: 6 }, () =>
    Array.from({ length: 10 }, () => account([order(70n, 'buy', 2n, 100n)])),
  );
  const trader = await opened(portfolio);
  const answers = await Promise.all([
    ...batches.map((accounts) => tool().importAccounts({ accounts, marks: [] })),
    giveShares(portfolio, trader, 1n),
  ]);
  expect(answers.slice(0, 6)).toEqual(batches.map(() => ({ imported: 10 })));
  await expectClean(portfolio);
});

test('who was imported trades on, beside those who were not, and nothing of the past is told', async () => {
  const imported = account([order(60n, 'buy', 10n, 100n)]);
  const other = await opened(portfolio);
  await giveShares(portfolio, other, 1n);
  await tool().importAccounts({ accounts: [imported], marks: [] });
  const client = { id: imported.id, userId: imported.userId, client: as(portfolio, imported.userId) };
  await traded(portfolio, client, 'sell', { shares: 10n, price: 120n, atUs: BigInt(Date.now()) * 1000n });
  expect((await balance(portfolio, imported.id)).posted).toBe(10_200n * MICRO);
  await eventually(async () => {
    const told = await portfolio.published(fillSettled);
    expect(told.filter(({ accountId }) => accountId === imported.id)).toHaveLength(1);
  });
  expect((await portfolio.published(fundingChanged)).filter(({ accountId }) => accountId === imported.id)).toEqual([]);
  await expectClean(portfolio);
});

describe('refused', () => {
  const now = BigInt(Math.floor(Date.now() / 1000)) * MICRO;
  test.each<[what: string, given: () => ImportedAccount, why: RegExp]>([
    ['more money than there was', () => account([order(10n, 'buy', 1000n, 100n)]), /holds more than there was/],
    ['shares that nobody bought', () => account([order(10n, 'sell', 1n, 100n)]), /holds more than there was/],
    [
      'a fill beyond its limit',
      () => account([order(10n, 'buy', 1n, 100n, { limitPx: 99n * MICRO })]),
      /price_beyond_limit/,
    ],
    ['a past that ends today', () => account([order(1n, 'buy', 1n, 100n, { endedAtUs: now })]), /ended ten days ago/],
    [
      'a sale that holds money',
      () => account([order(1n, 'sell', 1n, 100n, { held: 1n })]),
      /held: should be the shares/,
    ],
    ['an order from before its account', () => account([order(-1n, 'buy', 1n, 100n)]), /after the opening/],
    ['half a second', () => account([], { openedAtUs: START_US + 1n }), /should be a whole second/],
  ])('%s', async (_, given, why) => {
    const wrong = given();
    await expect(tool().importAccounts({ accounts: [account([]), wrong], marks: [] })).rejects.toThrow(why);
    expect(await portfolio.db`select 1 from accounts where id = ${wrong.id}`).toEqual([]);
  });

  test.each(['order', 'gateway', 'test'])('the caller %s', async (service) => {
    await expect(tool(service).importAccounts({ accounts: [], marks: [] })).rejects.toMatchObject({
      code: 'permission_denied',
      reason: 'permission_missing',
    });
  });

  test('a person, whatever they may do', async () => {
    const person = { service: 'operator-tool', userId: randomUUID(), scopes: ['ledger:adjust', 'ledger:verify'] };
    const client = portfolio.client(PortfolioServiceService, person);
    await expect(client.importAccounts({ accounts: [], marks: [] })).rejects.toMatchObject({
      code: 'permission_denied',
    });
  });
});

test('in production nobody is imported', async () => {
  const production = await openPortfolio({ ENVIRONMENT: 'production' });
  try {
    const client = production.client(PortfolioServiceService, { service: 'operator-tool' });
    await expect(client.importAccounts({ accounts: [account([])], marks: [] })).rejects.toMatchObject({
      code: 'permission_denied',
      reason: 'development_only',
    });
    expect(await production.db`select 1 from accounts where kind <> 'house'`).toEqual([]);
  } finally {
    await production.close();
  }
});
