import { sqlState } from '@andvari/kit/db/errors';
import { refusalsOf } from '@andvari/kit/handler/refusals';
import { MoneyError } from '@andvari/money';
import type { AccountRefusal } from '../domain/account.ts';
import type { ExchangeRefusal } from '../domain/exchange.ts';
import type { FeeScheduleRefusal } from '../domain/fee-schedule.ts';
import type { FundingRefusal } from '../domain/funding.ts';

/** Why something is not done, as the caller is told; the domain's reasons and those that only the whole service knows. */
export type Refusal =
  | AccountRefusal
  | FundingRefusal
  | FeeScheduleRefusal
  | ExchangeRefusal
  | 'rate_unavailable'
  | 'insufficient_buying_power'
  | 'insufficient_shares'
  | 'insufficient_funds'
  | 'order_id_reused'
  | 'order_not_replaceable'
  | 'group_invalid'
  | 'corporate_action_pending'
  | 'reservation_closed'
  | 'reservation_not_found'
  | 'idempotency_key_reused'
  | 'too_many_accounts'
  | 'funding_not_found'
  | 'same_account'
  | 'amount_too_small'
  | 'amount_out_of_range'
  | 'fee_schedule_exists'
  | 'instrument_not_found';

/** Sums that no int64 holds, here or in the database, are the request's fault: nothing of it was written. */
export async function withinRange<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isOverflow(error) ? refusal('amount_out_of_range', { cause: error }) : error;
  }
}

function isOverflow(error: unknown): boolean {
  return error instanceof MoneyError ? error.fault === 'overflow' : sqlState(error) === NUMERIC_VALUE_OUT_OF_RANGE;
}

const NUMERIC_VALUE_OUT_OF_RANGE = '22003';

export const refusal = refusalsOf<Refusal>({
  account_not_found: { code: 'not_found', message: 'there is no such account', field: 'account_id' },
  account_closed: { code: 'failed_precondition', message: 'the account is closed', field: 'account_id' },
  account_restricted: { code: 'failed_precondition', message: 'the account is restricted', field: 'account_id' },
  account_already_active: { code: 'failed_precondition', message: 'the account is active', field: 'account_id' },
  account_kind_cannot_trade: {
    code: 'failed_precondition',
    message: 'only an investment account trades',
    field: 'account_id',
  },
  wrong_currency: {
    code: 'failed_precondition',
    message: 'the account is kept in another currency',
    field: 'currency',
  },
  account_not_empty: { code: 'failed_precondition', message: 'something is left in the account', field: 'account_id' },
  account_has_open_orders: { code: 'failed_precondition', message: 'orders hold some of it', field: 'account_id' },
  account_has_funding_in_flight: {
    code: 'failed_precondition',
    message: 'a deposit or withdrawal is under way',
    field: 'account_id',
  },
  amount_not_positive: { code: 'invalid_argument', message: 'should be above zero', field: 'amount' },
  amount_off_minor_unit: {
    code: 'invalid_argument',
    message: 'should be whole cents',
    field: 'amount',
  },
  funding_limit_per_transfer: {
    code: 'failed_precondition',
    message: 'more than one transfer may move',
    field: 'amount',
  },
  funding_limit_transfers_per_day: {
    code: 'failed_precondition',
    message: 'too many transfers today',
    field: 'amount',
  },
  funding_limit_per_day: { code: 'failed_precondition', message: 'more than may be moved a day', field: 'amount' },
  exchange_limit_per_transfer: {
    code: 'failed_precondition',
    message: 'more than one exchange may move',
    field: 'amount',
  },
  exchange_limit_transfers_per_day: {
    code: 'failed_precondition',
    message: 'too many exchanges today',
    field: 'amount',
  },
  exchange_limit_per_day: {
    code: 'failed_precondition',
    message: 'more than may be exchanged a day',
    field: 'amount',
  },
  rate_unavailable: { code: 'unavailable', message: 'nobody knows a rate that is good now' },
  fee_negative: { code: 'invalid_argument', message: 'a fee is not below zero', field: 'schedule' },
  fee_maximum_below_minimum: {
    code: 'invalid_argument',
    message: 'should be at least the minimum, or 0 for none',
    field: 'schedule.maximum',
  },
  fee_schedule_in_the_past: {
    code: 'failed_precondition',
    message: 'what was charged stays explained',
    field: 'schedule.effective_from_us',
  },
  insufficient_buying_power: { code: 'failed_precondition', message: 'not enough buying power', field: 'amount' },
  insufficient_shares: { code: 'failed_precondition', message: 'not enough shares', field: 'amount' },
  insufficient_funds: { code: 'failed_precondition', message: 'not enough money', field: 'amount' },
  order_id_reused: { code: 'already_exists', message: 'the id stands for another request', field: 'order_id' },
  order_not_replaceable: {
    code: 'failed_precondition',
    message: 'that order cannot be replaced by this one',
    field: 'replaces',
  },
  group_invalid: { code: 'invalid_argument', message: 'these orders are no group of this type', field: 'legs' },
  corporate_action_pending: {
    code: 'failed_precondition',
    message: 'the shares are being split: orders from before it have to end first',
    field: 'symbol',
  },
  reservation_closed: { code: 'failed_precondition', message: 'the order has ended', field: 'order_id' },
  reservation_not_found: { code: 'not_found', message: 'nothing is reserved for this order', field: 'order_id' },
  idempotency_key_reused: {
    code: 'already_exists',
    message: 'the key stands for another request',
    field: 'idempotency_key',
  },
  too_many_accounts: { code: 'failed_precondition', message: 'no more accounts for this user' },
  funding_not_found: { code: 'not_found', message: 'there is no such funding', field: 'funding_id' },
  same_account: { code: 'invalid_argument', message: 'should be another account', field: 'to_account_id' },
  amount_too_small: { code: 'invalid_argument', message: 'comes to nothing in the other currency', field: 'amount' },
  amount_out_of_range: { code: 'failed_precondition', message: 'more than an account can hold', field: 'amount' },
  fee_schedule_exists: {
    code: 'already_exists',
    message: 'another schedule begins at this moment',
    field: 'schedule.effective_from_us',
  },
  instrument_not_found: { code: 'not_found', message: 'the market lists no such symbol', field: 'symbol' },
});
