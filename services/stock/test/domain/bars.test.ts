import { describe, expect, test } from 'vitest';
import { type Bar, fold, foldInto, merge } from '../../src/domain/bars.ts';
import { barEnd, barStart, HISTORY_BEGINS, isIntraday, periods, type Timeframe } from '../../src/domain/timeframe.ts';

const bar = (startsAt: number, open: number, high: number, low: number, close: number, volume = 1): Bar => ({
  startsAt,
  open,
  high,
  low,
  close,
  volume,
});

describe('bars put together', () => {
  test('open with the first, close with the last, and reach as far as any of them', () => {
    const parts = [bar(1, 10, 12, 9, 11, 5), bar(2, 11, 15, 10, 14, 7), bar(3, 14, 14, 8, 9, 1)];
    expect(fold(parts)).toEqual(bar(1, 10, 15, 8, 9, 13));
    expect(fold(parts.slice(0, 1), 0)).toEqual(bar(0, 10, 12, 9, 11, 5));
    expect(parts[0]).toEqual(bar(1, 10, 12, 9, 11, 5));
  });

  test('are nothing where there are none', () => {
    expect(fold([], 7)).toBeUndefined();
    expect(foldInto([], (at) => at)).toEqual([]);
  });

  test('of the beginning of time are one as well', () => {
    expect(foldInto([bar(0, 1, 2, 1, 2), bar(5, 2, 3, 2, 3)], (at) => at - (at % 10))).toEqual([bar(0, 1, 3, 1, 3, 2)]);
  });

  test('into longer ones are those that begin together', () => {
    const parts = [
      bar(10, 1, 2, 1, 2),
      bar(15, 2, 3, 2, 3),
      bar(30, 5, 6, 5, 6),
      bar(42, 7, 8, 7, 8),
      bar(49, 8, 9, 8, 9),
    ];
    expect(foldInto(parts, (at) => at - (at % 10))).toEqual([
      bar(10, 1, 3, 1, 3, 2),
      bar(30, 5, 6, 5, 6),
      bar(40, 7, 9, 7, 9, 2),
    ]);
  });
});

describe('our trades in a reference history', () => {
  test('reach higher and lower and add their volume; the reference opens and closes', () => {
    const merged = merge([bar(1, 10, 12, 9, 11, 5), bar(2, 11, 13, 10, 12, 5)], [bar(1, 20, 21, 8, 8, 3)]);
    expect(merged).toEqual([bar(1, 10, 21, 8, 11, 8), bar(2, 11, 13, 10, 12, 5)]);
    expect(merge([bar(1, 10, 12, 9, 11)], [bar(1, 10, 11, 10, 11)])).toEqual([bar(1, 10, 12, 9, 11, 2)]);
  });

  test('stand alone, in their place, where it has nothing', () => {
    const [early, late] = [bar(1, 1, 1, 1, 1), bar(3, 3, 3, 3, 3)];
    expect(merge([bar(2, 2, 2, 2, 2)], [late, early])).toEqual([early, bar(2, 2, 2, 2, 2), late]);
    expect(merge([], [late, early])).toEqual([early, late]);
    expect(merge([early], [])).toEqual([early]);
  });
});

const at = (text: string) => Date.parse(text);
const iso = (ms: number) => new Date(ms).toISOString();

describe('a moment belongs to a bar', () => {
  // A Friday.
  const moment = at('2024-02-16T13:37:59.999Z');
  const rows: [timeframe: Timeframe, begins: string, ends: string, intraday: boolean][] = [
    ['minute', '2024-02-16T13:37:00.000Z', '2024-02-16T13:38:00.000Z', true],
    ['minute_5', '2024-02-16T13:35:00.000Z', '2024-02-16T13:40:00.000Z', true],
    ['minute_15', '2024-02-16T13:30:00.000Z', '2024-02-16T13:45:00.000Z', true],
    ['hour', '2024-02-16T13:00:00.000Z', '2024-02-16T14:00:00.000Z', true],
    ['day', '2024-02-16T00:00:00.000Z', '2024-02-17T00:00:00.000Z', false],
    ['week', '2024-02-12T00:00:00.000Z', '2024-02-19T00:00:00.000Z', false],
    ['month', '2024-02-01T00:00:00.000Z', '2024-03-01T00:00:00.000Z', false],
  ];
  test.each(rows)('of a %s, from %s until %s', (timeframe, begins, ends, intraday) => {
    expect(iso(barStart(timeframe, moment))).toBe(begins);
    expect(iso(barEnd(timeframe, at(begins)))).toBe(ends);
    expect([barStart(timeframe, at(begins)), isIntraday(timeframe)]).toEqual([at(begins), intraday]);
  });

  test('of a month that ends when the next begins, in every month', () => {
    for (let start = at('2023-01-01T00:00:00Z'); start < at('2025-01-01T00:00:00Z'); ) {
      const end = barEnd('month', start);
      expect([iso(end).slice(8, 10), barStart('month', end - 1)]).toEqual(['01', start]);
      start = end;
    }
  });
});

test('a chart shows so many days of a period, in such steps', () => {
  expect(Object.entries(periods).map(([period, { days, timeframe }]) => [period, days, timeframe])).toEqual([
    ['day', 1, 'minute_5'],
    ['week', 7, 'minute_15'],
    ['month', 31, 'hour'],
    ['months_3', 92, 'day'],
    ['months_6', 183, 'day'],
    ['year', 366, 'day'],
    ['years_5', 1830, 'week'],
    ['max', Number.POSITIVE_INFINITY, 'month'],
  ]);
  expect(iso(HISTORY_BEGINS)).toBe('2000-01-03T00:00:00.000Z');
});
