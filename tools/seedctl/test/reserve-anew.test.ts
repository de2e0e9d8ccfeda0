import { randomUUID } from 'node:crypto';
import { AppError } from '@andvari/kit/base/errors';
import type { TestDatabase } from '@andvari/kit/testing/test-database';
import { Side } from '@andvari/proto/engine/v1/commands';
import type { ReleaseRequest, ReserveRequest } from '@andvari/proto/portfolio/v1/portfolio';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { reserveAnew } from '../src/repair/reserve-anew.ts';
import { ordersAndLedger } from './orders-and-ledger.ts';

const [FIRST, SECOND] = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'];

let orders: TestDatabase;
let ledger: TestDatabase;
beforeAll(async () => {
  ({ orders, ledger } = await ordersAndLedger());
});
afterAll(() => Promise.all([orders.drop(), ledger.drop()]));
afterEach(async () => void (await orders.db`delete from orders`));

type Held = Pick<ReserveRequest, 'orderId' | 'qty' | 'amount' | 'replaces'>;

/** A ledger that knows of no order, and has so many shares that are free. */
function portfolioWith(state: { shares: bigint }) {
  const held: Held[] = [];
  const released: string[] = [];
  return {
    held,
    released,
    reserve: async ({ orderId, side, qty, amount, replaces }: ReserveRequest) => {
      if (side === Side.SIDE_SELL && amount > state.shares)
        throw new AppError('failed_precondition', 'too few', { reason: 'insufficient_shares' });
      if (side === Side.SIDE_SELL) state.shares -= amount;
      held.push({ orderId, qty, amount, replaces });
      return { orderId, remaining: amount, availableAfter: 0n, repeatedRequest: false };
    },
    release: async ({ orderId }: ReleaseRequest) => {
      released.push(orderId);
      return { released: 0n };
    },
  };
}

const nothingWaits = async (): Promise<number> => 0;

test('what was bought since the backup covers a sale of it, once its report is applied', async () => {
  const bought = await insertOrder({ side: 'buy', status: 'filled', traded: 10n, at: 1n });
  const sold = await insertOrder({ side: 'sell', status: 'filled', traded: 10n, at: 2n });
  const state = { shares: 0n };
  const portfolio = portfolioWith(state);
  const applied = [() => (state.shares += 10n), () => undefined];
  const repaired = await reserveAnew(orders.db, ledger.db, portfolio, async () => {
    const report = applied.shift();
    report?.();
    return report === undefined ? 0 : 1;
  });
  expect(repaired).toEqual({ reserved: 2, released: 0, requeued: 2, left: [] });
  expect(portfolio.held.map(({ orderId }) => orderId)).toEqual([bought, sold]);
});

test('an order that is over holds what it traded, and one that goes on what it asked for', async () => {
  await insertOrder({ side: 'sell', status: 'canceled', traded: 4n, at: 1n });
  await insertOrder({ side: 'buy', status: 'expired', traded: 3n, at: 2n, reserved: 1001n });
  await insertOrder({ side: 'sell', status: 'partially_filled', traded: 4n, at: 3n });
  const portfolio = portfolioWith({ shares: 14n });
  const { left } = await reserveAnew(orders.db, ledger.db, portfolio, nothingWaits);
  expect(left).toEqual([]);
  expect(portfolio.held.map(({ qty, amount }) => ({ qty, amount }))).toEqual([
    { qty: 4n, amount: 4n },
    { qty: 3n, amount: 301n },
    { qty: 10n, amount: 10n },
  ]);
});

test('an order comes before the one that took its place, and that one counts on what it traded', async () => {
  await insertOrder({ id: SECOND, side: 'buy', status: 'replaced', traded: 4n, at: 1n });
  await insertOrder({ id: FIRST, side: 'buy', status: 'new', traded: 4n, at: 2n, replaces: SECOND });
  const portfolio = portfolioWith({ shares: 0n });
  const { left } = await reserveAnew(orders.db, ledger.db, portfolio, nothingWaits);
  expect(left).toEqual([]);
  expect(portfolio.held.map(({ orderId, qty, replaces }) => ({ orderId, qty, replaces }))).toEqual([
    { orderId: SECOND, qty: 10n, replaces: undefined },
    { orderId: FIRST, qty: 10n, replaces: SECOND },
  ]);
});

test('an order that took the place of one that never traded holds all by itself', async () => {
  await insertOrder({ id: SECOND, side: 'buy', status: 'replaced', traded: 0n, at: 1n });
  await insertOrder({ id: FIRST, side: 'buy', status: 'new', traded: 0n, at: 2n, replaces: SECOND });
  const portfolio = portfolioWith({ shares: 0n });
  const { left } = await reserveAnew(orders.db, ledger.db, portfolio, nothingWaits);
  expect({ left, released: portfolio.released }).toEqual({ left: [], released: [SECOND] });
  expect(portfolio.held.at(-1)).toEqual({ orderId: FIRST, qty: 10n, amount: 10n, replaces: undefined });
});

test('what stays uncovered is left and said', async () => {
  const sold = await insertOrder({ side: 'sell', status: 'filled', traded: 10n, at: 1n });
  const repaired = await reserveAnew(orders.db, ledger.db, portfolioWith({ shares: 9n }), nothingWaits);
  expect(repaired.left).toEqual([{ order: sold, why: 'insufficient_shares' }]);
});

interface Placed {
  id?: string;
  side: 'buy' | 'sell';
  status: string;
  traded: bigint;
  at: bigint;
  reserved?: bigint;
  replaces?: string;
}

/** For ten. */
async function insertOrder({ id = randomUUID(), side, status, traded, at, reserved = 10n, replaces }: Placed) {
  const over = ['filled', 'canceled', 'expired', 'replaced'].includes(status);
  await orders.db`
    insert into orders (id, account_id, user_id, client_order_id, symbol, side, type, time_in_force, asked_qty, placed_at_us, status, qty,
      reserved, reserved_asset, cum_qty, finished_at_us, replaces, updated_at_us)
    values (${id}, ${randomUUID()}, ${randomUUID()}, ${id}, 'AAPL', ${side}, 'limit', 'day', 10, ${at}, ${status}, 10,
      ${reserved}, ${side === 'buy' ? 'USD' : 'AAPL'}, ${traded}, ${over ? 9n : 0n}, ${replaces ?? null}, 1)`;
  return id;
}
