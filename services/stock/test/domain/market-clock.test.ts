import { describe, expect, test } from 'vitest';
import { canonicalPair, inDollars } from '../../src/domain/currency-pair.ts';
import {
  dayFromIso,
  dayOf,
  easter,
  firstOfMonth,
  isoDate,
  isWeekend,
  mondayOf,
  nthWeekday,
  weekdayOf,
  yearOf,
} from '../../src/domain/days.ts';
import { nextOpenAndClose, stateAt, stepsTo, transitionsBetween } from '../../src/domain/market-clock.ts';
import { nyseDay } from '../../src/domain/nyse-calendar.ts';
import { nextTradingDay, previousTradingDay, tradingDays } from '../../src/domain/trading-days.ts';

const { nyse, always } = tradingDays;
const at = (text: string) => Date.parse(`${text}Z`);
const day = (text: string) => dayFromIso(text) ?? 0;
const iso = (ms: number) => new Date(ms).toISOString().slice(0, 16);

describe('of a day in summer the market is', () => {
  test.each([
    ['2024-07-02T07:59:59.999', 'closed'],
    ['2024-07-02T08:00', 'pre'],
    ['2024-07-02T13:29:59.999', 'pre'],
    ['2024-07-02T13:30', 'regular'],
    ['2024-07-02T19:59:59.999', 'regular'],
    ['2024-07-02T20:00', 'after'],
    ['2024-07-02T23:59:59.999', 'after'],
    ['2024-07-03T00:00', 'closed'],
    // It closes early before the holiday.
    ['2024-07-03T16:59:59.999', 'regular'],
    ['2024-07-03T17:00', 'after'],
    ['2024-07-03T20:59:59.999', 'after'],
    ['2024-07-03T21:00', 'closed'],
    ['2024-07-04T15:00', 'closed'],
  ])('at %s %s', (moment, state) => {
    expect(stateAt(nyse, at(moment))).toBe(state);
  });

  test('open at any moment where it never closes', () => {
    expect(['2024-07-04T00:00', '2024-07-07T23:59:59.999'].map((moment) => stateAt(always, at(moment)))).toEqual([
      'regular',
      'regular',
    ]);
  });
});

test('an engine that knows nothing is told one thing', () => {
  expect(stepsTo).toEqual({ closed: 'closed', pre: 'pre_open', regular: 'open', after: 'closed' });
});

const midnight = (date: string) => `${date}T00:00 regular: closed, expire_day_orders, open`;

const told = (...range: [typeof nyse, after: string, upTo: string]) =>
  transitionsBetween(range[0], at(range[1]), at(range[2])).map(
    ({ at: when, state, steps }) => `${iso(when)} ${state}: ${steps.join(', ')}`,
  );

describe('sessions change', () => {
  const friday = [
    '2024-07-05T08:00 pre: pre_open',
    '2024-07-05T13:30 regular: open',
    '2024-07-05T20:00 after: closed, expire_day_orders',
    '2024-07-06T00:00 closed: ',
  ];

  test('four times a day, not on holidays and weekends', () => {
    expect(told(nyse, '2024-07-04T00:00', '2024-07-08T07:59')).toEqual(friday);
  });

  test('after the moment that is known, up to and with the moment that is asked for', () => {
    expect(told(nyse, '2024-07-05T08:00', '2024-07-05T20:00')).toEqual(friday.slice(1, 3));
    expect(told(nyse, '2024-07-05T07:59', '2024-07-05T19:59')).toEqual(friday.slice(0, 2));
    expect(told(nyse, '2024-07-05T23:59', '2024-07-06T00:00')).toEqual(friday.slice(3));
    expect(told(nyse, '2024-07-05T09:00', '2024-07-05T09:00')).toEqual([]);
  });

  test('at midnight, all in one moment, where the market never closes', () => {
    expect(told(always, '2024-07-05T12:00', '2024-07-07T00:00')).toEqual([
      midnight('2024-07-06'),
      midnight('2024-07-07'),
    ]);
  });
});

describe('the next session opens and closes', () => {
  test.each([
    ['before today’s', '2024-07-03T13:29', '2024-07-03T13:30', '2024-07-03T17:00'],
    ['within it', '2024-07-03T13:30', '2024-07-05T13:30', '2024-07-03T17:00'],
    ['after it', '2024-07-03T17:00', '2024-07-05T13:30', '2024-07-05T20:00'],
    ['on a holiday', '2024-07-04T10:00', '2024-07-05T13:30', '2024-07-05T20:00'],
  ])('asked for %s', (_, moment, opens, closes) => {
    expect(nextOpenAndClose(nyse, at(moment))).toEqual({ opensAt: at(opens), closesAt: at(closes) });
  });

  test('never where it never closes', () => {
    expect(nextOpenAndClose(always, at('2024-07-04T10:00'))).toBeUndefined();
  });
});

const around = (date: string) =>
  [previousTradingDay(nyse, day(date)).day, nextTradingDay(nyse, day(date)).day].map(isoDate);

