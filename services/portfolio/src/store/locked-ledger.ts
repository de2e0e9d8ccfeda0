import type { Tx } from '@andvari/kit/db';
import { add, type Micros, subtract, toMicros, ZERO } from '@andvari/money';
import { v7 as uuidv7 } from 'uuid';
import { type Asset, CURRENCIES } from '../domain/asset.ts';
import type { Journal, Ledger, SystemLedger } from '../domain/journal.ts';

/**
 * The balances a transaction works on: locked, changed in memory journal by journal, written once at the end. All locks are taken
 * in one statement, in the order of id, so two transactions never wait for each other.
 */
export class LockedLedger {
  readonly #tx: Tx;
  readonly #rows: Map<string, Balance>;
  readonly #changed = new Set<Balance>();
  readonly #journals: PostedJournal[] = [];
  readonly #entries: EntryRow[] = [];

  constructor(tx: Tx, rows: Map<string, Balance>) {
    this.#tx = tx;
    this.#rows = rows;
  }

  /** The ledger account's id, and what hangs on it; undefined when the account never had this asset. */
  find(ledger: Ledger): Readonly<Balance> | undefined {
    return this.#rows.get(keyOf(ledger));
  }

  available(ledger: Ledger): Micros {
    const balance = this.find(ledger);
    return balance === undefined ? ZERO : subtract(balance.posted, balance.reserved);
  }

  /** Whether every balance it touches stays covered. */
  affords(journal: Journal): boolean {
    const changes = new Map<Balance, Micros>();
    for (const { ledger, amount } of journal.entries) {
      const balance = this.#rows.get(keyOf(ledger));
      if (balance === undefined) return false;
      changes.set(balance, add(changes.get(balance) ?? ZERO, amount));
    }
    return [...changes].every(
      ([balance, change]) =>
        balance.mayGoNegative || change >= 0n || add(subtract(balance.posted, balance.reserved), change) >= 0n,
    );
  }

  /** Books a journal and gives it its id. */
  post(journal: Journal): string {
    const id = uuidv7();
    for (const { ledger, amount } of journal.entries) {
      const balance = this.#get(ledger);
      balance.posted = add(balance.posted, amount);
      balance.version += 1n;
      this.#changed.add(balance);
      const { posted: balanceAfter, version } = balance;
      this.#entries.push({ journalId: id, ledgerAccountId: balance.id, amount, balanceAfter, version });
    }
    this.#journals.push({ id, journal });
    return id;
  }

  /** Holds back more, or with a negative amount less. */
  reserve(ledger: Ledger, amount: Micros): void {
    if (amount === 0n) return;
    const balance = this.#get(ledger);
    balance.reserved = add(balance.reserved, amount);
    this.#changed.add(balance);
  }

