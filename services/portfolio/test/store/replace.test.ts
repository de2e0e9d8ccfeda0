import { randomUUID } from 'node:crypto';
import { transaction } from '@andvari/kit/db/db';
import { MICRO, toMicros, toQuantity } from '@andvari/money';
import { describe, expect, test } from 'vitest';
import { type ReplaceAnswer, type ReplaceRequest, reserveReplacements } from '../../src/app/reserve-replacements.ts';
import type { Report } from '../../src/domain/settlement.ts';
import {
  balance,
  endOf,
  expectVerified,
  fillOf,
  openAccount,
  orderOf,
  reserve,
  settle,
  useLedger,
} from './ledger-fixture.ts';

const ledger = useLedger();

async function placed(shares: bigint, price: bigint) {
  const account = await openAccount(ledger.db, { cash: shares * price * MICRO });
  const order = orderOf(account, 'buy', shares * MICRO, price * MICRO);
  expect((await reserve(ledger.db, order)).outcome).toBe('reserved');
  return { account, order };
}

const replace = (...requests: ReplaceRequest[]): Promise<ReplaceAnswer[]> =>
  transaction(ledger.db, (tx) => reserveReplacements(tx, requests));

test('a replacement takes over what the old order holds and has filled', async () => {
  const account = await openAccount(ledger.db, { cash: 1100n * MICRO });
  const old = orderOf(account, 'buy', 10n * MICRO, 100n * MICRO);
  const next = orderOf(account, 'buy', 10n * MICRO, 110n * MICRO, { principal: toMicros(1100n * MICRO) });
  await reserve(ledger.db, old);
  const request = { ...next, replaces: old.orderId };
  const answers = await replace(request, request);
  expect(answers).toMatchObject([
    { outcome: 'reserved', remaining: 100n * MICRO, available: 0n },
    { outcome: 'repeated', remaining: 100n * MICRO },
  ]);
  const replaced: Report = { ...endOf(old, 4n * MICRO), type: 'replaced', replacedBy: next.orderId };
  await settle(ledger.db, fillOf(old, 4n * MICRO, 100n * MICRO), replaced);
  expect(await balance(ledger.db, account.id)).toEqual({ posted: 700n * MICRO, reserved: 660n * MICRO });
  await settle(ledger.db, fillOf(next, 6n * MICRO, 110n * MICRO, 4n * MICRO));
  expect(await balance(ledger.db, account.id)).toEqual({ posted: 40n * MICRO, reserved: 0n });
  await expectVerified(ledger.db);
});

describe('a replacement is refused', () => {
  type Row = [rule: string, change: Partial<ReplaceRequest>, outcome: string];
  const rows: Row[] = [
    ['for more than there is', { principal: toMicros(1001n * MICRO) }, 'insufficient'],
    ['of an order that is not reserved', { replaces: randomUUID() }, 'not_replaceable'],
    ['on the other side', { side: 'sell', asset: 'AAPL', principal: toMicros(10n * MICRO) }, 'not_replaceable'],
    ['in someone else’s name', { userId: randomUUID() }, 'account_not_found'],
  ];
  test.each(rows)('%s', async (_, change, outcome) => {
    const { account, order } = await placed(10n, 100n);
    const next = { ...orderOf(account, 'buy', 10n * MICRO, 100n * MICRO), replaces: order.orderId, ...change };
    const [answer] = await replace(next);
    expect(answer?.outcome).toBe(outcome);
    expect((await balance(ledger.db, account.id)).reserved).toBe(1000n * MICRO);
    await expectVerified(ledger.db);
  });

  test('when the order it was to replace is over', async () => {
    const { account, order } = await placed(10n, 100n);
    await settle(ledger.db, endOf(order));
    const next = { ...orderOf(account, 'buy', 10n * MICRO, 100n * MICRO), replaces: order.orderId };
    expect(await replace(next)).toMatchObject([{ outcome: 'not_replaceable' }]);
  });
});

describe('a replacement that was reserved', () => {
  type Row = [what: string, change: Partial<ReplaceRequest>];
  const changes: Row[] = [
    ['amount', { principal: toMicros(5n) }],
    ['quantity', { qty: toQuantity(5n) }],
    ['symbol', { symbol: 'MSFT' }],
    ['order to replace', { replaces: randomUUID() }],
  ];
  test.each(changes)('with another %s is another request', async (_, change) => {
    const { account, order } = await placed(10n, 100n);
    const next = { ...orderOf(account, 'buy', 10n * MICRO, 100n * MICRO), replaces: order.orderId };
    expect(await replace(next)).toMatchObject([{ outcome: 'reserved' }]);
    expect(await replace({ ...next, ...change })).toMatchObject([{ outcome: 'mismatch' }]);
  });

  test('is not the same as an order in nobody’s place, nor the other way round', async () => {
    const { account, order } = await placed(10n, 100n);
    const { replaces, ...alone } = { ...orderOf(account, 'buy', 10n * MICRO, 100n * MICRO), replaces: order.orderId };
    await replace({ ...alone, replaces });
    expect((await reserve(ledger.db, alone)).outcome).toBe('mismatch');
    expect(await replace({ ...order, replaces: alone.orderId })).toMatchObject([{ outcome: 'mismatch' }]);
  });
});

test('an order that the engine made smaller is still the one that was asked for', async () => {
  const { account, order } = await placed(10n, 100n);
  const smaller: Report = { ...endOf(order), type: 'restated', leavesQty: toQuantity(4n * MICRO) };
  await settle(ledger.db, smaller, { ...smaller, leavesQty: toQuantity(3n * MICRO) });
  expect(await reserve(ledger.db, order)).toMatchObject({ outcome: 'repeated', remaining: 300n * MICRO });
  const smallerRequest = { ...order, qty: toQuantity(3n * MICRO), principal: toMicros(300n * MICRO) };
  expect((await reserve(ledger.db, smallerRequest)).outcome).toBe('mismatch');
  expect((await balance(ledger.db, account.id)).reserved).toBe(300n * MICRO);
  await expectVerified(ledger.db);
});
