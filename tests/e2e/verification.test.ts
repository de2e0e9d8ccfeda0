import { randomUUID } from 'node:crypto';
import { Secret } from '@andvari/kit/base/config';
import type { Db } from '@andvari/kit/db/types';
import { openNats } from '@andvari/kit/nats/nats';
import { eventually } from '@andvari/kit/testing/eventually';
import { testScope } from '@andvari/kit/testing/test-scope';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { peopleOf } from './people.ts';
import { type System, startSystem, tradingServices, unlimited } from './system.ts';
import { place, traderWithMoney } from './traders.ts';

/** Nobody trades meanwhile: what is found stays. */
const SOON_AGAIN_MS = [100];

/** What `seedctl verify` finds, over the real processes: nothing where people only trade, and every damage done by hand. */
let system: System;
let orders: Db;
let bought: string;
let resting: string;

beforeAll(async () => {
  system = await startSystem(tradingServices, {
    ...unlimited,
    MARKET_HOURS: 'always',
  });
  orders = system.database('order_db');
  const trader = await traderWithMoney(peopleOf(system));
  const buy = async (order: object) => String((await place(trader, { side: 'BUY', ...order }))['orderId']);
  bought = await buy({ type: 'MARKET', quantity: '3' });
  resting = await buy({ type: 'LIMIT', quantity: '2', limitPrice: '100', timeInForce: 'GTC' });
  await eventually(async () => {
    const rows = await orders<{ status: string }[]>`select status from orders order by placed_at_us`;
    expect(rows).toEqual([{ status: 'filled' }, { status: 'new' }]);
  });
});
afterAll(() => system.close());

test('where people only trade, all agree', async () => {
  const { differences, ...looked } = await system.verify();
  expect(differences).toEqual([]);
  expect(looked.orders).toBe(2);
  expect(looked.fills).toBeGreaterThanOrEqual(2);
  expect(looked.entries).toBeGreaterThan(0n);
  expect(looked.auditRows).toBeGreaterThan(0n);
});

test('a message in the place of a fill that nobody can read is counted, and the others are looked at', async () => {
  const scope = testScope();
  const { js } = await openNats(scope, { url: new Secret(system.nats.url), service: 'e2e' });
  const before = await system.verify();
  await js.publish(`exec.0.${randomUUID()}.fill`, Buffer.from([0x67]));
  await scope.close();
  const { differences, unreadable, fills } = await system.verify();
  expect({ differences, unreadable, fills }).toEqual({ differences: [], unreadable: 1, fills: before.fills });
});

describe('done by hand', () => {
  test.each<[what: string, check: string, damage: () => Promise<unknown>, mend: () => Promise<unknown>]>([
    [
      'an order that says it filled less',
      'order_filled_differs_from_its_fills',
      () => orders`update orders set cum_qty = cum_qty - 1 where id = ${bought}`,
      () => orders`update orders set cum_qty = cum_qty + 1 where id = ${bought}`,
    ],
    [
      'a fill that nobody was told of',
      'fill_missing_in_orders',
      () => orders`update order_events set kind = 'hidden' where order_id = ${bought} and kind = 'fill'`,
      () => orders`update order_events set kind = 'fill' where order_id = ${bought} and kind = 'hidden'`,
    ],
    [
      'a fill that the stream tells of and no order has',
      'told_fill_missing_in_orders',
      () => orders`update order_events set kind = 'hidden' where order_id = ${bought} and kind = 'fill'`,
      () => orders`update order_events set kind = 'fill' where order_id = ${bought} and kind = 'hidden'`,
    ],
    [
      'a fill of another size',
      'fill_differs_in_ledger',
      () => orders`update order_events set last_qty = last_qty - 1 where order_id = ${bought} and kind = 'fill'`,
      () => orders`update order_events set last_qty = last_qty + 1 where order_id = ${bought} and kind = 'fill'`,
    ],
    [
      'an open order that the engine lost',
      'open_order_missing_at_engine',
      () => orders`update orders set finished_at_us = 0, status = 'new' where id = ${bought}`,
      () => orders`update orders set finished_at_us = updated_at_us, status = 'filled' where id = ${bought}`,
    ],
    [
      'money held for an order that has ended',
      'ended_order_holds_money',
      () => orders`update orders set finished_at_us = updated_at_us, status = 'canceled' where id = ${resting}`,
      () => orders`update orders set finished_at_us = 0, status = 'new' where id = ${resting}`,
    ],
    [
      'a reservation of another account',
      'reservation_differs_in_accountId',
      () => orders`update orders set account_id = ${randomUUID()} where id = ${resting}`,
      () =>
        orders`update orders set account_id = (select account_id from orders where id = ${bought}) where id = ${resting}`,
    ],
  ])('%s is found: %s', async (_, check, damage, mend) => {
    await damage();
    try {
      const { differences } = await system.verify(SOON_AGAIN_MS);
      expect(differences.map((one) => one.check)).toContain(check);
    } finally {
      await mend();
    }
  });
});
