import { type Micros, negate, toMicros } from '@andvari/money';
import type { ActivityType } from './activity.ts';
import { type Currency, isCurrency } from './asset.ts';
import type { Balances } from './balances.ts';
import type { Journal, JournalKind } from './journal.ts';

/** A journal to be booked, and the hold that it spends if it is the end of a withdrawal. */
export type Posting = { readonly journal: Journal; readonly spends?: string };

export type PostOutcome =
  | { readonly outcome: 'posted' | 'repeated'; readonly journalId: string }
  | { readonly outcome: 'insufficient'; readonly available: Micros }
  /** An account that does not exist, or never holds this currency. */
  | { readonly outcome: 'no_such_ledger' }
  /** What it was to spend is not held any more. */
  | { readonly outcome: 'not_held' };

export type Hold = {
  readonly fundingId: string;
  readonly accountId: string;
  readonly currency: Currency;
  readonly amount: Micros;
};

export type HoldState = { readonly state: 'open' | 'closed'; readonly remaining: Micros };

export type HoldOutcome = 'held' | 'repeated' | 'closed' | 'insufficient' | 'no_such_ledger';

/** What is known of a batch of postings before it is booked: journals by kind and reference, and holds by their fundings. */
export type Posted = { readonly journals: Map<string, string>; readonly holds: Map<string, HoldState> };

/** Books a journal if it can be: once, and without taking any balance below zero. What cannot be booked leaves no trace. */
export function post({ journal, spends }: Posting, balances: Balances, known: Posted): PostOutcome {
  const before = known.journals.get(journalKey(journal));
  if (before !== undefined) return { outcome: 'repeated', journalId: before };
  if (journal.entries.some(({ ledger }) => balances.find(ledger) === undefined)) return { outcome: 'no_such_ledger' };
  const payer = journal.entries.find(({ ledger: { of }, amount }) => of === 'account' && amount < 0n);
  if (spends !== undefined) {
    const held = known.holds.get(spends);
    if (payer === undefined || held?.state !== 'open') return { outcome: 'not_held' };
    balances.reserve(payer.ledger, negate(held.remaining));
    known.holds.set(spends, { state: 'closed', remaining: toMicros(0n) });
  } else if (!balances.affords(journal)) {
    return {
      outcome: 'insufficient',
      available: payer === undefined ? toMicros(0n) : balances.available(payer.ledger),
    };
  }
  const journalId = balances.post(journal);
  known.journals.set(journalKey(journal), journalId);
  return { outcome: 'posted', journalId };
}

/** Holds money back for a withdrawal, as far as there is any. */
export function hold(request: Hold, balances: Balances, holds: Map<string, HoldState>): HoldOutcome {
  const cash = { of: 'account', accountId: request.accountId, asset: request.currency } as const;
  const before = holds.get(request.fundingId);
  if (before !== undefined) return before.state === 'open' ? 'repeated' : 'closed';
  if (balances.find(cash) === undefined) return 'no_such_ledger';
  if (balances.available(cash) < request.amount) return 'insufficient';
  balances.reserve(cash, request.amount);
  holds.set(request.fundingId, { state: 'open', remaining: request.amount });
  return 'held';
}

/** One client's side of a journal of money: a line among the activities, and a flow in or out. */
export type MoneyLine = {
  readonly journal: Journal;
  readonly journalId: string;
  readonly accountId: string;
  readonly currency: Currency;
  readonly amount: Micros;
  readonly type: ActivityType;
};

export function linesOf(journal: Journal, journalId: string): MoneyLine[] {
  return journal.entries.flatMap(({ ledger, amount }) =>
    ledger.of === 'account' && isCurrency(ledger.asset)
      ? [
          {
            journal,
            journalId,
            accountId: ledger.accountId,
            currency: ledger.asset,
            amount,
            type: ACTIVITY[journal.kind][amount < 0n ? 'out' : 'in'],
          },
        ]
      : [],
  );
}

/** What an owner moves, as opposed to what the account earns or spends. */
export function isFlow({ journal }: MoneyLine): boolean {
  return IS_FLOW[journal.kind];
}

export function journalKey({ kind, reference }: Pick<Journal, 'kind' | 'reference'>): string {
  return `${kind}/${reference}`;
}

const ACTIVITY: Record<JournalKind, { readonly in: ActivityType; readonly out: ActivityType }> = {
  fill: { in: 'sell', out: 'buy' },
  fee: { in: 'fee', out: 'fee' },
  deposit: { in: 'deposit', out: 'deposit' },
  withdrawal: { in: 'withdrawal', out: 'withdrawal' },
  transfer: { in: 'transfer_in', out: 'transfer_out' },
  fx: { in: 'transfer_in', out: 'transfer_out' },
  adjustment: { in: 'adjustment', out: 'adjustment' },
  dividend: { in: 'dividend', out: 'dividend' },
  split: { in: 'split', out: 'split' },
};

const IS_FLOW: Record<JournalKind, boolean> = {
  fill: false,
  fee: false,
  deposit: true,
  withdrawal: true,
  transfer: true,
  fx: true,
  adjustment: true,
  dividend: false,
  split: false,
};
