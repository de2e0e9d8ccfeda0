import { eventually } from '@andvari/kit/testing/eventually';
import { MICRO } from '@andvari/money';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  balance,
  buyOf,
  expectClean,
  fill,
  houseLeg,
  opened,
  openPortfolio,
  orders,
  type Portfolio,
  published,
} from './portfolio-fixture.ts';

/** The order service, as far as the ledger asks it. */
const known = new Set<string>();
const asked: string[] = [];
let silent = false;
const fence = async (orderId: string): Promise<{ exists: boolean }> => {
  asked.push(orderId);
  if (silent) throw new Error('no answer');
  return { exists: known.has(orderId) };
};

let portfolio: Portfolio;
beforeAll(async () => {
  portfolio = await openPortfolio({ ORPHAN_AFTER_MS: '1', ORPHAN_SWEEP_MS: '20' }, { fence });
});
afterAll(() => portfolio.close());

test('a reservation whose order never came is given back, one whose order exists is kept and asked after once', async () => {
  const account = await opened(portfolio, { cash: 100n * MICRO });
  const [orphan, resting] = [buyOf(account, 1n, 30n), buyOf(account, 1n, 20n)];
  known.add(resting.orderId);
  for (const order of [orphan, resting]) await orders(portfolio).reserve(order);
  await eventually(async () => expect((await balance(portfolio, account.id)).reserved).toBe(20n * MICRO));
  await eventually(async () => {
    const [row] = await portfolio.db`select 1 from confirmed_orders where order_id = ${resting.orderId}`;
    expect(row).toBeDefined();
  });
  const later = buyOf(account, 1n, 10n);
  await orders(portfolio).reserve(later);
  await eventually(async () => expect(asked).toContain(later.orderId));
  expect(asked.filter((id) => id === resting.orderId)).toHaveLength(1);
  await expect(orders(portfolio).reserve(orphan)).rejects.toMatchObject({ reason: 'reservation_closed' });
  await expectClean(portfolio);
});

test('without an answer nothing is given back, and it is asked again', async () => {
  silent = true;
  const account = await opened(portfolio, { cash: 100n * MICRO });
  const order = buyOf(account, 1n, 30n);
  await orders(portfolio).reserve(order);
  await eventually(async () => expect(asked.filter((id) => id === order.orderId).length).toBeGreaterThan(2));
  expect((await balance(portfolio, account.id)).reserved).toBe(30n * MICRO);
  silent = false;
  await eventually(async () => expect((await balance(portfolio, account.id)).reserved).toBe(0n));
});

test('an order that has traded is not asked after', async () => {
  silent = true;
  const account = await opened(portfolio, { cash: 100n * MICRO });
  const order = buyOf(account, 2n, 30n);
  await orders(portfolio).reserve(order);
  const leg = fill(order, 1n, 30n);
  await published(portfolio, [leg, houseLeg(leg)]);
  await eventually(async () => expect((await balance(portfolio, account.id)).reserved).toBe(30n * MICRO));
  silent = false;
  const next = buyOf(account, 1n, 5n);
  await orders(portfolio).reserve(next);
  await eventually(async () => expect((await balance(portfolio, account.id)).reserved).toBe(30n * MICRO));
  await expectClean(portfolio);
});
