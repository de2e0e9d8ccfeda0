import { add, divideWide, INT64_MAX, type Micros, subtract, toMicros, ZERO } from '@andvari/money';

/** How an account did, with the money its owner moved in and out taken out of the picture. */

/** An account at the end of an interval, and what its owner brought and took during it (both not negative). */
export type EquityPoint = {
  readonly at: bigint;
  readonly equity: Micros;
  readonly deposits: Micros;
  readonly withdrawals: Micros;
};

export type HistoryPoint = {
  readonly at: bigint;
  readonly equity: Micros;
  readonly cashFlow: Micros;
  /** Since the start of the history. */
  readonly profitLoss: Micros;
  /** The time-weighted return up to here, in micro-units of one. */
  readonly returnSoFar: Micros;
};

/**
 * A history from points in order of time; the first is the base and its own flows came before it. The returns of the intervals are
 * chained, so neither size nor time of deposits matters. Within an interval money brought in works from the
 * start and money taken out works to the end; an interval with no money at work returns nothing.
 */
export function history(points: readonly EquityPoint[]): HistoryPoint[] {
  const [base, ...rest] = points;
  if (base === undefined) return [];
  const result: HistoryPoint[] = [
    { at: base.at, equity: base.equity, cashFlow: ZERO, profitLoss: ZERO, returnSoFar: ZERO },
  ];
  let before = base;
  let profitLoss = ZERO;
  let growth = ONE;
  for (const point of rest) {
    const start = add(before.equity, point.deposits);
    const end = add(point.equity, point.withdrawals);
    profitLoss = add(profitLoss, subtract(end, start));
    if (start > 0n) growth = divideWide(growth * end, start);
    const cashFlow = subtract(point.deposits, point.withdrawals);
    result.push({ at: point.at, equity: point.equity, cashFlow, profitLoss, returnSoFar: returnOf(growth) });
    before = point;
  }
  return result;
}

export function timeWeightedReturn(points: readonly EquityPoint[]): Micros {
  return history(points).at(-1)?.returnSoFar ?? ZERO;
}

/** Twelve digits beyond what is shown, so that the rounding of a thousand links does not reach it. */
const ONE = 10n ** 18n;
const SHOWN = 10n ** 12n;

/** A return too large to be written down (from a micro-unit to millions) is shown as the largest that can be. */
function returnOf(growth: bigint): Micros {
  const shown = divideWide(growth - ONE, SHOWN);
  return toMicros(shown > INT64_MAX ? INT64_MAX : shown);
}
