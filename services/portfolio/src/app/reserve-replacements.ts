import type { Tx } from '@andvari/kit/db/types';
import { toMicros } from '@andvari/money';
import { type FeeSchedule, NO_FEES } from '../domain/fee-schedule.ts';
import type { Ledger } from '../domain/journal.ts';
import { decideReplacement, heldBefore } from '../domain/replacement.ts';
import { findAccountFacts } from '../store/account-facts.ts';
import { loadReservations } from '../store/load-settlement-batch.ts';
import { lockLedger, saveLedger } from '../store/locked-ledger.ts';
import { insertReservations, type NewReservation } from '../store/reservations.ts';
import type { ReserveAnswer, ReserveOutcome, ReserveRequest } from '../store/reserve.ts';

export type ReplaceRequest = Omit<ReserveRequest, 'feeCap' | 'feeScheduleId'> & {
  /** The order whose place this one is to take. */
  readonly replaces: string;
  readonly schedule?: FeeSchedule;
};

export type ReplaceAnswer = Omit<ReserveAnswer, 'outcome'> & { readonly outcome: ReserveOutcome | 'not_replaceable' };

/** Reserves for orders that are to take another's place: what they need beyond what the other still holds. */
export async function reserveReplacements(tx: Tx, requests: readonly ReplaceRequest[]): Promise<ReplaceAnswer[]> {
  const ids = requests.flatMap(({ orderId, replaces }) => [orderId, replaces]);
  const [balances, held, accounts] = await Promise.all([
    lockLedger(tx, requests.map(ledgerOf)),
    loadReservations(tx, ids),
    findAccountFacts(
      tx,
      requests.map(({ accountId }) => accountId),
    ),
  ]);
  const made: NewReservation[] = [];
  const answers = requests.map((request): ReplaceAnswer => {
    const { orderId, accountId, symbol, qty, principal, limit, replaces, schedule = NO_FEES } = request;
    const ledger = ledgerOf(request);
    const account = accounts.get(accountId);
    const facts = { account, before: held.get(orderId), old: held.get(replaces), schedule };
    const available = balances.find(ledger) === undefined ? undefined : balances.available(ledger);
    const decided = decideReplacement(request, { ...facts, available });
    if (typeof decided !== 'string') {
      balances.reserve(ledger, decided.remaining);
      const terms = { accountId, symbol, qty, principal, limit };
      held.set(orderId, { reservation: decided, terms, schedule, replaces });
      const ledgerAccountId = balances.find(ledger)?.id ?? 0n;
      made.push({ reservation: decided, terms, replaces, ledgerAccountId, feeScheduleId: request.schedule?.id });
    }
    return {
      outcome: typeof decided === 'string' ? decided : 'reserved',
      remaining: heldBefore(held.get(orderId)),
      available: available === undefined ? toMicros(0n) : balances.available(ledger),
      accountStatus: account?.status ?? null,
      accountKind: account?.kind ?? null,
    };
  });
  await Promise.all([saveLedger(tx, balances), insertReservations(tx, made)]);
  return answers;
}

function ledgerOf({ accountId, asset }: ReplaceRequest): Ledger {
  return { of: 'account', accountId, asset };
}
