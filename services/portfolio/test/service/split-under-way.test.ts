import { randomUUID } from 'node:crypto';
import { eventually } from '@andvari/kit/testing/eventually';
import { MICRO, toPrice } from '@andvari/money';
import { ExecType } from '@andvari/proto/engine/v1/reports';
import { corporateActionPosted } from '@andvari/proto/events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSnapshots } from '../../src/app/snapshots.ts';
import type { MarketQuote } from '../../src/ports/quotes.ts';
import { holding, split, told } from './corporate-action-world.ts';
import {
  buyOf,
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

/** Old shares and new ones are about at the same time, and nobody is richer or poorer for it. */
const nowUs = (): bigint => BigInt(Date.now()) * 1000n;
let quote: MarketQuote;
let portfolio: Portfolio;

beforeAll(async () => {
  quoted(100n, nowUs());
  portfolio = await openPortfolio({}, { quotes: async () => new Map([['UWY', quote]]) });
});
afterAll(() => portfolio.close());

function quoted(dollars: bigint, asOfUs: bigint): void {
  const price = toPrice(dollars * MICRO);
  quote = { price, previousClose: price, validUntilUs: 2n ** 62n, asOfUs };
}

async function splitInTwo(symbol: string, effectiveAtUs: bigint): Promise<string> {
  const action = split(symbol, 2n, 1n, { effectiveAtUs });
  await told(portfolio, action);
  return action.id;
}

const worth = async ({ client, id: accountId }: Opened) =>
  (await client.getSummary({ accountId, quotes: [] })).marketValue;
const held = async ({ client, id: accountId }: Opened) =>
  (await client.listHoldings({ accountId, page: undefined })).holdings[0];
const isOver = async (id: string) =>
  (await portfolio.published(corporateActionPosted)).some(({ actionId }) => actionId === id);

test('an account is worth the same whichever of its shares and their price is counted anew first', async () => {
  const [free, bound] = [await holding(portfolio, 'UWY', 10n * MICRO), await holding(portfolio, 'UWY', 10n * MICRO)];
  const order = sellOf(bound, 1n, { symbol: 'UWY', asset: 'UWY' });
  await orders(portfolio).reserve(order);
  const effectiveAtUs = nowUs() + 3_600_000_000n;
  const id = await splitInTwo('UWY', effectiveAtUs);
  await eventually(async () => expect((await held(free))?.qty).toBe(20n * MICRO));
  expect(await held(free)).toMatchObject({ split: { ratioTo: 2n, ratioFrom: 1n, effectiveAtUs, counted: true } });
  expect(await held(bound)).toMatchObject({ qty: 10n * MICRO, split: { counted: false } });
  for (const account of [free, bound]) expect(await worth(account)).toBe(1000n * MICRO);
  // The same where somebody else brings the price and says of when it is.
  for (const [px, asOfUs] of [
    [100n * MICRO, nowUs()],
    [50n * MICRO, effectiveAtUs],
  ] as const) {
    const quotes = [{ symbol: 'UWY', px, previousClose: 0n, asOfUs }];
    for (const { client, id: accountId } of [free, bound]) {
      expect((await client.getSummary({ accountId, quotes })).marketValue).toBe(1000n * MICRO);
    }
  }
  quoted(50n, effectiveAtUs);
  for (const account of [free, bound]) expect(await worth(account)).toBe(1000n * MICRO);
  await published(portfolio, [report(order, ExecType.EXEC_TYPE_CANCELED)]);
  await eventually(async () => expect((await held(bound))?.qty).toBe(20n * MICRO));
  for (const account of [free, bound]) expect(await worth(account)).toBe(1000n * MICRO);
  // Not over before new prices are there, and no history is written meanwhile.
  expect(await isOver(id)).toBe(false);
  const snapshots = createSnapshots({ db: portfolio.db, now: nowUs, quotes: async () => new Map() });
  expect(await snapshots.take(new AbortController().signal)).toBe(0);
});

test('a split is not over while any order for the symbol is open, by whomever and since whenever', async () => {
  const account = await opened(portfolio);
  const request = { accountId: account.id, asset: 'USD', amount: 1000n * MICRO, reason: 'test' };
  await operator(portfolio).adjust({ ...request, idempotencyKey: randomUUID() });
  // Judged before the halt by somebody who holds none, and reserved after the word of the split.
  const order = buyOf(account, 1n, 100n, { symbol: 'LATE', asset: 'USD' });
  const effectiveAtUs = nowUs() + 500_000n;
  const id = await splitInTwo('LATE', effectiveAtUs);
  await orders(portfolio).reserve(order);
  await eventually(() => expect(nowUs()).toBeGreaterThan(effectiveAtUs + 4_000_000n));
  expect(await isOver(id)).toBe(false);
  await published(portfolio, [report(order, ExecType.EXEC_TYPE_CANCELED)]);
  await eventually(async () => expect(await isOver(id)).toBe(true));
});
