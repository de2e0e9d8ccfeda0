import { bigintArray, textArray, uuidArray } from '@andvari/kit/db/pg-array';
import type { Tx } from '@andvari/kit/db/types';
import { toMicros } from '@andvari/money';
import { CURRENCIES } from '@andvari/money/currency';
import { v7 as uuidv7 } from 'uuid';
import type { Asset } from '../domain/asset.ts';
import { type Balance, Balances, ledgerKey, ledgerOwner } from '../domain/balances.ts';
import { chainOf, type Ledger, needsRoom, nextSystemAccount, type SystemAccount } from '../domain/journal.ts';

/**
 * Locks what is wanted; what does not exist yet is opened first, where the account may hold it. All locks are taken in one statement, in the
 * order of id, so two transactions never wait for each other. `known` remembers which is which: an id never changes.
 */
export async function lockLedger(tx: Tx, wanted: readonly Ledger[], known?: KnownLedgers): Promise<Balances> {
  const ledgers = new Map(wanted.map((ledger) => [ledgerKey(ledger), ledger]));
  const ids = known?.idsOf(ledgers.keys());
  const remembered = ids === undefined ? undefined : await lockById(tx, ids);
  if (remembered !== undefined) return balancesOf(remembered);
  known?.forget(ledgers.keys());
  const rows = await openAndLock(tx, [...ledgers.values()]);
  const found = new Map(rows.map((row) => [keyOf(row), row]));
  for (const [key, row] of found) {
    const ledger = ledgers.get(key);
    if (ledger !== undefined && isFull(row)) found.set(key, await lockRoom(tx, ledger));
  }
  known?.remember([...found].map(([key, row]) => [key, row.id]));
  return balancesOf(found);
}

/** The ids of ledger accounts by whose and what they are, as many as fit. */
export class KnownLedgers {
  readonly #ids = new Map<string, bigint>();

  /** Undefined where one of them is not known. */
  idsOf(keys: Iterable<string>): Map<string, bigint> | undefined {
    const ids = new Map<string, bigint>();
    for (const key of keys) {
      const id = this.#ids.get(key);
      if (id === undefined) return undefined;
      ids.set(key, id);
    }
    return ids;
  }

