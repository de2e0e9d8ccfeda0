import { randomUUID } from 'node:crypto';
import { transaction } from '@andvari/kit/db/db';
import { MICRO, toMicros, toQuantity } from '@andvari/money';
import { beforeAll, describe, expect, test } from 'vitest';
import { postJournals } from '../../src/app/post-journals.ts';
import type { RefusedReport } from '../../src/app/settle-reports.ts';
import { adjustmentJournal } from '../../src/domain/journal.ts';
import type { Report } from '../../src/domain/settlement.ts';
import { listActivities } from '../../src/store/activities.ts';
import {
  balance,
  endOf,
  expectVerified,
  type FillReport,
  fillOf,
  giveShares,
  openAccount,
  orderOf,
  placed,
  reserve,
  settle,
  type TestAccount,
  useLedger,
} from './ledger-fixture.ts';

const ledger = useLedger();
const AT = 1_790_000_000_000_000n;
let house: TestAccount;
let other: TestAccount;
beforeAll(async () => {
  house = await openAccount(ledger.db, { kind: 'house' });
  other = await openAccount(ledger.db, { cash: 1000n * MICRO });
});

/** The other side of a client's fill, taken by the house. */
function houseLeg(fill: FillReport): FillReport {
  return {
    ...fill,
    execId: randomUUID(),
    orderId: randomUUID(),
    accountId: house.id,
    side: fill.side === 'buy' ? 'sell' : 'buy',
  };
}

describe('a buy', () => {
  test('filled below its limit pays the price, and gives the improvement back in the same transaction', async () => {
    const { account, order } = await placed(ledger.db, 'buy', 10n, 100n);
    const fill = fillOf(order, 10n * MICRO, 90n * MICRO);
    expect(await settle(ledger.db, fill, houseLeg(fill))).toMatchObject([
      { outcome: 'settled' },
      { outcome: 'applied' },
    ]);
    expect(await balance(ledger.db, account.id)).toEqual({ posted: 100n * MICRO, reserved: 0n });
    expect(await balance(ledger.db, account.id, 'AAPL')).toEqual({ posted: 10n * MICRO, reserved: 0n });
    await expectVerified(ledger.db);
  });

  test('filled by many in one moment has a line for each, in the order in which they were booked', async () => {
    const { account, order } = await placed(ledger.db, 'buy', 36n, 100n);
    const shares = [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n].map((each) => each * MICRO);
    let before = 0n;
    const fills = shares.map((qty) => {
      const fill = { ...fillOf(order, qty, 100n * MICRO, before), at: AT };
      before += qty;
      return fill;
    });
    await settle(ledger.db, ...fills);
    const all = { types: [], symbol: '', fromUs: 0n, toUs: 0n, after: undefined, limit: 20 };
    const lines = await listActivities(ledger.db, { accountId: account.id, ...all, oldestFirst: true });
    expect(lines.flatMap(({ type, qty }) => (type === 'buy' ? [qty] : []))).toEqual(shares);
  });

  test('filled in parts holds what its rest needs', async () => {
    const { account, order } = await placed(ledger.db, 'buy', 10n, 100n);
    await settle(ledger.db, fillOf(order, 4n * MICRO, 90n * MICRO));
    expect(await balance(ledger.db, account.id)).toEqual({ posted: 640n * MICRO, reserved: 600n * MICRO });
    await settle(ledger.db, fillOf(order, 6n * MICRO, 100n * MICRO, 4n * MICRO));
    expect(await balance(ledger.db, account.id)).toEqual({ posted: 40n * MICRO, reserved: 0n });
    await expectVerified(ledger.db);
  });

  test('canceled in the middle holds nothing', async () => {
    const { account, order } = await placed(ledger.db, 'buy', 10n, 100n);
    await settle(ledger.db, fillOf(order, 4n * MICRO, 100n * MICRO), endOf(order, 4n * MICRO));
    expect(await balance(ledger.db, account.id)).toEqual({ posted: 600n * MICRO, reserved: 0n });
    expect(await settle(ledger.db, endOf(order, 4n * MICRO))).toEqual([{ outcome: 'applied' }]);
    await expectVerified(ledger.db);
  });
});

