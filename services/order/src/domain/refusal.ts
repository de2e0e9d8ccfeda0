/** Why an order, or a change of one, is not taken. The names are those of order.proto, and for good. */
export type RefusalReason =
  | 'side_missing'
  | 'type_missing'
  | 'time_in_force_missing'
  | 'symbol_missing'
  | 'client_order_id_invalid'
  | 'field_not_allowed'
  | 'price_missing'
  | 'price_invalid'
  | 'trail_invalid'
  | 'quantity_missing'
  | 'quantity_invalid'
  | 'quantity_and_notional'
  | 'notional_not_allowed'
  | 'notional_below_minimum'
  | 'time_in_force_not_allowed'
  | 'post_only_not_allowed'
  | 'post_only_would_cross'
  | 'instrument_not_found'
  | 'instrument_not_tradable'
  | 'price_off_tick'
  | 'quantity_below_lot'
  | 'quantity_off_lot'
  | 'quantity_above_maximum'
  | 'notional_above_maximum'
  | 'symbol_halted'
  | 'market_closed'
  | 'no_price'
  | 'price_outside_collar'
  | 'stop_price_on_wrong_side'
  | 'group_invalid'
  | 'exit_on_wrong_side'
  | 'group_quantity_fixed'
  | 'nothing_to_change'
  | 'quantity_not_above_filled'
  | 'insufficient_buying_power'
  | 'insufficient_shares'
  | 'api_key_cap_exceeded'
  | 'account_not_found'
  | 'account_not_tradable'
  | 'currency_mismatch'
  | 'too_late'
  | 'change_pending'
  | 'not_replaceable'
  | 'no_position'
  | 'duplicate_client_order_id'
  | 'order_fenced'
  | 'order_not_found';

export interface Refusal {
  readonly refused: RefusalReason;
  /** As the request spells it, below the order itself: `limit_px`. Empty where no single field is at fault. */
  readonly field: string;
  readonly numbers: Readonly<Record<string, bigint>>;
  /** What stands in the way, by its id. */
  readonly entity?: string;
}

export function refuse(refused: RefusalReason, field = '', numbers: Readonly<Record<string, bigint>> = {}): Refusal {
  return { refused, field, numbers };
}

/** The id stands for this order. */
export function refuseDuplicate(orderId: string): Refusal {
  return { ...refuse('duplicate_client_order_id', 'client_order_id'), entity: orderId };
}

export function isRefusal(value: object | undefined): value is Refusal {
  return value !== undefined && 'refused' in value;
}
