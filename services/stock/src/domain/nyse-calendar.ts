import { DAY_MS, dayOf, easter, isWeekend, nthWeekday, weekdayOf, yearOf } from './days.ts';

/** Times in milliseconds since 1970. */
export interface TradingDay {
  readonly day: number;
  readonly preOpensAt: number;
  readonly opensAt: number;
  readonly closesAt: number;
  readonly afterClosesAt: number;
  readonly earlyClose: boolean;
}

/**
 * The New York Stock Exchange's own rules, so that any year can be asked for; only what nobody could foresee, mourning,
 * attacks and storms, is a list.
 */
export function nyseDay(day: number): TradingDay | undefined {
  if (isWeekend(day) || nyseHoliday(day) !== undefined) return undefined;
  const earlyClose = rulesOf(yearOf(day)).early.has(day);
  const midnight = day * DAY_MS - newYorkOffsetHours(day) * HOUR_MS;
  return {
    day,
    preOpensAt: midnight + 4 * HOUR_MS,
    opensAt: midnight + 9.5 * HOUR_MS,
    closesAt: midnight + (earlyClose ? 13 : 16) * HOUR_MS,
    afterClosesAt: midnight + (earlyClose ? 17 : 20) * HOUR_MS,
    earlyClose,
  };
}

/** The name of the holiday for which a weekday has no session. */
export function nyseHoliday(day: number): string | undefined {
  if (isWeekend(day)) return undefined;
  return rulesOf(yearOf(day)).holidays.get(day);
}

/** Hours that New York is ahead of UTC in a day's sessions: negative. Clocks change on Sundays, when there are none. */
export function newYorkOffsetHours(day: number): number {
  const year = yearOf(day);
  const [starts, ends] =
    year >= 2007
      ? [nthWeekday(year, 3, SUNDAY, 2), nthWeekday(year, 11, SUNDAY, 1)]
      : [nthWeekday(year, 4, SUNDAY, 1), nthWeekday(year, 10, SUNDAY, -1)];
  return day >= starts && day < ends ? -4 : -5;
}

const HOUR_MS = 3_600_000;
const [MONDAY, THURSDAY, SATURDAY, SUNDAY] = [0, 3, 5, 6];

interface YearRules {
  readonly holidays: ReadonlyMap<number, string>;
  readonly early: ReadonlySet<number>;
}

const years = new Map<number, YearRules>();

function rulesOf(year: number): YearRules {
  let rules = years.get(year);
  if (rules === undefined) years.set(year, (rules = makeRules(year)));
  return rules;
}

function makeRules(year: number): YearRules {
  const thanksgiving = nthWeekday(year, 11, THURSDAY, 4);
  const holidays = new Map<number, string>([
    ...unforeseen.filter(([date]) => yearOf(date) === year),
    [nthWeekday(year, 2, MONDAY, 3), 'Washington’s Birthday'],
    [easter(year) - 2, 'Good Friday'],
    [nthWeekday(year, 5, MONDAY, -1), 'Memorial Day'],
    [observed(dayOf(year, 7, 4)), 'Independence Day'],
    [nthWeekday(year, 9, MONDAY, 1), 'Labor Day'],
    [thanksgiving, 'Thanksgiving Day'],
    [observed(dayOf(year, 12, 25)), 'Christmas Day'],
  ]);
  // On a Saturday it is not made up for on the Friday, which ends the old year's books.
  const newYear = dayOf(year, 1, 1);
  if (weekdayOf(newYear) !== SATURDAY) holidays.set(observed(newYear), 'New Year’s Day');
  if (year >= 1998) holidays.set(nthWeekday(year, 1, MONDAY, 3), 'Martin Luther King, Jr. Day');
  if (year >= 2022) holidays.set(observed(dayOf(year, 6, 19)), 'Juneteenth');
  // Where the holiday moves there is no eve to shorten: it is the holiday then, or on a weekend.
  return { holidays, early: new Set([dayOf(year, 7, 3), thanksgiving + 1, dayOf(year, 12, 24)]) };
}

/** A Saturday's holiday is kept on the Friday before, a Sunday's on the Monday after. */
function observed(day: number): number {
  const weekday = weekdayOf(day);
  if (weekday === SATURDAY) return day - 1;
  return weekday === SUNDAY ? day + 1 : day;
}

const unforeseen: [number, string][] = [
  [dayOf(2001, 9, 11), 'Attacks of 11 September'],
  [dayOf(2001, 9, 12), 'Attacks of 11 September'],
  [dayOf(2001, 9, 13), 'Attacks of 11 September'],
  [dayOf(2001, 9, 14), 'Attacks of 11 September'],
  [dayOf(2004, 6, 11), 'Mourning for Ronald Reagan'],
  [dayOf(2007, 1, 2), 'Mourning for Gerald Ford'],
  [dayOf(2012, 10, 29), 'Hurricane Sandy'],
  [dayOf(2012, 10, 30), 'Hurricane Sandy'],
  [dayOf(2018, 12, 5), 'Mourning for George H. W. Bush'],
  [dayOf(2025, 1, 9), 'Mourning for Jimmy Carter'],
];
