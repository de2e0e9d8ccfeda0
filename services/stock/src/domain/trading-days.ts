import { DAY_MS, mondayOf, weekdayOf } from './days.ts';
import { nyseDay, type TradingDay } from './nyse-calendar.ts';

export type MarketHours = 'always' | 'nyse';

/** When there is trading: what the clock and the simulated prices both go by. */
export interface TradingDays {
  readonly hours: MarketHours;
  at(day: number): TradingDay | undefined;
  /** Days on which time passes for a price, counted on: every weekday, or every day where the market never closes. */
  slotOf(day: number): number;
  readonly slotsPerYear: number;
}

export const tradingDays: Record<MarketHours, TradingDays> = {
  nyse: { hours: 'nyse', at: nyseDay, slotOf: weekdaysUpTo, slotsPerYear: 261 },
  always: { hours: 'always', at: wholeDay, slotOf: (day) => day, slotsPerYear: 365 },
};

export function previousTradingDay(days: TradingDays, day: number): TradingDay {
  for (let before = day - 1; ; before -= 1) {
    const found = days.at(before);
    if (found !== undefined) return found;
  }
}

/** Of the session that is under way, or of the last one. */
export function lastTradingDay(days: TradingDays, at: number): TradingDay {
  const day = Math.floor(at / DAY_MS);
  const today = days.at(day);
  return today !== undefined && at >= today.opensAt ? today : previousTradingDay(days, day);
}

/** When the session before that one ended: of then is the close before. */
export function previousCloseAt(days: TradingDays, at: number): number {
  return previousTradingDay(days, lastTradingDay(days, at).day).closesAt;
}

export function nextTradingDay(days: TradingDays, day: number): TradingDay {
  for (let after = day + 1; ; after += 1) {
    const found = days.at(after);
    if (found !== undefined) return found;
  }
}

function weekdaysUpTo(day: number): number {
  return ((mondayOf(day) + 3) / 7) * 5 + Math.min(weekdayOf(day), 4);
}

function wholeDay(day: number): TradingDay {
  const opensAt = day * DAY_MS;
  const closesAt = opensAt + DAY_MS;
  return { day, preOpensAt: opensAt, opensAt, closesAt, afterClosesAt: closesAt, earlyClose: false };
}
