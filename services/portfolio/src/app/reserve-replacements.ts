import type { Tx } from '@andvari/kit/db/types';
import { type Micros, toMicros } from '@andvari/money';
import { type FeeSchedule, NO_FEES } from '../domain/fee-schedule.ts';
import type { Ledger } from '../domain/journal.ts';
import { decideReplacement, heldBefore } from '../domain/replacement.ts';
import { SettlementBatch } from '../domain/settlement-batch.ts';
import { findAccountFacts } from '../store/account-facts.ts';
import { addGroups, loadReservations } from '../store/load-settlement-batch.ts';
import { type KnownLedgers, lockLedger, saveLedger } from '../store/locked-ledger.ts';
import { insertReservations, type NewReservation } from '../store/reservations.ts';
import type { ReserveAnswer, ReserveOutcome, ReserveRequest } from '../store/reserve.ts';
import { saveSettlement } from '../store/save-settlement.ts';

export type ReplaceRequest = Omit<ReserveRequest, 'feeCap' | 'feeScheduleId'> & {
  /** The order whose place this one is to take. */
  readonly replaces: string;
  readonly schedule?: FeeSchedule;
};

export type ReplaceAnswer = Omit<ReserveAnswer, 'outcome'> & {
  readonly outcome: ReserveOutcome | 'not_replaceable';
  /** Where there is too little: what it would hold besides the order that it replaces. */
  readonly needed?: Micros;
};

/** Reserves for orders that are to take another's place: what they need beyond what the other still holds. */
export async function reserveReplacements(
  tx: Tx,
  requests: readonly ReplaceRequest[],
  known?: KnownLedgers,
): Promise<ReplaceAnswer[]> {
  const ids = requests.flatMap(({ orderId, replaces }) => [orderId, replaces]);
  const [balances, held, accounts] = await Promise.all([
    lockLedger(tx, requests.map(ledgerOf), known),
    loadReservations(tx, ids),
    findAccountFacts(
      tx,
      requests.map(({ accountId }) => accountId),
    ),
  ]);
  await addGroups(tx, held);
  const books = new SettlementBatch(held, new Map(), new Map(), new Map());
  const made: NewReservation[] = [];
  const answers = requests.map((request): ReplaceAnswer => {
    const { orderId, accountId, symbol, qty, principal, limit, replaces, schedule = NO_FEES } = request;
    const ledger = ledgerOf(request);
    const account = accounts.get(accountId);
    const facts = { account, before: held.get(orderId), old: held.get(replaces), schedule };
    const available = balances.find(ledger) === undefined ? undefined : balances.available(ledger);
    const decided = decideReplacement(request, { ...facts, available, group: books.groupOf(replaces) });
    if (typeof decided !== 'string' && !('outcome' in decided)) {
      const { reservation, siblings } = decided;
      const before = siblings.reduce((total, { orderId: id }) => total + heldBefore(held.get(id)), 0n);
      for (const sibling of siblings) books.changed(sibling);
      const after = siblings.reduce((total, { remaining }) => total + remaining, 0n);
      balances.reserve(ledger, toMicros(reservation.remaining + after - before));
      const terms = { accountId, symbol, qty, principal, limit };
      const group = facts.old?.group;
      held.set(orderId, { reservation, terms, schedule, replaces, group });
      const ledgerAccountId = balances.find(ledger)?.id ?? 0n;
      made.push({ reservation, terms, replaces, group, ledgerAccountId, feeScheduleId: request.schedule?.id });
    }
    return {
      ...(typeof decided === 'string'
        ? { outcome: decided }
        : 'outcome' in decided
          ? decided
          : { outcome: 'reserved' }),
      remaining: heldBefore(held.get(orderId)),
      available: available === undefined ? toMicros(0n) : balances.available(ledger),
      accountStatus: account?.status ?? null,
      accountKind: account?.kind ?? null,
    };
  });
  const save = books.changedReservations.size === 0 ? saveLedger(tx, balances) : saveSettlement(tx, balances, books);
  // One of the same group that came behind it in the batch may have changed what it holds.
  for (const row of made) row.reservation = held.get(row.reservation.orderId)?.reservation ?? row.reservation;
  await Promise.all([save, insertReservations(tx, made)]);
  return answers;
}

function ledgerOf({ accountId, asset }: ReplaceRequest): Ledger {
  return { of: 'account', accountId, asset };
}
