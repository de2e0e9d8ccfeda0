import { randomUUID } from 'node:crypto';
import { transaction } from '@andvari/kit/db/db';
import { MICRO, toMicros, toPrice, toQuantity } from '@andvari/money';
import { beforeAll, describe, expect, test } from 'vitest';
import { postShareAdjustment } from '../../src/app/adjust-shares.ts';
import { holdForWithdrawals, postJournals } from '../../src/app/post-journals.ts';
import { reserveGroup } from '../../src/app/reserve-groups.ts';
import { NO_FEES } from '../../src/domain/fee-schedule.ts';
import { depositJournal, transferJournal } from '../../src/domain/journal.ts';
import { type Finding, findings } from '../../src/store/findings.ts';
import { checks } from '../../src/store/verification-checks.ts';
import { bookChecks } from '../../src/store/verification-checks-books.ts';
import { groupChecks } from '../../src/store/verification-checks-groups.ts';
import { orderChecks } from '../../src/store/verification-checks-orders.ts';
import { recordChecks } from '../../src/store/verification-checks-records.ts';
import { corruptions as someOfEveryKind } from './corruptions.ts';
import { corruptionsByColumn } from './corruptions-by-column.ts';
import {
  expectVerified,
  fillOf,
  openAccount,
  orderOf,
  reserve,
  settle,
  type TestAccount,
  useLedger,
} from './ledger-fixture.ts';

const ledger = useLedger({ maxConnections: 2 });
const AT = 1_700_000_000_000_000n;
const USD = (amount: bigint) => ({ currency: 'USD', amount: toMicros(amount * MICRO) }) as const;

/** An account in which something of every kind has happened. */
let id: string;
beforeAll(async () => {
  const { db } = ledger;
  const account = await openAccount(db, { cash: 1000n * MICRO });
  id = account.id;
  const other = await openAccount(db, { currency: 'CAD', userId: account.userId });
  await openAccount(db, { status: 'closed' });
  const buy = orderOf(account, 'buy', 20n * MICRO, 10n * MICRO);
  await reserve(db, buy);
  await settle(db, fillOf(buy, 10n * MICRO, 9n * MICRO));
  const sale = orderOf(account, 'sell', 4n * MICRO, MICRO);
  await reserve(db, sale);
  await settle(db, fillOf(sale, 4n * MICRO, 12n * MICRO));
  await payFees(account);
  await placeGroups(account);
  await transaction(db, async (tx) => {
    for (const [shares, costPrice] of [
      [5n, 3n],
      [-2n, 0n],
    ] as const) {
      const adjustment = {
        id: randomUUID(),
        accountId: id,
        asset: 'AAPL',
        amount: toMicros(shares * MICRO),
        reason: 'x',
        at: AT,
      };
      await postShareAdjustment(tx, {
        ...adjustment,
        costPrice: toMicros(costPrice * MICRO),
        currency: 'USD',
        quote: undefined,
      });
    }
  });
  const [deposit, withdrawal, fxRateId] = [randomUUID(), randomUUID(), randomUUID()];
  await db`insert into fx_rates (id, base, quote, rate, as_of) values (${fxRateId}, 'USD', 'CAD', 1350000, now())`;
  const from = { accountId: id, ...USD(10n) };
  const to = { accountId: other.id, currency: 'CAD', amount: toMicros(13_500_000n) } as const;
  await transaction(db, async (tx) => {
    await tx`
      insert into fundings (id, account_id, user_id, type, currency, amount, state, requested_at, updated_at) values
        (${deposit}, ${id}, ${account.userId}, 'deposit', 'USD', ${5n * MICRO}, 'settled', now(), now()),
        (${withdrawal}, ${id}, ${account.userId}, 'withdrawal', 'USD', ${7n * MICRO}, 'held', now(), now())`;
    await postJournals(tx, [
      { journal: depositJournal({ fundingId: deposit, accountId: id, ...USD(5n), at: AT }) },
      { journal: transferJournal({ id: randomUUID(), from, to, at: AT, fxRateId }) },
    ]);
    await holdForWithdrawals(tx, [{ fundingId: withdrawal, accountId: id, ...USD(7n) }]);
  });
});

