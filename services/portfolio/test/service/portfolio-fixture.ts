import { randomUUID } from 'node:crypto';
import { newEvent } from '@andvari/kit/events/event';
import type { RpcClient } from '@andvari/kit/rpc/client';
import { eventually } from '@andvari/kit/testing/eventually';
import { type TestService, testService } from '@andvari/kit/testing/test-service';
import { MICRO, toPrice } from '@andvari/money';
import { Side } from '@andvari/proto/engine/v1/commands';
import { ExecType, ExecutionReport } from '@andvari/proto/engine/v1/reports';
import { executionReport } from '@andvari/proto/events';
import {
  type Account,
  AccountKind,
  FundingState,
  PortfolioServiceService,
  type ReserveRequest,
} from '@andvari/proto/portfolio/v1/portfolio';
import { expect } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { migrations, type Outside, start } from '../../src/main.ts';
import type { MarketQuote } from '../../src/ports/quotes.ts';

type Definition = typeof PortfolioServiceService;
export type Client = RpcClient<Definition>;
export type Portfolio = TestService<Pick<Awaited<ReturnType<typeof start>>, 'port' | 'adminPort'>>;

export const HOUSE = '00000000-0000-7000-8000-00000000ac01';

/** All that a member has. */
export const owns = [
  'account:read',
  'account:open',
  'account:update',
  'account:close',
  'portfolio:read',
  'funding:create',
  'funding:read',
  'transfer:create',
].map((permission) => `${permission}:own`);

export function openPortfolio(env: Record<string, string> = {}, overrides: Partial<Outside> = {}): Promise<Portfolio> {
  return testService({
    readConfig,
    start: (scope, config) => start(scope, config, overrides),
    migrations,
    streams: ['PORTFOLIO', 'EXECUTIONS', 'USER', 'MARKET'],
    env: { FUNDING_SWEEP_MS: '20', ...env },
  });
}

export const as = (portfolio: Portfolio, userId: string, scopes: string[] = owns): Client =>
  portfolio.client(PortfolioServiceService, { userId, scopes });

/** The order service on its own behalf. */
export const orders = (portfolio: Portfolio): Client => portfolio.client(PortfolioServiceService, { service: 'order' });

export const operator = (portfolio: Portfolio): Client =>
  as(portfolio, randomUUID(), ['ledger:adjust', 'ledger:verify', 'fee_schedule:set']);

export type Opened = { readonly id: string; readonly userId: string; readonly client: Client };

export async function opened(
  portfolio: Portfolio,
  options: { cash?: bigint; kind?: AccountKind; currency?: string; userId?: string } = {},
): Promise<Opened> {
  const { cash, kind = AccountKind.ACCOUNT_KIND_INVESTMENT, currency = 'USD', userId = randomUUID() } = options;
  const client = as(portfolio, userId);
  const request = { userId, kind, currency, name: 'Test', idempotencyKey: randomUUID() };
  const account = present((await client.openAccount(request)).account);
  if (cash !== undefined) await adjusted(portfolio, account, cash);
  return { id: account.id, userId, client };
}

/** Money from nowhere, at once: how it usually comes has tests of its own. */
export async function adjusted(
  portfolio: Portfolio,
  account: Pick<Account, 'id' | 'currency'>,
  amount: bigint,
): Promise<void> {
  const { id: accountId, currency: asset } = account;
  await operator(portfolio).adjust({ accountId, asset, amount, reason: 'test', idempotencyKey: randomUUID() });
}

export async function settledDeposit(account: Opened, amount: bigint, currency = 'USD'): Promise<string> {
  const { id: accountId, client } = account;
  const request = { accountId, currency, amount, idempotencyKey: randomUUID() };
  const { funding } = await client.deposit(request);
  const fundingId = present(funding).id;
  await eventually(async () => {
    const now = await client.getFunding({ fundingId });
    expect(now.funding?.state).toBe(FundingState.FUNDING_STATE_SETTLED);
  });
  return fundingId;
}

export function buyOf(
  account: Opened,
  shares: bigint,
  price: bigint,
  more: Partial<ReserveRequest> = {},
): ReserveRequest {
  return {
    orderId: randomUUID(),
    accountId: account.id,
    asset: 'USD',
    amount: shares * price * MICRO,
    symbol: 'AAPL',
    side: Side.SIDE_BUY,
    qty: shares * MICRO,
    ...more,
  };
}

export function sellOf(account: Opened, shares: bigint, more: Partial<ReserveRequest> = {}): ReserveRequest {
  const qty = shares * MICRO;
  return { ...buyOf(account, shares, 1n), asset: 'AAPL', amount: qty, side: Side.SIDE_SELL, ...more };
}

