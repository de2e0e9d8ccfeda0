import { add, type Micros, negate, type Quantity, subtract, ZERO } from '@andvari/money';
import type { Asset, Currency } from './asset.ts';
import type { Side } from './reservation.ts';

/**
 * Double entry. A journal is one thing that happened; its entries move assets between ledger accounts and add up to nothing,
 * asset by asset. Shares are booked like money.
 */
export type Journal = {
  readonly kind: JournalKind;
  /** With the kind, what makes it the same thing again: the execution's id, the funding's id. */
  readonly reference: string;
  readonly occurredAt: bigint;
  readonly entries: readonly Entry[];
  readonly feeScheduleId?: string;
  readonly fxRateId?: string;
  readonly reason?: string;
};

/** `dividend` and `split` are booked by corporate actions. */
export type JournalKind =
  | 'fill'
  | 'fee'
  | 'deposit'
  | 'withdrawal'
  | 'transfer'
  | 'fx'
  | 'adjustment'
  | 'dividend'
  | 'split';

export type Entry = { readonly ledger: Ledger; readonly amount: Micros };

/**
 * Whose balance an entry changes: a client's (or the house's trading account), or one of the system's own. Clearing stands between the two
 * legs of a trade and comes to nothing once both are in. Everyone's entries meet in the system's accounts, so each of those is many, and
 * an account always uses the same one: accounts settled side by side seldom wait for each other.
 */
export type Ledger = AccountLedger | SystemAccount;

export type AccountLedger = { readonly of: 'account'; readonly accountId: string; readonly asset: Asset };

export type SystemAccount = { readonly of: SystemLedger; readonly asset: Asset; readonly shard: number };

export type SystemLedger = 'clearing' | 'fees' | 'bank' | 'fx' | 'house';

export const SHARDS = 16;

/** The system's account that stands across from a client's. `accountId` is a UUID; its last digits are as good as random. */
export function across(of: SystemLedger, accountId: string, asset: Asset): SystemAccount {
  return { of, asset, shard: Number.parseInt(accountId.slice(-2), 16) % SHARDS };
}

/**
 * What stands across from everybody has no bound that any of them could be held to, and an int64 has one: an account of the system's, or the
 * house's, that has come half-way to it is left as it is, and another goes on. A single movement is smaller than the other half.
 */
export function needsRoom(posted: bigint): boolean {
  return posted > HALF_FULL || posted < -HALF_FULL;
}

const HALF_FULL = 2n ** 62n;

/** The first of the accounts that go on for one another: the house's trading goes on in what stands across from it. */
export function chainOf(ledger: Ledger): SystemAccount {
  return ledger.of === 'account' ? across('house', ledger.accountId, ledger.asset) : ledger;
}

export function nextSystemAccount(ledger: SystemAccount): SystemAccount {
  return { ...ledger, shard: ledger.shard + SHARDS };
}

export type FillLeg = {
  readonly execId: string;
  readonly accountId: string;
  readonly symbol: Asset;
  readonly currency: Currency;
  readonly side: Side;
  readonly qty: Quantity;
  readonly amount: Micros;
  readonly at: bigint;
  /** A rounding difference the house pays for the buyer, who has nothing left to pay it with. */
  readonly borneByHouse: Micros;
};

/** One side of a trade, against clearing. The other side is its own journal, with the same amount the other way. */
export function fillJournal(leg: FillLeg): Journal {
  const cash = leg.side === 'buy' ? negate(leg.amount) : leg.amount;
  const shares = leg.side === 'buy' ? toSigned(leg.qty) : negate(leg.qty);
  return balanced({
    kind: 'fill',
    reference: leg.execId,
    occurredAt: leg.at,
    entries: [
      { ledger: account(leg.accountId, leg.currency), amount: add(cash, leg.borneByHouse) },
      { ledger: across('house', leg.accountId, leg.currency), amount: negate(leg.borneByHouse) },
      { ledger: across('clearing', leg.accountId, leg.currency), amount: negate(cash) },
      { ledger: account(leg.accountId, leg.symbol), amount: shares },
      { ledger: across('clearing', leg.accountId, leg.symbol), amount: negate(shares) },
    ],
  });
}

export type Charge = {
  readonly reference: string;
  readonly accountId: string;
  readonly currency: Currency;
  readonly amount: Micros;
  readonly scheduleId: string;
  readonly at: bigint;
};

export function feeJournal(charge: Charge): Journal {
  return balanced({
    kind: 'fee',
    reference: charge.reference,
    occurredAt: charge.at,
    feeScheduleId: charge.scheduleId,
    entries: [
      { ledger: account(charge.accountId, charge.currency), amount: negate(charge.amount) },
      { ledger: across('fees', charge.accountId, charge.currency), amount: charge.amount },
    ],
  });
}

export type BankMovement = {
  readonly fundingId: string;
  readonly accountId: string;
  readonly currency: Currency;
  readonly amount: Micros;
  readonly at: bigint;
};

