import { numbers, texts, words } from '@andvari/kit/db/pg-array';
import type { Tx } from '@andvari/kit/db/types';
import { type Micros, negate, toMicros } from '@andvari/money';
import { type Currency, isCurrency } from '../domain/asset.ts';
import type { Journal, JournalKind, Ledger } from '../domain/journal.ts';
import { saveFlows } from './account-flows.ts';
import { type LockedLedger, lockLedger } from './locked-ledger.ts';

/** A journal to be booked, and the hold that it spends if it is the end of a withdrawal. */
export type Posting = { readonly journal: Journal; readonly spends?: string };

export type PostOutcome =
  | { readonly outcome: 'posted' | 'repeated'; readonly journalId: string }
  | { readonly outcome: 'insufficient'; readonly available: Micros }
  /** An account that does not exist, or never holds this currency. */
  | { readonly outcome: 'no_such_ledger' }
  /** What it was to spend is not held any more. */
  | { readonly outcome: 'not_held' };

/**
 * Books journals of money in order, each on what the ones before it left: deposits, withdrawals, transfers, adjustments. One that
 * cannot be booked is answered so and leaves no trace. The same kind and reference again is answered with the first journal.
 */
export async function postJournals(tx: Tx, postings: readonly Posting[]): Promise<PostOutcome[]> {
  const journals = postings.map(({ journal }) => journal);
  const holdIds = postings.flatMap(({ spends }) => spends ?? []);
  const ledgers = journals.flatMap(({ entries }) => entries.map(({ ledger }) => ledger));
  const [ledger, known, holds] = await Promise.all([
    lockLedger(tx, ledgers),
    findPosted(tx, journals),
    findHolds(tx, holdIds),
  ]);
  const booked: Booked[] = [];
  const spent: string[] = [];
  const outcomes = postings.map((posting) => {
    const outcome = post(posting, ledger, known, holds);
    if (outcome.outcome !== 'posted') return outcome;
    known.set(keyOf(posting.journal), outcome.journalId);
    booked.push(...linesOf(posting.journal, outcome.journalId));
    if (posting.spends !== undefined) spent.push(posting.spends);
    return outcome;
  });
  await Promise.all([
    ledger.save(),
    closeHolds(tx, spent),
    saveActivities(tx, booked),
    saveFlows(tx, booked.filter(isFlow)),
  ]);
  return outcomes;
}

export type Hold = {
  readonly fundingId: string;
  readonly accountId: string;
  readonly currency: Currency;
  readonly amount: Micros;
};
export type HoldOutcome = 'held' | 'repeated' | 'closed' | 'insufficient' | 'no_such_ledger';

/** Holds money back for withdrawals, in order, as far as there is any. It is given back through release_batch. */
export async function holdForWithdrawals(tx: Tx, requests: readonly Hold[]): Promise<HoldOutcome[]> {
  const ledgers = requests.map(({ accountId, currency }): Ledger => ({ of: 'account', accountId, asset: currency }));
  const ids = requests.map(({ fundingId }) => fundingId);
  const [ledger, holds] = await Promise.all([lockLedger(tx, ledgers), findHolds(tx, ids)]);
  const made: (Hold & { ledgerId: bigint })[] = [];
  const outcomes = requests.map((request): HoldOutcome => {
    const cash: Ledger = { of: 'account', accountId: request.accountId, asset: request.currency };
    const balance = ledger.find(cash);
    const before = holds.get(request.fundingId);
    if (before !== undefined) return before.state === 'open' ? 'repeated' : 'closed';
    if (balance === undefined) return 'no_such_ledger';
    if (ledger.available(cash) < request.amount) return 'insufficient';
    ledger.reserve(cash, request.amount);
    holds.set(request.fundingId, { state: 'open', remaining: request.amount });
    made.push({ ...request, ledgerId: balance.id });
    return 'held';
  });
  await Promise.all([ledger.save(), saveHolds(tx, made)]);
  return outcomes;
}

type HoldState = { readonly state: 'open' | 'closed'; readonly remaining: Micros };

/** One client's side of a journal: a line among the activities, and a flow in or out. */
type Booked = { journal: Journal; journalId: string; accountId: string; currency: Currency; amount: Micros };

