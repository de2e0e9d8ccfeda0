import { randomUUID } from 'node:crypto';
import { eventually } from '@andvari/kit/testing/eventually';
import { MICRO } from '@andvari/money';
import { fundingChanged, transferPosted } from '@andvari/proto/events';
import { type Activity, type Funding, FundingState } from '@andvari/proto/portfolio/v1/portfolio';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Bank, BankAnswer } from '../../src/ports/bank.ts';
import {
  adjusted,
  balance,
  expectClean,
  type Opened,
  opened,
  openPortfolio,
  orders,
  type Portfolio,
  present,
  settledDeposit,
} from './portfolio-fixture.ts';

/** Answers as a test says, by the amount. */
/** No bank sends less. */
const CENT = 10_000n;
const answers = new Map<bigint, BankAnswer | 'silence'>();
const bank: Bank = {
  async send({ amount }) {
    const answer = answers.get(amount) ?? { outcome: 'settled' };
    if (answer === 'silence') throw new Error('no answer');
    return answer;
  },
};

let portfolio: Portfolio;
beforeAll(async () => {
  portfolio = await openPortfolio({ POSTGRES_CONNECTIONS: '2', FUNDING_TRANSFERS_PER_DAY: '8' }, { bank });
});
afterAll(() => portfolio.close());

const { FUNDING_STATE_SETTLED, FUNDING_STATE_RETURNED, FUNDING_STATE_FAILED, FUNDING_STATE_SENT } = FundingState;
const of = (accountId: string, amount: bigint, more: object = {}) => ({
  accountId,
  currency: 'USD',
  amount,
  idempotencyKey: randomUUID(),
  ...more,
});

async function ended(
  client: { getFunding: (request: { fundingId: string }) => Promise<{ funding: Funding | undefined }> },
  fundingId: string,
  state: FundingState,
): Promise<Funding> {
  return eventually(async () => {
    const { funding } = await client.getFunding({ fundingId });
    expect(funding?.state).toBe(state);
    return present(funding);
  });
}

describe('a deposit', () => {
  test('counts once it has settled, and every step is told', async () => {
    const account = await opened(portfolio);
    const id = await settledDeposit(account, 100n * MICRO);
    expect(await balance(portfolio, account.id)).toEqual({ posted: 100n * MICRO, reserved: 0n });
    await eventually(async () => {
      const told = (await portfolio.published(fundingChanged)).filter(({ funding }) => funding?.id === id);
      expect(told.map(({ funding }) => funding?.state)).toEqual([1, 2, 3, 4]);
    });
  });

  test.each<[rule: string, answer: BankAnswer, state: FundingState]>([
    ['returned', { outcome: 'returned', reason: 'account_unknown' }, FUNDING_STATE_RETURNED],
    ['refused', { outcome: 'failed', reason: 'limit' }, FUNDING_STATE_FAILED],
  ])('that is %s counts for nothing', async (_, answer, state) => {
    const account = await opened(portfolio);
    answers.set(7n * CENT, answer);
    const { funding } = await account.client.deposit(of(account.id, 7n * CENT));
    expect(await ended(account.client, present(funding).id, state)).toMatchObject({
      reason: (answer as { reason: string }).reason,
    });
    expect((await balance(portfolio, account.id)).posted).toBe(0n);
  });
});

test('whoever names no currency means the account’s', async () => {
  const account = await opened(portfolio, { cash: 100n * MICRO, currency: 'EUR' });
  const unnamed = { currency: '' };
  const { funding: deposit } = await account.client.deposit(of(account.id, 3n * MICRO, unnamed));
  const { funding: withdrawal } = await account.client.withdraw(of(account.id, MICRO, unnamed));
  expect([deposit?.currency, withdrawal?.currency]).toEqual(['EUR', 'EUR']);
  await expect(account.client.deposit(of(account.id, MICRO))).rejects.toMatchObject({ reason: 'wrong_currency' });
});

