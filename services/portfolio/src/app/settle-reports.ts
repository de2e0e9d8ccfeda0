import { lastly } from '@andvari/kit/db/db';
import type { Tx } from '@andvari/kit/db/types';
import { negate } from '@andvari/money';
import type { Currency } from '../domain/asset.ts';
import type { Balances } from '../domain/balances.ts';
import { type Grouped, isExit, openEntry, shareHold } from '../domain/group.ts';
import { across, type Ledger } from '../domain/journal.ts';
import { FLAT } from '../domain/position.ts';
import {
  change,
  type Fill,
  houseFill,
  type OrderChange,
  type Report,
  type ReportFault,
  type Settlement,
  type SettlementFault,
  settle,
} from '../domain/settlement.ts';
import type { Held, SettlementBatch } from '../domain/settlement-batch.ts';
import type { AccountFacts } from '../store/account-facts.ts';
import { loadSettlementBatch } from '../store/load-settlement-batch.ts';
import { lockLedger } from '../store/locked-ledger.ts';
import { settlementStatements } from '../store/save-settlement.ts';
import { SettlementCache } from './settlement-cache.ts';

export type ReportOutcome =
  | { readonly outcome: 'settled'; readonly userId: string; readonly settlement: Settlement }
  /** No client's money moved: the house's own leg, or a reservation that changed. */
  | { readonly outcome: 'applied' }
  | { readonly outcome: 'repeated' }
  /** Something before it is missing yet: to be given again later, with the next report of the order that it waits for. */
  | { readonly outcome: 'ahead'; readonly waitsFor?: string }
  /** Our books and the engine's disagree: for the dead letters. */
  | { readonly outcome: 'refused'; readonly reason: RefusedReport };

export type RefusedReport = Exclude<ReportFault, 'fill_ahead'>;

/**
 * Settles a batch of reports in the transaction given, in order, each on what the ones before it left. A report that cannot be
 * settled is answered so and leaves no trace; the rest go on.
 */
export async function settleReports(
  tx: Tx,
  reports: readonly Report[],
  known: SettlementCache = new SettlementCache(),
): Promise<ReportOutcome[]> {
  const fills = reports.filter((report) => report.type === 'fill');
  const [accounts, currencies] = await Promise.all([
    known.accounts(tx, new Set(reports.map(({ accountId }) => accountId))),
    known.currencies(tx, new Set(fills.map(({ symbol }) => symbol))),
  ]);
  // Sent together, run in this order: the books are read under the ledger's locks.
  const [ledger, books] = await Promise.all([
    lockLedger(tx, ledgersOf(reports, accounts, currencies), known.ledgers),
    loadSettlementBatch(tx, reports),
  ]);
  const outcomes = reports.map((report) => applyReport({ ledger, books, accounts, currencies }, report));
  ledger.close();
  await lastly(tx, ...settlementStatements(tx, ledger, books));
  return outcomes;
}

export type Batch = {
  readonly ledger: Balances;
  readonly books: SettlementBatch;
  readonly accounts: ReadonlyMap<string, AccountFacts>;
  /** What the symbols trade in, where it is known. */
  readonly currencies: ReadonlyMap<string, Currency>;
};

/** What one report changes of what is loaded; the caller writes it. */
export function applyReport(batch: Batch, report: Report): ReportOutcome {
  const account = batch.accounts.get(report.accountId);
  if (account === undefined) return { outcome: 'refused', reason: 'account_not_found' };
  if (report.type !== 'fill')
    return account.kind === 'house' ? { outcome: 'applied' } : applyChange(batch, report, account);
  const before = batch.books.digestOf(report.execId);
  if (before !== undefined)
    // What was settled before digests were kept has none.
    return before === report.digest || before === ''
      ? { outcome: 'repeated' }
      : { outcome: 'refused', reason: 'execution_differs' };
  return account.kind === 'house' ? applyHouseFill(batch, report, account) : applyFill(batch, report, account);
}

/** The house trades in whatever its symbols trade in. */
function applyHouseFill({ ledger, books, currencies }: Batch, fill: Fill, house: AccountFacts): ReportOutcome {
  books.settled(fill, ledger.postShared(houseFill(fill, currencies.get(fill.symbol) ?? house.currency)));
  return { outcome: 'applied' };
}

