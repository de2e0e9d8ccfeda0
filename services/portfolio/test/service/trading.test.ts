import { randomUUID } from 'node:crypto';
import type { AppError } from '@andvari/kit/base/errors';
import { eventually } from '@andvari/kit/testing/eventually';
import { compare, MICRO } from '@andvari/money';
import { ExecType } from '@andvari/proto/engine/v1/reports';
import { fillSettled } from '@andvari/proto/events';
import { PortfolioServiceService, type ReserveRequest } from '@andvari/proto/portfolio/v1/portfolio';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  adjusted,
  balance,
  buyOf,
  type Client,
  caughtUp,
  expectClean,
  fill,
  giveShares,
  houseLeg,
  opened,
  openPortfolio,
  operator,
  orders,
  type Portfolio,
  present,
  published,
  report,
  sellOf,
} from './portfolio-fixture.ts';

let portfolio: Portfolio;
let order: Client;
beforeAll(async () => {
  portfolio = await openPortfolio({ EARLY_REPORT_WAIT_MS: '50' });
  order = orders(portfolio);
});
afterAll(() => portfolio.close());

async function counted(requests: readonly ReserveRequest[]): Promise<{ reserved: number; refused: Set<string> }> {
  const outcomes = await Promise.allSettled(requests.map((request) => order.reserve(request)));
  const refused = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [(outcome.reason as { reason: string }).reason] : [],
  );
  return { reserved: outcomes.length - refused.length, refused: new Set(refused) };
}

describe('of 200 concurrent reservations of a hundredth each, exactly 100 fit', () => {
  test('of cash', async () => {
    const account = await opened(portfolio, { cash: 1000n * MICRO });
    const outcome = await counted(Array.from({ length: 200 }, () => buyOf(account, 1n, 10n)));
    expect(outcome).toEqual({ reserved: 100, refused: new Set(['insufficient_buying_power']) });
    expect(await balance(portfolio, account.id)).toEqual({ posted: 1000n * MICRO, reserved: 1000n * MICRO });
  });

  test('of shares', async () => {
    const account = await opened(portfolio);
    await giveShares(portfolio, account, 100n);
    const outcome = await counted(Array.from({ length: 200 }, () => sellOf(account, 1n)));
    expect(outcome).toEqual({ reserved: 100, refused: new Set(['insufficient_shares']) });
    expect(await balance(portfolio, account.id, 'AAPL')).toEqual({ posted: 100n * MICRO, reserved: 100n * MICRO });
  });
});