describe('a deposit under way', () => {
  test('keeps its account open, though nothing is in it yet', async () => {
    const account = await opened(portfolio);
    answers.set(17n * CENT, 'silence');
    const { funding } = await account.client.deposit(of(account.id, 17n * CENT));
    await ended(account.client, present(funding).id, FUNDING_STATE_SENT);
    await expect(account.client.closeAccount({ accountId: account.id })).rejects.toMatchObject({
      reason: 'account_has_funding_in_flight',
    });
    answers.set(17n * CENT, { outcome: 'returned', reason: 'recalled' });
    await ended(account.client, present(funding).id, FUNDING_STATE_RETURNED);
    await account.client.closeAccount({ accountId: account.id });
  });
});

describe('a withdrawal', () => {
  test('is held at once, then gone', async () => {
    const account = await opened(portfolio, { cash: 100n * MICRO });
    answers.set(60n * MICRO, 'silence');
    const { funding } = await account.client.withdraw(of(account.id, 60n * MICRO));
    expect(await balance(portfolio, account.id)).toEqual({ posted: 100n * MICRO, reserved: 60n * MICRO });
    expect(await account.client.getBuyingPower({ accountId: account.id, currency: 'USD' })).toMatchObject({
      buyingPower: 40n * MICRO,
      reservedForOrders: 0n,
      reservedForWithdrawals: 60n * MICRO,
    });
    const release = { orderId: present(funding).id, accountId: account.id, reason: 'not an order' };
    await expect(orders(portfolio).release(release)).rejects.toMatchObject({ reason: 'reservation_not_found' });
    expect((await balance(portfolio, account.id)).reserved).toBe(60n * MICRO);
    // What is held cannot be spent again, and the bank is asked until it answers.
    await expect(account.client.withdraw(of(account.id, 41n * MICRO))).rejects.toMatchObject({
      code: 'failed_precondition',
      reason: 'insufficient_funds',
    });
    await ended(account.client, present(funding).id, FUNDING_STATE_SENT);
    await expect(account.client.closeAccount({ accountId: account.id })).rejects.toMatchObject({
      reason: 'account_has_funding_in_flight',
    });
    answers.delete(60n * MICRO);
    await ended(account.client, present(funding).id, FUNDING_STATE_SETTLED);
    expect(await balance(portfolio, account.id)).toEqual({ posted: 40n * MICRO, reserved: 0n });
  });

  test('that comes back is free again', async () => {
    const account = await opened(portfolio, { cash: 100n * MICRO });
    answers.set(11n * CENT, { outcome: 'returned', reason: 'account_closed' });
    const { funding } = await account.client.withdraw(of(account.id, 11n * CENT));
    await ended(account.client, present(funding).id, FUNDING_STATE_RETURNED);
    expect(await balance(portfolio, account.id)).toEqual({ posted: 100n * MICRO, reserved: 0n });
  });

  test('of all there is, asked for ten times at once, is one', async () => {
    const account = await opened(portfolio, { cash: 100n * MICRO });
    const outcomes = await Promise.allSettled(
      Array.from({ length: 10 }, () => account.client.withdraw(of(account.id, 100n * MICRO))),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

describe('a key', () => {
  test('used again gives the same funding, whatever has become of it', async () => {
    const account = await opened(portfolio);
    const request = of(account.id, MICRO);
    const made = await Promise.all([1, 2, 3, 4, 5].map(() => account.client.deposit(request)));
    expect(new Set(made.map(({ funding }) => funding?.id)).size).toBe(1);
    await ended(account.client, present(made[0]?.funding).id, FUNDING_STATE_SETTLED);
    expect((await account.client.deposit(request)).funding?.state).toBe(FUNDING_STATE_SETTLED);
    expect((await balance(portfolio, account.id)).posted).toBe(MICRO);
  });

  test.each<[what: string, change: object]>([
    ['amount', { amount: 2n * MICRO }],
    ['direction', {}],
  ])('used for another %s is refused', async (what, change) => {
    const account = await opened(portfolio, { cash: 100n * MICRO });
    const request = of(account.id, MICRO);
    await account.client.deposit(request);
    const again =
      what === 'direction' ? account.client.withdraw(request) : account.client.deposit({ ...request, ...change });
    await expect(again).rejects.toMatchObject({ code: 'already_exists', field: 'idempotency_key' });
  });
});

describe('a limit', () => {
  test('of one transfer holds', async () => {
    const account = await opened(portfolio);
    await expect(account.client.deposit(of(account.id, 1_000_001n * MICRO))).rejects.toMatchObject({
      code: 'failed_precondition',
      reason: 'funding_limit_per_transfer',
      field: 'amount',
      numbers: { amount: 1_000_001n * MICRO, limit: 1_000_000n * MICRO },
    });
  });

  test('of a day holds for requests at once and over all accounts of a user; what came back does not count', async () => {
    const account = await opened(portfolio);
    const other = await opened(portfolio, { userId: account.userId });
    answers.set(13n * CENT, { outcome: 'failed', reason: 'x' });
    const { funding } = await account.client.deposit(of(account.id, 13n * CENT));
    await ended(account.client, present(funding).id, FUNDING_STATE_FAILED);
    const many = await Promise.allSettled(
      Array.from({ length: 8 }, (_, i) => account.client.deposit(of(i % 2 ? account.id : other.id, 900_000n * MICRO))),
    );
    expect(many.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
    expect(many.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { reason: 'funding_limit_per_day' },
    });
  });

  test('on their number holds', async () => {
    const account = await opened(portfolio);
    for (let i = 0; i < 8; i += 1) await account.client.deposit(of(account.id, 1n * CENT));
    await expect(account.client.deposit(of(account.id, 1n * CENT))).rejects.toMatchObject({
      reason: 'funding_limit_transfers_per_day',
      field: 'amount',
      numbers: { amount: CENT, used: 8n * MICRO, limit: 8n * MICRO },
    });
  });
});

async function newest({ id: accountId, client }: Opened): Promise<Activity> {
  const all = { types: [], symbol: '', fromUs: 0n, toUs: 0n, oldestFirst: false, withBalance: false, page: undefined };
  const { activities } = await client.listActivities({ accountId, ...all });
  return present(activities[0]);
}

describe('a transfer', () => {
  test('within a currency moves the amount, once a key', async () => {
    const from = await opened(portfolio, { cash: 100n * MICRO });
    const to = await opened(portfolio, { userId: from.userId });
    const request = { fromAccountId: from.id, toAccountId: to.id, amount: 30n * MICRO, idempotencyKey: randomUUID() };
    const answered = await Promise.all([1, 2, 3].map(() => from.client.transfer(request)));
    expect(new Set(answered.map(({ journalId }) => journalId)).size).toBe(1);
    expect(answered[0]).toMatchObject({ amountOut: 30n * MICRO, amountIn: 30n * MICRO, fxRateId: '', fxRate: 0n });
    expect((await balance(portfolio, to.id)).posted).toBe(30n * MICRO);
    await eventually(async () => {
      const told = (await portfolio.published(transferPosted)).filter(({ accountId }) => accountId === from.id);
      expect(told).toHaveLength(1);
    });
  });

  test('is a line of either account, each with an id of its own', async () => {
    const from = await opened(portfolio, { cash: 100n * MICRO });
    for (const currency of ['USD', 'CAD']) {
      const to = await opened(portfolio, { userId: from.userId, currency });
      const request = { fromAccountId: from.id, toAccountId: to.id, amount: 30n * MICRO, idempotencyKey: randomUUID() };
      const { journalId } = await from.client.transfer(request);
      const lines = await Promise.all([from, to].map((account) => newest(account)));
      expect(lines.map((line) => line.journalId)).toEqual([journalId, journalId]);
      expect(new Set(lines.map(({ id }) => id)).size).toBe(2);
    }
  });

  test('across currencies stores the rate it was made at', async () => {
    const from = await opened(portfolio, { cash: 100n * MICRO });
    const to = await opened(portfolio, { userId: from.userId, currency: 'CAD' });
    const request = { fromAccountId: from.id, toAccountId: to.id, amount: 73n * MICRO, idempotencyKey: randomUUID() };
    const done = await from.client.transfer(request);
    const [journal] = await portfolio.db`
      select kind, fx_rate_id, rate from journals join fx_rates on fx_rates.id = fx_rate_id where journals.id = ${done.journalId}`;
    expect(journal).toEqual({ kind: 'fx', fx_rate_id: done.fxRateId, rate: done.fxRate });
    const between = await portfolio.db`
      select asset, amount from entries join ledger_accounts account on account.id = ledger_account_id
      where journal_id = ${done.journalId} and account.kind = 'fx' order by amount`;
    expect(between).toEqual([
      { asset: 'CAD', amount: -done.amountIn },
      { asset: 'USD', amount: 73n * MICRO },
    ]);
    expect((await balance(portfolio, to.id, 'CAD')).posted).toBe(done.amountIn);
    expect(done.amountIn).toBe((73n * MICRO * done.fxRate + MICRO / 2n) / MICRO);
  });

  test('there and back over any currencies never brings more than there was, and the ledger can show why', async () => {
    const home = await opened(portfolio, { cash: 100n * MICRO });
    const { userId, client } = home;
    const abroad = await Promise.all(['GBP', 'EUR', 'CAD'].map((currency) => opened(portfolio, { userId, currency })));
    let amount = 100n * MICRO;
    let from = home;
    for (const to of [...abroad, home]) {
      const request = { fromAccountId: from.id, toAccountId: to.id, amount, idempotencyKey: randomUUID() };
      const done = await client.transfer(request);
      expect(done.fxSpread).toBe(2000n);
      amount = done.amountIn;
      from = to;
    }
    expect(amount).toBeLessThan(100n * MICRO);
    expect(amount).toBeGreaterThan(99n * MICRO);
    await expectClean(portfolio);
  });

  test('across currencies is limited: in one exchange, and over a day', async () => {
    const from = await opened(portfolio, { cash: 2_000_000n * MICRO });
    const to = await opened(portfolio, { userId: from.userId, currency: 'EUR' });
    const exchange = (units: bigint) =>
      from.client.transfer({
        fromAccountId: from.id,
        toAccountId: to.id,
        amount: units * MICRO,
        idempotencyKey: randomUUID(),
      });
    await expect(exchange(250_001n)).rejects.toMatchObject({
      reason: 'exchange_limit_per_transfer',
      field: 'amount',
      numbers: { amount: 250_001n * MICRO, limit: 250_000n * MICRO },
    });
    const many = await Promise.allSettled(Array.from({ length: 6 }, () => exchange(200_000n)));
    expect(many.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
    expect(many.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { reason: 'exchange_limit_per_day' },
    });
  });

  test('back and forth at once never overdraws', async () => {
    const one = await opened(portfolio, { cash: 10n * MICRO });
    const two = await opened(portfolio, { userId: one.userId, cash: 10n * MICRO });
    await Promise.allSettled(
      Array.from({ length: 30 }, (_, i) => {
        const [from, to] = i % 2 === 0 ? [one, two] : [two, one];
        const amount = BigInt(1 + (i % 7)) * MICRO;
        return one.client.transfer({
          fromAccountId: from.id,
          toAccountId: to.id,
          amount,
          idempotencyKey: randomUUID(),
        });
      }),
    );
    const [a, b] = [await balance(portfolio, one.id), await balance(portfolio, two.id)];
    expect(a.posted + b.posted).toBe(20n * MICRO);
  });
});

describe('an adjustment', () => {
  test('is not for what is not there', async () => {
    const account = await opened(portfolio, { cash: 5n });
    await expect(adjusted(portfolio, { id: account.id, currency: 'USD' }, -6n)).rejects.toMatchObject({
      reason: 'insufficient_funds',
    });
    await adjusted(portfolio, { id: account.id, currency: 'USD' }, -5n);
    expect((await balance(portfolio, account.id)).posted).toBe(0n);
  });
});

test('none is left under way, and the ledger adds up', async () => {
  await eventually(async () => {
    const [row] =
      await portfolio.db`select count(*)::int as open from fundings where state in ('requested', 'held', 'sent')`;
    expect(row).toEqual({ open: 0 });
  });
  await expectClean(portfolio);
});
