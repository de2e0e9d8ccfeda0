import { numbers, texts, words } from '@andvari/kit/db/pg-array';
import type { Tx } from '@andvari/kit/db/types';
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
        ${numbers(rows.map(({ id }) => id))}::bigint[],
        ${numbers(rows.map(({ posted }) => posted))}::bigint[],
        ${numbers(rows.map(({ reserved }) => reserved))}::bigint[],
        ${numbers(rows.map(({ version }) => version))}::bigint[]
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
        ${words(rows.map(({ id }) => id))}::uuid[],
        ${texts(rows.map(({ journal }) => journal.kind))}::text[],
        ${texts(rows.map(({ journal }) => journal.reference))}::text[],
        ${numbers(rows.map(({ journal }) => journal.occurredAt))}::bigint[],
        ${words(rows.map(({ journal }) => journal.feeScheduleId ?? null))}::uuid[],
        ${words(rows.map(({ journal }) => journal.fxRateId ?? null))}::uuid[],
        ${texts(rows.map(({ journal }) => journal.reason ?? null))}::text[]
      ) as new (id, kind, reference, occurred_us, fee_schedule_id, fx_rate_id, reason)`;
  }

  async #saveEntries(): Promise<void> {
    if (this.#entries.length === 0) return;
    const rows = this.#entries;
    const tx = this.#tx;
    await tx`
      insert into entries (journal_id, ledger_account_id, amount, balance_after, version)
      select * from unnest(
        ${words(rows.map(({ journalId }) => journalId))}::uuid[],
        ${numbers(rows.map(({ ledgerAccountId }) => ledgerAccountId))}::bigint[],
        ${numbers(rows.map(({ amount }) => amount))}::bigint[],
        ${numbers(rows.map(({ balanceAfter }) => balanceAfter))}::bigint[],
        ${numbers(rows.map(({ version }) => version))}::bigint[])`;
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
  const accountIds = words(ledgers.map(ownerOf));
  const assets = texts(ledgers.map(({ asset }) => asset));
  // Sent together, run in this order. Opening comes before locking: a transaction that waits for another to open the same ledger
  // account holds no lock yet.
  const [, , rows] = await Promise.all([
    throughIndexes(tx),
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
          ${texts(ledgers.map(({ of }) => (of === 'account' ? null : of)))}::text[]
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
  return new LockedLedger(tx, new Map(rows.map((row) => [`${row.account_id}/${row.asset}`, balanceFrom(row)])));
}

/** For the rest of the transaction; see check_entries for why. */
function throughIndexes(tx: Tx): Promise<unknown> {
  return tx`
    select set_config('plan_cache_mode', 'force_custom_plan', true), set_config('random_page_cost', '0.1', true),
      set_config('enable_seqscan', 'off', true),
      set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)`;
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
  account_id: string;
  asset: Asset;
  posted: bigint;
  reserved: bigint;
  version: bigint;
  may_go_negative: boolean;
};

function keyOf(ledger: Ledger): string {
  return `${ownerOf(ledger)}/${ledger.asset}`;
}

/** The system's own accounts have fixed ids, which no client's can be: version 0 is no version. */
function ownerOf(ledger: Ledger): string {
  if (ledger.of === 'account') return ledger.accountId;
  return `00000000-0000-0000-${SYSTEM[ledger.of]}-${ledger.shard.toString(16).padStart(12, '0')}`;
}

const SYSTEM: Record<SystemLedger, string> = {
  clearing: '0001',
  fees: '0002',
  bank: '0003',
  fx: '0004',
  house: '0005',
};

function balanceFrom(row: BalanceRow): Balance {
  return {
    id: row.id,
    posted: toMicros(row.posted),
    reserved: toMicros(row.reserved),
    version: row.version,
    mayGoNegative: row.may_go_negative,
  };
}
