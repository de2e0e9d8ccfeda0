import { eventually } from '@andvari/kit/testing/eventually';
import { MICRO } from '@andvari/money';
import { dividendPaid } from '@andvari/proto/events';
import { ActivityType } from '@andvari/proto/portfolio/v1/portfolio';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dividend, holding, told } from './corporate-action-world.ts';
import {
  balance,
  expectClean,
  fill,
  houseLeg,
  opened,
  openPortfolio,
  orders,
  type Portfolio,
  present,
  published,
  sellOf,
} from './portfolio-fixture.ts';

let portfolio: Portfolio;
beforeAll(async () => {
  portfolio = await openPortfolio();
});
afterAll(() => portfolio.close());

describe('a dividend', () => {
  test('is paid once to everybody who holds the shares, however often it is told', async () => {
    const accounts = await Promise.all([1n, 2n, 3n].map((shares) => holding(portfolio, 'DIV', shares * MICRO)));
    const without = await opened(portfolio);
    const paid = dividend('DIV', 250_000n);
    await told(portfolio, paid, paid);
    await told(portfolio, paid);
    await eventually(async () => {
      const balances = await Promise.all([...accounts, without].map(({ id }) => balance(portfolio, id)));
      expect(balances.map(({ posted }) => posted)).toEqual([250_000n, 500_000n, 750_000n, 0n]);
    });
    const [first] = accounts;
    const { activities } = await present(first).client.listActivities({
      accountId: present(first).id,
      types: [ActivityType.ACTIVITY_TYPE_DIVIDEND],
      symbol: 'DIV',
      fromUs: 0n,
      toUs: 0n,
      oldestFirst: false,
      withBalance: false,
      page: undefined,
    });
    expect(activities).toMatchObject([{ amount: 250_000n, qty: MICRO, px: 250_000n }]);
    await eventually(async () => {
      const news = (await portfolio.published(dividendPaid)).filter(({ actionId }) => actionId === paid.id);
      expect(news).toHaveLength(3);
    });
    await expectClean(portfolio);
  });

  test('is for what was held when it was told, whatever is sold afterwards', async () => {
    const account = await holding(portfolio, 'DIVS', 4n * MICRO);
    const order = sellOf(account, 4n, { symbol: 'DIVS', asset: 'DIVS' });
    await orders(portfolio).reserve(order);
    await told(portfolio, dividend('DIVS', MICRO));
    const leg = fill(order, 4n, 10n);
    await published(portfolio, [leg, houseLeg(leg)]);
    await eventually(async () => expect((await balance(portfolio, account.id)).posted).toBe(44n * MICRO));
    await expectClean(portfolio);
  });

  test('told again with another amount is a dead letter', async () => {
    const account = await holding(portfolio, 'DIVX', MICRO);
    const paid = dividend('DIVX', MICRO);
    await told(portfolio, paid, { ...paid, amount: 2n * MICRO });
    const letters = await portfolio.db`
      select error from dead_letters where consumer = 'portfolio-corporate-actions' and error like '%corporate_action_differs%'`;
    expect(letters).toHaveLength(1);
    await eventually(async () => expect((await balance(portfolio, account.id)).posted).toBe(MICRO));
  });
});
