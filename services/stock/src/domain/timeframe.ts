import { DAY_MS, dayOf, firstOfMonth, mondayOf } from './days.ts';

export type Timeframe = 'minute' | 'minute_5' | 'minute_15' | 'hour' | 'day' | 'week' | 'month';
export type IntradayTimeframe = 'minute' | 'minute_5' | 'minute_15' | 'hour';

const MINUTE_MS = 60_000;
export const intradayMs: Record<IntradayTimeframe, number> = {
  minute: MINUTE_MS,
  minute_5: 5 * MINUTE_MS,
  minute_15: 15 * MINUTE_MS,
  hour: 60 * MINUTE_MS,
};

export function isIntraday(timeframe: Timeframe): timeframe is IntradayTimeframe {
  return timeframe in intradayMs;
}

/** When the bar that a moment belongs to begins. A day begins at its date's midnight UTC, a week on Monday. */
export function barStart(timeframe: Timeframe, at: number): number {
  const day = Math.floor(at / DAY_MS);
  switch (timeframe) {
    case 'minute':
    case 'minute_5':
    case 'minute_15':
    case 'hour':
      return Math.floor(at / intradayMs[timeframe]) * intradayMs[timeframe];
    case 'day':
      return day * DAY_MS;
    case 'week':
      return mondayOf(day) * DAY_MS;
    case 'month':
      return firstOfMonth(day) * DAY_MS;
  }
}

/** When the next bar begins. */
export function barEnd(timeframe: Timeframe, startsAt: number): number {
  switch (timeframe) {
    case 'minute':
    case 'minute_5':
    case 'minute_15':
    case 'hour':
      return startsAt + intradayMs[timeframe];
    case 'day':
      return startsAt + DAY_MS;
    case 'week':
      return startsAt + 7 * DAY_MS;
    case 'month':
      return firstOfMonth(startsAt / DAY_MS + 31) * DAY_MS;
  }
}

export type Period = 'day' | 'week' | 'month' | 'months_3' | 'months_6' | 'year' | 'years_5' | 'max';

/** No history reaches further back. */
export const HISTORY_BEGINS = dayOf(2000, 1, 3) * DAY_MS;

/** What a chart of a period shows: how far back, and in which steps. */
export const periods: Record<Period, { days: number; timeframe: Timeframe }> = {
  day: { days: 1, timeframe: 'minute_5' },
  week: { days: 7, timeframe: 'minute_15' },
  month: { days: 31, timeframe: 'hour' },
  months_3: { days: 92, timeframe: 'day' },
  months_6: { days: 183, timeframe: 'day' },
  year: { days: 366, timeframe: 'day' },
  years_5: { days: 5 * 366, timeframe: 'week' },
  max: { days: Number.POSITIVE_INFINITY, timeframe: 'month' },
};
