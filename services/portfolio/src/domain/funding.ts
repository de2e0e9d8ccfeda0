import { add, MICRO, type Micros } from '@andvari/money';
import type { Currency } from './asset.ts';

/**
 * Money on its way in or out. A withdrawal is held back before anything is sent, so it can neither be spent twice nor
 * be lost when the bank says no; a deposit counts only once it has settled.
 */
export type FundingType = 'deposit' | 'withdrawal';
export type FundingState = 'requested' | 'held' | 'sent' | 'settled' | 'returned' | 'failed';
export type FundingEvent = 'hold' | 'send' | 'settle' | 'return' | 'fail';

export type Funding = {
  readonly id: string;
  readonly accountId: string;
  readonly userId: string;
  readonly type: FundingType;
  readonly currency: Currency;
  readonly amount: Micros;
  readonly state: FundingState;
  /** Why it came to nothing; empty where it did not. */
  readonly reason: string;
  readonly requestedAtUs: bigint;
  readonly updatedAtUs: bigint;
};

/** What a transition does to the ledger, in the same transaction. */
export type FundingEffect = 'none' | 'hold' | 'release' | 'credit' | 'debit_held';

export type Transition = { readonly to: FundingState; readonly effect: Record<FundingType, FundingEffect> };

/** The next state and its effect; undefined when the event has no place in the state. */
export function fundingTransition(state: FundingState, event: FundingEvent): Transition | undefined {
  return TRANSITIONS[state][event];
}

export function isTerminal(state: FundingState): boolean {
  return Object.values(TRANSITIONS[state]).every((transition) => transition === undefined);
}

/** An event told again about where it led: nothing to do, nothing wrong. */
export function isRepeat(state: FundingState, event: FundingEvent): boolean {
  return state === LEADS_TO[event];
}

export type FundingLimits = {
  readonly perTransfer: Micros;
  readonly perDay: Micros;
  readonly transfersPerDay: number;
};

/** No bank sends less than a cent, or a part of one. All our currencies have cents. */
export const MINOR_UNIT = 10_000n;

export type FundedToday = { readonly amount: Micros; readonly transfers: number };

export type FundingRefusal =
  | 'amount_not_positive'
  | 'amount_off_minor_unit'
  | 'funding_limit_per_transfer'
  | 'funding_limit_transfers_per_day'
  | 'funding_limit_per_day';

/** What failed or came back does not count as used; the caller leaves it out of `today`. */
export function refuseFunding(amount: Micros, limits: FundingLimits, today: FundedToday): FundingRefusal | undefined {
  if (amount <= 0n) return 'amount_not_positive';
  if (amount > limits.perTransfer) return 'funding_limit_per_transfer';
  if (today.transfers >= limits.transfersPerDay) return 'funding_limit_transfers_per_day';
  if (add(today.amount, amount) > limits.perDay) return 'funding_limit_per_day';
  return undefined;
}

/** The limit that a refusal is about, and nothing of the others: whoever keeps to it is let in. */
export function limitOf(refused: FundingRefusal, limits: FundingLimits, today: FundedToday): Record<string, bigint> {
  switch (refused) {
    case 'amount_not_positive':
      return {};
    case 'amount_off_minor_unit':
      return { step: MINOR_UNIT };
    case 'funding_limit_per_transfer':
      return { limit: limits.perTransfer };
    case 'funding_limit_transfers_per_day':
      return { used: BigInt(today.transfers) * MICRO, limit: BigInt(limits.transfersPerDay) * MICRO };
    case 'funding_limit_per_day':
      return { used: today.amount, limit: limits.perDay };
  }
}

export function countsAgainstLimit(state: FundingState): boolean {
  return COUNTS[state];
}

const NOTHING: Record<FundingType, FundingEffect> = { deposit: 'none', withdrawal: 'none' };
const HOLD: Record<FundingType, FundingEffect> = { deposit: 'none', withdrawal: 'hold' };
const RELEASE: Record<FundingType, FundingEffect> = { deposit: 'none', withdrawal: 'release' };
const POST: Record<FundingType, FundingEffect> = { deposit: 'credit', withdrawal: 'debit_held' };

const TRANSITIONS: Record<FundingState, Record<FundingEvent, Transition | undefined>> = {
  requested: {
    hold: { to: 'held', effect: HOLD },
    send: undefined,
    settle: undefined,
    return: undefined,
    fail: { to: 'failed', effect: NOTHING },
  },
  held: {
    hold: undefined,
    send: { to: 'sent', effect: NOTHING },
    settle: undefined,
    return: undefined,
    fail: { to: 'failed', effect: RELEASE },
  },
  sent: {
    hold: undefined,
    send: undefined,
    settle: { to: 'settled', effect: POST },
    return: { to: 'returned', effect: RELEASE },
    fail: { to: 'failed', effect: RELEASE },
  },
  settled: { hold: undefined, send: undefined, settle: undefined, return: undefined, fail: undefined },
  returned: { hold: undefined, send: undefined, settle: undefined, return: undefined, fail: undefined },
  failed: { hold: undefined, send: undefined, settle: undefined, return: undefined, fail: undefined },
};

const LEADS_TO: Record<FundingEvent, FundingState> = {
  hold: 'held',
  send: 'sent',
  settle: 'settled',
  return: 'returned',
  fail: 'failed',
};

const COUNTS: Record<FundingState, boolean> = {
  requested: true,
  held: true,
  sent: true,
  settled: true,
  returned: false,
  failed: false,
};
