import { randomUUID } from 'node:crypto';
import { eventually } from '@andvari/kit/testing/eventually';
import { MICRO } from '@andvari/money';
import { GroupType, Side } from '@andvari/proto/engine/v1/commands';
import { ExecType } from '@andvari/proto/engine/v1/reports';
import type { ReserveGroupRequest } from '@andvari/proto/portfolio/v1/portfolio';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  balance,
  buyOf,
  expectClean,
  fill,
  houseLeg,
  type Opened,
  opened,
  openPortfolio,
  operator,
  orders,
  type Portfolio,
  published,
  report,
  sellOf,
} from './portfolio-fixture.ts';
import { feeSchedule } from './refused-world.ts';

const known = new Set<string>();
const fence = async (orderId: string) => ({ exists: known.has(orderId) });

let portfolio: Portfolio;
beforeAll(async () => {
  portfolio = await openPortfolio({ ORPHAN_AFTER_MS: '1', ORPHAN_SWEEP_MS: '20' }, { fence });
});
afterAll(() => portfolio.close());

type Legs = [ReturnType<typeof buyOf>, ReturnType<typeof sellOf>, ReturnType<typeof sellOf>];

/** Ten shares at 10, and two exits for them. */
function bracketOf(account: Opened, isKnown = true): { legs: Legs; request: ReserveGroupRequest } {
  const legs: Legs = [buyOf(account, 10n, 10n), sellOf(account, 10n), sellOf(account, 10n)];
  if (isKnown) known.add(legs[0].orderId);
  const type = GroupType.GROUP_TYPE_BRACKET;
  return { legs, request: { groupId: randomUUID(), accountId: account.id, symbol: 'AAPL', type, legs } };
}

test('a bracket is reserved, settled and ended by the reports of its legs', async () => {
  const account = await opened(portfolio, { cash: 100n * MICRO });
  const { legs, request } = bracketOf(account);
  const [entry, profit, loss] = legs;
  expect(await orders(portfolio).reserveGroup(request)).toEqual({ repeatedRequest: false });
  expect(await orders(portfolio).reserveGroup(request)).toEqual({ repeatedRequest: true });
  expect((await balance(portfolio, account.id)).reserved).toBe(100n * MICRO);

  const bought = fill(entry, 10n, 9n);
  await published(portfolio, [bought, houseLeg(bought)]);
  await eventually(async () =>
    expect(await balance(portfolio, account.id, 'AAPL')).toEqual({ posted: 10n * MICRO, reserved: 10n * MICRO }),
  );
  const held = await orders(portfolio).getReservation({ orderId: loss.orderId });
  expect(held).toEqual({ asset: 'AAPL', amount: 10n * MICRO, remaining: 10n * MICRO, state: 'open' });

  const sold = fill(profit, 10n, 12n);
  await published(portfolio, [sold, houseLeg(sold), report(loss, ExecType.EXEC_TYPE_CANCELED)]);
  await eventually(async () => {
    expect(await balance(portfolio, account.id, 'AAPL')).toEqual({ posted: 0n, reserved: 0n });
    expect(await balance(portfolio, account.id)).toEqual({ posted: 130n * MICRO, reserved: 0n });
  });
  await expectClean(portfolio);
});

test('an exit’s fill that overtakes its entry’s waits for it', async () => {
  const account = await opened(portfolio, { cash: 100n * MICRO });
  const { legs, request } = bracketOf(account);
  const [entry, profit] = legs;
  await orders(portfolio).reserveGroup(request);
  const [bought, sold] = [fill(entry, 10n, 9n), fill(profit, 4n, 12n)];
  await published(portfolio, [sold, houseLeg(sold)]);
  await eventually(async () => {
    const waiting = await portfolio.db`select order_id from early_reports`;
    expect(waiting).toEqual([{ order_id: entry.orderId }]);
  });
  await published(portfolio, [bought, houseLeg(bought)]);
  await eventually(async () =>
    expect(await balance(portfolio, account.id, 'AAPL')).toEqual({ posted: 6n * MICRO, reserved: 6n * MICRO }),
  );
  expect(await portfolio.db`select from early_reports`).toHaveLength(0);
  await expectClean(portfolio);
});

test.each([
  ExecType.EXEC_TYPE_CANCELED,
  ExecType.EXEC_TYPE_EXPIRED,
  ExecType.EXEC_TYPE_REJECTED,
  ExecType.EXEC_TYPE_RESTATED,
])('an exit’s report (%i) of another account is not dropped without a word: it is a dead letter', async (execType) => {
  const account = await opened(portfolio, { cash: 100n * MICRO });
  const stranger = await opened(portfolio);
  const { legs, request } = bracketOf(account);
  await orders(portfolio).reserveGroup(request);
  await published(portfolio, [report(legs[1], execType, { more: { accountId: stranger.id } })]);
  const [letter] = await eventually(async () => {
    const { letters } = await operator(portfolio).listDeadLetters({ consumer: '', page: undefined });
    expect(letters).toMatchObject([{ error: expect.stringContaining('account_differs_from_reservation') }]);
    return letters;
  });
  expect((await balance(portfolio, account.id)).reserved).toBe(100n * MICRO);
  await operator(portfolio).dropDeadLetters({ ids: [letter?.id ?? ''], reason: 'test' });
  await expectClean(portfolio);
});

test('a group whose orders never came is given back whole', async () => {
  const account = await opened(portfolio, { cash: 100n * MICRO });
  const { request } = bracketOf(account, false);
  await orders(portfolio).reserveGroup(request);
  await eventually(async () => expect((await balance(portfolio, account.id)).reserved).toBe(0n));
  await expect(orders(portfolio).reserveGroup(request)).rejects.toMatchObject({ reason: 'reservation_closed' });
  await expectClean(portfolio);
});

test('released by any of its orders it is released whole', async () => {
  const account = await opened(portfolio, { cash: 100n * MICRO });
  const { legs, request } = bracketOf(account);
  await orders(portfolio).reserveGroup(request);
  const release = { orderId: legs[2].orderId, accountId: account.id, reason: 'never placed' };
  expect(await orders(portfolio).release(release)).toEqual({ released: 100n * MICRO });
  expect(await orders(portfolio).release(release)).toEqual({ released: 0n });
  expect((await balance(portfolio, account.id)).reserved).toBe(0n);
});

test('it is refused with the numbers', async () => {
  const account = await opened(portfolio, { cash: 99n * MICRO });
  const { request } = bracketOf(account);
  await expect(orders(portfolio).reserveGroup(request)).rejects.toMatchObject({
    reason: 'insufficient_buying_power',
    numbers: { needed: 100n * MICRO, available: 99n * MICRO },
  });
  const two = { ...request, legs: request.legs.slice(0, 2) };
  await expect(orders(portfolio).reserveGroup(two)).rejects.toMatchObject({ reason: 'group_invalid' });
});

test('fees are told by the schedule in force, a sale’s no more than it brings', async () => {
  const ask = (side: Side, amount: bigint) => orders(portfolio).estimateFees({ side, qty: MICRO, amount });
  expect(await ask(Side.SIDE_BUY, 100n * MICRO)).toEqual({ fees: 0n });
  const schedule = feeSchedule({ perOrder: 2n * MICRO });
  await operator(portfolio).setFeeSchedule({ schedule });
  await eventually(async () => expect(await ask(Side.SIDE_BUY, 100n * MICRO)).toEqual({ fees: 2n * MICRO }));
  expect(await ask(Side.SIDE_SELL, MICRO)).toEqual({ fees: MICRO });
});