function post(
  { journal, spends }: Posting,
  ledger: LockedLedger,
  known: ReadonlyMap<string, string>,
  holds: Map<string, HoldState>,
): PostOutcome {
  const before = known.get(keyOf(journal));
  if (before !== undefined) return { outcome: 'repeated', journalId: before };
  if (journal.entries.some((entry) => ledger.find(entry.ledger) === undefined)) return { outcome: 'no_such_ledger' };
  const payer = journal.entries.find(({ ledger: { of }, amount }) => of === 'account' && amount < 0n);
  if (spends !== undefined) {
    const hold = holds.get(spends);
    if (payer === undefined || hold?.state !== 'open') return { outcome: 'not_held' };
    ledger.reserve(payer.ledger, negate(hold.remaining));
    holds.set(spends, { state: 'closed', remaining: toMicros(0n) });
    return { outcome: 'posted', journalId: ledger.post(journal) };
  }
  if (ledger.affords(journal)) return { outcome: 'posted', journalId: ledger.post(journal) };
  return { outcome: 'insufficient', available: payer === undefined ? toMicros(0n) : ledger.available(payer.ledger) };
}

function keyOf({ kind, reference }: Pick<Journal, 'kind' | 'reference'>): string {
  return `${kind}/${reference}`;
}

function linesOf(journal: Journal, journalId: string): Booked[] {
  return journal.entries.flatMap(({ ledger, amount }) =>
    ledger.of === 'account' && isCurrency(ledger.asset)
      ? [{ journal, journalId, accountId: ledger.accountId, currency: ledger.asset, amount }]
      : [],
  );
}

async function findPosted(tx: Tx, journals: readonly Journal[]): Promise<Map<string, string>> {
  const rows = await tx<{ id: string; kind: JournalKind; reference: string }[]>`
    select id, kind, reference from journals
      where (kind, reference) in (
        select * from unnest(
          ${texts(journals.map(({ kind }) => kind))}::text[], ${texts(journals.map(({ reference }) => reference))}::text[]))`;
  return new Map(rows.map((row) => [keyOf(row), row.id]));
}

async function findHolds(tx: Tx, ids: readonly string[]): Promise<Map<string, HoldState>> {
  const rows = await tx<{ id: string; state: HoldState['state']; remaining: bigint }[]>`
    select id, state, remaining from reservations where purpose = 'withdrawal' and id = any (${words(ids)}::uuid[])`;
  return new Map(rows.map(({ id, state, remaining }) => [id, { state, remaining: toMicros(remaining) }]));
}

async function saveHolds(tx: Tx, rows: readonly (Hold & { ledgerId: bigint })[]): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    insert into reservations (id, purpose, ledger_account_id, account_id, qty, principal, remaining)
      select id, 'withdrawal', ledger_account_id, account_id, 0, amount, amount
        from unnest(
          ${words(rows.map(({ fundingId }) => fundingId))}::uuid[],
          ${numbers(rows.map(({ ledgerId }) => ledgerId))}::bigint[],
          ${words(rows.map(({ accountId }) => accountId))}::uuid[],
          ${numbers(rows.map(({ amount }) => amount))}::bigint[]
        ) as new (id, ledger_account_id, account_id, amount)`;
}

async function closeHolds(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx`
    update reservations set state = 'closed', remaining = 0, closed_at = now() where id = any (${words(ids)}::uuid[])`;
}

async function saveActivities(tx: Tx, rows: readonly Booked[]): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    insert into activities (account_id, occurred_at, id, type, amount, currency, journal_id, reference)
      select account_id, to_timestamp(at_us::float8 / 1e6), journal_id, type, amount, currency, journal_id, reference
        from unnest(
          ${words(rows.map(({ accountId }) => accountId))}::uuid[],
          ${numbers(rows.map(({ journal }) => journal.occurredAt))}::bigint[],
          ${words(rows.map(({ journalId }) => journalId))}::uuid[],
          ${texts(rows.map(({ journal, amount }) => ACTIVITY[journal.kind][amount < 0n ? 'out' : 'in']))}::text[],
          ${numbers(rows.map(({ amount }) => amount))}::bigint[],
          ${texts(rows.map(({ currency }) => currency))}::text[],
          ${texts(rows.map(({ journal }) => journal.reference))}::text[]
        ) as new (account_id, at_us, journal_id, type, amount, currency, reference)`;
}

function isFlow({ journal }: Booked): boolean {
  return IS_FLOW[journal.kind];
}

const ACTIVITY: Record<JournalKind, { readonly in: string; readonly out: string }> = {
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

/** What an owner moves, as opposed to what the account earns or spends. */
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
