import type { Tx } from '@andvari/kit/db/types';
import { type Micros, negate, type Price, toQuantity } from '@andvari/money';
import type { Currency } from '../domain/asset.ts';
import { type Adjustment, adjustmentJournal } from '../domain/journal.ts';
import { FLAT } from '../domain/position.ts';
import { SettlementBatch } from '../domain/settlement-batch.ts';
import { adjustShares } from '../domain/share-adjustment.ts';
import { saveFlows } from '../store/account-flows.ts';
import { insertShareLine } from '../store/activities.ts';
import { loadLots, loadPositions } from '../store/load-settlement-batch.ts';
import { lockLedger, saveLedger } from '../store/locked-ledger.ts';
import { saveHoldings } from '../store/save-settlement-batch.ts';

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
  const { id, accountId, asset: symbol, amount: shares, costPrice, at, quote, currency } = adjustment;
  const journal = adjustmentJournal(adjustment);
  const holding = { accountId, symbol };
  const leaving = shares < 0n ? [{ ...holding, qty: toQuantity(negate(shares)) }] : [];
  // Sent together, run in this order: what is held is read under the ledger's locks.
  const [balances, positions, lots] = await Promise.all([
    lockLedger(
      tx,
      journal.entries.map((entry) => entry.ledger),
    ),
    loadPositions(tx, [holding]),
    loadLots(tx, leaving),
  ]);
  if (!balances.affords(journal))
    return { outcome: 'insufficient', available: balances.available({ of: 'account', accountId, asset: symbol }) };
  const batch = new SettlementBatch(new Map(), positions, lots, new Map());
  const held = { position: batch.position(holding) ?? FLAT, lots: batch.lots(holding) };
  const adjusted = adjustShares({ id, shares, costPrice, at }, held.position, held.lots, quote);
  if (adjusted === undefined) throw new Error(`the lots of ${accountId} hold fewer ${symbol} than its balance`);
  batch.moved({ ...holding, execId: id, at }, adjusted);
  const journalId = balances.post(journal);
  const { costPrice: price, worth } = adjusted;
  const line = { accountId, journalId, type: 'adjustment', symbol, qty: shares, price, inKind: worth } as const;
  await Promise.all([
    saveLedger(tx, balances),
    saveHoldings(tx, batch),
    insertShareLine(tx, { ...line, currency, reference: id, at }),
    saveFlows(tx, [{ accountId, amount: worth }]),
  ]);
  return { outcome: 'posted', journalId, cost: adjusted.cost };
}
