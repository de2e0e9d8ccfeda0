import { randomUUID } from 'node:crypto';
import { mulberry32 } from '@andvari/kit/base/mulberry32';
import { transaction } from '@andvari/kit/db/db';
import type { Tx } from '@andvari/kit/db/types';
import { amount, MICRO, toMicros, toPrice, toQuantity } from '@andvari/money';
import { describe, expect, test } from 'vitest';
import { type GroupAnswer, releaseInGroup, reserveGroup } from '../../src/app/reserve-groups.ts';
import { reserveReplacements } from '../../src/app/reserve-replacements.ts';
import { settleReports } from '../../src/app/settle-reports.ts';
import { NO_FEES } from '../../src/domain/fee-schedule.ts';
import type { GroupType } from '../../src/domain/group.ts';
import type { GroupLeg, GroupRequest } from '../../src/domain/reserve-group.ts';
import type { Report } from '../../src/domain/settlement.ts';
import { findSuspects } from '../../src/store/orphans.ts';
import { findOrderReservations } from '../../src/store/reservations.ts';
import { type ReserveRequest, reserveBatch } from '../../src/store/reserve.ts';
import { GroupWorld, SYMBOL } from '../group-world.ts';
import {
  balance,
  endOf,
  expectVerified,
  fillOf,
  giveShares,
  openAccount,
  settle,
  type TestAccount,
  useLedger,
} from './ledger-fixture.ts';

const ledger = useLedger();

const reserve = (request: GroupRequest): Promise<GroupAnswer> =>
  transaction(ledger.db, (tx) => reserveGroup(tx, request, NO_FEES));

const leg = (side: 'buy' | 'sell', price: bigint, shares = 10n): GroupLeg => {
  const qty = toQuantity(shares * MICRO);
  const orderId = randomUUID();
  return side === 'sell'
    ? { orderId, side, asset: 'AAPL', qty, principal: toMicros(qty) }
    : { orderId, side, asset: 'USD', qty, principal: amount(toPrice(price * MICRO), qty) };
};

const groupOf = (account: TestAccount, type: GroupType, legs: readonly GroupLeg[]): GroupRequest => ({
  groupId: randomUUID(),
  type,
  accountId: account.id,
  userId: account.userId,
  symbol: 'AAPL',
  currency: 'USD',
  legs,
});

/** A leg as the reports of it are made from. */
const orderOf = ({ accountId, symbol }: GroupRequest, of: GroupLeg | undefined): ReserveRequest => {
  if (of === undefined) throw new Error('there is no such leg');
  const { orderId, side, asset, qty, principal } = of;
  return { accountId, symbol, orderId, side, asset, qty, principal, feeCap: toMicros(0n) };
};

const legsOf = (request: GroupRequest): [ReserveRequest, ReserveRequest, ReserveRequest] => {
  const [entry, profit, stop] = request.legs;
  return [orderOf(request, entry), orderOf(request, profit), orderOf(request, stop)];
};

const bracketOf = (account: TestAccount) =>
  groupOf(account, 'bracket', [leg('buy', 100n), leg('sell', 110n), leg('sell', 90n)]);

test('a bracket holds money for its entry, then what the entry has bought, and nothing when an exit has sold it', async () => {
  const { db } = ledger;
  const account = await openAccount(db, { cash: 1000n * MICRO });
  const request = bracketOf(account);
  const [entry, profit, stop] = legsOf(request);
  expect(await reserve(request)).toMatchObject({ outcome: 'reserved' });
  expect(await balance(db, account.id)).toMatchObject({ reserved: 1000n * MICRO });
  expect(await balance(db, account.id, 'AAPL')).toEqual({ posted: 0n, reserved: 0n });

  await settle(db, fillOf(entry, 4n * MICRO, 100n * MICRO));
  expect(await balance(db, account.id, 'AAPL')).toEqual({ posted: 4n * MICRO, reserved: 4n * MICRO });
  await settle(db, fillOf(entry, 6n * MICRO, 100n * MICRO, 4n * MICRO));
  expect(await balance(db, account.id, 'AAPL')).toEqual({ posted: 10n * MICRO, reserved: 10n * MICRO });

  await settle(db, fillOf(profit, 3n * MICRO, 110n * MICRO));
  expect(await balance(db, account.id, 'AAPL')).toEqual({ posted: 7n * MICRO, reserved: 7n * MICRO });
  await settle(db, { ...fillOf(stop, 7n * MICRO, 90n * MICRO), leavesQty: toQuantity(0n) }, endOf(profit, 3n * MICRO));
  expect(await balance(db, account.id, 'AAPL')).toEqual({ posted: 0n, reserved: 0n });
  expect((await balance(db, account.id)).reserved).toBe(0n);
  await expectVerified(db);
});

