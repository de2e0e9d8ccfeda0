import { randomUUID } from 'node:crypto';
import { eventually } from '@andvari/kit/testing/eventually';
import { MICRO } from '@andvari/money';
import { Quote } from '@andvari/proto/stock/v1/stock';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Opened, opened, openPortfolio, operator, type Portfolio } from './portfolio-fixture.ts';

let portfolio: Portfolio;
let account: Opened;
beforeAll(async () => {
  portfolio = await openPortfolio();
  account = await opened(portfolio);
  for (const asset of ['QA', 'QB', 'QC']) {
    const request = { accountId: account.id, asset, amount: MICRO, reason: 'test', costPx: 10n * MICRO };
    await operator(portfolio).adjust({ ...request, idempotencyKey: randomUUID() });
  }
});
afterAll(() => portfolio.close());

const nowUs = (): bigint => BigInt(Date.now()) * 1000n;
const HOUR_US = 3_600_000_000n;
/** Before anything has come. */
const CLOSED_AT_US = 1_000_000n;

function quoted(symbol: string, last: bigint, times: { asOfUs: bigint; validUntilUs: bigint }): void {
  const close = { previousClose: 8n * MICRO, previousCloseAtUs: CLOSED_AT_US };
  const quote = { ...Quote.decode(new Uint8Array()), symbol, last: last * MICRO, ...close, ...times };
  portfolio.nats.connection.publish(`md.quote.${symbol}`, Quote.encode(quote).finish());
}

const summary = (quotes: { symbol: string; px: bigint; previousClose: bigint; asOfUs: bigint }[] = []) =>
  account.client.getSummary({ accountId: account.id, quotes });

test('shares are valued at the market’s last price, and prices that are old or missing are named', async () => {
  const now = nowUs();
  await eventually(async () => {
    quoted('QA', 20n, { asOfUs: now, validUntilUs: now + HOUR_US });
    quoted('QB', 30n, { asOfUs: now - HOUR_US, validUntilUs: now - 1n });
    expect(await summary()).toMatchObject({
      marketValue: 60n * MICRO,
      staleSymbols: ['QB'],
      unquotedSymbols: ['QC'],
      dayPnl: 30n * MICRO,
    });
  });
  // What came at 10 each counts from there; of a symbol that nobody quotes it is known all the same.
  const { holdings } = await account.client.listHoldings({ accountId: account.id, page: undefined });
  const day = { sinceUs: CLOSED_AT_US, qty: 0n, paid: 10n * MICRO };
  expect(holdings.map((holding) => holding.day)).toEqual([day, day, day]);
});

test('an older quote does not take a newer one’s place, and the caller’s own prices come first', async () => {
  const now = nowUs() + HOUR_US;
  await eventually(async () => {
    quoted('QA', 25n, { asOfUs: now, validUntilUs: now + HOUR_US });
    expect((await summary()).marketValue).toBe(65n * MICRO);
  });
  quoted('QA', 1n, { asOfUs: now - 1n, validUntilUs: now + HOUR_US });
  quoted('QC', 7n, { asOfUs: now, validUntilUs: now + HOUR_US });
  await eventually(async () => expect((await summary()).unquotedSymbols).toEqual([]));
  expect((await summary()).marketValue).toBe(62n * MICRO);
  const given = [{ symbol: 'QB', px: 100n * MICRO, previousClose: 0n, asOfUs: 0n }];
  expect(await summary(given)).toMatchObject({ marketValue: 132n * MICRO, staleSymbols: [] });
});

test('a price beyond all money is refused, not an error of ours', async () => {
  const given = [{ symbol: 'QA', px: 10n ** 18n, previousClose: 0n, asOfUs: 0n }];
  await operator(portfolio).adjust({
    accountId: account.id,
    asset: 'QA',
    amount: 100n * MICRO,
    reason: 'test',
    costPx: MICRO,
    idempotencyKey: randomUUID(),
  });
  await expect(summary(given)).rejects.toMatchObject({ code: 'failed_precondition', reason: 'amount_out_of_range' });
});
