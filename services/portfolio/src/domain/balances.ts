import { add, type Micros, subtract, ZERO } from '@andvari/money';
import type { AccountLedger, Journal, Ledger, SystemLedger } from './journal.ts';

/** One balance of one asset, as it stands while a transaction holds its lock. */
export type Balance = {
  readonly id: bigint;
  posted: Micros;
  reserved: Micros;
  version: bigint;
  readonly mayGoNegative: boolean;
};

export type PostedJournal = { readonly id: string; readonly journal: Journal };

export type PostedEntry = {
  readonly journalId: string;
  readonly ledgerAccountId: bigint;
  readonly amount: Micros;
  readonly balanceAfter: Micros;
  readonly version: bigint;
  /** In a journal of many, the one of them that it belongs to; null where it belongs to all. */
  readonly reference: string | null;
};

type SharedJournal = { readonly id: string; readonly journal: Journal; readonly sums: Map<Balance, Micros> };

/** How the reference of a journal that many share begins; the rest is its id. */
const SHARED = 'batch/';

/**
 * The balances that a unit of work changes, journal by journal, and what of it is to be written at its end. Whoever made it holds the locks
 * of all of them.
 */
export class Balances {
  readonly changed = new Set<Balance>();
  readonly journals: PostedJournal[] = [];
  readonly entries: PostedEntry[] = [];
  /** Those that are not written yet: they come to be as they stand at the end. */
  readonly opened = new Map<Balance, AccountLedger>();
  readonly #rows: Map<string, Balance>;
  readonly #newId: () => string;
  readonly #shared = new Map<string, SharedJournal>();

  constructor(rows: Map<string, Balance>, newId: () => string) {
    this.#rows = rows;
    this.#newId = newId;
  }

  /** A ledger account that nobody else can know of, as its owner comes with this unit of work. It has its id beforehand. */
  open(ledger: AccountLedger, id: bigint): void {
    const balance: Balance = { id, posted: ZERO, reserved: ZERO, version: 0n, mayGoNegative: false };
    this.#rows.set(ledgerKey(ledger), balance);
    this.opened.set(balance, ledger);
  }

  /** Undefined when the account never had this asset. */
  find(ledger: Ledger): Readonly<Balance> | undefined {
    return this.#rows.get(ledgerKey(ledger));
  }

  available(ledger: Ledger): Micros {
    const balance = this.find(ledger);
    return balance === undefined ? ZERO : subtract(balance.posted, balance.reserved);
  }

  /** Whether every balance it touches stays covered. */
  affords(journal: Journal): boolean {
    const changes = new Map<Balance, Micros>();
    for (const { ledger, amount } of journal.entries) {
      const balance = this.#rows.get(ledgerKey(ledger));
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
    const id = this.#newId();
    for (const { ledger, amount } of journal.entries) this.#enter(id, this.#get(ledger), amount, null);
    this.journals.push({ id, journal });
    return id;
  }

  /**
   * Books a journal as part of the one that all of its kind and fee schedule share, and gives the shared one's id. A client's entries stay
   * entries of their own; what others share is added up, and entered by `close`.
   */
  postShared(journal: Journal): string {
    const shared = this.#sharedFor(journal);
    for (const { ledger, amount } of journal.entries) {
      const balance = this.#get(ledger);
      if (balance.mayGoNegative) shared.sums.set(balance, add(shared.sums.get(balance) ?? ZERO, amount));
      else this.#enter(shared.id, balance, amount, journal.reference);
    }
    return shared.id;
  }

  /** Enters what the shared journals have in sum. What is posted after it is shared anew. */
  close(): void {
    for (const { id, journal, sums } of this.#shared.values()) {
      for (const [balance, amount] of sums) if (amount !== 0n) this.#enter(id, balance, amount, null);
      this.journals.push({ id, journal });
    }
    this.#shared.clear();
  }

  #sharedFor({ kind, feeScheduleId, occurredAt }: Journal): SharedJournal {
    const key = feeScheduleId ?? kind;
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const id = this.#newId();
    const schedule = feeScheduleId === undefined ? {} : { feeScheduleId };
    const journal: Journal = { kind, reference: `${SHARED}${id}`, occurredAt, entries: [], ...schedule };
    const made = { id, journal, sums: new Map<Balance, Micros>() };
    this.#shared.set(key, made);
    return made;
  }

  #enter(journalId: string, balance: Balance, amount: Micros, reference: string | null): void {
    balance.posted = add(balance.posted, amount);
    balance.version += 1n;
    this.changed.add(balance);
    const { id: ledgerAccountId, posted: balanceAfter, version } = balance;
    this.entries.push({ journalId, ledgerAccountId, amount, balanceAfter, version, reference });
  }

  /** Holds back more, or with a negative amount less. */
  reserve(ledger: Ledger, amount: Micros): void {
    if (amount === 0n) return;
    const balance = this.#get(ledger);
    balance.reserved = add(balance.reserved, amount);
    this.changed.add(balance);
  }

  #get(ledger: Ledger): Balance {
    const balance = this.#rows.get(ledgerKey(ledger));
    if (balance === undefined) throw new Error(`no ledger account is locked for ${ledgerKey(ledger)}`);
    return balance;
  }
}

export function ledgerKey(ledger: Ledger): string {
  return `${ledgerOwner(ledger)}/${ledger.asset}`;
}

/** The system's own accounts have fixed ids, which no client's can be: version 0 is no version. */
export function ledgerOwner(ledger: Ledger): string {
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