describe('a reservation', () => {
  test('asked for again is answered as before', async () => {
    const account = await opened(portfolio, { cash: 100n * MICRO });
    const request = buyOf(account, 1n, 60n);
    const answers = await Promise.all(Array.from({ length: 20 }, () => order.reserve(request)));
    expect(answers.filter(({ repeatedRequest }) => !repeatedRequest)).toHaveLength(1);
    expect(new Set(answers.map(({ remaining }) => remaining))).toEqual(new Set([60n * MICRO]));
    expect((await balance(portfolio, account.id)).reserved).toBe(60n * MICRO);
  });

  test('is given back once, and does not come again', async () => {
    const account = await opened(portfolio, { cash: 100n * MICRO });
    const request = buyOf(account, 1n, 60n);
    await order.reserve(request);
    const release = { orderId: request.orderId, accountId: account.id, reason: 'never placed' };
    const released = await Promise.all([1, 2, 3].map(() => order.release(release)));
    expect(released.map((each) => each.released).toSorted(compare)).toEqual([0n, 0n, 60n * MICRO]);
    await expect(order.reserve(request)).rejects.toMatchObject({ reason: 'reservation_closed', field: 'order_id' });
  });

  test('that was refused leaves nothing, and is made when it is asked for again once money has come in', async () => {
    const account = await opened(portfolio, { cash: 50n * MICRO });
    const request = buyOf(account, 1n, 60n);
    await expect(order.reserve(request)).rejects.toMatchObject({ reason: 'insufficient_buying_power' });
    await adjusted(portfolio, { id: account.id, currency: 'USD' }, 10n * MICRO);
    expect(await order.reserve(request)).toMatchObject({ remaining: 60n * MICRO, repeatedRequest: false });
    expect(await order.reserve(request)).toMatchObject({ remaining: 60n * MICRO, repeatedRequest: true });
    expect((await balance(portfolio, account.id)).reserved).toBe(60n * MICRO);
  });

  test('shows in the buying power with every input', async () => {
    const account = await opened(portfolio, { cash: 100n * MICRO });
    await order.reserve(buyOf(account, 1n, 60n));
    const withdrawal = { accountId: account.id, currency: 'USD', amount: 10n * MICRO, idempotencyKey: randomUUID() };
    await account.client.withdraw(withdrawal);
    const now = await eventually(async () => {
      const power = await account.client.getBuyingPower({ accountId: account.id, currency: 'USD' });
      expect(power.reservedForWithdrawals).toBe(0n);
      return power;
    });
    expect(now).toMatchObject({
      buyingPower: 30n * MICRO,
      cashPosted: 90n * MICRO,
      cashReserved: 60n * MICRO,
      reservedForOrders: 60n * MICRO,
      multiplier: MICRO,
    });
  });

  test('for a replacement needs only what is not held already', async () => {
    const account = await opened(portfolio, { cash: 100n * MICRO });
    const old = buyOf(account, 1n, 60n);
    const next = buyOf(account, 1n, 90n, { replaces: old.orderId });
    await order.reserve(old);
    expect(await order.reserve(next)).toMatchObject({ remaining: 30n * MICRO, availableAfter: 10n * MICRO });
    await published(portfolio, [
      report(old, ExecType.EXEC_TYPE_REPLACED, { more: { replacedBy: next.orderId } }),
      fill(next, 1n, 80n),
    ]);
    await caughtUp(portfolio);
    expect(await balance(portfolio, account.id)).toEqual({ posted: 20n * MICRO, reserved: 0n });
  });

  test.each<[what: string, shares: bigint, price: bigint]>([
    ['dearer', 1n, 90n],
    ['cheaper', 1n, 40n],
    ['more of it', 2n, 40n],
    ['more and cheaper', 2n, 10n],
    ['all there is', 1n, 100n],
  ])(
    'what a replacement would hold is told beforehand, keeps nothing, and is what it then holds: %s',
    async (_, shares, price) => {
      const account = await opened(portfolio, { cash: 100n * MICRO });
      const old = buyOf(account, 1n, 60n);
      const next = buyOf(account, shares, price, { replaces: old.orderId });
      await order.reserve(old);
      const would = await order.reserve({ ...next, dryRun: true });
      expect(await order.reserve({ ...next, dryRun: true })).toEqual(would);
      expect(await balance(portfolio, account.id)).toEqual({ posted: 100n * MICRO, reserved: 60n * MICRO });
      await expect(order.getReservation({ orderId: next.orderId })).rejects.toMatchObject({ code: 'not_found' });
      expect(await order.reserve(next)).toEqual(would);
    },
  );

  test('what a replacement could not hold is refused beforehand as it is then', async () => {
    const account = await opened(portfolio, { cash: 100n * MICRO });
    const old = buyOf(account, 1n, 60n);
    await order.reserve(old);
    const next = buyOf(account, 1n, 101n, { replaces: old.orderId });
    const refusalOf = (request: typeof next) =>
      order.reserve(request).then(
        () => undefined,
        ({ reason, numbers }: AppError) => ({ reason, numbers }),
      );
    const said = await refusalOf({ ...next, dryRun: true });
    // It needs what the other does not hold yet, of what nothing holds.
    const numbers = { needed: 41n * MICRO, available: 40n * MICRO };
    expect(said).toEqual({ reason: 'insufficient_buying_power', numbers });
    expect(await refusalOf(next)).toEqual(said);
    expect(await refusalOf({ ...buyOf(account, 1n, 1n), dryRun: true })).toMatchObject({ reason: expect.anything() });
  });

  test('on the order service’s word for a user is only for that user’s account', async () => {
    const account = await opened(portfolio, { cash: 100n * MICRO });
    const forUser = (userId: string) => portfolio.client(PortfolioServiceService, { userId, service: 'order' });
    const request = buyOf(account, 1n, 10n);
    await expect(forUser(randomUUID()).reserve(request)).rejects.toMatchObject({ reason: 'account_not_found' });
    await forUser(account.userId).reserve(request);
    const release = { orderId: request.orderId, accountId: account.id, reason: '' };
    await expect(forUser(randomUUID()).release(release)).rejects.toMatchObject({ reason: 'reservation_not_found' });
    expect((await balance(portfolio, account.id)).reserved).toBe(10n * MICRO);
  });
});

