import { randomUUID } from 'node:crypto';
import { transaction } from '@andvari/kit/db/db';
import { MICRO, toMicros } from '@andvari/money';
import { beforeAll, describe, expect, it } from 'vitest';
import { postShareAdjustment } from '../../src/app/adjust-shares.ts';
import { holdForWithdrawals, postJournals } from '../../src/app/post-journals.ts';
import { depositJournal, transferJournal } from '../../src/domain/journal.ts';
import { type Finding, findings } from '../../src/store/findings.ts';
import { expectVerified, fillOf, openAccount, orderOf, reserve, settle, useLedger } from './ledger-fixture.ts';

const ledger = useLedger({ maxConnections: 2 });
const AT = 1_700_000_000_000_000n;
const USD = (amount: bigint) => ({ currency: 'USD', amount: toMicros(amount * MICRO) }) as const;

/** An account in which something of every kind has happened. */
let id: string;
beforeAll(async () => {
  const { db } = ledger;
  const account = await openAccount(db, { cash: 1000n * MICRO });
  id = account.id;
  const other = await openAccount(db, { currency: 'CAD' });
  await openAccount(db, { status: 'closed' });
  const buy = orderOf(account, 'buy', 20n * MICRO, 10n * MICRO);
  await reserve(db, buy);
  await settle(db, fillOf(buy, 10n * MICRO, 9n * MICRO));
  const sale = orderOf(account, 'sell', 4n * MICRO, MICRO);
  await reserve(db, sale);
  await settle(db, fillOf(sale, 4n * MICRO, 12n * MICRO));
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

/** What a slip, or a hand in the database, does to one row. The account is `account_id = $1` wherever it is one account's. */
const corruptions: [check: string, statement: string][] = [
  ['asset_does_not_sum_to_zero', `update ledger_accounts set posted = posted + 1 where $1 and asset = 'USD'`],
  [
    'ledger_account_of_nobody',
    `insert into ledger_accounts (account_id, kind, asset) values (gen_random_uuid(), 'cash', 'USD')`,
  ],
  [
    'closed_account_is_not_empty',
    `update accounts set status = 'closed', closed_at = now() where id = (select account_id from positions where $1)`,
  ],
  [
    'journal_does_not_balance',
    `update entries set amount = amount + 1 where version = 1 and ledger_account_id = (select id from ledger_accounts where $1 and asset = 'USD')`,
  ],
  [
    'journal_has_no_entries',
    `insert into journals (id, kind, reference, occurred_at) values (gen_random_uuid(), 'deposit', 'x', now())`,
  ],
  ['exchange_differs_from_rate', 'update fx_rates set rate = rate + 10'],
  [
    'balance_differs_from_entries',
    `delete from entries where version = 1 and ledger_account_id = (select id from ledger_accounts where $1 and asset = 'USD')`,
  ],
  [
    'entries_do_not_chain',
    `update entries set balance_after = balance_after + 1 where version = 1 and ledger_account_id = (select id from ledger_accounts where $1 and asset = 'USD')`,
  ],
  ['version_differs_from_entries', `update ledger_accounts set version = version + 1 where $1 and asset = 'USD'`],
  [
    'reserved_differs_from_reservations',
    `update ledger_accounts set reserved = reserved - 1 where $1 and asset = 'USD'`,
  ],
  [
    'hold_differs_from_withdrawal',
    `update reservations set remaining = remaining - 1 where $1 and purpose = 'withdrawal'`,
  ],
  ['hold_differs_from_withdrawal', `update fundings set state = 'failed' where $1 and type = 'withdrawal'`],
  ['hold_differs_from_withdrawal', `delete from reservations where $1 and purpose = 'withdrawal'`],
  ['funding_differs_from_activities', `update fundings set state = 'returned' where $1 and type = 'deposit'`],
  ['funding_differs_from_activities', `update fundings set state = 'settled' where $1 and type = 'withdrawal'`],
  ['filled_differs_from_executions', `update reservations set filled = filled - 1 where $1 and side = 'buy'`],
  ['position_differs_from_ledger', 'update positions set qty = qty + 1 where $1'],
  ['position_differs_from_ledger', 'delete from positions where $1'],
  ['position_differs_from_executions', `update activities set qty = qty + 1 where $1 and type = 'sell'`],
  ['position_differs_from_executions', `delete from activities where $1 and type = 'adjustment' and qty > 0`],
  ['position_qty_differs_from_lots', 'update positions set qty = qty + 1 where $1'],
  ['position_cost_differs_from_lots', 'update positions set cost = cost + 1 where $1'],
  ['position_bought_differs_from_lots', 'update positions set bought = bought + 1 where $1'],
  ['position_sold_differs_from_lots', 'update positions set sold = sold + 1 where $1'],
  ['lot_qty_differs_from_execution', 'update lots set qty = qty + 1 where $1'],
  ['lot_cost_differs_from_execution', 'update lots set cost = cost + 1 where $1 and remaining = qty'],
  ['lot_qty_differs_from_closings', 'update lots set remaining = remaining - 1 where $1'],
  ['lot_cost_differs_from_closings', 'update lot_closings set cost = cost + 1 where $1'],
  ['lot_proceeds_differs_from_closings', 'update lots set proceeds = proceeds + 1 where $1'],
  ['closings_qty_differ_from_execution', 'update lot_closings set qty = qty + 1 where $1'],
  ['closings_proceeds_differ_from_execution', 'update lot_closings set proceeds = proceeds + 1 where $1'],
  [
    'cash_differs_from_activities',
    `update activities set amount = amount + 1 where $1 and type = 'fee' or $1 and type = 'deposit'`,
  ],
  ['flows_differ_from_activities', 'update account_flows set brought = brought + 1 where $1'],
];

describe('verification finds', () => {
  it('nothing where nothing is wrong', () => expectVerified(ledger.db));

  it.each(corruptions)('%s after %s', async (check, statement) => {
    const found = await foundAfter(statement.replaceAll('$1', `account_id = '${id}'`));
    const named = found.filter((finding) => finding.check === check);
    expect(named).not.toEqual([]);
    expect(named[0]?.entity).toMatch(/^(asset|account|ledger_account|journal|funding|order|position|lot|activity)\/./);
  });

  it('each kind that it knows, as the rows above show', async () => {
    const [view] = await ledger.db<{ sql: string }[]>`select pg_get_viewdef('findings') as sql`;
    const kinds = [...(view?.sql ?? '').matchAll(/'([a-z_]*_(?:from|of|not|no)_[a-z_]+)'/g)].map(
      ([, kind]) => kind ?? '',
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