test('an exit that fills before its entry is known to have is ahead, and waits for the entry', async () => {
  const { db } = ledger;
  const account = await openAccount(db, { cash: 1000n * MICRO });
  const request = bracketOf(account);
  const [entry, profit, stop] = legsOf(request);
  await reserve(request);
  const early = fillOf(profit, 3n * MICRO, 110n * MICRO);
  expect(await settle(db, early)).toEqual([{ outcome: 'ahead', waitsFor: entry.orderId }]);
  expect(await settle(db, fillOf(entry, 10n * MICRO, 100n * MICRO), early)).toMatchObject([
    { outcome: 'settled' },
    { outcome: 'settled' },
  ]);
  expect(await settle(db, fillOf(stop, 8n * MICRO, 90n * MICRO))).toEqual([
    { outcome: 'refused', reason: 'fill_exceeds_order' },
  ]);
  await expectVerified(db);
});

test('the two exits of an oco hold the same shares, and its money once', async () => {
  const { db } = ledger;
  const account = await openAccount(db, { cash: 1200n * MICRO });
  await giveShares(db, account, 'AAPL', 10n * MICRO);
  expect(await reserve(groupOf(account, 'oco', [leg('sell', 0n), leg('sell', 0n)]))).toMatchObject({
    outcome: 'reserved',
  });
  expect((await balance(db, account.id, 'AAPL')).reserved).toBe(10n * MICRO);
  expect(await reserve(groupOf(account, 'oco', [leg('buy', 100n), leg('buy', 120n)]))).toMatchObject({
    outcome: 'reserved',
  });
  expect((await balance(db, account.id)).reserved).toBe(1200n * MICRO);
  await expectVerified(db);
});

describe('a group is refused', () => {
  const rows: [string, (account: TestAccount) => GroupRequest, object][] = [
    [
      'for more money than there is, with the number',
      (account) => groupOf(account, 'bracket', [leg('buy', 101n), leg('sell', 110n), leg('sell', 90n)]),
      { outcome: 'insufficient', side: 'buy', needed: 1010n * MICRO, available: 1000n * MICRO },
    ],
    [
      'for shares that are not there',
      (account) => groupOf(account, 'oco', [leg('sell', 0n), leg('sell', 0n)]),
      { outcome: 'insufficient', side: 'sell', needed: 10n * MICRO, available: 0n },
    ],
    [
      'when exits that buy back would have too little',
      (account) => groupOf(account, 'oto', [leg('sell', 0n), leg('buy', 101n)]),
      { outcome: 'insufficient' },
    ],
    [
      'in someone else’s name',
      (account) => ({ ...bracketOf(account), userId: randomUUID() }),
      { outcome: 'account_not_found' },
    ],
    ['in another currency', (account) => ({ ...bracketOf(account), currency: 'CAD' }), { outcome: 'wrong_currency' }],
    [
      'with a leg too few',
      (account) => groupOf(account, 'bracket', [leg('buy', 1n), leg('sell', 1n)]),
      { outcome: 'group_invalid' },
    ],
    [
      'with exits on two sides',
      (account) => groupOf(account, 'oco', [leg('buy', 1n), leg('sell', 1n)]),
      { outcome: 'group_invalid' },
    ],
    [
      'with exits of another size',
      (account) => groupOf(account, 'oto', [leg('buy', 1n), leg('sell', 1n, 5n)]),
      { outcome: 'group_invalid' },
    ],
  ];
  test.each(rows)('%s, and nothing is held', async (_, requestOf, answer) => {
    const account = await openAccount(ledger.db, { cash: 1000n * MICRO });
    expect(await reserve(requestOf(account))).toMatchObject(answer);
    expect(await balance(ledger.db, account.id)).toEqual({ posted: 1000n * MICRO, reserved: 0n });
    await expectVerified(ledger.db);
  });
});

