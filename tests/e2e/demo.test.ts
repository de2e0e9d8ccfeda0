import { once } from 'node:events';
import { join } from 'node:path';
import { eventually } from '@andvari/kit/testing/eventually';
import { type Child, startChild } from '@andvari/servers/child';
import { checkoutRoot } from '@andvari/servers/data-home';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type People, peopleOf } from './people.ts';
import { type System, startSystem, tradingServices, unlimited } from './system.ts';
import { becomes, placed, type Trader, traderWithMoney, verified } from './traders.ts';

/** `make demo SPEED=…`: its bots beside a market whose days are played, a trading day in some forty seconds. */
const SPEED = '600';
/** Of two days, with a machine that has other things to do. */
const DAYS = { timeoutMs: 150_000 };

/** It takes more than a minute, most of it waiting for days to pass. */
const onRequest = test.skipIf(process.env['ANDVARI_LONG'] !== '1');

let system: System;
let people: People;
let watcher: Trader;

beforeAll(async () => {
  system = await startSystem(tradingServices, {
    ...unlimited,
    MARKET_HOURS: 'nyse',
    MARKET_SPEED: SPEED,
    MARKET_SPEED_SINCE: String(Date.now()),
  });
  people = peopleOf(system);
  watcher = await traderWithMoney(people, 'KO');
});
afterAll(() => system.close());

async function stateBecomes(...states: string[]): Promise<void> {
  await eventually(async () => {
    const { data } = await watcher.browser.ask('{ marketClock { state } }');
    expect(states).toContain((data['marketClock'] as { state: string }).state);
  }, DAYS);
}

onRequest('bots sign up and trade with each other, through the public API alone', { timeout: 240_000 }, async () => {
  await stateBecomes('REGULAR');
  const bots = await startBots();
  const orders = system.database('order_db');
  await eventually(async () => {
    const [row] = await orders<{ traders: number }[]>`
      select count(distinct account_id)::int as traders from orders where cum_qty > 0`;
    expect(row?.traders).toBeGreaterThanOrEqual(3);
  }, DAYS);
  await bots.stop({ signal: 'SIGTERM' });
});

onRequest(
  'orders for the day end at its close, others stay, and the next day begins',
  { timeout: 400_000 },
  async () => {
    await stateBecomes('REGULAR');
    const far = { side: 'BUY', type: 'LIMIT', quantity: '1', limitPrice: '40' };
    const day = await placed(watcher, { ...far, timeInForce: 'DAY' });
    const kept = await placed(watcher, { ...far, timeInForce: 'GTC' });
    await eventually(() => becomes(watcher, day, { status: 'EXPIRED' }), DAYS);
    await becomes(watcher, kept, { isOpen: true, filledQuantity: '0' });
    await stateBecomes('PRE', 'CLOSED', 'AFTER');
    await stateBecomes('REGULAR');
  },
);

onRequest('the ledger verifies clean', () => verified(system));

async function startBots(): Promise<Child> {
  const child = await startChild({
    command: process.execPath,
    args: [join(checkoutRoot, 'tools/demo/src/main.ts')],
    env: { ...process.env, ANDVARI_URL: system.url, SPEED, ROUND_MS: '300', SYMBOLS: 'AAPL,MSFT' },
    stopSignal: 'SIGKILL',
    output: 'pipe',
  });
  let said = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const errors = child.stderr?.setEncoding('utf8');
  if (child.stdout === null || errors === undefined) throw new Error('the bots cannot be heard');
  errors.on('data', (text: string) => {
    said += text;
  });
  await Promise.race([
    eventually(() => expect(said).toContain('bots trade AAPL, MSFT'), DAYS),
    once(child.stdout, 'close').then(() => Promise.reject(new Error(`the bots ended: ${said}`))),
  ]);
  return child;
}