  remember(entries: Iterable<readonly [key: string, id: bigint]>): void {
    if (this.#ids.size > MOST_KNOWN) this.#ids.clear();
    for (const [key, id] of entries) this.#ids.set(key, id);
  }

  forget(keys: Iterable<string>): void {
    for (const key of keys) this.#ids.delete(key);
  }
}

const MOST_KNOWN = 200_000;

/** Undefined where one of them was opened in a transaction that came to nothing, or has become full. */
async function lockById(tx: Tx, ids: ReadonlyMap<string, bigint>): Promise<Map<string, BalanceRow> | undefined> {
  const [, rows] = await Promise.all([
    throughIndexes(tx, 'force_generic_plan'),
    tx<BalanceRow[]>`
      select id, account_id, asset, posted, reserved, version, may_go_negative from ledger_accounts
        where id = any (${bigintArray([...new Set(ids.values())])}::bigint[]) order by id for update`,
  ]);
  const byId = new Map(rows.filter((row) => !isFull(row)).map((row) => [row.id, row]));
  const found = new Map<string, BalanceRow>();
  for (const [key, id] of ids) {
    const row = byId.get(id);
    if (row === undefined) return undefined;
    found.set(key, row);
  }
  return found;
}

/**
 * The account that goes on for a full one. Those before it are never posted to again, so it is the newest. It is locked after others, so two
 * who wait for each other here are possible, and tried again; it comes to that once in four trillion units.
 */
async function lockRoom(tx: Tx, full: Ledger): Promise<BalanceRow> {
  let next = await newest(tx, chainOf(full));
  for (;;) {
    const [row] = await openAndLock(tx, [next]);
    if (row === undefined) throw new Error(`nothing goes on for ${ledgerKey(full)}`);
    if (!isFull(row)) return row;
    next = nextSystemAccount(next);
  }
}

async function newest(tx: Tx, first: SystemAccount): Promise<SystemAccount> {
  const owner = ledgerOwner(first);
  const [row] = await tx<{ account_id: string }[]>`
    select account_id from ledger_accounts
      where asset = ${first.asset} and account_id between ${owner} and ${`${owner.slice(0, -12)}${'f'.repeat(12)}`}
        and right(account_id::text, 1) = ${owner.slice(-1)}
      order by account_id desc limit 1`;
  return row === undefined ? first : { ...first, shard: Number.parseInt(row.account_id.slice(-12), 16) };
}

async function openAndLock(tx: Tx, ledgers: readonly Ledger[]): Promise<BalanceRow[]> {
  const accountIds = uuidArray(ledgers.map(ledgerOwner));
  const assets = textArray(ledgers.map(({ asset }) => asset));
  // Sent together, run in this order. Opening comes before locking: a transaction that waits for another to open the same ledger
  // account holds no lock yet.
  const [, , rows] = await Promise.all([
    throughIndexes(tx, 'force_custom_plan'),
    tx`
      insert into ledger_accounts (account_id, kind, asset, may_go_negative)
      select wanted.account_id,
          case
            when wanted.system is not null then wanted.system
            when owner.kind = 'house' then 'house'
            when wanted.asset = owner.currency then 'cash'
            else 'position'
          end,
          wanted.asset, wanted.system is not null or owner.kind = 'house'
        from unnest(
          ${accountIds}::uuid[], ${assets}::text[],
          ${textArray(ledgers.map(({ of }) => (of === 'account' ? null : of)))}::text[]
        ) as wanted (account_id, asset, system)
        left join accounts owner on owner.id = wanted.account_id
        where (wanted.system is not null or owner.kind = 'house' or wanted.asset = owner.currency
            or (owner.id is not null and wanted.asset <> all (${[...CURRENCIES]})))
          and not exists (
            select 1 from ledger_accounts known where known.account_id = wanted.account_id and known.asset = wanted.asset)
        order by wanted.account_id, wanted.asset
      on conflict do nothing`,
    tx<BalanceRow[]>`
      select account.id, account.account_id, account.asset, account.posted, account.reserved, account.version,
          account.may_go_negative
        from unnest(${accountIds}::uuid[], ${assets}::text[]) as wanted (account_id, asset)
        join ledger_accounts account on account.account_id = wanted.account_id and account.asset = wanted.asset
        order by account.id for update of account`,
  ]);
  return rows;
}

/** The statements are sent together; they run in this order, balances first, as check_entries expects. */
export async function saveLedger(tx: Tx, balances: Balances): Promise<void> {
  await Promise.all([saveBalances(tx, balances), saveJournals(tx, balances), saveEntries(tx, balances)]);
}

export async function saveBalances(tx: Tx, { changed }: Pick<Balances, 'changed'>): Promise<void> {
  if (changed.size === 0) return;
  const rows = [...changed];
  await tx`
    update ledger_accounts account set posted = new.posted, reserved = new.reserved, version = new.version
    from unnest(
      ${bigintArray(rows.map(({ id }) => id))}::bigint[],
      ${bigintArray(rows.map(({ posted }) => posted))}::bigint[],
      ${bigintArray(rows.map(({ reserved }) => reserved))}::bigint[],
      ${bigintArray(rows.map(({ version }) => version))}::bigint[]
    ) as new (id, posted, reserved, version)
    where account.id = new.id`;
}

async function saveJournals(tx: Tx, { journals: rows }: Balances): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    insert into journals (id, kind, reference, occurred_at, fee_schedule_id, fx_rate_id, reason)
    select id, kind, reference, to_timestamp(occurred_us::float8 / 1e6), fee_schedule_id, fx_rate_id, reason
    from unnest(
      ${uuidArray(rows.map(({ id }) => id))}::uuid[],
      ${textArray(rows.map(({ journal }) => journal.kind))}::text[],
      ${textArray(rows.map(({ journal }) => journal.reference))}::text[],
      ${bigintArray(rows.map(({ journal }) => journal.occurredAt))}::bigint[],
      ${uuidArray(rows.map(({ journal }) => journal.feeScheduleId ?? null))}::uuid[],
      ${uuidArray(rows.map(({ journal }) => journal.fxRateId ?? null))}::uuid[],
      ${textArray(rows.map(({ journal }) => journal.reason ?? null))}::text[]
    ) as new (id, kind, reference, occurred_us, fee_schedule_id, fx_rate_id, reason)`;
}

export async function saveEntries(tx: Tx, { entries: rows }: Balances): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    insert into entries (journal_id, ledger_account_id, amount, balance_after, version, reference)
    select * from unnest(
      ${uuidArray(rows.map(({ journalId }) => journalId))}::uuid[],
      ${bigintArray(rows.map(({ ledgerAccountId }) => ledgerAccountId))}::bigint[],
      ${bigintArray(rows.map(({ amount }) => amount))}::bigint[],
      ${bigintArray(rows.map(({ balanceAfter }) => balanceAfter))}::bigint[],
      ${bigintArray(rows.map(({ version }) => version))}::bigint[],
      ${textArray(rows.map(({ reference }) => reference))}::text[])`;
}

/** For the rest of the transaction; see check_entries for why. Custom plans cost as much again as what they plan, in a batch of a few. */
function throughIndexes(tx: Tx, plans: 'force_custom_plan' | 'force_generic_plan'): Promise<unknown> {
  return tx`
    select set_config('plan_cache_mode', ${plans}, true), set_config('random_page_cost', '0.1', true),
      set_config('enable_seqscan', 'off', true),
      set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)`;
}

type BalanceRow = {
  id: bigint;
  account_id: string;
  asset: Asset;
  posted: bigint;
  reserved: bigint;
  version: bigint;
  may_go_negative: boolean;
};

/** Two ledgers may have one row in common. */
function balancesOf(rows: ReadonlyMap<string, BalanceRow>): Balances {
  const byId = new Map([...rows.values()].map((row) => [row.id, balanceFrom(row)]));
  const balances = new Map([...rows].map(([key, row]) => [key, byId.get(row.id) ?? balanceFrom(row)]));
  return new Balances(balances, () => uuidv7());
}

function isFull({ may_go_negative: mayGoNegative, posted }: BalanceRow): boolean {
  return mayGoNegative && needsRoom(posted);
}

function keyOf(row: BalanceRow): string {
  return `${row.account_id}/${row.asset}`;
}

function balanceFrom(row: BalanceRow): Balance {
  return {
    id: row.id,
    posted: toMicros(row.posted),
    reserved: toMicros(row.reserved),
    version: row.version,
    mayGoNegative: row.may_go_negative,
  };
}
