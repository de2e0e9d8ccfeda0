import type { GroupKind, OrderType, Phase, Side, TimeInForce } from './codes.ts';
import type { Uuid } from './uuid.ts';

/** The largest price, in micro-units: the largest integer a JavaScript number holds exactly. */
export const MAX_PRICE = 2 ** 53 - 1;
/** The largest quantity of one order, in micro-units; one bit less, so that its exact notional always fits. */
export const MAX_QTY = 2 ** 52 - 1;
/** The largest price x quantity: its amount in micro-units stays below 2^63 with room to spare. */
export const MAX_NOTIONAL = 9e24;
/** The most quantity that may be open on one side of one symbol, so that every sum over it is exact. */
export const MAX_SIDE_QTY = 2 ** 53 - 1;
export const MAX_QUOTE_LEVELS = 16;

/** One entry of the log. `sequence` rises with every command (gaps are fine); `at` is the log time in microseconds. */
interface Logged {
  readonly sequence: number;
  readonly at: number;
}

/**
 * What an order asks for; a number that does not apply is 0. Prices and quantities are micro-units.
 * - `limitPrice`: the limit; for a market order the collar, past which it never trades.
 * - `trailAmount` or `trailPpm` (millionths of the high-water mark): one of them, for trailing stops.
 * - `collarOffset`: for stop and trailing_stop, how far from the price that triggers it the order may trade.
 */
export interface OrderTerms {
  readonly orderId: Uuid;
  readonly side: Side;
  readonly type: OrderType;
  readonly timeInForce: TimeInForce;
  readonly postOnly: boolean;
  readonly qty: number;
  readonly limitPrice: number;
  readonly stopPrice: number;
  readonly trailAmount: number;
  readonly trailPpm: number;
  readonly collarOffset: number;
}

interface Owned {
  readonly symbol: string;
  readonly accountId: Uuid;
  readonly userId: Uuid;
}

export interface PlaceOrder extends Logged, Owned, OrderTerms {
  readonly kind: 'place';
}

/** A bracket is [entry, take-profit limit, stop]; an OCO [limit, stop]; an OTO [entry, exit]. */
export interface PlaceGroup extends Logged, Owned {
  readonly kind: 'place_group';
  readonly group: GroupKind;
  readonly orders: readonly OrderTerms[];
}

export interface Cancel extends Logged, Owned {
  readonly kind: 'cancel';
  readonly orderId: Uuid;
  /** Asked for by somebody who runs the market. */
  readonly byOperator?: boolean;
}

/** The terms that may change are stated in full; `qty` is the new total, what has been filled included. */
export interface Replace extends Logged, Owned {
  readonly kind: 'replace';
  readonly orderId: Uuid;
  readonly newOrderId: Uuid;
  readonly qty: number;
  readonly limitPrice: number;
  readonly stopPrice: number;
  readonly trailAmount: number;
  readonly trailPpm: number;
}

/** Replaces the house's whole ladder of the symbol. `reference` (0: unknown) is the price it was built around. */
export interface Quote extends Logged, Owned {
  readonly kind: 'quote';
  readonly reference: number;
  readonly bids: readonly QuoteLevel[];
  readonly asks: readonly QuoteLevel[];
}

export interface QuoteLevel {
  readonly price: number;
  readonly qty: number;
}

/** `tick` holds from one unit of currency upwards, `tickBelowOne` under it. A new tick leaves resting orders alone. */
export interface DefineInstrument extends Logged {
  readonly kind: 'define_instrument';
  readonly symbol: string;
  readonly tick: number;
  readonly tickBelowOne: number;
  readonly lot: number;
}

export interface SetPhase extends Logged {
  readonly kind: 'set_phase';
  readonly symbol: string;
  readonly phase: Phase;
}

export interface SetHalt extends Logged {
  readonly kind: 'set_halt';
  readonly symbol: string;
  readonly halted: boolean;
}

/** The end of the trading day for day orders. It is not part of closing: extended hours may lie between. */
export interface ExpireDay extends Logged {
  readonly kind: 'expire_day';
  readonly symbol: string;
}

/** `ratioTo` new shares for `ratioFrom` old ones. */
export interface Split extends Logged {
  readonly kind: 'split';
  readonly symbol: string;
  readonly ratioTo: number;
  readonly ratioFrom: number;
}

export type Command =
  | PlaceOrder
  | PlaceGroup
  | Cancel
  | Replace
  | Quote
  | DefineInstrument
  | SetPhase
  | SetHalt
  | ExpireDay
  | Split;

export const MAX_RATIO = 10_000;

const NO_ID: Uuid = { a: 0, b: 0, c: 0, d: 0 };

/** Numbers are NaN and not 0 here, so that the runtime keeps every one of them as a double from the first command on. */
const blank = {
  kind: '',
  sequence: 0,
  at: Number.NaN,
  symbol: '',
  accountId: NO_ID,
  userId: NO_ID,
  orderId: NO_ID,
  newOrderId: NO_ID,
  byOperator: false,
  side: 0,
  type: 0,
  timeInForce: 0,
  postOnly: false,
  qty: Number.NaN,
  limitPrice: Number.NaN,
  stopPrice: Number.NaN,
  trailAmount: Number.NaN,
  trailPpm: Number.NaN,
  collarOffset: Number.NaN,
  group: 0,
  orders: [],
  reference: Number.NaN,
  bids: [],
  asks: [],
  tick: Number.NaN,
  tickBelowOne: Number.NaN,
  lot: Number.NaN,
  phase: 0,
  halted: false,
  ratioTo: Number.NaN,
  ratioFrom: Number.NaN,
};

/**
 * The same command with the fields of all kinds, in one order. The engine takes any command; it is fastest when all
 * are objects of one shape, as its code then needs to know only that one.
 */
export function inOneShape<C extends Command>(command: C): C {
  return { ...blank, ...command };
}
