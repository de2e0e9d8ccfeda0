import { numbers, texts, words } from '@andvari/kit/db/pg-array';
import type { Tx } from '@andvari/kit/db/types';
import { type Micros, ZERO } from '@andvari/money';
import { type FeeSchedule, NO_FEES } from '../domain/fee-schedule.ts';
import type { Ledger } from '../domain/journal.ts';
import { openReservation, type Reservation, replacementHold } from '../domain/reservation.ts';
import type { Held } from '../domain/settlement-batch.ts';
import { type AccountFacts, findAccountFacts } from './account-facts.ts';
import { loadReservations } from './load-settlement-batch.ts';
import { type LockedLedger, lockLedger } from './locked-ledger.ts';
import type { ReserveAnswer, ReserveOutcome, ReserveRequest } from './reserve.ts';

export type ReplaceRequest = Omit<ReserveRequest, 'feeCap' | 'feeScheduleId'> & {
  /** The order whose place this one is to take. */
  readonly replaces: string;
  readonly schedule?: FeeSchedule;
};

export type ReplaceAnswer = Omit<ReserveAnswer, 'outcome'> & { readonly outcome: ReserveOutcome | 'not_replaceable' };

/**
 * Reserves for orders that are to take another's place: what they need beyond what the other still holds. Unlike reserve_batch it
 * reads the other order first, so it decides here rather than in the database; replacements are few.
 */
export async function reserveReplacements(tx: Tx, requests: readonly ReplaceRequest[]): Promise<ReplaceAnswer[]> {
  const ids = requests.flatMap(({ orderId, replaces }) => [orderId, replaces]);
  const [ledger, held, accounts] = await Promise.all([
    lockLedger(tx, requests.map(ledgerOf)),
    loadReservations(tx, ids),
    findAccountFacts(
      tx,
      requests.map(({ accountId }) => accountId),
    ),
  ]);
  const made: Made[] = [];
  const answers = requests.map((request) => {
    const account = accounts.get(request.accountId);
    const outcome = decide(request, account, ledger, held, made);
    return {
      outcome,
      remaining: held.get(request.orderId)?.reservation.remaining ?? ZERO,
      available: ledger.available(ledgerOf(request)),
      accountStatus: account?.status ?? null,
      accountKind: account?.kind ?? null,
    };
  });
  await Promise.all([ledger.save(), saveReservations(tx, made)]);
  return answers;
}

type Made = { request: ReplaceRequest; reservation: Reservation; ledgerId: bigint };

function decide(
  request: ReplaceRequest,
  account: AccountFacts | undefined,
  ledger: LockedLedger,
  held: Map<string, Held>,
  made: Made[],
): ReplaceAnswer['outcome'] {
  if (account === undefined || account.userId !== (request.userId ?? account.userId)) return 'account_not_found';
  const before = held.get(request.orderId);
  if (before !== undefined) return repeatOf(request, before);
  if (account.status !== 'active' || account.kind !== 'investment') return 'account_refused';
  const old = held.get(request.replaces);
  if (old?.accountId !== request.accountId || old.reservation.state !== 'open') return 'not_replaceable';
  if (old.reservation.side !== request.side || request.qty <= old.reservation.filled) return 'not_replaceable';
  const balance = ledger.find(ledgerOf(request));
  const schedule = request.schedule ?? NO_FEES;
  const next = openReservation(request, schedule);
  const remaining = replacementHold(old.reservation, next);
  if (balance === undefined || ledger.available(ledgerOf(request)) < remaining) return 'insufficient';
  const reservation = { ...next, remaining };
  ledger.reserve(ledgerOf(request), remaining);
  held.set(request.orderId, { reservation, accountId: request.accountId, schedule, asked: request });
  made.push({ request, reservation, ledgerId: balance.id });
  return 'reserved';
}

function repeatOf(request: ReplaceRequest, { reservation, accountId, asked }: Held): ReserveOutcome {
  const same =
    accountId === request.accountId &&
    reservation.side === request.side &&
    asked.symbol === request.symbol &&
    asked.replaces === request.replaces &&
    asked.qty === request.qty &&
    asked.principal === request.principal;
  if (!same) return 'mismatch';
  return reservation.state === 'open' ? 'repeated' : 'closed';
}

function ledgerOf({ accountId, asset }: ReplaceRequest): Ledger {
  return { of: 'account', accountId, asset };
}

async function saveReservations(tx: Tx, rows: readonly Made[]): Promise<void> {
  if (rows.length === 0) return;
  const column = (of: (reservation: Reservation) => Micros): bigint[] => rows.map(({ reservation }) => of(reservation));
  await tx`
    insert into reservations (id, purpose, ledger_account_id, account_id, side, symbol, qty, principal, fee_cap, remaining,
        fee_schedule_id, replaces)
      select id, 'order', ledger_account_id, account_id, side, symbol, qty, principal, fee_cap, remaining, fee_schedule_id, replaces
        from unnest(
          ${words(rows.map(({ request }) => request.orderId))}::uuid[],
          ${numbers(rows.map(({ ledgerId }) => ledgerId))}::bigint[],
          ${words(rows.map(({ request }) => request.accountId))}::uuid[],
          ${texts(rows.map(({ request }) => request.side))}::text[],
          ${texts(rows.map(({ request }) => request.symbol))}::text[],
          ${numbers(rows.map(({ request }) => request.qty))}::bigint[],
          ${numbers(column(({ principal }) => principal))}::bigint[],
          ${numbers(column(({ feeCap }) => feeCap))}::bigint[],
          ${numbers(column(({ remaining }) => remaining))}::bigint[],
          ${words(rows.map(({ request }) => request.schedule?.id ?? null))}::uuid[],
          ${words(rows.map(({ request }) => request.replaces))}::uuid[]
        ) as new (id, ledger_account_id, account_id, side, symbol, qty, principal, fee_cap, remaining, fee_schedule_id, replaces)`;
}
