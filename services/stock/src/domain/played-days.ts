import { DAY_MS } from './days.ts';
import type { TradingDay } from './nyse-calendar.ts';
import { nextTradingDay, type TradingDays } from './trading-days.ts';

export interface Played {
  /** When playing began, in everybody's time. */
  readonly sinceMs: number;
  /** How many minutes of the market pass in one. */
  readonly speed: number;
}

const MINUTE_MS = 60_000;
/** What is played of a day besides its session: enough to see orders gather, and what the close has left. */
const BEFORE_MS = 10 * MINUTE_MS;
const AFTER_MS = 20 * MINUTE_MS;

/**
 * The market's time where its days are played, one upon the other, and nights, weekends and holidays left out: from the trading day after the
 * one on which playing began. A function of the time alone, so that every replica has the same, and it never goes back while everybody's does not.
 */
export function createPlayedDays(days: TradingDays, { sinceMs, speed }: Played): (nowMs: number) => number {
  const first = { day: nextTradingDay(days, Math.floor(sinceMs / DAY_MS)), beginsMs: 0 };
  // Where it was asked for last: the next question is about the same day or the one after it.
  let known = first;
  return (nowMs) => {
    const playedMs = Math.max(nowMs - sinceMs, 0) * speed;
    if (playedMs < known.beginsMs) known = first;
    while (playedMs >= known.beginsMs + lengthOf(known.day)) {
      known = { day: nextTradingDay(days, known.day.day), beginsMs: known.beginsMs + lengthOf(known.day) };
    }
    return known.day.opensAt - BEFORE_MS + (playedMs - known.beginsMs);
  };
}

function lengthOf({ opensAt, closesAt }: TradingDay): number {
  return BEFORE_MS + (closesAt - opensAt) + AFTER_MS;
}