  /** The statements are sent together; they run in this order, balances first, as check_entries expects. */
  async save(): Promise<void> {
    await Promise.all([this.#saveBalances(), this.#saveJournals(), this.#saveEntries()]);
  }

  #get(ledger: Ledger): Balance {
    const balance = this.#rows.get(keyOf(ledger));
    if (balance === undefined) throw new Error(`no ledger account is locked for ${keyOf(ledger)}`);
    return balance;
  }

  async #saveBalances(): Promise<void> {
    if (this.#changed.size === 0) return;
    const rows = [...this.#changed];
    const tx = this.#tx;
    await tx`
      update ledger_accounts account set posted = new.posted, reserved = new.reserved, version = new.version
      from unnest(
        ${tx.array(rows.map(({ id }) => id))}::bigint[],
        ${tx.array(rows.map<bigint>(({ posted }) => posted))}::bigint[],
        ${tx.array(rows.map<bigint>(({ reserved }) => reserved))}::bigint[],
        ${tx.array(rows.map(({ version }) => version))}::bigint[]
      ) as new (id, posted, reserved, version)
      where account.id = new.id`;
  }

  async #saveJournals(): Promise<void> {
    if (this.#journals.length === 0) return;
    const rows = this.#journals;
    const tx = this.#tx;
    await tx`
      insert into journals (id, kind, reference, occurred_at, fee_schedule_id, fx_rate_id, reason)
      select id, kind, reference, to_timestamp(occurred_us::float8 / 1e6), fee_schedule_id, fx_rate_id, reason
      from unnest(
        ${tx.array(rows.map(({ id }) => id))}::uuid[],
        ${tx.array(rows.map(({ journal }) => journal.kind))}::text[],
        ${tx.array(rows.map(({ journal }) => journal.reference))}::text[],
        ${tx.array(rows.map(({ journal }) => journal.occurredAt))}::bigint[],
        ${tx.array(rows.map(({ journal }) => journal.feeScheduleId ?? null))}::uuid[],
        ${tx.array(rows.map(({ journal }) => journal.fxRateId ?? null))}::uuid[],
        ${tx.array(rows.map(({ journal }) => journal.reason ?? null))}::text[]
      ) as new (id, kind, reference, occurred_us, fee_schedule_id, fx_rate_id, reason)`;
  }

  async #saveEntries(): Promise<void> {
    if (this.#entries.length === 0) return;
    const rows = this.#entries;
    const tx = this.#tx;
    await tx`
      insert into entries (journal_id, ledger_account_id, amount, balance_after, version)
      select * from unnest(
        ${tx.array(rows.map(({ journalId }) => journalId))}::uuid[],
        ${tx.array(rows.map(({ ledgerAccountId }) => ledgerAccountId))}::bigint[],
        ${tx.array(rows.map<bigint>(({ amount }) => amount))}::bigint[],
        ${tx.array(rows.map<bigint>(({ balanceAfter }) => balanceAfter))}::bigint[],
        ${tx.array(rows.map(({ version }) => version))}::bigint[])`;
  }
}

export type Balance = {
  readonly id: bigint;
  posted: Micros;
  reserved: Micros;
  version: bigint;
  readonly mayGoNegative: boolean;
};

/** Locks what is wanted; what does not exist yet is opened first, where the account may hold it. */
export async function lockLedger(tx: Tx, wanted: readonly Ledger[]): Promise<LockedLedger> {
  const ledgers = [...new Map(wanted.map((ledger) => [keyOf(ledger), ledger])).values()];
  const ofAccounts = ledgers.flatMap((ledger) => (ledger.of === 'account' ? [ledger] : []));
  const ofSystem = ledgers.flatMap((ledger) => (ledger.of === 'account' ? [] : [ledger]));
  const accountIds = tx.array(ofAccounts.map(({ accountId }) => accountId));
  const accountAssets = tx.array(ofAccounts.map(({ asset }) => asset));
  const systemKinds = tx.array(ofSystem.map(({ of }) => of));
  const systemAssets = tx.array(ofSystem.map(({ asset }) => asset));
  const systemShards = tx.array(ofSystem.map(({ shard }) => BigInt(shard)));
  // Opening comes before locking: a transaction that waits for another to open the same ledger account holds no lock yet.
  const opened = [
    tx`
      insert into ledger_accounts (account_id, kind, asset, may_go_negative)
      select owner.id,
          case when owner.kind = 'house' then 'house' when wanted.asset = any (${[...CURRENCIES]}) then 'cash' else 'position' end,
          wanted.asset, owner.kind = 'house'
        from unnest(${accountIds}::uuid[], ${accountAssets}::text[]) as wanted (account_id, asset)
        join accounts owner on owner.id = wanted.account_id
        where (owner.kind = 'house' or wanted.asset = owner.currency or wanted.asset <> all (${[...CURRENCIES]}))
          and not exists (
            select 1 from ledger_accounts known where known.account_id = wanted.account_id and known.asset = wanted.asset)
        order by owner.id, wanted.asset
      on conflict do nothing`,
    tx`
      insert into ledger_accounts (kind, asset, shard, may_go_negative)
      select wanted.kind, wanted.asset, wanted.shard, true
        from unnest(${systemKinds}::text[], ${systemAssets}::text[], ${systemShards}::smallint[]) as wanted (kind, asset, shard)
        where not exists (
          select 1 from ledger_accounts known
            where known.kind = wanted.kind and known.asset = wanted.asset and known.shard = wanted.shard
              and known.account_id is null)
        order by wanted.kind, wanted.asset, wanted.shard
      on conflict do nothing`,
  ] as const;
  const locked = tx<BalanceRow[]>`
    select id, account_id, kind, asset, shard, posted, reserved, version, may_go_negative
      from ledger_accounts account
      where account.id in (
        select known.id
          from unnest(${accountIds}::uuid[], ${accountAssets}::text[]) as wanted (account_id, asset)
          join ledger_accounts known on known.account_id = wanted.account_id and known.asset = wanted.asset
        union all
        select known.id
          from unnest(${systemKinds}::text[], ${systemAssets}::text[], ${systemShards}::smallint[]) as wanted (kind, asset, shard)
          join ledger_accounts known
            on known.kind = wanted.kind and known.asset = wanted.asset and known.shard = wanted.shard and known.account_id is null)
      order by account.id for update`;
  // Sent together, run in this order.
  const [, , rows] = await Promise.all([...opened, locked] as const);
  return new LockedLedger(tx, new Map(rows.map((row) => [rowKey(row), balanceFrom(row)])));
}

type PostedJournal = { readonly id: string; readonly journal: Journal };

type EntryRow = {
  readonly journalId: string;
  readonly ledgerAccountId: bigint;
  readonly amount: Micros;
  readonly balanceAfter: Micros;
  readonly version: bigint;
};

type BalanceRow = {
  id: bigint;
  account_id: string | null;
  kind: SystemLedger | 'cash' | 'position';
  asset: Asset;
  shard: number;
  posted: bigint;
  reserved: bigint;
  version: bigint;
  may_go_negative: boolean;
};

function keyOf(ledger: Ledger): string {
  return ledger.of === 'account'
    ? `${ledger.accountId}/${ledger.asset}`
    : `${ledger.of}/${ledger.asset}/${ledger.shard}`;
}

function rowKey(row: BalanceRow): string {
  return row.account_id === null ? `${row.kind}/${row.asset}/${row.shard}` : `${row.account_id}/${row.asset}`;
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