/** The bank's account goes below zero by what clients brought in: it mirrors what the outside owes nothing more for. */
export function depositJournal(deposit: BankMovement): Journal {
  return balanced({
    kind: 'deposit',
    reference: deposit.fundingId,
    occurredAt: deposit.at,
    entries: [
      { ledger: across('bank', deposit.accountId, deposit.currency), amount: negate(deposit.amount) },
      { ledger: account(deposit.accountId, deposit.currency), amount: deposit.amount },
    ],
  });
}

export function withdrawalJournal(withdrawal: BankMovement): Journal {
  return balanced({
    kind: 'withdrawal',
    reference: withdrawal.fundingId,
    occurredAt: withdrawal.at,
    entries: [
      { ledger: account(withdrawal.accountId, withdrawal.currency), amount: negate(withdrawal.amount) },
      { ledger: across('bank', withdrawal.accountId, withdrawal.currency), amount: withdrawal.amount },
    ],
  });
}

export type Transfer = {
  readonly id: string;
  readonly from: { readonly accountId: string; readonly currency: Currency; readonly amount: Micros };
  readonly to: { readonly accountId: string; readonly currency: Currency; readonly amount: Micros };
  readonly at: bigint;
  /** The stored rate, when the currencies differ. */
  readonly fxRateId?: string;
};

/** Across currencies the house's fx accounts stand between: one takes what is given, the other gives what is received. */
export function transferJournal(transfer: Transfer): Journal {
  const { from, to } = transfer;
  const exchanged = from.currency !== to.currency;
  return balanced({
    kind: exchanged ? 'fx' : 'transfer',
    reference: transfer.id,
    occurredAt: transfer.at,
    ...(transfer.fxRateId === undefined ? {} : { fxRateId: transfer.fxRateId }),
    entries: [
      { ledger: account(from.accountId, from.currency), amount: negate(from.amount) },
      { ledger: across('fx', from.accountId, from.currency), amount: exchanged ? from.amount : ZERO },
      { ledger: across('fx', from.accountId, to.currency), amount: exchanged ? negate(to.amount) : ZERO },
      { ledger: account(to.accountId, to.currency), amount: to.amount },
    ],
  });
}

export type Adjustment = {
  readonly id: string;
  readonly accountId: string;
  readonly asset: Asset;
  /** Signed. */
  readonly amount: Micros;
  readonly reason: string;
  readonly at: bigint;
};

/** An operator's correction, always against the house and always with a reason. */
export function adjustmentJournal(adjustment: Adjustment): Journal {
  return balanced({
    kind: 'adjustment',
    reference: adjustment.id,
    occurredAt: adjustment.at,
    reason: adjustment.reason,
    entries: [
      { ledger: across('house', adjustment.accountId, adjustment.asset), amount: negate(adjustment.amount) },
      { ledger: account(adjustment.accountId, adjustment.asset), amount: adjustment.amount },
    ],
  });
}

export type SplitMovement = {
  readonly reference: string;
  readonly accountId: string;
  readonly symbol: Asset;
  readonly currency: Currency;
  /** Signed. */
  readonly shares: Micros;
  readonly cash: Micros;
  readonly at: bigint;
};

/** Shares are counted anew, against the house, which also pays for what is too little for a share. */
export function splitJournal({ reference, accountId, symbol, currency, shares, cash, at }: SplitMovement): Journal {
  return balanced({
    kind: 'split',
    reference,
    occurredAt: at,
    entries: [
      { ledger: across('house', accountId, symbol), amount: negate(shares) },
      { ledger: account(accountId, symbol), amount: shares },
      { ledger: across('house', accountId, currency), amount: negate(cash) },
      { ledger: account(accountId, currency), amount: cash },
    ],
  });
}

export type DividendPayment = Omit<Charge, 'scheduleId'>;

/** The house passes on what the company pays. */
export function dividendJournal({ reference, accountId, currency, amount, at }: DividendPayment): Journal {
  return balanced({
    kind: 'dividend',
    reference,
    occurredAt: at,
    entries: [
      { ledger: across('house', accountId, currency), amount: negate(amount) },
      { ledger: account(accountId, currency), amount },
    ],
  });
}

/** What each asset is off by; empty when the journal balances. */
export function imbalance(entries: readonly Entry[]): Map<Asset, Micros> {
  const totals = new Map<Asset, Micros>();
  for (const { ledger, amount } of entries) totals.set(ledger.asset, add(totals.get(ledger.asset) ?? ZERO, amount));
  for (const [asset, total] of totals) if (total === 0n) totals.delete(asset);
  return totals;
}

/** Entries of nothing are dropped; an imbalance here is our own mistake, so it throws. */
function balanced(journal: Journal): Journal {
  const entries = journal.entries.filter(({ amount }) => amount !== 0n);
  const [off] = imbalance(entries);
  if (off !== undefined)
    throw new Error(`a ${journal.kind} journal is out of balance by ${off[1]} micro-units of ${off[0]}`);
  return { ...journal, entries };
}

function account(accountId: string, asset: Asset): Ledger {
  return { of: 'account', accountId, asset };
}

function toSigned(qty: Quantity): Micros {
  return subtract(ZERO, negate(qty));
}
