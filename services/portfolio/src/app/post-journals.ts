import type { Tx } from '@andvari/kit/db/types';
import type { Ledger } from '../domain/journal.ts';
import {
  type Hold,
  type HoldOutcome,
  hold,
  isFlow,
  linesOf,
  type Posting,
  type PostOutcome,
  post,
} from '../domain/posting.ts';
import { saveFlows } from '../store/account-flows.ts';
import { insertMoneyLines } from '../store/activities.ts';
import { findPosted } from '../store/journals.ts';
import { lockLedger, saveLedger } from '../store/locked-ledger.ts';
import { closeHolds, findHolds, insertHolds } from '../store/withdrawal-holds.ts';

/**
 * Books journals of money in order, each on what the ones before it left: deposits, withdrawals, transfers, adjustments. One that
 * cannot be booked is answered so and leaves no trace. The same kind and reference again is answered with the first journal.
 */
export async function postJournals(tx: Tx, postings: readonly Posting[]): Promise<PostOutcome[]> {
  const journals = postings.map(({ journal }) => journal);
  const [balances, known, holds] = await Promise.all([
    lockLedger(
      tx,
      journals.flatMap(({ entries }) => entries.map(({ ledger }) => ledger)),
    ),
    findPosted(tx, journals),
    findHolds(
      tx,
      postings.flatMap(({ spends }) => spends ?? []),
    ),
  ]);
  const outcomes = postings.map((posting) => post(posting, balances, { journals: known, holds }));
  const booked = postings.filter((_, index) => outcomes[index]?.outcome === 'posted');
  const lines = balances.journals.flatMap(({ id, journal }) => linesOf(journal, id));
  await Promise.all([
    saveLedger(tx, balances),
    closeHolds(
      tx,
      booked.flatMap(({ spends }) => spends ?? []),
    ),
    insertMoneyLines(tx, lines),
    saveFlows(tx, lines.filter(isFlow)),
  ]);
  return outcomes;
}

/** Holds money back for withdrawals, in order, as far as there is any. It is given back through release_batch. */
export async function holdForWithdrawals(tx: Tx, requests: readonly Hold[]): Promise<HoldOutcome[]> {
  const ledgers = requests.map(({ accountId, currency }): Ledger => ({ of: 'account', accountId, asset: currency }));
  const ids = requests.map(({ fundingId }) => fundingId);
  const [balances, holds] = await Promise.all([lockLedger(tx, ledgers), findHolds(tx, ids)]);
  const outcomes = requests.map((request) => hold(request, balances, holds));
  const made = requests.filter((_, index) => outcomes[index] === 'held');
  await Promise.all([saveLedger(tx, balances), insertHolds(tx, made)]);
  return outcomes;
}
