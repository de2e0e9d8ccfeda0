import { randomUUID } from 'node:crypto';
import { transaction } from '@andvari/kit/db/db';
import type { Db } from '@andvari/kit/db/types';
import { infraUrls } from '@andvari/kit/testing/infra-urls';
import { testDatabase } from '@andvari/kit/testing/test-database';
import { amount, MICRO, type Micros, toMicros, toPrice, toQuantity } from '@andvari/money';
import { afterAll, beforeAll, expect } from 'vitest';
import { postJournals } from '../../src/app/post-journals.ts';
import { type ReportOutcome, settleReports } from '../../src/app/settle-reports.ts';
import { depositJournal } from '../../src/domain/journal.ts';
import type { Side } from '../../src/domain/reservation.ts';
import type { Report } from '../../src/domain/settlement.ts';
import { findings } from '../../src/store/findings.ts';
import { type ReserveAnswer, type ReserveRequest, reserveBatch } from '../../src/store/reserve.ts';

const migrations = new URL('../../migrations/', import.meta.url);

/** A ledger of the test file's own. */
export function useLedger(options: { maxConnections?: number } = {}): { readonly db: Db } {
  let database: Awaited<ReturnType<typeof testDatabase>> | undefined;
  beforeAll(async () => {
    database = await testDatabase(infraUrls().postgresUrl, [migrations], options);
    // The driver learns the array types with its first statement.
    await database.db`select 1`;
  });
  afterAll(() => database?.drop());
  return {
    get db() {
      if (database === undefined) throw new Error('the database is not there yet');
      return database.db;
    },
  };
}

export type TestAccount = { readonly id: string; readonly userId: string };

export async function openAccount(
  db: Db,
  options: { id?: string; cash?: bigint; kind?: string; currency?: string; status?: string; userId?: string } = {},
): Promise<TestAccount> {
  const account = { id: options.id ?? randomUUID(), userId: options.userId ?? randomUUID() };
  const { kind = 'investment', currency = 'USD', status = 'active', cash } = options;
  await db`
    insert into accounts (id, user_id, number, kind, currency, name, status, closed_at)
    values (${account.id}, ${account.userId}, ${account.id}, ${kind}, ${currency}, 'Test', ${status},
      ${status === 'closed' ? new Date() : null})`;
  await db`
    insert into ledger_accounts (account_id, kind, asset, may_go_negative)
    values (${account.id}, ${kind === 'house' ? 'house' : 'cash'}, ${currency}, ${kind === 'house'})`;
  if (cash !== undefined) await deposit(db, account.id, cash);
  return account;
}

export async function deposit(db: Db, accountId: string, cash: bigint): Promise<void> {
  const journal = depositJournal({
    fundingId: randomUUID(),
    accountId,
    currency: 'USD',
    amount: toMicros(cash),
    at: now(),
  });
  const [outcome] = await transaction(db, (tx) => postJournals(tx, [{ journal }]));
  expect(outcome?.outcome).toBe('posted');
}

/** Gives an account shares the way it gets them: it buys them from the house. */
export async function giveShares(db: Db, account: TestAccount, symbol: string, qty: bigint): Promise<void> {
  await deposit(db, account.id, amount(toPrice(MICRO), toQuantity(qty)));
  const order = orderOf(account, 'buy', qty, MICRO, { symbol });
  expect((await reserve(db, order)).outcome).toBe('reserved');
  expect(await settle(db, fillOf(order, qty, MICRO))).toMatchObject([{ outcome: 'settled' }]);
}

export function orderOf(
  account: TestAccount,
  side: Side,
  qty: bigint,
  price: bigint,
  more: Partial<ReserveRequest> = {},
): ReserveRequest {
  const symbol = more.symbol ?? 'AAPL';
  return {
    orderId: randomUUID(),
    accountId: account.id,
    userId: account.userId,
    side,
    symbol,
    asset: side === 'buy' ? 'USD' : symbol,
    qty: toQuantity(qty),
    principal: side === 'buy' ? amount(toPrice(price), toQuantity(qty)) : toMicros(qty),
    feeCap: toMicros(0n),
    ...more,
  };
}

export async function reserve(db: Db, request: ReserveRequest): Promise<ReserveAnswer> {
  const [answer] = await reserveBatch(db, [request]);
  if (answer === undefined) throw new Error('no answer');
  return answer;
}

export type FillReport = Extract<Report, { type: 'fill' }>;

/** A fill of an order that has traded `before` so far. */
export function fillOf(order: ReserveRequest, qty: bigint, price: bigint, before = 0n): FillReport {
  return {
    type: 'fill',
    execId: randomUUID(),
    digest: 'of the report',
    tradeId: '',
    triggered: false,
    orderId: order.orderId,
    accountId: order.accountId,
    symbol: order.symbol,
    side: order.side,
    qty: toQuantity(qty),
    price: toPrice(price),
    cumQty: toQuantity(before + qty),
    leavesQty: toQuantity(order.qty - before - qty),
    at: now(),
  };
}

export function endOf(order: ReserveRequest, filled = 0n): Report {
  const { orderId, accountId, symbol, side } = order;
  return { type: 'ended', orderId, accountId, symbol, side, cumQty: toQuantity(filled), leavesQty: toQuantity(0n) };
}

export function settle(db: Db, ...reports: Report[]): Promise<ReportOutcome[]> {
  return transaction(db, (tx) => settleReports(tx, reports));
}

export type Standing = { readonly posted: Micros; readonly reserved: Micros };

export async function balance(db: Db, accountId: string, asset = 'USD'): Promise<Standing> {
  const [row] = await db<{ posted: bigint; reserved: bigint }[]>`
    select posted, reserved from ledger_accounts where account_id = ${accountId} and asset = ${asset}`;
  return { posted: toMicros(row?.posted ?? 0n), reserved: toMicros(row?.reserved ?? 0n) };
}

export async function expectVerified(db: Db): Promise<void> {
  const found = [];
  for await (const finding of findings(db)) found.push(finding);
  expect(found).toEqual([]);
}

let last = 0n;

/** Microseconds that never repeat. */
function now(): bigint {
  const clock = BigInt(Date.now()) * 1000n;
  last = clock > last ? clock : last + 1n;
  return last;
}

/** Somebody with just enough for an order, which is reserved for. */
export async function placed(db: Db, side: 'buy' | 'sell', shares: bigint, price: bigint) {
  const account = await openAccount(db, side === 'buy' ? { cash: shares * price * MICRO } : {});
  if (side === 'sell') await giveShares(db, account, 'AAPL', shares * MICRO);
  const order = orderOf(account, side, shares * MICRO, price * MICRO);
  expect((await reserve(db, order)).outcome).toBe('reserved');
  return { account, order };
}