describe('a sale', () => {
  test('realises its profit lot by lot', async () => {
    const { account, order } = await placed(ledger.db, 'sell', 10n, 1n);
    const outcomes = await settle(ledger.db, fillOf(order, 10n * MICRO, 5n * MICRO));
    expect(outcomes).toMatchObject([{ outcome: 'settled', settlement: { realised: 40n * MICRO } }]);
    expect(await balance(ledger.db, account.id, 'AAPL')).toEqual({ posted: 0n, reserved: 0n });
    await expectVerified(ledger.db);
  });

  test('takes the oldest of many lots, and more of them than are read at first', async () => {
    const account = await openAccount(ledger.db);
    for (let i = 0; i < 50; i += 1) await giveShares(ledger.db, account, 'AAPL', MICRO);
    const order = orderOf(account, 'sell', 45n * MICRO, MICRO);
    await reserve(ledger.db, order);
    expect(await settle(ledger.db, fillOf(order, 45n * MICRO, MICRO))).toMatchObject([{ outcome: 'settled' }]);
    const lots = await ledger.db<{ remaining: bigint }[]>`
      select remaining from lots where account_id = ${account.id} order by sequence`;
    expect(lots.map(({ remaining }) => remaining)).toEqual([...Array(45).fill(0n), ...Array(5).fill(MICRO)]);
    await expectVerified(ledger.db);
  });

  test('of shares bought in the same batch closes the lot that the batch opened', async () => {
    const { account, order } = await placed(ledger.db, 'buy', 10n, 100n);
    const sale = orderOf(account, 'sell', 4n * MICRO, 100n * MICRO);
    await settle(ledger.db, fillOf(order, 5n * MICRO, 100n * MICRO));
    await reserve(ledger.db, sale);
    const reports = [fillOf(order, 5n * MICRO, 90n * MICRO, 5n * MICRO), fillOf(sale, 4n * MICRO, 100n * MICRO)];
    expect(await settle(ledger.db, ...reports)).toMatchObject([{ outcome: 'settled' }, { outcome: 'settled' }]);
    await expectVerified(ledger.db);
  });
});

describe('the same reports', () => {
  const deliveries: [rule: string, times: number, together: boolean][] = [
    ['once', 1, true],
    ['twice in a batch', 2, true],
    ['twice, one after the other', 2, false],
    ['fifty times in a batch', 50, true],
    ['fifty times, one after the other', 50, false],
  ];
  test.each(deliveries)('%s give the same ledger', async (_, times, together) => {
    const { account, order } = await placed(ledger.db, 'buy', 10n, 100n);
    const [first, second] = [
      fillOf(order, 4n * MICRO, 90n * MICRO),
      fillOf(order, 3n * MICRO, 80n * MICRO, 4n * MICRO),
    ];
    const reports = [first, houseLeg(first), second, houseLeg(second), endOf(order, 7n * MICRO)];
    const all = Array.from({ length: times }, () => reports);
    const outcomes = [];
    if (together) outcomes.push(...(await settle(ledger.db, ...all.flat())));
    else for (const each of all) outcomes.push(...(await settle(ledger.db, ...each)));
    const again = ['repeated', 'repeated', 'repeated', 'repeated', 'applied'];
    expect(outcomes.map(({ outcome }) => outcome)).toEqual([
      'settled',
      'applied',
      'settled',
      'applied',
      'applied',
      ...Array.from({ length: times - 1 }, () => again).flat(),
    ]);
    expect(await balance(ledger.db, account.id)).toEqual({ posted: 400n * MICRO, reserved: 0n });
    expect(await balance(ledger.db, account.id, 'AAPL')).toEqual({ posted: 7n * MICRO, reserved: 0n });
    await expectVerified(ledger.db);
  });

  test('delivered to several consumers at once give the same ledger', async () => {
    const { account, order } = await placed(ledger.db, 'buy', 10n, 100n);
    const reports = [
      fillOf(order, 4n * MICRO, 90n * MICRO),
      fillOf(order, 3n * MICRO, 80n * MICRO, 4n * MICRO),
      endOf(order, 7n * MICRO),
    ];
    await Promise.all(Array.from({ length: 10 }, () => settle(ledger.db, ...reports)));
    expect(await balance(ledger.db, account.id)).toEqual({ posted: 400n * MICRO, reserved: 0n });
    await expectVerified(ledger.db);
  });

  test('out of order wait for the ones before them', async () => {
    const { account, order } = await placed(ledger.db, 'buy', 10n, 100n);
    const [first, second, end] = [
      fillOf(order, 4n * MICRO, 90n * MICRO),
      fillOf(order, 3n * MICRO, 80n * MICRO, 4n * MICRO),
      endOf(order, 7n * MICRO),
    ];
    expect(await settle(ledger.db, end, second)).toEqual([{ outcome: 'ahead' }, { outcome: 'ahead' }]);
    expect(await balance(ledger.db, account.id)).toEqual({ posted: 1000n * MICRO, reserved: 1000n * MICRO });
    await settle(ledger.db, first);
    await settle(ledger.db, second);
    await settle(ledger.db, end);
    expect(await balance(ledger.db, account.id)).toEqual({ posted: 400n * MICRO, reserved: 0n });
    await expectVerified(ledger.db);
  });
});

