import type { Db, Tx } from '@andvari/kit/db/types';
import type { AccountKind, AccountStatus, Contents, OpenedAccount } from '../domain/account.ts';
import type { Currency } from '../domain/asset.ts';

export async function findAccount(db: Db | Tx, id: string): Promise<OpenedAccount | undefined> {
  const [row] = await db<AccountRow[]>`
    select ${columns(db)} from ${withCash(db)} where account.id = ${id} and account.kind <> 'house'`;
  return row === undefined ? undefined : fromRow(row);
}

/** `use`: it may not be closed meanwhile; `change`: nobody else may use or change it. Taken before any of the ledger's locks. */
export async function lockAccounts(
  tx: Tx,
  ids: readonly string[],
  until: 'use' | 'change',
): Promise<Map<string, OpenedAccount>> {
  const rows = await tx<AccountRow[]>`
    select ${columns(tx)} from ${withCash(tx)}
    where account.id = any(${[...ids]}::uuid[]) and account.kind <> 'house'
    order by account.id
    ${until === 'use' ? tx`for share of account` : tx`for no key update of account`}`;
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
  const { userId, includeClosed, after, limit } = query;
  const rows = await db<AccountRow[]>`
    select ${columns(db)} from ${withCash(db)}
    where account.user_id = ${userId} and account.kind <> 'house'
      ${includeClosed ? db`` : db`and account.status <> 'closed'`}
      ${
        after === undefined
          ? db``
          : db`and (account.opened_at, account.id) > (to_timestamp(${after.openedAtUs}::float8 / 1e6), ${after.id})`
      }
    order by account.opened_at, account.id limit ${limit}`;
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

type AccountRow = {
  id: string;
  user_id: string;
  number: string;
  kind: AccountKind;
  currency: Currency;
  name: string;
  status: AccountStatus;
  opened_us: bigint;
  closed_us: bigint | null;
  posted: bigint;
  reserved: bigint;
};

function columns(db: Db | Tx) {
  return db`account.id, account.user_id, account.number, account.kind, account.currency, account.name, account.status,
    (extract(epoch from account.opened_at) * 1000000)::bigint as opened_us,
    (extract(epoch from account.closed_at) * 1000000)::bigint as closed_us,
    coalesce(cash.posted, 0) as posted, coalesce(cash.reserved, 0) as reserved`;
}

function withCash(db: Db | Tx) {
  return db`accounts account
    left join ledger_accounts cash on cash.account_id = account.id and cash.asset = account.currency`;
}

function fromRow(row: AccountRow): OpenedAccount {
  return {
    id: row.id,
    userId: row.user_id,
    number: row.number,
    kind: row.kind,
    currency: row.currency,
    name: row.name,
    status: row.status,
    openedAtUs: row.opened_us,
    closedAtUs: row.closed_us ?? undefined,
    cashPosted: row.posted,
    cashReserved: row.reserved,
  };
}
