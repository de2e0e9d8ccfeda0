import { newEvent } from '@andvari/kit/events/event';
import { eventually } from '@andvari/kit/testing/eventually';
import { MICRO } from '@andvari/money';
import { ExecType } from '@andvari/proto/engine/v1/reports';
import { corporateActionPosted, instrumentChanged, splitApplied } from '@andvari/proto/events';
import { Instrument } from '@andvari/proto/stock/v1/stock';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { holding, split, told } from './corporate-action-world.ts';
import {
  adjusted,
  balance,
  buyOf,
  caughtUp,
  expectClean,
  fill,
  HOUSE,
  houseLeg,
  type Opened,
  opened,
  openPortfolio,
  orders,
  type Portfolio,
  present,
  published,
  report,
  sellOf,
} from './portfolio-fixture.ts';

let portfolio: Portfolio;
beforeAll(async () => {
  portfolio = await openPortfolio();
});
afterAll(() => portfolio.close());

async function listed(symbol: string, terms: Partial<Instrument>): Promise<void> {
  const instrument = {
    ...Instrument.decode(new Uint8Array()),
    symbol,
    currency: 'USD',
    lot: MICRO,
    version: 1n,
    ...terms,
  };
  await portfolio.publish(
    newEvent(instrumentChanged, { instrument, changedBy: 'test' }, { source: 'stock', subject: { symbol } }),
  );
  await caughtUp(portfolio, 'MARKET', 'portfolio-instruments');
}

/** How many accounts each word of its end named. */
const ended = async (id: string) =>
  (await portfolio.published(corporateActionPosted))
    .filter(({ actionId }) => actionId === id)
    .map(({ accounts }) => accounts);

const held = async ({ client, id: accountId }: Opened) =>
  present((await client.listHoldings({ accountId, page: undefined })).holdings[0]);

/** Micro-shares, at one a share. */
async function boughtFromHouse(account: Opened, symbol: string, qty: bigint): Promise<void> {
  const order = { ...buyOf(account, 1n, 1n, { symbol }), qty, amount: qty };
  await orders(portfolio).reserve(order);
  const more = { lastQty: qty, lastPx: MICRO, cumQty: qty, leavesQty: 0n };
  const leg = report(order, ExecType.EXEC_TYPE_FILL, { more });
  await published(portfolio, [leg, houseLeg(leg)]);
  await eventually(async () => expect((await balance(portfolio, account.id, symbol)).posted).toBe(qty));
  await caughtUp(portfolio);
}

/** To the system's accounts of a kind; the house's trading account is another. */
async function postedTo(kind: string, symbol: string): Promise<bigint> {
  const [row] = await portfolio.db<{ posted: bigint }[]>`
    select coalesce(sum(posted), 0)::bigint as posted from ledger_accounts
    where kind = ${kind} and asset = ${symbol} and account_id <> ${HOUSE}`;
  return present(row).posted;
}

