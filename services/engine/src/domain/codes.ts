/**
 * Small integers for every closed set of the engine: they go into typed arrays as they are, and a switch over one is
 * checked for completeness. The numbers are written into snapshots, so an existing number never changes its meaning.
 */
export const Side = { buy: 0, sell: 1 } as const;
export type Side = (typeof Side)[keyof typeof Side];

export const OrderType = { market: 0, limit: 1, stop: 2, stop_limit: 3, trailing_stop: 4 } as const;
export type OrderType = (typeof OrderType)[keyof typeof OrderType];

export const TimeInForce = { day: 0, gtc: 1, ioc: 2, fok: 3, opg: 4, cls: 5 } as const;
export type TimeInForce = (typeof TimeInForce)[keyof typeof TimeInForce];

/** `accepted` is queued (no continuous trading yet, or a stop waiting), `held` an exit whose entry is not done. */
export const OrderStatus = {
  accepted: 0,
  held: 1,
  new: 2,
  partially_filled: 3,
  filled: 4,
  canceled: 5,
  replaced: 6,
  expired: 7,
  rejected: 8,
} as const;
export type OrderStatus = (typeof OrderStatus)[keyof typeof OrderStatus];

export const ExecType = {
  NEW: 0,
  FILL: 1,
  CANCELED: 2,
  REPLACED: 3,
  EXPIRED: 4,
  REJECTED: 5,
  TRIGGERED: 6,
  RESTATED: 7,
} as const;
export type ExecType = (typeof ExecType)[keyof typeof ExecType];

export const Liquidity = { none: 0, maker: 1, taker: 2 } as const;
export type Liquidity = (typeof Liquidity)[keyof typeof Liquidity];

/** What a REJECTED report refuses. A refused cancel says nothing about the order's own life. */
export const Refused = { nothing: 0, place: 1, cancel: 2, replace: 3 } as const;
export type Refused = (typeof Refused)[keyof typeof Refused];

/** `closing` is the call phase before the closing auction: orders gather, nothing matches. */
export const Phase = { closed: 0, pre_open: 1, open: 2, closing: 3 } as const;
export type Phase = (typeof Phase)[keyof typeof Phase];

export const GroupKind = { bracket: 0, oco: 1, oto: 2 } as const;
export type GroupKind = (typeof GroupKind)[keyof typeof GroupKind];

export const Reason = {
  none: 0,
  // Refusals of an order, in order of precedence.
  unknown_symbol: 1,
  duplicate_order_id: 2,
  malformed: 3,
  unsupported_combination: 4,
  quantity_invalid: 5,
  quantity_off_lot: 6,
  price_invalid: 7,
  price_off_tick: 8,
  stop_price_invalid: 9,
  trail_invalid: 10,
  notional_ceiling: 11,
  quantity_ceiling: 12,
  halted: 13,
  session_closed: 14,
  post_only_would_cross: 15,
  // Refusals of a cancel or a replace.
  unknown_order: 16,
  too_late: 17,
  not_replaceable: 18,
  group_quantity_fixed: 19,
  // Refusals of a group.
  group_invalid: 20,
  // Why an order ended or changed.
  user_requested: 21,
  ioc_remainder: 22,
  fok_unfillable: 23,
  collar: 24,
  no_liquidity: 25,
  self_trade: 26,
  group: 27,
  sibling_filled: 28,
  entry_done: 29,
  day_end: 30,
  auction_remainder: 31,
  session_open: 32,
  // Refusals of commands that concern no single order: the service puts them in the dead-letter stream.
  instrument_invalid: 33,
  quote_invalid: 34,
  // A split ends orders and refuses new ones.
  corporate_action: 35,
  operator_requested: 36,
} as const;
export type Reason = (typeof Reason)[keyof typeof Reason];

/** Names by number, for people and for the wire. */
export const names = {
  side: Object.keys(Side) as (keyof typeof Side)[],
  type: Object.keys(OrderType) as (keyof typeof OrderType)[],
  timeInForce: Object.keys(TimeInForce) as (keyof typeof TimeInForce)[],
  status: Object.keys(OrderStatus) as (keyof typeof OrderStatus)[],
  execType: Object.keys(ExecType) as (keyof typeof ExecType)[],
  liquidity: Object.keys(Liquidity) as (keyof typeof Liquidity)[],
  refused: Object.keys(Refused) as (keyof typeof Refused)[],
  phase: Object.keys(Phase) as (keyof typeof Phase)[],
  reason: Object.keys(Reason) as (keyof typeof Reason)[],
};

export function isLive(status: OrderStatus): boolean {
  return status <= OrderStatus.partially_filled;
}