function applyFill(batch: Batch, fill: Fill, account: AccountFacts): ReportOutcome {
  const { ledger, books } = batch;
  const held = books.reservation(fill.orderId);
  if (held === undefined) return { outcome: 'refused', reason: 'order_not_reserved' };
  const { currency, userId } = account;
  if (currency !== (batch.currencies.get(fill.symbol) ?? currency))
    return { outcome: 'refused', reason: 'wrong_currency' };
  const [cash, shares] = [ledgerOf(fill, currency), ledgerOf(fill, fill.symbol)];
  const group = isExitHeld(held) ? books.groupOf(fill.orderId) : undefined;
  const settlement = settle(fill, {
    currency,
    reservation: held.reservation,
    group,
    terms: held.terms,
    schedule: held.schedule,
    available: ledger.available(cash),
    availableShares: ledger.available(shares),
    position: books.position(fill) ?? FLAT,
    lots: books.lots(fill),
  });
  if (!settlement.ok) return fault(settlement.reason, waitedFor(fill, held, group));
  ledger.reserve(fill.side === 'buy' ? cash : shares, negate(settlement.freed));
  const posted = settlement.journals.map((journal) => ({ id: ledger.postShared(journal), kind: journal.kind }));
  books.settled(fill, posted[0]?.id ?? '', { settlement, posted, currency });
  // What an entry buys is its exits' to protect from this moment on.
  if (group === undefined) shareAgain(books, ledger, fill, currency);
  return { outcome: 'settled', userId, settlement };
}

function applyChange({ ledger, books }: Batch, order: OrderChange, { currency }: AccountFacts): ReportOutcome {
  const held = books.reservation(order.orderId);
  if (held === undefined) return { outcome: 'refused', reason: 'order_not_reserved' };
  const next = order.replacedBy === undefined ? undefined : books.reservation(order.replacedBy);
  const replacement = next?.terms.accountId === order.accountId && next.replaces === order.orderId ? next : undefined;
  const result = change(order, held.reservation, held.terms, replacement?.reservation, isExitHeld(held));
  if (!result.ok) return fault(result.reason);
  ledger.reserve(ledgerOf(order, order.side === 'buy' ? currency : order.symbol), negate(result.freed));
  books.changed(result.reservation);
  if (result.replacement !== undefined) books.changed(result.replacement);
  shareAgain(books, ledger, order, currency);
  return { outcome: 'applied' };
}

/** The exits of an order's group hold what they need now that it has changed; nothing where it is in none. */
function shareAgain(books: SettlementBatch, ledger: Balances, order: Named, currency: Currency): void {
  const group = books.groupOf(order.orderId);
  if (group === undefined) return;
  const { changed, freed } = shareHold(group);
  for (const reservation of changed) books.changed(reservation);
  const [exit] = changed;
  if (exit !== undefined) ledger.reserve(ledgerOf(order, exit.side === 'buy' ? currency : order.symbol), negate(freed));
}

type Named = Pick<OrderChange, 'orderId' | 'accountId' | 'symbol'>;

function isExitHeld({ group }: Held): boolean {
  return group !== undefined && isExit(group);
}

/** An exit whose own fills are all in waits for those of its entry. */
function waitedFor(fill: Fill, { reservation }: Held, group: readonly Grouped[] | undefined): string | undefined {
  return group !== undefined && fill.cumQty - fill.qty === reservation.filled ? openEntry(group) : undefined;
}

function fault(reason: SettlementFault, waitsFor?: string): ReportOutcome {
  if (reason !== 'fill_ahead') return { outcome: 'refused', reason };
  return waitsFor === undefined ? { outcome: 'ahead' } : { outcome: 'ahead', waitsFor };
}

/** Every ledger account the batch could touch. A change of an order needs what its reservation hangs on, and opens nothing new. */
function ledgersOf(
  reports: readonly Report[],
  accounts: ReadonlyMap<string, AccountFacts>,
  currencies: ReadonlyMap<string, Currency>,
): Ledger[] {
  return reports.flatMap((report): Ledger[] => {
    const account = accounts.get(report.accountId);
    if (account === undefined) return [];
    const { symbol } = report;
    const currency = account.kind === 'house' ? (currencies.get(symbol) ?? account.currency) : account.currency;
    // The end of an entry that sold can change what its exits hold to buy back with.
    if (report.type !== 'fill')
      return report.side === 'buy'
        ? [ledgerOf(report, currency)]
        : [ledgerOf(report, symbol), ledgerOf(report, currency)];
    const { accountId } = report;
    return [
      ledgerOf(report, currency),
      ledgerOf(report, symbol),
      across('clearing', accountId, currency),
      across('clearing', accountId, symbol),
      across('fees', accountId, currency),
      across('house', accountId, currency),
    ];
  });
}

function ledgerOf({ accountId }: { accountId: string }, asset: string): Ledger {
  return { of: 'account', accountId, asset };
}