describe('a split', () => {
  test('changes the number of shares and nothing that they are worth', async () => {
    const account = await holding(portfolio, 'SPL', 3n * MICRO);
    const done = split('SPL', 4n, 1n);
    await told(portfolio, done, done);
    await eventually(async () => expect((await held(account)).qty).toBe(12n * MICRO));
    expect(await held(account)).toMatchObject({ costBasis: 30n * MICRO, avgCostPx: 2_500_000n, realizedPnl: 0n });
    const { lots } = await account.client.listLots({
      accountId: account.id,
      symbol: 'SPL',
      includeClosed: false,
      page: undefined,
    });
    expect(lots).toMatchObject([{ qtyRemaining: 12n * MICRO, costRemaining: 30n * MICRO }]);
    await eventually(async () => {
      expect((await portfolio.published(splitApplied)).filter(({ actionId }) => actionId === done.id)).toHaveLength(1);
    });
    await expectClean(portfolio);
  });

  test('pays out what is less than a share where only whole ones are held', async () => {
    await listed('RSP', { fractionable: false });
    const account = await holding(portfolio, 'RSP', 25n * MICRO);
    await told(portfolio, split('RSP', 1n, 10n));
    await eventually(async () => expect((await held(account)).qty).toBe(2n * MICRO));
    // Five shares at 100 that had cost 10 each.
    expect(await held(account)).toMatchObject({ costBasis: 200n * MICRO, realizedPnl: 450n * MICRO });
    expect((await balance(portfolio, account.id)).posted).toBe(500n * MICRO);
    await expectClean(portfolio);
  });

  test('that leaves as many shares as there were, and pays the rest of one, adds up', async () => {
    await listed('SAM', { fractionable: false });
    const account = await holding(portfolio, 'SAM', MICRO);
    await told(portfolio, split('SAM', 3n, 2n));
    // Half a new share, of which two are worth three old ones of 100; a third of the cost went with it.
    await eventually(async () => expect((await balance(portfolio, account.id)).posted).toBe(33_333_333n));
    expect(await held(account)).toMatchObject({ qty: MICRO, avgCostPx: 6_666_667n });
    await expectClean(portfolio);
  });

  test('leaves fractions where they may be held', async () => {
    await listed('FRC', { fractionable: true });
    const account = await holding(portfolio, 'FRC', 25n * MICRO);
    await told(portfolio, split('FRC', 1n, 10n));
    await eventually(async () => expect((await held(account)).qty).toBe(2_500_000n));
    expect((await balance(portfolio, account.id)).posted).toBe(0n);
    await expectClean(portfolio);
  });

  test('waits for the orders from before it, and until then nobody orders more', async () => {
    const account = await holding(portfolio, 'SPW', 10n * MICRO);
    const order = sellOf(account, 4n, { symbol: 'SPW', asset: 'SPW' });
    await orders(portfolio).reserve(order);
    await told(portfolio, split('SPW', 2n, 1n));
    await expect(orders(portfolio).reserve(sellOf(account, 1n, { symbol: 'SPW', asset: 'SPW' }))).rejects.toMatchObject(
      {
        reason: 'corporate_action_pending',
      },
    );
    const leg = fill(order, 1n, 100n);
    await published(portfolio, [leg, houseLeg(leg), report(order, ExecType.EXEC_TYPE_CANCELED, { before: 1n })]);
    // Nine of the old ones are left.
    await eventually(async () => expect((await held(account)).qty).toBe(18n * MICRO));
    await eventually(() => orders(portfolio).reserve(sellOf(account, 18n, { symbol: 'SPW', asset: 'SPW' })));
    await expectClean(portfolio);
  });

  test('is said to be over when the last account has it, once', async () => {
    const accounts = [await holding(portfolio, 'SPE', 2n * MICRO), await holding(portfolio, 'SPE', 3n * MICRO)];
    const [first] = accounts;
    const order = sellOf(present(first), 1n, { symbol: 'SPE', asset: 'SPE' });
    await orders(portfolio).reserve(order);
    const done = split('SPE', 2n, 1n);
    await told(portfolio, done, done);
    await eventually(async () => expect((await held(present(accounts[1]))).qty).toBe(6n * MICRO));
    expect(await ended(done.id)).toEqual([]);
    await published(portfolio, [report(order, ExecType.EXEC_TYPE_CANCELED)]);
    await eventually(async () => expect((await held(present(first))).qty).toBe(4n * MICRO));
    await eventually(async () => expect(await ended(done.id)).toEqual([2]));
  });

  test.each([
    [2n, 1n],
    [3n, 2n],
    [7n, 3n],
    [1n, 10n],
  ])(
    'of %s for %s reaches what the house is short of or long, to the fraction, and trades stay even',
    async (to, from) => {
      const symbol = `HS${to}X${from}`;
      const quantities = [1_234_567n, 5_000_001n, 33n * MICRO + 1n];
      const accounts = await Promise.all(quantities.map(() => opened(portfolio, { cash: 1000n * MICRO })));
      for (const [index, qty] of quantities.entries()) await boughtFromHouse(present(accounts[index]), symbol, qty);
      const short = quantities.reduce((sum, qty) => sum + qty, 0n);
      expect((await balance(portfolio, HOUSE, symbol)).posted).toBe(-short);

      const done = split(symbol, to, from);
      await told(portfolio, done, done);
      await eventually(async () => expect(await ended(done.id)).toEqual([3]));
      const owed = (short * to) / from;
      expect((await balance(portfolio, HOUSE, symbol)).posted).toBe(-owed);
      const heldAfter = await Promise.all(accounts.map(async (account) => (await held(account)).qty));
      expect(heldAfter).toEqual(quantities.map((qty) => (qty * to) / from));
      // What clients hold is what the house owes them, but for the fraction that each was paid for.
      const paidFor = owed - heldAfter.reduce((sum, qty) => sum + qty, 0n);
      expect(paidFor).toBeGreaterThanOrEqual(0n);
      expect(paidFor).toBeLessThan(BigInt(accounts.length));
      expect(await postedTo('house', symbol)).toBe(paidFor);
      expect(await postedTo('clearing', symbol)).toBe(0n);
      const news = (await portfolio.published(splitApplied)).filter(({ accountId }) => accountId === HOUSE);
      expect(news.filter((one) => one.symbol === symbol)).toMatchObject([{ qty: -owed, change: short - owed }]);
      await expectClean(portfolio);
    },
  );

  test('reaches the house once both legs of every trade of old shares are in, and is not over before', async () => {
    const account = await opened(portfolio, { cash: 100n * MICRO });
    const order = buyOf(account, 10n, 10n, { symbol: 'HSLEG' });
    await orders(portfolio).reserve(order);
    const leg = fill(order, 10n, 10n);
    await published(portfolio, [leg]);
    await caughtUp(portfolio);
    const done = split('HSLEG', 2n, 1n);
    await told(portfolio, done);
    await eventually(async () => expect((await held(account)).qty).toBe(20n * MICRO));
    // Another split, of which it is known that it is over, was told later.
    const later = split('HSLATER', 2n, 1n);
    await told(portfolio, later);
    await eventually(async () => expect(await ended(later.id)).toEqual([0]));
    expect(await ended(done.id)).toEqual([]);
    await published(portfolio, [houseLeg(leg)]);
    await eventually(async () => expect(await ended(done.id)).toEqual([1]));
    expect((await balance(portfolio, HOUSE, 'HSLEG')).posted).toBe(-20n * MICRO);
    expect(await postedTo('house', 'HSLEG')).toBe(0n);
    await expectClean(portfolio);
  });

  test('that concerns nobody is over at once', async () => {
    const done = split('SPN', 2n, 1n);
    await told(portfolio, done, done);
    await eventually(async () => expect(await ended(done.id)).toEqual([0]));
  });

  test('reaches shares that an order from before it still bought', async () => {
    const account = await opened(portfolio);
    await adjusted(portfolio, { id: account.id, currency: 'USD' }, 100n * MICRO);
    const order = buyOf(account, 10n, 10n, { symbol: 'SPB' });
    await orders(portfolio).reserve(order);
    await told(portfolio, split('SPB', 3n, 1n));
    const leg = fill(order, 10n, 10n);
    await published(portfolio, [leg, houseLeg(leg)]);
    await eventually(async () => expect((await held(account)).qty).toBe(30n * MICRO));
    await expectClean(portfolio);
  });

  test.each([
    ['no shares', 0n, 1n, 'ratio_not_positive'],
    ['more than anybody splits', 20_000n, 1n, 'ratio_too_large'],
  ])('into %s is a dead letter', async (_, to, from, reason) => {
    await told(portfolio, split('SPX', to, from));
    const letters = await portfolio.db`
      select 1 from dead_letters where consumer = 'portfolio-corporate-actions' and error like ${`%${reason}%`}`;
    expect(letters).toHaveLength(1);
  });
});
