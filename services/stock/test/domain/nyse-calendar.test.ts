import { expect, test } from 'vitest';
import { dayFromIso, dayOf, isoDate, isWeekend } from '../../src/domain/days.ts';
import { newYorkOffsetHours, nyseDay, nyseHoliday } from '../../src/domain/nyse-calendar.ts';

/** As the exchange published them, the unforeseen closings included. */
const published: [year: number, holidays: string, earlyCloses: string][] = [
  [2014, '01-01 01-20 02-17 04-18 05-26 07-04 09-01 11-27 12-25', '07-03 11-28 12-24'],
  [2015, '01-01 01-19 02-16 04-03 05-25 07-03 09-07 11-26 12-25', '11-27 12-24'],
  [2016, '01-01 01-18 02-15 03-25 05-30 07-04 09-05 11-24 12-26', '11-25'],
  [2017, '01-02 01-16 02-20 04-14 05-29 07-04 09-04 11-23 12-25', '07-03 11-24'],
  [2018, '01-01 01-15 02-19 03-30 05-28 07-04 09-03 11-22 12-05 12-25', '07-03 11-23 12-24'],
  [2019, '01-01 01-21 02-18 04-19 05-27 07-04 09-02 11-28 12-25', '07-03 11-29 12-24'],
  [2020, '01-01 01-20 02-17 04-10 05-25 07-03 09-07 11-26 12-25', '11-27 12-24'],
  [2021, '01-01 01-18 02-15 04-02 05-31 07-05 09-06 11-25 12-24', '11-26'],
  [2022, '01-17 02-21 04-15 05-30 06-20 07-04 09-05 11-24 12-26', '11-25'],
  [2023, '01-02 01-16 02-20 04-07 05-29 06-19 07-04 09-04 11-23 12-25', '07-03 11-24'],
  [2024, '01-01 01-15 02-19 03-29 05-27 06-19 07-04 09-02 11-28 12-25', '07-03 11-29 12-24'],
  [2025, '01-01 01-09 01-20 02-17 04-18 05-26 06-19 07-04 09-01 11-27 12-25', '07-03 11-28 12-24'],
  [2026, '01-01 01-19 02-16 04-03 05-25 06-19 07-03 09-07 11-26 12-25', '11-27 12-24'],
  [2027, '01-01 01-18 02-15 03-26 05-31 06-18 07-05 09-06 11-25 12-24', '11-26'],
];

test.each(published)('%i: holidays and early closes as published', (year, holidays, earlyCloses) => {
  const days = Array.from({ length: 366 }, (_, i) => dayOf(year, 1, 1) + i).filter(
    (day) => isoDate(day).startsWith(`${year}`) && !isWeekend(day),
  );
  const told = (wanted: (day: number) => boolean) =>
    days
      .filter(wanted)
      .map((day) => isoDate(day).slice(5))
      .join(' ');
  expect(told((day) => nyseHoliday(day) !== undefined)).toBe(holidays);
  expect(told((day) => nyseDay(day) === undefined)).toBe(holidays);
  expect(told((day) => nyseDay(day)?.earlyClose === true)).toBe(earlyCloses);
});

test.each([
  ['1997-01-20', undefined],
  ['1998-01-19', 'Martin Luther King, Jr. Day'],
  ['2001-09-11', 'Attacks of 11 September'],
  ['2001-09-12', 'Attacks of 11 September'],
  ['2001-09-13', 'Attacks of 11 September'],
  ['2001-09-14', 'Attacks of 11 September'],
  ['2004-06-11', 'Mourning for Ronald Reagan'],
  ['2007-01-02', 'Mourning for Gerald Ford'],
  ['2012-10-29', 'Hurricane Sandy'],
  ['2012-10-30', 'Hurricane Sandy'],
  ['2018-12-05', 'Mourning for George H. W. Bush'],
  ['2021-12-31', undefined],
  ['2025-01-09', 'Mourning for Jimmy Carter'],
  ['2026-01-01', 'New Year’s Day'],
  ['2026-02-16', 'Washington’s Birthday'],
  ['2026-04-03', 'Good Friday'],
  ['2026-05-25', 'Memorial Day'],
  ['2026-06-19', 'Juneteenth'],
  ['2026-07-03', 'Independence Day'],
  ['2026-09-07', 'Labor Day'],
  ['2026-11-26', 'Thanksgiving Day'],
  ['2026-12-25', 'Christmas Day'],
  ['2026-07-04', undefined],
])('%s is %s', (date, name) => {
  expect(nyseHoliday(dayFromIso(date) ?? 0)).toBe(name);
});

test.each([
  // The Fridays before and the Mondays after the clocks change, and a day in each half of the year.
  ['2024-03-08', '14:30', '21:00'],
  ['2024-03-11', '13:30', '20:00'],
  ['2024-07-03', '13:30', '17:00'],
  ['2024-11-01', '13:30', '20:00'],
  ['2024-11-04', '14:30', '21:00'],
  ['2024-11-29', '14:30', '18:00'],
  ['2006-03-31', '14:30', '21:00'],
  ['2006-04-03', '13:30', '20:00'],
  ['2006-10-27', '13:30', '20:00'],
  ['2006-10-30', '14:30', '21:00'],
])('%s opens at %s and closes at %s UTC', (date, opens, closes) => {
  const session = nyseDay(dayFromIso(date) ?? 0);
  expect([time(session?.opensAt), time(session?.closesAt)]).toEqual([opens, closes]);
});

test('every session of a century begins at half past nine where New York is', () => {
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone: 'America/New_York', timeStyle: 'short' });
  for (let day = dayOf(1990, 1, 1); day < dayOf(2090, 1, 1); day += 5) {
    const session = nyseDay(day);
    if (session !== undefined) expect(clock.format(session.opensAt), isoDate(day)).toBe('09:30');
  }
});

test('the zone changes at the Sunday, not around it', () => {
  expect(['2025-03-08', '2025-03-09', '2025-11-01', '2025-11-02'].map(offset)).toEqual([-5, -4, -4, -5]);
});

function time(ms = 0): string {
  return new Date(ms).toISOString().slice(11, 16);
}

function offset(date: string): number {
  return newYorkOffsetHours(dayFromIso(date) ?? 0);
}