describe('a report', () => {
  test('settles both legs, gives the better price back and is told', async () => {
    const account = await opened(portfolio, { cash: 1000n * MICRO });
    const request = buyOf(account, 10n, 100n);
    await order.reserve(request);
    const leg = fill(request, 10n, 90n);
    await published(portfolio, [leg, houseLeg(leg)]);
    await caughtUp(portfolio);
    expect(await balance(portfolio, account.id)).toEqual({ posted: 100n * MICRO, reserved: 0n });
    await eventually(async () => {
      const told = (await portfolio.published(fillSettled)).filter(({ accountId }) => accountId === account.id);
      expect(told).toMatchObject([
        { amount: -900n * MICRO, fee: 0n, positionQty: 10n * MICRO, userId: account.userId },
      ]);
    });
  });

  const ends: [what: string, execType: ExecType][] = [
    ['canceled', ExecType.EXEC_TYPE_CANCELED],
    ['expired', ExecType.EXEC_TYPE_EXPIRED],
    ['rejected', ExecType.EXEC_TYPE_REJECTED],
    ['refused in another’s place', ExecType.EXEC_TYPE_REPLACE_REJECTED],
  ];
  test.each(ends)('of an order %s gives back all it held', async (_, execType) => {
    const account = await opened(portfolio, { cash: 100n * MICRO });
    const request = buyOf(account, 1n, 60n);
    await order.reserve(request);
    await published(portfolio, [report(request, execType, { more: { side: 0 } }), report(request, execType)]);
    await caughtUp(portfolio);
    expect(await balance(portfolio, account.id)).toEqual({ posted: 100n * MICRO, reserved: 0n });
  });

  const nothing: [what: string, execType: ExecType, reason: string][] = [
    ['an order at rest', ExecType.EXEC_TYPE_NEW, ''],
    ['a stop that woke up', ExecType.EXEC_TYPE_TRIGGERED, ''],
    ['a cancel that came too late', ExecType.EXEC_TYPE_CANCEL_REJECTED, 'order_ended'],
    ['a command sent twice', ExecType.EXEC_TYPE_REJECTED, 'duplicate_order_id'],
    ['a replacement sent twice', ExecType.EXEC_TYPE_REPLACE_REJECTED, 'duplicate_order_id'],
  ];
  test.each(nothing)('of %s changes nothing', async (_, execType, reason) => {
    const account = await opened(portfolio, { cash: 100n * MICRO });
    const request = buyOf(account, 1n, 60n);
    await order.reserve(request);
    await published(portfolio, [report(request, execType, { more: { reason } })]);
    await caughtUp(portfolio);
    expect(await balance(portfolio, account.id)).toEqual({ posted: 100n * MICRO, reserved: 60n * MICRO });
  });

  test('of an order made smaller gives back what it no longer needs', async () => {
    const account = await opened(portfolio, { cash: 100n * MICRO });
    const request = buyOf(account, 4n, 20n);
    await order.reserve(request);
    await published(portfolio, [report(request, ExecType.EXEC_TYPE_RESTATED, { more: { leavesQty: MICRO } })]);
    await caughtUp(portfolio);
    expect((await balance(portfolio, account.id)).reserved).toBe(20n * MICRO);
  });
});

describe('the same reports', () => {
  const deliveries: [rule: string, times: number, asNewMessages: boolean][] = [
    ['once', 1, false],
    ['twice', 2, false],
    ['twice, as messages of their own', 2, true],
    ['fifty times', 50, true],
  ];
  test.each(deliveries)('delivered %s give the same ledger', async (_, times, asNewMessages) => {
    const account = await opened(portfolio, { cash: 1000n * MICRO });
    const request = buyOf(account, 10n, 100n);
    await order.reserve(request);
    const legs = [fill(request, 4n, 90n), fill(request, 3n, 80n, 4n)];
    const end = report(request, ExecType.EXEC_TYPE_CANCELED, { before: 7n });
    const all = [...legs.flatMap((leg) => [leg, houseLeg(leg)]), end];
    for (let time = 0; time < times; time += 1) await published(portfolio, all, asNewMessages);
    await caughtUp(portfolio);
    expect(await balance(portfolio, account.id)).toEqual({ posted: 400n * MICRO, reserved: 0n });
    expect(await balance(portfolio, account.id, 'AAPL')).toEqual({ posted: 7n * MICRO, reserved: 0n });
    const told = await portfolio.db`select 1 from outbox where subject = ${`portfolio.fill.settled.${account.id}`}`;
    expect(told).toHaveLength(2);
  });
});