/** A buy with a limit, and its fee, under the cheaper of two schedules. */
async function payFees(account: TestAccount): Promise<void> {
  const { db } = ledger;
  const [cheap, dear] = [randomUUID(), randomUUID()];
  await db`
    insert into fee_schedules (id, name, effective_from, per_order)
    values (${cheap}, 'cheap', now() - interval '2 d', ${MICRO}), (${dear}, 'dear', now() - interval '1 d', ${2n * MICRO})`;
  const fees = { feeCap: toMicros(MICRO), feeScheduleId: cheap, limit: toPrice(5n * MICRO) };
  const order = orderOf(account, 'buy', 2n * MICRO, 5n * MICRO, fees);
  expect((await reserve(db, order)).outcome).toBe('reserved');
  await settle(db, fillOf(order, 2n * MICRO, 5n * MICRO));
}

function leg(side: 'buy' | 'sell', shares: bigint) {
  const qty = toQuantity(shares * MICRO);
  return { orderId: randomUUID(), side, asset: side === 'buy' ? 'USD' : 'AAPL', qty, principal: toMicros(qty) };
}

/** A bracket whose entry has bought two shares of three, of which one is sold, and an oco that waits. */
async function placeGroups({ id: accountId }: { id: string }): Promise<void> {
  const { db } = ledger;
  const common = { accountId, symbol: 'AAPL', currency: 'USD' } as const;
  const legs = [leg('buy', 3n), leg('sell', 3n), leg('sell', 3n)];
  const groups = [
    { ...common, groupId: randomUUID(), type: 'bracket', legs },
    { ...common, groupId: randomUUID(), type: 'oco', legs: [leg('buy', 2n), leg('buy', 2n)] },
  ] as const;
  for (const group of groups)
    expect(await transaction(db, (tx) => reserveGroup(tx, group, NO_FEES))).toMatchObject({ outcome: 'reserved' });
  const [entry, exit] = legs.map((each) => ({ ...common, ...each, feeCap: toMicros(0n) }));
  if (entry === undefined || exit === undefined) throw new Error('a bracket has three legs');
  await settle(db, fillOf(entry, 2n * MICRO, MICRO), fillOf(exit, MICRO, 2n * MICRO));
}

const corruptions = [...someOfEveryKind, ...corruptionsByColumn];

describe('verification finds', () => {
  test('nothing where nothing is wrong', () => expectVerified(ledger.db));

  test.each(corruptions)('%s after %s', async (check, statement) => {
    const found = await foundAfter(statement.replaceAll('$1', `account_id = '${id}'`));
    const named = found.filter((finding) => finding.check === check);
    expect(named).not.toEqual([]);
    expect(named[0]?.entity).toMatch(
      /^(asset|account|ledger_account|journal|funding|order|group|position|lot|activity|trade)\/./,
    );
  });

  test('each kind that it knows, as the rows above show', async () => {
    const all = [...checks, ...bookChecks, ...orderChecks, ...groupChecks, ...recordChecks].join(' ');
    const kinds = [...all.matchAll(/select '([a-z_]+)'(?: \|\| item \|\| '([a-z_]+)')?/g)].map(
      ([, kind = '', end]) => end ?? kind,
    );
    expect(kinds.length).toBeGreaterThan(20);
    const unseen = kinds.filter((kind) => !corruptions.some(([check]) => check.endsWith(kind)));
    expect(unseen).toEqual([]);
  });
});

const UNDONE = new Error('undone');

/** In a transaction that is taken back, with the triggers off that would have refused it. */
async function foundAfter(statement: string): Promise<Finding[]> {
  const found: Finding[] = [];
  await expect(
    transaction(ledger.db, async (tx) => {
      await tx`set local session_replication_role = replica`;
      expect((await tx.unsafe(statement)).count).toBeGreaterThan(0);
      for await (const finding of findings(tx)) found.push(finding);
      throw UNDONE;
    }),
  ).rejects.toBe(UNDONE);
  return found;
}
