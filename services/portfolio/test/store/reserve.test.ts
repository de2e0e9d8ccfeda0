import { randomUUID } from 'node:crypto';
import { MICRO, toMicros, toQuantity } from '@andvari/money';
import { describe, expect, test } from 'vitest';
import { type ReserveOutcome, type ReserveRequest, releaseBatch, reserveBatch } from '../../src/store/reserve.ts';
import { balance, expectVerified, giveShares, openAccount, orderOf, reserve, useLedger } from './ledger-fixture.ts';

const ledger = useLedger();

function counted(outcomes: ReserveOutcome[]): Partial<Record<ReserveOutcome, number>> {
  const counts: Partial<Record<ReserveOutcome, number>> = {};
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

async function inBatches(orders: ReserveRequest[], size: number): Promise<ReserveOutcome[]> {
  const batches = [];
  for (let at = 0; at < orders.length; at += size) batches.push(reserveBatch(ledger.db, orders.slice(at, at + size)));
  return (await Promise.all(batches)).flat().map(({ outcome }) => outcome);
}

describe('of 200 concurrent reservations of a hundredth each, exactly 100 fit', () => {
  const shapes: [rule: string, batchSize: number][] = [
    ['one at a time', 1],
    ['in batches', 16],
    ['all in one batch', 200],
  ];
  test.each(shapes)('of cash, %s', async (_, batchSize) => {
    const { db } = ledger;
    const account = await openAccount(db, { cash: 1000n * MICRO });
    const orders = Array.from({ length: 200 }, () => orderOf(account, 'buy', MICRO, 10n * MICRO));
    const outcomes = await inBatches(orders, batchSize);
    expect(counted(outcomes)).toEqual({ reserved: 100, insufficient: 100 });
    expect(await balance(db, account.id)).toEqual({ posted: 1000n * MICRO, reserved: 1000n * MICRO });
    await expectVerified(db);
  });

  test.each(shapes)('of shares, %s', async (_, batchSize) => {
    const { db } = ledger;
    const account = await openAccount(db);
    await giveShares(db, account, 'AAPL', 100n * MICRO);
    const orders = Array.from({ length: 200 }, () => orderOf(account, 'sell', MICRO, MICRO));
    expect(counted(await inBatches(orders, batchSize))).toEqual({ reserved: 100, insufficient: 100 });
    expect(await balance(db, account.id, 'AAPL')).toEqual({ posted: 100n * MICRO, reserved: 100n * MICRO });
    await expectVerified(db);
  });
});

describe('within a batch', () => {
  test('each request stands on what the ones before it left, and a smaller one may still fit', async () => {
    const account = await openAccount(ledger.db, { cash: 100n * MICRO });
    const answers = await reserveBatch(
      ledger.db,
      [60n, 50n, 30n, 20n, 10n].map((price) => orderOf(account, 'buy', MICRO, price * MICRO)),
    );
    expect(answers.map(({ outcome, available }) => [outcome, available / MICRO])).toEqual([
      ['reserved', 40n],
      ['insufficient', 40n],
      ['reserved', 10n],
      ['insufficient', 10n],
      ['reserved', 0n],
    ]);
  });

  test('accounts do not get in each other’s way', async () => {
    const [rich, poor] = [
      await openAccount(ledger.db, { cash: 100n * MICRO }),
      await openAccount(ledger.db, { cash: MICRO }),
    ];
    const answers = await reserveBatch(
      ledger.db,
      [poor, rich, poor, rich].map((account) => orderOf(account, 'buy', MICRO, 10n * MICRO)),
    );
    expect(answers.map(({ outcome }) => outcome)).toEqual(['insufficient', 'reserved', 'insufficient', 'reserved']);
  });

  test('the same order twice is reserved once', async () => {
    const account = await openAccount(ledger.db, { cash: 100n * MICRO });
    const order = orderOf(account, 'buy', MICRO, 60n * MICRO);
    const other = { ...order, principal: toMicros(61n * MICRO) };
    const answers = await reserveBatch(ledger.db, [order, order, other]);
    expect(answers.map(({ outcome }) => outcome)).toEqual(['reserved', 'repeated', 'mismatch']);
    expect((await balance(ledger.db, account.id)).reserved).toBe(60n * MICRO);
  });
});

describe('an order id', () => {
  test('asked again is answered as before, and nothing more is held', async () => {
    const account = await openAccount(ledger.db, { cash: 100n * MICRO });
    const order = orderOf(account, 'buy', MICRO, 60n * MICRO);
    const answers = await Promise.all(Array.from({ length: 20 }, () => reserve(ledger.db, order)));
    expect(counted(answers.map(({ outcome }) => outcome))).toEqual({ reserved: 1, repeated: 19 });
    expect(new Set(answers.map(({ remaining }) => remaining))).toEqual(new Set([60n * MICRO]));
    expect((await balance(ledger.db, account.id)).reserved).toBe(60n * MICRO);
  });

  test('does not come back once released', async () => {
    const account = await openAccount(ledger.db, { cash: 100n * MICRO });
    const order = orderOf(account, 'buy', MICRO, 60n * MICRO);
    await reserve(ledger.db, order);
    await releaseBatch(ledger.db, [{ id: order.orderId }]);
    expect(await reserve(ledger.db, order)).toMatchObject({ outcome: 'closed', remaining: 0n });
  });

  const changes: [what: string, change: Partial<ReserveRequest>][] = [
    ['amount', { principal: toMicros(5n) }],
    ['quantity', { qty: toQuantity(5n) }],
    ['symbol', { symbol: 'MSFT' }],
    ['side', { side: 'sell' }],
  ];
  test.each(changes)('with another %s is another request', async (_, change) => {
    const account = await openAccount(ledger.db, { cash: 100n * MICRO });
    const order = orderOf(account, 'buy', MICRO, 60n * MICRO);
    await reserve(ledger.db, order);
    expect((await reserve(ledger.db, { ...order, ...change })).outcome).toBe('mismatch');
  });

  test('claimed on two accounts at once is one account’s only', async () => {
    const [one, two] = [
      await openAccount(ledger.db, { cash: 100n * MICRO }),
      await openAccount(ledger.db, { cash: 100n * MICRO }),
    ];
    const orderId = randomUUID();
    const claims = await Promise.allSettled(
      [one, two].map((account) => reserve(ledger.db, orderOf(account, 'buy', MICRO, MICRO, { orderId }))),
    );
    const reserved = [await balance(ledger.db, one.id), await balance(ledger.db, two.id)].map((each) => each.reserved);
    expect(new Set(reserved)).toEqual(new Set([0n, MICRO]));
    // Whoever came second is told so, now or when it tries again.
    expect(claims.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(1);
    await expectVerified(ledger.db);
  });
});

describe('is refused', () => {
  type Row = [
    rule: string,
    account: Parameters<typeof openAccount>[1],
    order: Partial<ReserveRequest>,
    outcome: ReserveOutcome,
  ];
  const rows: Row[] = [
    ['an account that does not exist', {}, { accountId: randomUUID() }, 'account_not_found'],
    ['someone else’s account', { cash: MICRO }, { userId: randomUUID() }, 'account_not_found'],
    ['a closed account', { status: 'closed' }, {}, 'account_refused'],
    ['a restricted account', { status: 'restricted', cash: MICRO }, {}, 'account_refused'],
    ['a savings account', { kind: 'savings', cash: MICRO }, {}, 'account_refused'],
    ['another currency', { cash: MICRO }, { asset: 'CAD' }, 'insufficient'],
    ['shares that were never held', { cash: MICRO }, { side: 'sell', asset: 'AAPL' }, 'insufficient'],
    ['a micro-unit too much', { cash: MICRO }, { principal: toMicros(MICRO + 1n) }, 'insufficient'],
    ['a micro-unit too much with its fee', { cash: MICRO }, { feeCap: toMicros(1n) }, 'insufficient'],
  ];
  test.each(rows)('%s', async (_, options, change, outcome) => {
    const account = await openAccount(ledger.db, options);
    const order = { ...orderOf(account, 'buy', MICRO, MICRO), ...change };
    expect((await reserve(ledger.db, order)).outcome).toBe(outcome);
    expect((await balance(ledger.db, account.id)).reserved).toBe(0n);
  });
});

describe('a release', () => {
  test('gives back what is held, once', async () => {
    const account = await openAccount(ledger.db, { cash: 100n * MICRO });
    const order = orderOf(account, 'buy', MICRO, 60n * MICRO);
    await reserve(ledger.db, order);
    const request = { id: order.orderId, accountId: account.id };
    const answers = await releaseBatch(ledger.db, [
      request,
      request,
      { id: randomUUID() },
      { ...request, accountId: randomUUID() },
    ]);
    expect(answers).toEqual([
      { outcome: 'released', freed: 60n * MICRO },
      { outcome: 'closed', freed: 0n },
      { outcome: 'not_found', freed: 0n },
      { outcome: 'not_found', freed: 0n },
    ]);
    expect(await releaseBatch(ledger.db, [request])).toEqual([{ outcome: 'closed', freed: 0n }]);
    expect((await balance(ledger.db, account.id)).reserved).toBe(0n);
    await expectVerified(ledger.db);
  });
});

test('batches over the same accounts in any order do not deadlock', async () => {
  const accounts = await Promise.all(Array.from({ length: 20 }, () => openAccount(ledger.db, { cash: 1000n * MICRO })));
  await Promise.all(
    Array.from({ length: 60 }, async (_, round) => {
      const turned = [...accounts.slice(round % 20), ...accounts.slice(0, round % 20)];
      const orders = (round % 2 === 0 ? turned : turned.toReversed()).map((account) =>
        orderOf(account, 'buy', MICRO, MICRO),
      );
      await reserveBatch(ledger.db, orders);
      await releaseBatch(ledger.db, orders.map(({ orderId }) => ({ id: orderId })).toReversed());
    }),
  );
  for (const account of accounts) expect((await balance(ledger.db, account.id)).reserved).toBe(0n);
  await expectVerified(ledger.db);
});
