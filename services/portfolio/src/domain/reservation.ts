import {
  add,
  amount,
  type Micros,
  max,
  min,
  type Price,
  type Quantity,
  scale,
  slice,
  subtract,
  subtractQuantity,
  ZERO,
} from '@andvari/money';
import { type FeeSchedule, feeDue, feeForFill, NOTHING_TRADED, type Traded } from './fee-schedule.ts';

/**
 * What an order holds back until it ends. A buy holds money: its principal, and the most its fees can come to. A sell holds the
 * shares. What is held is a function of the quantity still open, so nothing can be left behind when none is (G7), and a
 * fill at a better price than reserved gives the difference back at once.
 */
export type Reservation = {
  readonly orderId: string;
  readonly side: Side;
  readonly state: 'open' | 'closed';
  /** Ordered and so far filled. */
  readonly qty: Quantity;
  readonly filled: Quantity;
  /** Of that, what the order it replaced had filled. */
  readonly carried: Quantity;
  /** Money for a buy, shares for a sell. */
  readonly principal: Micros;
  readonly feeCap: Micros;
  /** What it still holds. */
  readonly remaining: Micros;
  /** What the fills came to, and what they paid in fees. */
  readonly traded: Micros;
  readonly feePaid: Micros;
};

export type Side = 'buy' | 'sell';

/** The most that buying `qty` at `limit` or better can cost, fees apart. */
export function principalOf(limit: Price, qty: Quantity): Micros {
  return amount(limit, qty);
}

/** The worst price a market buy is allowed to reach. `collar` is in micro-units of one: 5 % is 50_000n. Rounded up: never too little. */
export function collaredPrice(ask: Price, collar: bigint): Price {
  return scale(ask, ONE + collar, ONE, 'up');
}

/** A sale pays its fees out of its proceeds and holds nothing for them. */
export function feeCapOf(side: Side, schedule: FeeSchedule, qty: Quantity, principal: Micros): Micros {
  return side === 'buy' ? feeDue(schedule, { qty, amount: principal }) : ZERO;
}

export function openReservation(
  order: Pick<Reservation, 'orderId' | 'side' | 'qty' | 'principal'>,
  schedule: FeeSchedule,
): Reservation {
  const feeCap = feeCapOf(order.side, schedule, order.qty, order.principal);
  return {
    ...order,
    feeCap,
    state: 'open',
    filled: NOTHING_TRADED.qty,
    carried: NOTHING_TRADED.qty,
    remaining: add(order.principal, feeCap),
    traded: ZERO,
    feePaid: ZERO,
  };
}

export type Consumption = {
  readonly reservation: Reservation;
  readonly fee: Micros;
  /** What the reservation no longer holds: the fill's cost and whatever it cost less than was reserved for it. */
  readonly freed: Micros;
};

/** What a fill takes. The caller has checked that it fits: `filled + qty <= reservation.qty`. */
export function consume(reservation: Reservation, fill: Traded, schedule: FeeSchedule): Consumption {
  const after: Traded = { qty: add(reservation.filled, fill.qty), amount: add(reservation.traded, fill.amount) };
  const ceiling = reservation.side === 'buy' ? subtract(reservation.feeCap, reservation.feePaid) : fill.amount;
  const fee = feeForFill(schedule, after, reservation.feePaid, ceiling);
  const feePaid = add(reservation.feePaid, fee);
  return { ...settleRemaining({ ...reservation, filled: after.qty, traded: after.amount, feePaid }), fee };
}

/** Gives back all that is still held. Doing it again gives back nothing. */
export function release(reservation: Reservation): { reservation: Reservation; freed: Micros } {
  return { reservation: { ...reservation, state: 'closed', remaining: ZERO }, freed: reservation.remaining };
}

/** The engine made the order smaller: what the lost quantity held is given back. */
export function restate(reservation: Reservation, leaves: Quantity): { reservation: Reservation; freed: Micros } {
  if (leaves === 0n) return release(reservation);
  const qty = add(reservation.filled, leaves);
  const principal = slice(reservation.principal, 0n, qty, reservation.qty);
  return settleRemaining({ ...reservation, qty, principal });
}

/**
 * What must be held besides the order's own reservation while a replacement is pending, so that whichever way the race between the
 * replacement and fills of the old order goes, either order is covered. Mostly that makes the larger of the two reservations;
 * a lower price for more shares needs all of the added shares on top, because the old ones may still trade first, dearer.
 */
export function replacementHold(old: Reservation, next: Reservation): Micros {
  const larger = subtract(heldFor(carriedOver(old, next)), old.remaining);
  const addedShares = next.qty > old.qty ? slice(next.principal, old.qty, next.qty, next.qty) : ZERO;
  const added = add(addedShares, subtract(next.feeCap, old.feeCap));
  return max(max(larger, added), ZERO);
}

/**
 * The old order made way: the new one takes over its fills and what both hold, and gives back what it does not need. Fills that
 * came while the replacement was under way count, so its total is never below what has been filled, here as in the engine:
 * a total that the fills have overtaken is a filled order, which holds nothing.
 */
export function replaceReservation(
  old: Reservation,
  next: Reservation,
): { old: Reservation; next: Reservation; freed: Micros } {
  const both = add(old.remaining, next.remaining);
  const { reservation, freed } = settleRemaining({ ...carriedOver(old, next), remaining: both });
  return { old: release(old).reservation, next: reservation, freed };
}

/**
 * How much more than its share of the reservation a fill can cost, because the end of one stretch rounds against the
 * end of another, and the trade's amount on its own.
 */
export const ROUNDING_PER_FILL = 2n;

const ONE = 1_000_000n;

function carriedOver(old: Reservation, next: Reservation): Reservation {
  const qty = max(next.qty, old.filled);
  return { ...next, qty, filled: old.filled, carried: old.filled, traded: old.traded, feePaid: old.feePaid };
}

/** Holds from here on what the open quantity needs, but never more than it has. */
function settleRemaining(reservation: Reservation): { reservation: Reservation; freed: Micros } {
  const remaining = min(heldFor(reservation), reservation.remaining);
  const state = reservation.filled === reservation.qty ? 'closed' : reservation.state;
  return { reservation: { ...reservation, remaining, state }, freed: subtract(reservation.remaining, remaining) };
}

/** The open quantity's share of the principal and the fees not yet paid; nothing when nothing is open. */
function heldFor(reservation: Reservation): Micros {
  const leaves = subtractQuantity(reservation.qty, reservation.filled);
  if (leaves === 0n) return ZERO;
  const fees = subtract(reservation.feeCap, reservation.feePaid);
  return add(slice(reservation.principal, 0n, leaves, reservation.qty), max(fees, ZERO));
}
