import type { Tx } from '@andvari/kit/db/types';
import type { Currency } from '../domain/asset.ts';
import { type AccountFacts, findAccountFacts } from '../store/account-facts.ts';
import { findCurrencies } from '../store/instruments.ts';
import { KnownLedgers } from '../store/locked-ledger.ts';

const MOST_ACCOUNTS = 100_000;
/** Whose an account is changes once, when its owner is erased, and by then it has no orders; what a symbol trades in, when the market says it first. */
const KEPT_MS = 60_000;

/** What settling needs of accounts and symbols and what hardly ever changes, read once. Status is not among it: a trade is a fact. */
export class SettlementCache {
  readonly ledgers = new KnownLedgers();
  readonly #accounts = new Map<string, AccountFacts>();
  readonly #currencies = new Map<string, Currency>();
  #emptiedAt = Date.now();

  async accounts(tx: Tx, ids: ReadonlySet<string>): Promise<ReadonlyMap<string, AccountFacts>> {
    this.#emptyFromTimeToTime();
    const missing = [...ids].filter((id) => !this.#accounts.has(id));
    if (missing.length > 0)
      for (const [id, facts] of await findAccountFacts(tx, missing)) this.#accounts.set(id, facts);
    return this.#accounts;
  }

  async currencies(tx: Tx, symbols: ReadonlySet<string>): Promise<ReadonlyMap<string, Currency>> {
    const missing = [...symbols].filter((symbol) => !this.#currencies.has(symbol));
    if (missing.length > 0)
      for (const [symbol, currency] of await findCurrencies(tx, missing)) this.#currencies.set(symbol, currency);
    return this.#currencies;
  }

  #emptyFromTimeToTime(): void {
    if (Date.now() - this.#emptiedAt < KEPT_MS && this.#accounts.size < MOST_ACCOUNTS) return;
    this.#accounts.clear();
    this.#currencies.clear();
    this.#emptiedAt = Date.now();
  }
}
