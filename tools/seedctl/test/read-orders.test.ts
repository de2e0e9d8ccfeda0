import { randomUUID } from 'node:crypto';
import type { TestDatabase } from '@andvari/kit/testing/test-database';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { existingOrders, readHolders, readOrders } from '../src/verify/read-orders.ts';
import { ordersAndLedger } from './orders-and-ledger.ts';

let orders: TestDatabase;
let ledger: TestDatabase;
beforeAll(async () => {
  ({ orders, ledger } = await ordersAndLedger());
});
afterAll(() => Promise.all([orders.drop(), ledger.drop()]));

test('of those who hold money, the old and open ones are found, and of these the orders that there are', async () => {
  const [old, young, closed, fenced] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  for (const [id, age, state] of [
    [old, '1 hour', 'open'],
    [young, '1 second', 'open'],
    [closed, '1 hour', 'closed'],
    [fenced, '1 hour', 'open'],
  ] as const) {
    await hold(id, { age, state });
  }
  await insertOrder(old, 'new');
  await insertOrder(fenced, 'fenced');

  const holders: string[][] = [];
  for await (const page of readHolders(ledger.db, 1, 60_000)) holders.push(page);
  expect(holders).toHaveLength(2);
  expect(new Set(holders.flat())).toEqual(new Set([old, fenced]));
  expect([...(await existingOrders(orders.db, holders.flat()))]).toEqual([old]);
});

test('orders come a page at a time, each once and with its fills, and fences are none', async () => {
  const ids: string[] = Array.from({ length: 5 }, () => randomUUID());
  for (const id of ids) await insertOrder(id, 'new');
  await insertOrder(randomUUID(), 'fenced');
  for (const [nth, id] of ids.entries())
    for (let fill = 0; fill < nth; fill += 1) await insertFill(id, `${fill} of ${id}`);

  const pages = [];
  for await (const page of readOrders(orders.db, 2)) pages.push(page.filter(({ id }) => ids.includes(id)));
  expect(Math.max(...pages.map((page) => page.length))).toBeLessThanOrEqual(2);
  const found = pages.flat();
  expect(found.map(({ id }) => id)).toEqual(ids.toSorted());
  for (const { id, fills } of found) {
    const expected = Array.from({ length: ids.indexOf(id) }, (_, fill) => `${fill} of ${id}`);
    expect(fills.map(({ execId }) => execId).toSorted()).toEqual(expected);
  }
});

async function insertFill(orderId: string, execId: string): Promise<void> {
  await orders.db`
    insert into order_events (order_id, account_id, symbol, side, kind, status, last_qty, last_px, cum_qty, leaves_qty, exec_id, occurred_at_us)
    values (${orderId}, ${randomUUID()}, 'AAPL', 'buy', 'fill', 'filled', 1, 10, 1, 0, ${execId}, 1)`;
}

async function hold(id: string, { age, state }: { age: string; state: string }): Promise<void> {
  await ledger.db`
    with cash as (
      insert into ledger_accounts (account_id, kind, asset, posted) values (${randomUUID()}, 'cash', 'USD', 100) returning id, account_id
    )
    insert into reservations (id, purpose, ledger_account_id, account_id, side, symbol, qty, principal, remaining, state, created_at)
    select ${id}, 'order', id, account_id, 'buy', 'AAPL', 1, 10, ${state === 'open' ? 10n : 0n}, ${state}, now() - ${age}::interval from cash`;
}

async function insertOrder(id: string, status: string): Promise<void> {
  await orders.db`
    insert into orders (id, account_id, user_id, client_order_id, symbol, side, type, time_in_force, asked_qty, placed_at_us, status, qty,
      updated_at_us)
    values (${id}, ${randomUUID()}, ${randomUUID()}, ${id}, 'AAPL', 'buy', 'limit', 'day', 1, 1, ${status}, 1, 1)`;
}
