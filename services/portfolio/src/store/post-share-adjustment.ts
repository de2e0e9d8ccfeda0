import type { Tx } from '@andvari/kit/db/types';
import { type Micros, negate, type Price, toQuantity } from '@andvari/money';
import type { Currency } from '../domain/asset.ts';
import { type Adjustment, adjustmentJournal } from '../domain/journal.ts';
import { FLAT } from '../domain/position.ts';
import { OrderBooks } from '../domain/settlement-batch.ts';
import { type AdjustedShares, adjustShares } from '../domain/share-adjustment.ts';
import { saveFlows } from './account-flows.ts';
import { loadLots, loadPositions } from './load-settlement-batch.ts';
import { lockLedger } from './locked-ledger.ts';
import { saveOrderBooks } from './save-settlement-batch.ts';

export type ToAdjust = Adjustment & {
  /** Of one share that comes. */
  readonly costPrice: Micros;
  /** The account's, for the line among its activities. */
  readonly currency: Currency;
  /** What a share is worth now, if anybody knows. */
  readonly quote: Price | undefined;
};

export type ShareOutcome =
  | { readonly outcome: 'posted'; readonly journalId: string; readonly cost: Micros }
  /** Fewer are there, or free of orders. */
  | { readonly outcome: 'insufficient'; readonly available: Micros };

/** Moves shares between an account and the house, and keeps lots, position and history true to it. The caller knows it is new. */
export async function postShareAdjustment(tx: Tx, adjustment: ToAdjust): Promise<ShareOutcome> {
  const { id, accountId, asset: symbol, amount: shares, costPrice, at, quote } = adjustment;
  const journal = adjustmentJournal(adjustment);
  const holding = { accountId, symbol };
  const leaving = shares < 0n ? [{ ...holding, qty: toQuantity(negate(shares)) }] : [];
  // Sent together, run in this order: what is held is read under the ledger's locks.
  const [ledger, positions, lots] = await Promise.all([
    lockLedger(
      tx,
      journal.entries.map((entry) => entry.ledger),
    ),
    loadPositions(tx, [holding]),
    loadLots(tx, leaving),
  ]);
  if (!ledger.affords(journal))
    return { outcome: 'insufficient', available: ledger.available({ of: 'account', accountId, asset: symbol }) };
  const books = new OrderBooks(new Map(), positions, lots, new Set());
  const held = { position: books.position(holding) ?? FLAT, lots: books.lots(holding) };
  const adjusted = adjustShares({ id, shares, costPrice, at }, held.position, held.lots, quote);
  if (adjusted === undefined) throw new Error(`the lots of ${accountId} hold fewer ${symbol} than its balance`);
  books.moved({ ...holding, execId: id, at }, adjusted);
  const journalId = ledger.post(journal);
  await Promise.all([
    ledger.save(),
    saveOrderBooks(tx, books),
    saveActivity(tx, adjustment, adjusted, journalId),
    saveFlows(tx, [{ accountId, amount: adjusted.worth }]),
  ]);
  return { outcome: 'posted', journalId, cost: adjusted.cost };
}

async function saveActivity(
  tx: Tx,
  { id, accountId, asset, amount, at, currency }: ToAdjust,
  { costPrice, worth }: AdjustedShares,
  journalId: string,
): Promise<void> {
  await tx`
    insert into activities (account_id, occurred_at, id, type, symbol, qty, price, amount, in_kind, currency, journal_id, reference)
    values (${accountId}, to_timestamp(${at}::float8 / 1e6), ${journalId}, 'adjustment', ${asset}, ${amount}, ${costPrice}, 0,
      ${worth}, ${currency}, ${journalId}, ${id})`;
}
