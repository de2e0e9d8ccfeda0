import {
  type BasisPoints,
  divideWide,
  INT64_MAX,
  MICRO,
  type Micros,
  max,
  min,
  NO_SHARES,
  type Quantity,
  subtract,
  toBasisPoints,
  toMicros,
  ZERO,
} from '@andvari/money';

/**
 * What an order costs its owner beyond the trade. A fee is due on an order as a whole, so it is computed on what the order has
 * traded so far and each fill pays the difference: the fills of an order pay exactly what one fill of the same size would have,
 * minimum, maximum and rounding included.
 */
export type FeeSchedule = {
  readonly id: string;
  readonly name: string;
  /** Microseconds since 1970. A schedule is never changed; a later one takes over. */
  readonly effectiveFrom: bigint;
  readonly perOrder: Micros;
  /** For one whole share. */
  readonly perShare: Micros;
  readonly basisPoints: BasisPoints;
  readonly minimum: Micros;
  readonly maximum: Micros | undefined;
};

export type Traded = { readonly qty: Quantity; readonly amount: Micros };

export const NOTHING_TRADED: Traded = { qty: NO_SHARES, amount: ZERO };

/** Until an operator sets one, trading is free. */
export const NO_FEES: FeeSchedule = {
  id: '00000000-0000-0000-0000-000000000000',
  name: 'none',
  effectiveFrom: 0n,
  perOrder: ZERO,
  perShare: ZERO,
  basisPoints: toBasisPoints(0n),
  minimum: ZERO,
  maximum: undefined,
};

/** The schedule in force at a moment: an order keeps the one it was reserved under to its end. */
export function scheduleAt(schedules: readonly FeeSchedule[], at: bigint): FeeSchedule {
  let current = NO_FEES;
  for (const schedule of schedules) {
    if (schedule.effectiveFrom <= at && schedule.effectiveFrom >= current.effectiveFrom) current = schedule;
  }
  return current;
}

/**
 * What an order that has traded this much owes in all. Never less for more traded. A schedule may ask for more than any account can hold:
 * that is then what is due, and whoever charges it takes what there is.
 */
export function feeDue(schedule: FeeSchedule, traded: Traded): Micros {
  if (traded.qty === 0n) return ZERO;
  const perShare = divideWide(schedule.perShare * traded.qty, MICRO);
  const proportional = divideWide(traded.amount * schedule.basisPoints, BASIS_POINTS_IN_ONE * MICRO);
  const charged = schedule.perOrder + perShare + proportional;
  const due = charged < schedule.minimum ? schedule.minimum : charged;
  const most = schedule.maximum ?? INT64_MAX;
  return toMicros(due < most ? due : most);
}

const BASIS_POINTS_IN_ONE = 10_000n;

/** What the next fill pays, given what the order paid before. `ceiling` bounds it: a reservation's share, a sale's proceeds. */
export function feeForFill(schedule: FeeSchedule, after: Traded, paid: Micros, ceiling: Micros): Micros {
  return max(min(subtract(feeDue(schedule, after), paid), ceiling), ZERO);
}

export type FeeScheduleRefusal = 'fee_negative' | 'fee_maximum_below_minimum' | 'fee_schedule_in_the_past';

export function refuseSchedule(schedule: FeeSchedule, now: bigint): FeeScheduleRefusal | undefined {
  const parts = [schedule.perOrder, schedule.perShare, schedule.basisPoints, schedule.minimum, schedule.maximum ?? 0n];
  if (parts.some((part) => part < 0n)) return 'fee_negative';
  if (schedule.maximum !== undefined && schedule.maximum < schedule.minimum) return 'fee_maximum_below_minimum';
  // What was charged stays explained by what was in force.
  if (schedule.effectiveFrom < now) return 'fee_schedule_in_the_past';
  return undefined;
}
