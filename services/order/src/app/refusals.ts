import type { AppError } from '@andvari/kit/base/errors';
import { refusalsOf, type Told } from '@andvari/kit/handler/refusals';
import { toMicros } from '@andvari/money';
import { format } from '@andvari/money/decimal';
import type { Refusal, RefusalReason } from '../domain/refusal.ts';

/** What the caller is told; `prefix` is where in the request the order is. */
export function refusalError({ refused, field, numbers, entity = '' }: Refusal, prefix = ''): AppError {
  const path = field === '' || prefix === '' || BESIDE.has(field) ? field : `${prefix}.${field}`;
  return refusal(refused, { field: path, numbers, entity });
}

/** What a request says beside its order. */
const BESIDE: ReadonlySet<string> = new Set(['account_id', 'client_order_id']);

const wrong = (message: Told['message']) => ({ code: 'invalid_argument' as const, message });
const notNow = (message: string) => ({ code: 'failed_precondition' as const, message });

const refusal = refusalsOf<RefusalReason>({
  side_missing: wrong('an order buys or sells'),
  type_missing: wrong('an order has a type'),
  time_in_force_missing: wrong('an order says how long it is good for'),
  symbol_missing: wrong('an order names a symbol'),
  client_order_id_invalid: wrong('a client order id has 1 to 64 printable characters of ASCII'),
  field_not_allowed: wrong('an order of this type does not have that'),
  price_missing: wrong('an order of this type needs that price'),
  price_invalid: wrong('a price is above zero and at most the maximum'),
  trail_invalid: wrong('a trailing stop has an amount or a percentage, above zero and at most the maximum'),
  quantity_missing: wrong('an order has a quantity or an amount of money'),
  quantity_invalid: wrong('a quantity is above zero and at most the maximum'),
  quantity_and_notional: wrong('an order has a quantity or an amount of money, not both'),
  notional_not_allowed: wrong(
    'only a market order for the day, of shares that can be divided, may be for an amount of money',
  ),
  notional_below_minimum: wrong('the amount is below the minimum'),
  time_in_force_not_allowed: wrong(
    'a stop is good for the day or till cancelled, a market order for anything but till cancelled',
  ),
  post_only_not_allowed: wrong('only a limit order that rests can be post-only'),
  post_only_would_cross: notNow('the order would trade at once'),
  instrument_not_found: { code: 'not_found', message: 'there is no such instrument' },
  instrument_not_tradable: notNow('the instrument is not traded'),
  price_off_tick: wrong('the price lies between two ticks'),
  quantity_below_lot: wrong('the quantity is below one lot'),
  quantity_off_lot: wrong('the quantity is not a whole number of lots'),
  quantity_above_maximum: wrong('the quantity is above the maximum of one order'),
  notional_above_maximum: wrong('the order comes to more than one order may'),
  symbol_halted: notNow('trading in the symbol is halted'),
  market_closed: notNow('the market is closed'),
  no_price: notNow('there is no price that is fresh enough'),
  price_outside_collar: notNow('the price is too far from the market'),
  stop_price_on_wrong_side: wrong('the market has passed that stop already'),
  group_invalid: wrong(
    'the legs do not fit each other: all are of one symbol and one quantity, exits are on the other side of their entry and good for the day or till cancelled, and of two the first is a limit with the profit, the second a stop',
  ),
  exit_on_wrong_side: wrong(wrongSide),
  group_quantity_fixed: notNow('the orders of a group are of one size'),
  nothing_to_change: wrong('the order is like that already'),
  quantity_not_above_filled: wrong('so much has been filled already'),
  insufficient_buying_power: notNow('there is not enough buying power'),
  insufficient_shares: notNow('there are not enough shares'),
  api_key_cap_exceeded: notNow('the API key may not order that much in a day'),
  account_not_found: { code: 'not_found', message: 'there is no such account' },
  account_not_tradable: notNow('the account cannot trade'),
  currency_mismatch: notNow('the account is kept in another currency'),
  too_late: notNow('the order has ended'),
  change_pending: notNow('another change of the order is under way'),
  not_replaceable: notNow('the order cannot be replaced'),
  no_position: notNow('nothing is held that is free to be sold'),
  duplicate_client_order_id: { code: 'already_exists', message: 'the id was used for another order' },
  order_fenced: { code: 'already_exists', message: 'the id was given up; use another' },
  order_not_found: { code: 'not_found', message: 'there is no such order' },
});

/** The one at fault comes first. */
function wrongSide(prices: AppError['numbers']): string {
  const [one, other] = Object.entries(prices).map(([part, px]) => `the ${part} at ${format(toMicros(px))}`);
  return `${one} lies on the wrong side of ${other}: the stop, the entry and the profit of a group lie in this order`;
}