describe('a report that cannot be settled', () => {
  const rows: [rule: string, bend: (fill: FillReport) => Report, reason: RefusedReport][] = [
    ['of an order never reserved', (fill) => ({ ...fill, orderId: randomUUID() }), 'order_not_reserved'],
    ['of an account that does not exist', (fill) => ({ ...fill, accountId: randomUUID() }), 'account_not_found'],
    ['of someone else’s order', (fill) => ({ ...fill, accountId: other.id }), 'account_differs_from_reservation'],
    ['of the other side', (fill) => ({ ...fill, side: 'sell' }), 'side_differs_from_reservation'],
    [
      'of more than the order',
      (fill) => ({ ...fill, qty: toQuantity(11n * MICRO), cumQty: toQuantity(11n * MICRO) }),
      'fill_exceeds_order',
    ],
    [
      'dearer than reserved',
      (fill) => ({ ...fill, price: (fill.price * 2n) as FillReport['price'] }),
      'price_beyond_limit',
    ],
    ['of another symbol', (fill) => ({ ...fill, symbol: 'MSFT' }), 'symbol_differs_from_reservation'],
  ];
  test.each(rows)('%s is refused, and nothing changes', async (_, bend, reason) => {
    const { account, order } = await placed(ledger.db, 'buy', 10n, 100n);
    expect(await settle(ledger.db, bend(fillOf(order, 10n * MICRO, 100n * MICRO)))).toEqual([
      { outcome: 'refused', reason },
    ]);
    expect(await balance(ledger.db, account.id)).toEqual({ posted: 1000n * MICRO, reserved: 1000n * MICRO });
    await expectVerified(ledger.db);
  });

  test('leaves the other 255 of its batch to be settled', async () => {
    const account = await openAccount(ledger.db, { cash: 10_000n * MICRO });
    const orders = Array.from({ length: 256 }, () => orderOf(account, 'buy', MICRO, MICRO));
    for (const [index, order] of orders.entries()) if (index !== 100) await reserve(ledger.db, order);
    const outcomes = await settle(ledger.db, ...orders.map((order) => fillOf(order, MICRO, MICRO)));
    expect(outcomes.filter(({ outcome }) => outcome === 'settled')).toHaveLength(255);
    expect(outcomes[100]).toEqual({ outcome: 'refused', reason: 'order_not_reserved' });
    expect((await balance(ledger.db, account.id)).posted).toBe(9745n * MICRO);
    await expectVerified(ledger.db);
  });
});

describe('a fill that was settled', () => {
  test('told again changes nothing, and told otherwise is refused', async () => {
    const { account, order } = await placed(ledger.db, 'buy', 10n, 100n);
    const fill = fillOf(order, 4n * MICRO, 100n * MICRO);
    expect(await settle(ledger.db, fill)).toMatchObject([{ outcome: 'settled' }]);
    const otherwise = { ...fill, digest: 'of something else', cumQty: toQuantity(8n * MICRO) };
    expect(await settle(ledger.db, fill, otherwise)).toEqual([
      { outcome: 'repeated' },
      { outcome: 'refused', reason: 'execution_differs' },
    ]);
    expect((await balance(ledger.db, account.id)).posted).toBe(600n * MICRO);
    await expectVerified(ledger.db);
  });

  test('of the house is remembered as well', async () => {
    const fill = fillOf(orderOf(house, 'buy', MICRO, MICRO), MICRO, MICRO);
    await settle(ledger.db, fill);
    expect(await settle(ledger.db, fill, { ...fill, digest: 'of something else' })).toEqual([
      { outcome: 'repeated' },
      { outcome: 'refused', reason: 'execution_differs' },
    ]);
    await expectVerified(ledger.db);
  });
});

