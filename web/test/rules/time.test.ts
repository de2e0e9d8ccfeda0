import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { setLocale } from '../../src/ui/number.ts';
import { ago, inZone, isDay, moment, startOfDay, when } from '../../src/ui/time.ts';

const now = new Date(2026, 10, 27, 18, 0);
beforeAll(() => {
  vi.stubGlobal('document', { documentElement: { lang: '' } });
  setLocale('en-US');
});
afterAll(() => vi.unstubAllGlobals());
afterEach(() => vi.unstubAllEnvs());

test.each([
  ['today the time alone', new Date(2026, 10, 27, 15, 10, 7), '15:10:07'],
  ['this year without the year', new Date(2026, 8, 9, 15, 10), 'Sep 9, 15:10'],
  ['before it with the year', new Date(2025, 11, 22, 3, 36), 'Dec 22, 2025, 03:36'],
])('%s, and the day has 24 hours', (_rule, at, words) => {
  expect(when(at.toISOString(), now.getTime())).toBe(words);
});

test.each([
  ['today the time alone', new Date(2026, 10, 27, 15, 10, 7), '15:10:07'],
  ['yesterday with its day', new Date(2026, 10, 26, 15, 10, 7), 'Nov 26, 15:10:07'],
  ['last year with the year', new Date(2025, 11, 22, 3, 36, 59), 'Dec 22, 2025, 03:36:59'],
])('what follows upon one another is told to the second: %s', (_rule, at, words) => {
  expect(moment(at.toISOString(), now.getTime())).toBe(words);
});

test.each([
  ['now', 0, 'now'],
  ['seconds', 40, '40 sec. ago'],
  ['minutes', 125, '2 min. ago'],
])('in another notation the words stay English: %s', (_rule, seconds, words) => {
  setLocale('de-DE');
  expect(ago(new Date(now.getTime() - seconds * 1000).toISOString(), now.getTime())).toBe(words);
  setLocale('en-US');
});

test('the hours of a market are told as all others are', () => {
  expect(inZone('2026-11-27T21:00:00Z', 'America/New_York')).toBe('16:00 EST');
});

test.each([
  ['far to the east', 'Pacific/Auckland', '2026-11-27', '2026-11-26T11:00'],
  ['on the day on which it begins to be summer there', 'Pacific/Auckland', '2026-09-27', '2026-09-26T12:00'],
  ['on the day after', 'Pacific/Auckland', '2026-09-28', '2026-09-27T11:00'],
  ['on the day on which summer ends there', 'Pacific/Auckland', '2026-04-05', '2026-04-04T11:00'],
  ['and the day after', 'Pacific/Auckland', '2026-04-06', '2026-04-05T12:00'],
  ['far to the west', 'America/Los_Angeles', '2026-11-27', '2026-11-27T08:00'],
  ['on its day of 23 hours', 'America/Los_Angeles', '2026-03-08', '2026-03-08T08:00'],
  ['after it', 'America/Los_Angeles', '2026-03-09', '2026-03-09T07:00'],
  ['on its day of 25 hours', 'America/Los_Angeles', '2026-11-01', '2026-11-01T07:00'],
  ['after that', 'America/Los_Angeles', '2026-11-02', '2026-11-02T08:00'],
  ['where there is no midnight on that day', 'America/Havana', '2026-03-08', '2026-03-08T05:00'],
  ['where there are two', 'America/Havana', '2026-11-01', '2026-11-01T04:00'],
])('a day begins at midnight where the reader is: %s', (_rule, zone, date, begins) => {
  vi.stubEnv('TZ', zone);
  expect(startOfDay(date)).toBe(`${begins}:00.000Z`);
});

test.each([
  ['a day', '2026-11-27', true],
  ['the day of a leap year', '2028-02-29', true],
  ['a day that its month does not have', '2026-02-30', false],
  ['the same in a year that does not leap', '2026-02-29', false],
  ['a month that no year has', '2026-13-01', false],
  ['a year of another age', '0999-01-01', false],
  ['a moment', '2026-11-27T10:00:00Z', false],
  ['a word', 'yesterday', false],
  ['nothing', '', false],
])('%s: %j is a day: %j', (_what, text, is) => {
  expect(isDay(text)).toBe(is);
});
