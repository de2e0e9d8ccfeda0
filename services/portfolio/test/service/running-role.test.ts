import { randomUUID } from 'node:crypto';
import { connectDb } from '@andvari/kit/db/db';
import type { Db, Tx } from '@andvari/kit/db/types';
import { MICRO } from '@andvari/money';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectClean, opened, openPortfolio, type Portfolio, present } from './portfolio-fixture.ts';

/** What whoever has the service's own connection can do to the books: add to them. */
let portfolio: Portfolio;
let asService: Db;
beforeAll(async () => {
  portfolio = await openPortfolio();
  asService = connectDb(present(portfolio.env['POSTGRES_URL']), { maxConnections: 1 });
  await opened(portfolio, { cash: 100n * MICRO });
});
afterAll(async () => {
  await asService.end();
  await portfolio.close();
});

const DENIED = '42501';
const APPEND_ONLY = '23001';

const books = ['journals', 'entries', 'executions', 'fee_schedules', 'fx_rates', 'account_owners'];

test('the service owns none of its tables', async () => {
  const owned =
    await asService`select relname from pg_class where relowner = (select oid from pg_roles where rolname = current_user)`;
  expect(owned).toEqual([]);
  const [role] =
    await asService`select rolsuper, rolcreaterole, rolcreatedb, rolbypassrls from pg_roles where rolname = current_user`;
  expect(role).toEqual({ rolsuper: false, rolcreaterole: false, rolcreatedb: false, rolbypassrls: false });
});

describe.each(books)('%s', (table) => {
  test.each<[what: string, statement: string, state: string]>([
    ['emptied', `truncate ${table}`, DENIED],
    ['dropped', `drop table ${table} cascade`, DENIED],
    ['freed of its triggers', `alter table ${table} disable trigger all`, DENIED],
    ['widened', `alter table ${table} add column more text`, DENIED],
    [
      'given a trigger',
      `create trigger t before insert on ${table} for each row execute function note_owner()`,
      DENIED,
    ],
    ['deleted from', `delete from ${table}`, APPEND_ONLY],
  ])('is not %s', async (_, statement, state) => {
    await expect(asService.unsafe(statement)).rejects.toMatchObject({ code: state });
  });
});

test.each<[what: string, statement: string]>([
  [
    'functions that triggers call',
    'create or replace function refuse_change() returns trigger language plpgsql as $$ begin return null; end $$',
  ],
  ['functions that check entries', 'drop function check_entries() cascade'],
  ['the mode in which triggers rest', "set session_replication_role = 'replica'"],
  ['balances’ rows', 'truncate ledger_accounts'],
  ['what was migrated', "update schema_migrations set checksum = ''"],
  ['roles', 'create role somebody superuser'],
  ['tables of its own', 'create table beside (id int)'],
])('does not change %s', async (_, statement) => {
  await expect(asService.unsafe(statement)).rejects.toMatchObject({ code: DENIED });
});

describe('an entry', () => {
  test('is not added to a journal of before, though everything else about it is right', async () => {
    const [old] = await asService<{ id: string }[]>`select id from journals limit 1`;
    await expect(asService.begin((tx) => enter(tx, present(old).id))).rejects.toMatchObject({
      code: APPEND_ONLY,
      constraint_name: 'journals_closed',
    });
  });

  test('is added to a journal that is made with it', async () => {
    const made = asService.begin(async (tx) => {
      const id = randomUUID();
      await tx`
        insert into journals (id, kind, reference, occurred_at, reason) values (${id}, 'adjustment', ${id}, now(), 'a slip')`;
      await enter(tx, id);
      throw new Enough();
    });
    await expect(made).rejects.toThrow(Enough);
  });
});

test('the books are as they were', () => expectClean(portfolio));

/** All that entries have to be, but for the age of the journal they are in. */
async function enter(tx: Tx, journalId: string): Promise<void> {
  const rows = await tx<{ id: bigint; posted: bigint; version: bigint }[]>`
    select id, posted, version from ledger_accounts
      where asset = 'USD' and kind in ('cash', 'house') and version > 0 order by id limit 2 for update`;
  expect(rows).toHaveLength(2);
  for (const [place, { id, posted, version }] of rows.entries()) {
    const amount = place === 0 ? 1n : -1n;
    await tx`update ledger_accounts set posted = ${posted + amount}, version = ${version + 1n} where id = ${id}`;
  }
  await tx`
    insert into entries (journal_id, ledger_account_id, amount, balance_after, version)
      select ${journalId}, id, case when id = ${present(rows[0]).id} then 1 else -1 end, posted, version
        from ledger_accounts where id in (${present(rows[0]).id}, ${present(rows[1]).id})`;
}

class Enough extends Error {}