describe('a day of trading', () => {
  test('of New York has its hours there', () => {
    expect(nyseDay(day('2024-07-03'))).toEqual({
      day: day('2024-07-03'),
      preOpensAt: at('2024-07-03T08:00'),
      opensAt: at('2024-07-03T13:30'),
      closesAt: at('2024-07-03T17:00'),
      afterClosesAt: at('2024-07-03T21:00'),
      earlyClose: true,
    });
  });

  test('of a market that never closes is all of it', () => {
    expect(always.at(day('2024-07-06'))).toEqual({
      day: day('2024-07-06'),
      preOpensAt: at('2024-07-06T00:00'),
      opensAt: at('2024-07-06T00:00'),
      closesAt: at('2024-07-07T00:00'),
      afterClosesAt: at('2024-07-07T00:00'),
      earlyClose: false,
    });
  });

  test('before and after another leaves out what is none', () => {
    expect(around('2024-07-04')).toEqual(['2024-07-03', '2024-07-05']);
    expect(around('2024-07-05')).toEqual(['2024-07-03', '2024-07-08']);
    expect(around('2024-07-06')).toEqual(['2024-07-05', '2024-07-08']);
  });

  test('has its place among those on which time passes for a price', () => {
    const slots = (days: typeof nyse) =>
      ['2024-07-04', '2024-07-05', '2024-07-06', '2024-07-07', '2024-07-08'].map(
        (date) => days.slotOf(day(date)) - days.slotOf(day('2024-07-01')),
      );
    expect(slots(nyse)).toEqual([3, 4, 4, 4, 5]);
    expect(slots(always)).toEqual([3, 4, 5, 6, 7]);
    expect([nyse.slotOf(0), always.slotOf(0)]).toEqual([3, 0]);
    expect([nyse.slotsPerYear, always.slotsPerYear, nyse.hours, always.hours]).toEqual([261, 365, 'nyse', 'always']);
  });
});

describe('a date', () => {
  test.each([
    ['1970-01-01', 0],
    ['2024-02-29', 19_782],
    ['1969-12-31', -1],
  ])('%s is day %i', (text, number) => {
    expect([dayFromIso(text), isoDate(number)]).toEqual([number, text]);
  });

  test.each(['2024-02-30', '2024-13-01', '2024-2-03', '2024-02-3', '224-02-03', ' 2024-02-03', '2024-02-03 ', 'x', ''])(
    'is not %j',
    (text) => {
      expect(dayFromIso(text)).toBeUndefined();
    },
  );

  test('is of a year, of a month and of a week that begins on Monday', () => {
    const sunday = day('2024-03-31');
    expect([yearOf(sunday), isoDate(firstOfMonth(sunday)), isoDate(mondayOf(sunday))]).toEqual([
      2024,
      '2024-03-01',
      '2024-03-25',
    ]);
    const week = ['2024-03-25', '2024-03-29', '2024-03-30', '2024-03-31', '1969-12-29'].map(day);
    expect(week.map(weekdayOf)).toEqual([0, 4, 5, 6, 0]);
    expect(week.map(isWeekend)).toEqual([false, false, true, true, false]);
  });

  test.each<[string, number, number, number, number]>([
    ['2024-09-02', 2024, 9, 0, 1],
    ['2024-01-15', 2024, 1, 0, 3],
    ['2024-11-28', 2024, 11, 3, 4],
    ['2024-05-27', 2024, 5, 0, -1],
    ['2024-05-20', 2024, 5, 0, -2],
    ['2024-03-31', 2024, 3, 6, -1],
    ['2024-04-01', 2024, 4, 0, 1],
  ])('%s is what it is in its month, counted from either end', (text, year, month, weekday, n) => {
    expect(isoDate(nthWeekday(year, month, weekday, n))).toBe(text);
  });

  // As the almanac has it: the earliest, the latest, and those on which shorter rules go wrong.
  test.each([
    '1818-03-22',
    '1943-04-25',
    '1954-04-18',
    '1981-04-19',
    '2000-04-23',
    '2008-03-23',
    '2038-04-25',
    '2049-04-18',
    '2076-04-19',
    '2100-03-28',
    '2285-03-22',
  ])('of Easter is %s', (text) => {
    expect(isoDate(easter(Number(text.slice(0, 4))))).toBe(text);
  });

  test('is what it is made of', () => {
    expect(isoDate(dayOf(2024, 12, 31))).toBe('2024-12-31');
  });
});

describe('a pair of currencies', () => {
  test.each([
    ['EUR', 'USD', 'EUR/USD'],
    ['USD', 'EUR', 'EUR/USD'],
    ['EUR', 'GBP', 'EUR/GBP'],
    ['GBP', 'EUR', 'EUR/GBP'],
    ['CAD', 'USD', 'USD/CAD'],
    ['USD', 'CAD', 'USD/CAD'],
    ['GBP', 'CAD', 'GBP/CAD'],
  ])('of %s and %s has one name: %s', (one, other, name) => {
    const pair = canonicalPair(one, other);
    expect(`${pair?.base}/${pair?.quote}`).toBe(name);
  });

  test.each([
    ['USD', 'USD'],
    ['USD', 'JPY'],
    ['JPY', 'USD'],
    ['EUR', 'JPY'],
    ['JPY', 'EUR'],
    ['JPY', 'CHF'],
  ])('is not %s and %s', (one, other) => {
    expect(canonicalPair(one, other)).toBeUndefined();
  });

  test('swings about what a unit costs in dollars', () => {
    expect(inDollars).toEqual({ EUR: 1_080_000n, GBP: 1_270_000n, USD: 1_000_000n, CAD: 730_000n });
  });
});