const ofEntry = (change: Partial<GroupLeg>) => (request: GroupRequest) => {
  const [entry, ...exits] = request.legs as [GroupLeg, ...GroupLeg[]];
  return { ...request, legs: [{ ...entry, ...change }, ...exits] };
};

describe('asked again', () => {
  test('it is the same', async () => {
    const request = bracketOf(await openAccount(ledger.db, { cash: 1000n * MICRO }));
    await reserve(request);
    expect(await reserve(request)).toMatchObject({ outcome: 'repeated' });
  });

  type Row = [what: string, change: (request: GroupRequest) => GroupRequest];
  const changes: Row[] = [
    ['amount', ofEntry({ principal: toMicros(MICRO) })],
    [
      'quantity',
      (request) => ({ ...request, legs: request.legs.map((each) => ({ ...each, qty: toQuantity(MICRO) })) }),
    ],
    ['limit', ofEntry({ limit: 1n })],
    ['symbol', (request) => ({ ...request, symbol: 'MSFT' })],
    ['name of the group', (request) => ({ ...request, groupId: randomUUID() })],
  ];
  test.each(changes)('with another %s it is another, and holds nothing more', async (_, change) => {
    const account = await openAccount(ledger.db, { cash: 1000n * MICRO });
    const request = bracketOf(account);
    await reserve(request);
    const { reserved } = await balance(ledger.db, account.id);
    expect(await reserve(change(request))).toMatchObject({ outcome: 'mismatch' });
    expect(await balance(ledger.db, account.id)).toMatchObject({ reserved });
  });
});

test('one that was never placed is asked after by its first order, and given back whole by any of them', async () => {
  const { db } = ledger;
  const account = await openAccount(db, { cash: 1000n * MICRO });
  await giveShares(db, account, 'AAPL', 10n * MICRO);
  const request = groupOf(account, 'oco', [leg('sell', 0n), leg('sell', 0n)]);
  await reserve(request);
  const suspects = (await findSuspects(db, 0, 1000)).filter(({ accountId }) => accountId === account.id);
  expect(suspects).toEqual([{ orderId: request.legs[0]?.orderId, accountId: account.id }]);
  const orderId = request.legs[1]?.orderId ?? '';
  const found = (await findOrderReservations(db, [orderId])).get(orderId);
  if (found === undefined) throw new Error('it is not reserved');
  expect(await transaction(db, (tx) => releaseInGroup(tx, found))).toBe(10n * MICRO);
  expect(await transaction(db, (tx) => releaseInGroup(tx, found))).toBe(0n);
  expect(await reserve(request)).toMatchObject({ outcome: 'closed' });
  await expectVerified(db);
});

test('a replacement of an exit shares the hold, and alone gives back what it needed beyond it', async () => {
  const { db } = ledger;
  const account = await openAccount(db, { cash: 1300n * MICRO });
  const request = groupOf(account, 'oco', [leg('buy', 100n), leg('buy', 120n)]);
  await reserve(request);
  const next = orderOf(request, leg('buy', 130n));
  const replaces = request.legs[0]?.orderId ?? '';
  const answers = await transaction(db, (tx) => reserveReplacements(tx, [{ ...next, replaces }]));
  expect(answers).toMatchObject([{ outcome: 'reserved', remaining: 100n * MICRO }]);
  expect((await balance(db, account.id)).reserved).toBe(1300n * MICRO);
  const found = (await findOrderReservations(db, [next.orderId])).get(next.orderId);
  if (found === undefined) throw new Error('it is not reserved');
  expect(await transaction(db, (tx) => releaseInGroup(tx, found))).toBe(100n * MICRO);
  expect((await balance(db, account.id)).reserved).toBe(1200n * MICRO);
  await expectVerified(db);
});

