import { isAny, microsecondsOf, on, type Queries, statement } from '@andvari/kit/db/tables';
import type { Db, Tx } from '@andvari/kit/db/types';
import { and, eq, getColumns, ne, sql } from 'drizzle-orm';
import type { AccountKind, Contents, OpenedAccount } from '../domain/account.ts';
import { moment } from './moments.ts';
import { accounts, ledgerAccounts } from './schema.ts';

const { settings: _settings, ...plain } = getColumns(accounts);
const isOfClient = ne(accounts.kind, 'house');

const all = (db: Queries) =>
  db
    .select({
      ...plain,
      kind: sql<AccountKind>`${accounts.kind}`,
      openedAtUs: microsecondsOf(accounts.openedAtUs),
      closedAtUs: microsecondsOf(accounts.closedAtUs),
      cashPosted: sql<bigint>`coalesce(${ledgerAccounts.posted}, 0)`,
      cashReserved: sql<bigint>`coalesce(${ledgerAccounts.reserved}, 0)`,
    })
    .from(accounts)
    .leftJoin(
      ledgerAccounts,
      and(eq(ledgerAccounts.accountId, accounts.id), eq(ledgerAccounts.asset, accounts.currency)),
    );

const find = statement({ id: accounts.id }, (db, { id }) => all(db).where(and(eq(accounts.id, id), isOfClient)));

export async function findAccount(db: Db | Tx, id: string): Promise<OpenedAccount | undefined> {
  const [row] = await find(db, { id });
  return row && fromRow(row);
}

const someInOrder = (db: Queries, ids: readonly string[]) =>
  all(db)
    .where(and(isAny(accounts.id, ids), isOfClient))
    .orderBy(accounts.id);
const lock = {
  use: statement({ ids: [accounts.id] }, (db, { ids }) => someInOrder(db, ids).for('share', { of: accounts })),
  change: statement({ ids: [accounts.id] }, (db, { ids }) =>
    someInOrder(db, ids).for('no key update', { of: accounts }),
  ),
};

/** `use`: it may not be closed meanwhile; `change`: nobody else may use or change it. Taken before any of the ledger's locks. */
export async function lockAccounts(
  tx: Tx,
  ids: readonly string[],
  until: 'use' | 'change',
): Promise<Map<string, OpenedAccount>> {
  const rows = await lock[until](tx, { ids });
  return new Map(rows.map((row) => [row.id, fromRow(row)]));
}

/** In the order in which they were opened. */
export async function listAccounts(
  db: Db,
  query: {
    userId: string;
    includeClosed: boolean;
    after: { openedAtUs: string; id: string } | undefined;
    limit: number;
  },
): Promise<OpenedAccount[]> {
  const { includeClosed, after, limit } = query;
  const further = after && sql`(${accounts.openedAtUs}, ${accounts.id}) > (${moment(after.openedAtUs)}, ${after.id})`;
  const rows = await all(on(db))
    .where(
      and(
        eq(accounts.userId, query.userId),
        isOfClient,
        includeClosed ? undefined : ne(accounts.status, 'closed'),
        further,
      ),
    )
    .orderBy(accounts.openedAtUs, accounts.id)
    .limit(limit);
  return rows.map(fromRow);
}

export async function countAccounts(tx: Tx, userId: string): Promise<number> {
  const [row] = await tx<{ open: number }[]>`
    select count(*)::int as open from accounts where user_id = ${userId} and status <> 'closed'`;
  return row?.open ?? 0;
}

export async function nextAccountSequence(tx: Tx): Promise<number> {
  const [row] = await tx<{ next: bigint }[]>`select nextval('account_numbers') as next`;
  return Number(row?.next ?? 0n);
}

export async function nextAccountSequences(tx: Tx, count: number): Promise<number[]> {
  const rows = await tx<
    { next: bigint }[]
  >`select nextval('account_numbers') as next from generate_series(1, ${count}::int)`;
  return rows.map(({ next }) => Number(next));
}

/** With its balance, which is there from the start so that nobody who reserves has to open it. */
export async function insertAccount(tx: Tx, account: OpenedAccount): Promise<void> {
  await tx`
    with opened as (
      insert into accounts (id, user_id, number, kind, currency, name, status, opened_at)
      values (${account.id}, ${account.userId}, ${account.number}, ${account.kind}, ${account.currency}, ${account.name},
        ${account.status}, to_timestamp(${account.openedAtUs}::float8 / 1e6))
    )
    insert into ledger_accounts (account_id, kind, asset, may_go_negative)
    values (${account.id}, 'cash', ${account.currency}, false)`;
}

export async function updateAccountName(tx: Tx, id: string, name: string): Promise<void> {
  await tx`update accounts set name = ${name} where id = ${id}`;
}

/** All that is in it, under the locks of its balances: nothing comes in or goes out before the transaction ends. */
export async function lockContents(tx: Tx, accountId: string): Promise<Contents[]> {
  await tx`select 1 from ledger_accounts where account_id = ${accountId} order by id for update`;
  return tx<Contents[]>`
    select ledger.posted, ledger.reserved, exists (
        select 1 from fundings
        where fundings.account_id = ${accountId} and state in ('requested', 'held', 'sent')
      ) as "fundingInFlight"
    from ledger_accounts ledger where ledger.account_id = ${accountId}`;
}

export async function closeAccount(tx: Tx, id: string, atUs: bigint): Promise<void> {
  await tx`update accounts set status = 'closed', closed_at = to_timestamp(${atUs}::float8 / 1e6) where id = ${id}`;
}

/** The house's trading account, which the engine's market maker trades on. It has no client and may go below zero. */
export async function seedHouse(db: Db, house: { accountId: string; userId: string }): Promise<void> {
  await db`
    insert into accounts (id, user_id, number, kind, currency, name)
    values (${house.accountId}, ${house.userId}, ${`house ${house.accountId}`}, 'house', 'USD', 'House')
    on conflict do nothing`;
}

/** The ledger stays, under a name that leads to nobody. */
export async function pseudonymise(tx: Tx, userId: string, pseudonym: string): Promise<void> {
  await tx`
    insert into account_owners (account_id, user_id)
    select id, ${pseudonym}::uuid from accounts where user_id = ${userId} and kind <> 'house'`;
  await tx`update accounts set user_id = ${pseudonym}, name = 'Account' where user_id = ${userId} and kind <> 'house'`;
  await tx`update fundings set user_id = ${pseudonym} where user_id = ${userId}`;
  await tx`delete from idempotency_keys where user_id = ${userId}`;
}

function fromRow(row: Omit<OpenedAccount, 'closedAtUs'> & { closedAtUs: bigint | null }): OpenedAccount {
  return { ...row, closedAtUs: row.closedAtUs ?? undefined };
}
