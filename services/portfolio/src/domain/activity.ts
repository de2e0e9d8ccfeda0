import type { Currency } from './asset.ts';

export const ACTIVITY_TYPES = [
  'buy',
  'sell',
  'deposit',
  'withdrawal',
  'transfer_in',
  'transfer_out',
  'fee',
  'adjustment',
  'dividend',
  'split',
] as const;

export type ActivityType = (typeof ACTIVITY_TYPES)[number];

/** One line of what an account's owner sees happen: a client's side of a journal. */
export type Activity = {
  readonly id: string;
  readonly accountId: string;
  readonly type: ActivityType;
  /** Of trades and their fees only. */
  readonly symbol: string;
  readonly qty: bigint;
  readonly price: bigint;
  /** Signed change of cash. */
  readonly amount: bigint;
  readonly currency: Currency;
  readonly journalId: string;
  readonly reference: string;
  /** Of trades only. */
  readonly orderId: string;
  readonly realised: bigint;
  readonly occurredAtUs: bigint;
};
