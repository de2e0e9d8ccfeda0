import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { setLocale } from '../../src/ui/number.ts';
import { inZone, moment, when } from '../../src/ui/time.ts';

const now = new Date(2026, 10, 27, 18, 0);
beforeAll(() => {
  vi.stubGlobal('document', { documentElement: { lang: '' } });
  setLocale('en-US');
});
afterAll(() => vi.unstubAllGlobals());

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

test('the hours of a market are told as all others are', () => {
  expect(inZone('2026-11-27T21:00:00Z', 'America/New_York')).toBe('16:00 EST');
});