describe('a batch of 256 with one poison', () => {
  const poisons: [rule: string, spoil: (order: ReserveRequest) => object, reason: string][] = [
    ['a fill beyond its order', ({ qty }) => ({ lastQty: qty * 2n, cumQty: qty * 2n }), 'fill_exceeds_order'],
    ['a fill of an order nobody knows', () => ({ orderId: randomUUID() }), 'order_not_reserved'],
    ['a fill on an account nobody has', () => ({ accountId: randomUUID() }), 'account_not_found'],
    ['a fill whose forerunner is missing', ({ qty }) => ({ lastQty: qty / 2n }), 'fill_ahead'],
    ['a price of nothing', () => ({ lastPx: 0n }), 'a price is above zero'],
    ['a price beyond all money', () => ({ lastPx: 2n ** 63n - 1n }), 'price_beyond_limit'],
    ['a time before there was a market', () => ({ transactTimeUs: 0n }), 'time_out_of_range'],
    ['a time after all there will be', () => ({ transactTimeUs: 2n ** 63n - 1n }), 'time_out_of_range'],
    ['an order id that is none', () => ({ orderId: 'x' }), 'order_id'],
  ];
  test.each(poisons)('%s: 255 are applied and the one is set aside', async (_, spoil, reason) => {
    const account = await opened(portfolio, { cash: 100_000n * MICRO });
    const requests = Array.from({ length: 256 }, () => buyOf(account, 2n, 10n));
    await Promise.all(requests.map((request) => order.reserve(request)));
    const reports = requests.map((request) => fill(request, 2n, 10n));
    const spoilt = present(requests[100]);
    Object.assign(present(reports[100]), spoil(spoilt));
    await portfolio.db`delete from dead_letters`;
    await published(portfolio, reports);
    await caughtUp(portfolio);
    expect((await balance(portfolio, account.id, 'AAPL')).posted).toBe(510n * MICRO);
    const letters = await eventually(async () => {
      const found = await portfolio.db<{ event_id: string; error: string }[]>`
        select event_id, error from dead_letters where consumer = 'portfolio-executions'`;
      expect(found).toHaveLength(1);
      return found;
    });
    expect(letters).toMatchObject([{ event_id: present(reports[100]).execId, error: expect.stringContaining(reason) }]);
    await order.release({ orderId: spoilt.orderId, accountId: account.id, reason: 'set aside' });
  });
});

describe('fees', () => {
  test('are held with the order by the schedule in force, and charged with its id', async () => {
    const account = await opened(portfolio, { cash: 101n * MICRO });
    const base = { id: '', perShare: 0n, basisPoints: 0n, minimum: 0n, maximum: 0n, effectiveFromUs: 0n };
    const { schedule } = await operator(portfolio).setFeeSchedule({
      schedule: { ...base, name: 'One', perOrder: MICRO },
    });
    const request = buyOf(account, 10n, 10n);
    expect(await order.reserve(request)).toMatchObject({ remaining: 101n * MICRO, availableAfter: 0n });
    // Whatever comes into force before it is filled: an order pays by the schedule it was reserved under.
    const dear = { ...base, name: 'Dear', perOrder: 0n, perShare: MICRO * MICRO };
    await operator(portfolio).setFeeSchedule({ schedule: dear });
    await published(portfolio, [fill(request, 10n, 10n)]);
    await caughtUp(portfolio);
    expect(await balance(portfolio, account.id)).toEqual({ posted: 0n, reserved: 0n });
    const charged = await portfolio.db`
      select fee_schedule_id, line.amount from journals join activities line on line.journal_id = journals.id
      where journals.kind = 'fee' and line.account_id = ${account.id}`;
    expect(charged).toEqual([{ fee_schedule_id: present(schedule).id, amount: -MICRO }]);
    const beyond = buyOf(account, 1n, 1n, { qty: MICRO * MICRO * MICRO });
    await expect(order.reserve(beyond)).rejects.toMatchObject({ reason: 'amount_out_of_range', field: 'amount' });
    await operator(portfolio).setFeeSchedule({ schedule: { ...base, name: 'None', perOrder: 0n } });
    const listed = await operator(portfolio).listFeeSchedules({ page: undefined });
    expect(listed.schedules.map(({ name }) => name)).toEqual(['None', 'Dear', 'One']);
  });

  test('as high as they may be take what a sale brings, and leave it settled', async () => {
    const account = await opened(portfolio);
    await giveShares(portfolio, account, 5n);
    const none = { id: '', perOrder: 0n, basisPoints: 0n, minimum: 0n, maximum: 0n, effectiveFromUs: 0n };
    await operator(portfolio).setFeeSchedule({ schedule: { ...none, name: 'Greedy', perShare: MICRO * MICRO } });
    const request = sellOf(account, 5n);
    await order.reserve(request);
    await operator(portfolio).setFeeSchedule({ schedule: { ...none, name: 'Free', perShare: 0n } });
    const leg = fill(request, 5n, 10n);
    await published(portfolio, [leg, houseLeg(leg)]);
    await caughtUp(portfolio);
    expect(await balance(portfolio, account.id, 'AAPL')).toEqual({ posted: 0n, reserved: 0n });
    expect(await balance(portfolio, account.id)).toEqual({ posted: 0n, reserved: 0n });
    await expectClean(portfolio);
  });
});

test('a cash account buys with what was adjusted in, and the ledger adds up after all of this', async () => {
  const account = await opened(portfolio);
  await adjusted(portfolio, { id: account.id, currency: 'USD' }, 5n * MICRO);
  await order.reserve(buyOf(account, 1n, 5n));
  await expectClean(portfolio);
});
