import { isWeekend } from '../domain/days.ts';
import { nextOpenAndClose, stateAt } from '../domain/market-clock.ts';
import { nyseHoliday, type TradingDay } from '../domain/nyse-calendar.ts';
import type { Deps } from './deps.ts';

export type Calendar = ReturnType<typeof createCalendar>;

export function createCalendar({ now, days }: Deps) {
  return {
    clock() {
      const nowUs = now();
      const at = Number(nowUs / 1000n);
      const next = nextOpenAndClose(days, at);
      return { nowUs, state: stateAt(days, at), next, alwaysOpen: days.hours === 'always' };
    },

    /** Sessions of a market that never closes are whole days; its holidays are nobody's. */
    between(from: number, to: number): { days: TradingDay[]; holidays: { day: number; name: string }[] } {
      const all = Array.from({ length: to - from + 1 }, (_, i) => from + i);
      return {
        days: all.flatMap((day) => days.at(day) ?? []),
        holidays: all.flatMap((day) => {
          const name = days.hours === 'always' || isWeekend(day) ? undefined : nyseHoliday(day);
          return name === undefined ? [] : [{ day, name }];
        }),
      };
    },
  };
}