/** What the engine says about an order. Whole shares and units; `before` is what it had traded. */
export function report(
  order: ReserveRequest,
  execType: ExecType,
  given: { shares?: bigint; price?: bigint; before?: bigint; more?: Partial<ExecutionReport> } = {},
): ExecutionReport {
  const { shares = 0n, price = 0n, before = 0n, more = {} } = given;
  const cumQty = (before + shares) * MICRO;
  const alive = execType === ExecType.EXEC_TYPE_FILL || execType === ExecType.EXEC_TYPE_RESTATED;
  return {
    ...ExecutionReport.decode(new Uint8Array()),
    execId: randomUUID(),
    execType,
    orderId: order.orderId,
    accountId: order.accountId,
    symbol: order.symbol,
    side: order.side,
    qty: order.qty,
    lastQty: shares * MICRO,
    lastPx: price * MICRO,
    cumQty,
    leavesQty: alive ? order.qty - cumQty : 0n,
    transactTimeUs: BigInt(Date.now()) * 1000n,
    ...more,
  };
}

export const fill = (order: ReserveRequest, shares: bigint, price: bigint, before = 0n): ExecutionReport =>
  report(order, ExecType.EXEC_TYPE_FILL, { shares, price, before });

/** The same trade from the house's side. */
export function houseLeg(leg: ExecutionReport): ExecutionReport {
  const side = leg.side === Side.SIDE_BUY ? Side.SIDE_SELL : Side.SIDE_BUY;
  return { ...leg, execId: randomUUID(), orderId: randomUUID(), accountId: HOUSE, side };
}

/** Into the stream, as the engine's publisher would; `again` makes a message of its own of the same report. */
export async function published(
  portfolio: Portfolio,
  reports: readonly ExecutionReport[],
  again = false,
): Promise<void> {
  const events = reports.map((message) => {
    const event = newEvent(executionReport, message, {
      source: 'engine',
      id: message.execId,
      subject: { account_partition: 0, type: 'any' },
    });
    return again ? event : { ...event, id: message.execId };
  });
  await portfolio.publish(...events);
}

/** Until the consumer has taken every message that is in the stream. */
export async function caughtUp(
  portfolio: Portfolio,
  stream = 'EXECUTIONS',
  consumer = 'portfolio-executions',
): Promise<void> {
  const { state } = await portfolio.nats.jsm.streams.info(stream);
  await eventually(async () => {
    const [row] = await portfolio.db<{ at: bigint }[]>`
        select stream_sequence as at from inbox_positions where consumer = ${consumer}`;
    expect(Number(row?.at ?? 0n)).toBeGreaterThanOrEqual(state.last_seq);
  });
}

export async function balance(
  portfolio: Portfolio,
  accountId: string,
  asset = 'USD',
): Promise<{ posted: bigint; reserved: bigint }> {
  const [row] = await portfolio.db<{ posted: bigint; reserved: bigint }[]>`
    select posted, reserved from ledger_accounts where account_id = ${accountId} and asset = ${asset}`;
  return row ?? { posted: 0n, reserved: 0n };
}

/** Shares the way they come: bought from the house. The money for them comes with it. */
export async function giveShares(portfolio: Portfolio, account: Opened, shares: bigint): Promise<void> {
  await adjusted(portfolio, { id: account.id, currency: 'USD' }, shares * MICRO);
  const order = buyOf(account, shares, 1n);
  await orders(portfolio).reserve(order);
  const leg = fill(order, shares, 1n);
  await published(portfolio, [leg, houseLeg(leg)]);
  await eventually(async () => expect((await balance(portfolio, account.id, 'AAPL')).posted).toBe(shares * MICRO));
}

/** A trade with the house, from the reservation to the ledger; whole shares and units. */
export async function traded(
  portfolio: Portfolio,
  account: Opened,
  side: 'buy' | 'sell',
  trade: { shares: bigint; price: bigint; symbol?: string; atUs: bigint },
): Promise<string> {
  const { shares, price, symbol = 'AAPL', atUs } = trade;
  const more = { symbol, asset: side === 'buy' ? 'USD' : symbol };
  const order = side === 'buy' ? buyOf(account, shares, price, more) : sellOf(account, shares, more);
  await orders(portfolio).reserve(order);
  const leg = { ...fill(order, shares, price), transactTimeUs: atUs };
  await published(portfolio, [leg, houseLeg(leg)]);
  await caughtUp(portfolio);
  return order.orderId;
}

/** What the market says of a symbol, good for ever. */
export function quoteOf(price: bigint): MarketQuote {
  return { price: toPrice(price), previousClose: undefined, validUntilUs: 2n ** 62n, asOfUs: 2n ** 62n };
}

export type Verified = { findings: object[]; checked: bigint };

export async function verified(portfolio: Portfolio): Promise<Verified> {
  const findings: object[] = [];
  let checked = 0n;
  for await (const { kind } of orders(portfolio).verify({})) {
    if (kind?.$case === 'finding') findings.push(kind.value);
    if (kind?.$case === 'summary') checked = kind.value.entriesChecked;
  }
  return { findings, checked };
}

export async function expectClean(portfolio: Portfolio): Promise<void> {
  expect((await verified(portfolio)).findings).toEqual([]);
}

export function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the answer is empty');
  return value;
}