test('a batch without a group asks for none', async () => {
  const { db } = ledger;
  const account = await openAccount(db, { cash: 2000n * MICRO });
  const request = bracketOf(account);
  await reserve(request);
  const plain = orderOf(request, leg('buy', 10n));
  await reserveBatch(db, [plain]);
  const asked = async (report: Report): Promise<string[]> => {
    const statements: string[] = [];
    await transaction(db, (tx) => settleReports(spied(tx, statements), [report]));
    return statements.filter((statement) => statement.includes('where group_id ='));
  };
  expect(await asked(fillOf(plain, MICRO, 10n * MICRO))).toHaveLength(0);
  expect(await asked(fillOf(legsOf(request)[0], MICRO, 100n * MICRO))).toHaveLength(1);
});

test('replacements of both exits in one batch hold what the dearest needs', async () => {
  const { db } = ledger;
  const account = await openAccount(db, { cash: 1400n * MICRO });
  const request = groupOf(account, 'oco', [leg('buy', 100n), leg('buy', 120n)]);
  await reserve(request);
  const [first, second] = [orderOf(request, leg('buy', 130n)), orderOf(request, leg('buy', 140n))];
  const asked = [first, second].map((next, place) => ({ ...next, replaces: request.legs[place]?.orderId ?? '' }));
  expect(await transaction(db, (tx) => reserveReplacements(tx, asked.toReversed()))).toMatchObject([
    { outcome: 'reserved' },
    { outcome: 'reserved' },
  ]);
  expect((await balance(db, account.id)).reserved).toBe(1400n * MICRO);
  await expectVerified(db);
});

test('groups in the engine itself are settled, batch by batch, and the books are right at every stop', {
  timeout: 150_000,
}, async () => {
  const { db } = ledger;
  for (let seed = 1; seed <= 25; seed += 1) {
    const random = mulberry32(seed);
    const account = await openAccount(db, { cash: 100_000n * MICRO });
    await giveShares(db, account, SYMBOL, 1000n * MICRO);
    const world = new GroupWorld(random, randomUUID, account.id);
    expect(await reserve({ ...world.request, userId: account.userId })).toMatchObject({ outcome: 'reserved' });
    const waiting: Report[] = [...world.place()];
    for (let step = 0; step < 24; step += 1) {
      const reports = await world.step(async ({ orderId, replaces, side, asset, qty, principal }) => {
        const request = { orderId, replaces, side, asset, qty, principal, accountId: account.id, symbol: SYMBOL };
        const [answer] = await transaction(db, (tx) => reserveReplacements(tx, [request]));
        return answer?.outcome === 'reserved';
      });
      waiting.push(...reports);
      if (random() < 0.3) await settleAll(waiting.splice(0, Math.floor(random() * 12)), seed);
    }
    waiting.push(...world.end());
    await settleAll(waiting, seed);
    await expectVerified(db);
    const [open] = await db<{ count: bigint }[]>`
      select count(*) from reservations where account_id = ${account.id} and (state = 'open' or remaining <> 0)`;
    expect({ seed, open: open?.count }).toEqual({ seed, open: 0n });
  }
});

async function settleAll(reports: readonly Report[], seed: number): Promise<void> {
  // Its own legs alone are here: what stands across from them are strangers'.
  const own = reports.map((report) => (report.type === 'fill' ? { ...report, tradeId: '' } : report));
  const outcomes = await settle(ledger.db, ...own);
  for (const outcome of outcomes) expect(['settled', 'applied'], `seed ${seed}`).toContain(outcome.outcome);
  await expectVerified(ledger.db);
}

/** The same transaction, with all that it is asked written down. */
function spied(tx: Tx, statements: string[]): Tx {
  return new Proxy(tx, {
    apply(target, self, given: Parameters<Tx>) {
      statements.push([...given[0]].join('?'));
      return Reflect.apply(target, self, given) as unknown;
    },
  });
}
