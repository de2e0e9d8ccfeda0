import { randomUUID } from 'node:crypto';
import { newEvent } from '@andvari/kit/events/event';
import { eventually } from '@andvari/kit/testing/eventually';
import { MICRO } from '@andvari/money';
import { accountClosed, accountOpened, userErased, userErasureStarted } from '@andvari/proto/events';
import { AccountKind, AccountStatus } from '@andvari/proto/portfolio/v1/portfolio';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isAccountNumber } from '../../src/domain/account.ts';
import {
  adjusted,
  as,
  balance,
  buyOf,
  opened,
  openPortfolio,
  operator,
  orders,
  type Portfolio,
  present,
} from './portfolio-fixture.ts';

let portfolio: Portfolio;
beforeAll(async () => {
  // One connection: whatever waits for a second one inside a transaction would hang here.
  portfolio = await openPortfolio({ POSTGRES_CONNECTIONS: '1' });
});
afterAll(() => portfolio.close());

const opening = (userId: string, more: object = {}) => ({
  userId,
  kind: AccountKind.ACCOUNT_KIND_SAVINGS,
  currency: 'CAD',
  name: ' Rainy days ',
  idempotencyKey: randomUUID(),
  ...more,
});

describe('an account', () => {
  test('is opened with a number to show, and the news of it', async () => {
    const userId = randomUUID();
    const { account } = await as(portfolio, userId).openAccount(opening(userId));
    expect(account).toMatchObject({ userId, currency: 'CAD', name: 'Rainy days', cashPosted: 0n, closedAtUs: 0n });
    expect(isAccountNumber(account?.number ?? '')).toBe(true);
    await eventually(async () => {
      const told = (await portfolio.published(accountOpened)).filter((event) => event.account?.userId === userId);
      expect(told).toEqual([{ account, accountId: account?.id }]);
    });
  });

  const kinds = ['SAVINGS', 'CHEQUING', 'INVESTMENT'] as const;
  const every = kinds.flatMap((kind) => ['USD', 'CAD', 'EUR', 'GBP'].map((currency) => [kind, currency] as const));
  test.each(every)('of the kind %s is kept in %s', async (name, currency) => {
    const kind = AccountKind[`ACCOUNT_KIND_${name}`];
    const { id, client } = await opened(portfolio, { kind, currency, cash: 5n });
    const { account } = await client.getAccount({ accountId: id });
    expect(account).toMatchObject({ kind, currency, cashPosted: 5n, status: AccountStatus.ACCOUNT_STATUS_ACTIVE });
  });

  test('opened twice with one key is one; with another body it is refused', async () => {
    const userId = randomUUID();
    const client = as(portfolio, userId);
    const request = opening(userId);
    const answers = await Promise.all([1, 2, 3, 4].map(() => client.openAccount(request)));
    expect(new Set(answers.map(({ account }) => account?.id)).size).toBe(1);
    await expect(client.openAccount({ ...request, currency: 'USD' })).rejects.toMatchObject({
      code: 'already_exists',
      reason: 'idempotency_key_reused',
      field: 'idempotency_key',
    });
    const { accounts } = await client.listAccounts({ userId, includeClosed: true, page: undefined });
    expect(accounts).toHaveLength(1);
  });

  test('is one of several, listed a page at a time in the order they were opened', async () => {
    const userId = randomUUID();
    const names = ['one', 'two', 'three', 'four', 'five'];
    for (const name of names) await as(portfolio, userId).openAccount(opening(userId, { name }));
    const listed: string[] = [];
    for (let after = '', more = true; more; ) {
      const page = { first: 2, after };
      const answer = await as(portfolio, userId).listAccounts({ userId, includeClosed: false, page });
      listed.push(...answer.accounts.map(({ name }) => name));
      [after, more] = [answer.pageInfo?.endCursor ?? '', answer.pageInfo?.hasNextPage ?? false];
    }
    expect(listed).toEqual(names);
  });

  test('is renamed', async () => {
    const { id, client } = await opened(portfolio);
    await client.renameAccount({ accountId: id, name: 'Other' });
    expect((await client.getAccount({ accountId: id })).account?.name).toBe('Other');
  });
});

describe('closing', () => {
  test('an empty account is done, told, and cannot be undone by using it', async () => {
    const { id, client, userId } = await opened(portfolio);
    const { account } = await client.closeAccount({ accountId: id });
    expect(account?.status).toBe(AccountStatus.ACCOUNT_STATUS_CLOSED);
    expect((await client.listAccounts({ userId, includeClosed: false, page: undefined })).accounts).toEqual([]);
    await expect(client.renameAccount({ accountId: id, name: 'x' })).rejects.toMatchObject({
      reason: 'account_closed',
    });
    await eventually(async () =>
      expect(await portfolio.published(accountClosed)).toContainEqual({ accountId: id, userId }),
    );
  });

  test('is refused while money is in it', async () => {
    const { id, client } = await opened(portfolio, { cash: 1n });
    await expect(client.closeAccount({ accountId: id })).rejects.toMatchObject({
      code: 'failed_precondition',
      reason: 'account_not_empty',
    });
  });

  test('is refused while shares are in it', async () => {
    const { id, client } = await opened(portfolio);
    const shares = { accountId: id, asset: 'AAPL', amount: 1n, costPx: 0n, reason: 'x', idempotencyKey: randomUUID() };
    await operator(portfolio).adjust(shares);
    await expect(client.closeAccount({ accountId: id })).rejects.toMatchObject({ reason: 'account_not_empty' });
  });

  test('is refused while an order holds some of it', async () => {
    const account = await opened(portfolio, { cash: 100n * MICRO });
    await orders(portfolio).reserve(buyOf(account, 1n, 100n));
    await expect(account.client.closeAccount({ accountId: account.id })).rejects.toMatchObject({
      reason: 'account_has_open_orders',
    });
  });

  test('and reserving at the same time end one way or the other, never both', async () => {
    for (let round = 0; round < 5; round += 1) {
      const account = await opened(portfolio, { cash: MICRO });
      await adjusted(portfolio, { id: account.id, currency: 'USD' }, -MICRO);
      const deposit = { accountId: account.id, currency: 'USD', amount: MICRO, idempotencyKey: randomUUID() };
      const outcomes = await Promise.allSettled([
        account.client.closeAccount({ accountId: account.id }),
        account.client.deposit(deposit),
      ]);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    }
  });
});

describe('a user’s end', () => {
  test('leaves the ledger under the pseudonym, and is told each time it is asked for', async () => {
    const { id, userId } = await opened(portfolio, { cash: MICRO });
    const pseudonym = randomUUID();
    for (let time = 0; time < 2; time += 1) {
      await portfolio.publish(newEvent(userErasureStarted, { userId, pseudonym }, { source: 'user' }));
    }
    await eventually(async () => {
      const told = (await portfolio.published(userErased)).filter((event) => event.userId === userId);
      expect(told).toEqual([1, 2].map(() => ({ userId, service: 'portfolio' })));
    });
    const [row] = await portfolio.db`select user_id, name from accounts where id = ${id}`;
    expect(row).toEqual({ user_id: pseudonym, name: 'Account' });
    expect((await balance(portfolio, id)).posted).toBe(MICRO);
    expect(present(await portfolio.db`select 1 from idempotency_keys where user_id = ${userId}`)).toHaveLength(0);
  });
});
