import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@andvari/kit/testing/eventually';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type People, peopleOf } from './people.ts';
import { type System, startSystem, tradingServices, unlimited } from './system.ts';
import {
  accountBecomes,
  becomes,
  lastPrice,
  limit,
  micros,
  orderOf,
  place,
  placed,
  type Trader,
  traderWithMoney,
  verified,
} from './traders.ts';

/**
 * A trading day in New York, from before its opening to after its close: only the stock service's clock is another. It never goes
 * back, so the tests stand in the order of the day.
 */
/** A Monday of winter, in UTC: opens at 14:30, closes at 21:00. */
const at = (hours: number, minutes: number, seconds = 0): number => Date.UTC(2030, 1, 4, hours, minutes, seconds);

const home = mkdtempSync(join(tmpdir(), 'andvari-clock-'));
const clockFile = join(home, 'ahead');

let system: System;
let people: People;
let holder: Trader;
let buyer: Trader;

beforeAll(async () => {
  setClock(at(15, 0));
  system = await startSystem(
    tradingServices,
    { ...unlimited, MARKET_HOURS: 'nyse', CLOCK_FILE: clockFile },
    { mains: { stock: join(import.meta.dirname, 'stock-at-another-time.ts') } },
  );
  people = peopleOf(system);
  holder = await traderWithMoney(people, 'AAPL');
  buyer = await traderWithMoney(people, 'AAPL');
  await stateBecomes('REGULAR');
});
afterAll(async () => {
  await system.close();
  rmSync(home, { recursive: true });
});

function setClock(ms: number): void {
  writeFileSync(clockFile, String(ms - Date.now()));
}

async function stateBecomes(state: string): Promise<void> {
  await eventually(async () => {
    const { data } = await holder.browser.ask('{ marketClock { state } }');
    expect(data).toEqual({ marketClock: { state } });
  });
}

/** So many percent of the last price, on the tick. */
async function near(percent: bigint): Promise<string> {
  const cents = ((await lastPrice(holder)) * percent) / 100n / 10_000n;
  return `${cents / 100n}.${String(cents % 100n).padStart(2, '0')}`;
}

test('while it is open, a market order trades', { timeout: 120_000 }, async () => {
  const id = await placed(holder, { side: 'BUY', type: 'MARKET', quantity: '10' });
  await becomes(holder, id, { status: 'FILLED' });
  await accountBecomes(holder, { holdings: { nodes: [{ symbol: 'AAPL', quantity: '10' }] } });
});

test('at the close day orders expire, those that are good till cancelled stay, and orders for the close trade with each other', {
  timeout: 120_000,
}, async () => {
  const low = await near(92n);
  const [day, good] = [
    await placed(buyer, limit('BUY', '1', low, 'DAY')),
    await placed(buyer, limit('BUY', '1', low, 'GTC')),
  ];
  const sell = await placed(holder, { side: 'SELL', type: 'MARKET', timeInForce: 'CLS', quantity: '4' });
  const buy = await placed(buyer, limit('BUY', '4', await near(104n), 'CLS'));
  for (const [trader, id] of [
    [buyer, day],
    [buyer, good],
    [holder, sell],
    [buyer, buy],
  ] as const) {
    await becomes(trader, id, { isOpen: true, filledQuantity: '0' });
  }
  setClock(at(21, 0, 1));
  await stateBecomes('AFTER');
  await becomes(buyer, day, { status: 'EXPIRED', isOpen: false });
  await becomes(buyer, good, { status: 'NEW', isOpen: true });
  await becomes(holder, sell, { status: 'FILLED', filledQuantity: '4' });
  await becomes(buyer, buy, { status: 'FILLED', filledQuantity: '4' });
  const [sold, bought] = [await orderOf(holder, sell), await orderOf(buyer, buy)];
  expect(sold.averagePrice).toBe(bought.averagePrice);
});

test('when it is closed nothing trades at market, and what waits for the opening waits', {
  timeout: 120_000,
}, async () => {
  expect(await place(buyer, { side: 'BUY', type: 'MARKET', quantity: '1' })).toMatchObject({ code: 'market_closed' });
  const id = await placed(buyer, limit('BUY', '1', await near(110n), 'DAY'));
  await becomes(buyer, id, { isOpen: true, filledQuantity: '0' });
});

test('at the opening orders for it trade at one price or end, and day orders of the night trade', {
  timeout: 120_000,
}, async () => {
  const sell = await placed(holder, { side: 'SELL', type: 'MARKET', timeInForce: 'OPG', quantity: '3' });
  const buy = await placed(buyer, limit('BUY', '3', await near(105n), 'OPG'));
  const cheap = await placed(buyer, limit('BUY', '1', await near(92n), 'OPG'));
  for (const [trader, id] of [
    [holder, sell],
    [buyer, buy],
    [buyer, cheap],
  ] as const) {
    await becomes(trader, id, { isOpen: true, filledQuantity: '0' });
  }
  // The next morning, a second after the opening.
  setClock(at(24 + 14, 30, 1));
  await stateBecomes('REGULAR');
  await becomes(holder, sell, { status: 'FILLED', filledQuantity: '3' });
  await becomes(buyer, buy, { status: 'FILLED', filledQuantity: '3' });
  await becomes(buyer, cheap, { isOpen: false, filledQuantity: '0' });
  const [sold, bought] = [await orderOf(holder, sell), await orderOf(buyer, buy)];
  expect(micros(sold.averagePrice ?? '0')).toBe(micros(bought.averagePrice ?? '1'));
});

test('with the next day today begins anew, on the stream as in the ledger, though nothing was traded', {
  timeout: 120_000,
}, async () => {
  const stream = await holder.browser.subscribe(
    `subscription { portfolio(accountId: "${holder.account}") { summary { equity dayPnl } } }`,
  );
  const streamed = (): unknown =>
    (stream.received.at(-1)?.data as { portfolio: { summary: unknown } } | undefined)?.portfolio.summary;
  const asked = async () => {
    const { data } = await holder.browser.ask(
      `{ account(id: "${holder.account}") { summary { equity dayPnl } holdings { nodes { quantity } } }
        quote(symbol: "AAPL") { last previousClose } }`,
    );
    const { account, quote } = data as {
      account: { summary: { dayPnl: string }; holdings: { nodes: { quantity: string }[] } };
      quote: { last: string; previousClose: string };
    };
    return { ...account, ...quote };
  };
  /** What is held, from the close to now: exact, for whole shares. */
  const sinceClose = ({ holdings, last, previousClose }: Awaited<ReturnType<typeof asked>>): bigint =>
    (micros(holdings.nodes[0]?.quantity ?? '0') / 1_000_000n) * (micros(last) - micros(previousClose));

  const before = await asked();
  await eventually(() => expect(streamed()).toMatchObject({ dayPnl: expect.anything() }));
  setClock(at(2 * 24 + 14, 30, 1));
  await eventually(async () => {
    const now = await asked();
    expect(now.previousClose).not.toBe(before.previousClose);
    expect(sinceClose(now)).not.toBe(0n);
    expect(micros(now.summary.dayPnl)).toBe(sinceClose(now));
    expect(streamed()).toEqual(now.summary);
  });
  stream.close();
});

test('the ledger verifies clean', () => verified(system));