describe('a symbol that trades in Canadian dollars', () => {
  beforeAll(() => ledger.db`insert into instruments (symbol, currency, version) values ('RY', 'CAD', 1)`);

  test('is not sold out of an account of US dollars: not reserved, and not settled', async () => {
    const account = await openAccount(ledger.db, { cash: 1000n * MICRO });
    await ledger.db`delete from instruments where symbol = 'RY'`;
    await giveShares(ledger.db, account, 'RY', 10n * MICRO);
    const reservedBefore = orderOf(account, 'sell', MICRO, MICRO, { symbol: 'RY' });
    await reserve(ledger.db, reservedBefore);
    await ledger.db`insert into instruments (symbol, currency, version) values ('RY', 'CAD', 1)`;
    const order = orderOf(account, 'sell', MICRO, MICRO, { symbol: 'RY', currency: 'CAD' });
    expect((await reserve(ledger.db, order)).outcome).toBe('wrong_currency');
    expect(await settle(ledger.db, fillOf(reservedBefore, MICRO, MICRO))).toEqual([
      { outcome: 'refused', reason: 'wrong_currency' },
    ]);
    await expectVerified(ledger.db);
  });

  test('is traded by the house in Canadian dollars, whatever the house’s account is kept in', async () => {
    const account = await openAccount(ledger.db, { currency: 'CAD' });
    const dollarsBefore = (await balance(ledger.db, house.id, 'USD')).posted;
    const journal = adjustmentOf(account.id, 'CAD', 100n * MICRO);
    await transaction(ledger.db, (tx) => postJournals(tx, [{ journal }]));
    const order = orderOf(account, 'buy', MICRO, 10n * MICRO, { symbol: 'RY', asset: 'CAD' });
    expect((await reserve(ledger.db, order)).outcome).toBe('reserved');
    const leg = fillOf(order, MICRO, 10n * MICRO);
    const opposite = {
      ...leg,
      execId: randomUUID(),
      orderId: randomUUID(),
      accountId: house.id,
      side: 'sell',
    } as const;
    expect(await settle(ledger.db, leg, opposite)).toMatchObject([{ outcome: 'settled' }, { outcome: 'applied' }]);
    expect((await balance(ledger.db, house.id, 'CAD')).posted).toBe(10n * MICRO);
    expect((await balance(ledger.db, house.id, 'USD')).posted).toBe(dollarsBefore);
    await expectVerified(ledger.db);
  });
});

function adjustmentOf(accountId: string, asset: string, amount: bigint) {
  return adjustmentJournal({ id: randomUUID(), accountId, asset, amount: toMicros(amount), reason: 'test', at: 1n });
}

test('both legs of a trade between clients move the same amount to the last micro-unit', async () => {
  const [price, qty] = [3_333_333n, 1_234_567n];
  const buyer = await openAccount(ledger.db, { cash: 100n * MICRO });
  const seller = await openAccount(ledger.db);
  await giveShares(ledger.db, seller, 'AAPL', qty);
  const [buy, sell] = [orderOf(buyer, 'buy', qty, price), orderOf(seller, 'sell', qty, price)];
  await reserve(ledger.db, buy);
  await reserve(ledger.db, sell);
  await settle(ledger.db, fillOf(buy, qty, price), fillOf(sell, qty, price));
  const paid = 100n * MICRO - (await balance(ledger.db, buyer.id)).posted;
  expect((await balance(ledger.db, seller.id)).posted).toBe(paid);
  await expectVerified(ledger.db);
});

test('a fee is charged with its schedule, out of what was held for it', async () => {
  const [schedule] = await ledger.db<{ id: string }[]>`
    insert into fee_schedules (id, name, effective_from, per_order) values (${randomUUID()}, 'a dollar', now(), ${MICRO}) returning id`;
  const account = await openAccount(ledger.db, { cash: 1001n * MICRO });
  const order = orderOf(account, 'buy', 10n * MICRO, 100n * MICRO, {
    feeCap: toMicros(MICRO),
    feeScheduleId: schedule?.id ?? '',
  });
  expect(await reserve(ledger.db, order)).toMatchObject({ outcome: 'reserved', available: 0n });
  await settle(ledger.db, fillOf(order, 5n * MICRO, 100n * MICRO), fillOf(order, 5n * MICRO, 100n * MICRO, 5n * MICRO));
  expect(await balance(ledger.db, account.id)).toEqual({ posted: 0n, reserved: 0n });
  const fees = await ledger.db`
    select journal.fee_schedule_id, line.amount from activities line join journals journal on journal.id = line.journal_id
      where line.account_id = ${account.id} and line.type = 'fee'`;
  expect(fees).toEqual([{ fee_schedule_id: schedule?.id, amount: -MICRO }]);
  await expectVerified(ledger.db);
});
