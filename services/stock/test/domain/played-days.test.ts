import { expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { stateAt } from '../../src/domain/market-clock.ts';
import { createPlayedDays } from '../../src/domain/played-days.ts';
import { tradingDays } from '../../src/domain/trading-days.ts';

/** The Wednesday before Thanksgiving. */
const sinceMs = Date.parse('2026-11-25T08:00:00Z');
const after = (seconds: number) => new Date(playedAt(sinceMs + seconds * 1000)).toISOString();
const playedAt = createPlayedDays(tradingDays.nyse, { sinceMs, speed: 60 });

test.each([
  ['it begins ten minutes before the next session', 0, '2026-11-27T14:20:00.000Z'],
  ['which opens after ten seconds', 10, '2026-11-27T14:30:00.000Z'],
  ['and closes early, as on the day after the holiday', 10 + 210, '2026-11-27T18:00:00.000Z'],
  ['twenty minutes later the day is over', 10 + 210 + 20, '2026-11-30T14:20:00.000Z'],
  ['and a whole one takes seven minutes', 240 + 420, '2026-12-01T14:20:00.000Z'],
  ['asked about before, it is as before', 10, '2026-11-27T14:30:00.000Z'],
  ['before it began it has not begun', -5, '2026-11-27T14:20:00.000Z'],
])('%s', (_, seconds, expected) => {
  expect(after(seconds)).toBe(expected);
});

test('time goes on and never back, and most of it is trading', () => {
  const seconds = Array.from({ length: 24 * 60 * 60 }, (_, at) => at);
  const times = seconds.map((at) => playedAt(sinceMs + at * 1000));
  expect(times.every((time, at) => at === 0 || time > (times[at - 1] ?? time))).toBe(true);
  const open = times.filter((time) => stateAt(tradingDays.nyse, time) === 'regular');
  expect(open.length / times.length).toBeGreaterThan(0.9);
});

test('another replica, asked for the first time much later, has the same time', () => {
  const another = createPlayedDays(tradingDays.nyse, { sinceMs, speed: 60 });
  const later = sinceMs + 1_234_567_890;
  expect(another(later)).toBe(playedAt(later));
});

test.each<[string, Record<string, string>, boolean]>([
  ['at a speed it has to be said since when', { MARKET_SPEED: '60' }, true],
  ['seconds are no milliseconds', { MARKET_SPEED: '60', MARKET_SPEED_SINCE: '1790000000' }, true],
  ['without one it need not be', {}, false],
])('%s', (_, env, isRefused) => {
  // Other variables are missing as well, and all are named at once.
  const named = expect.objectContaining({ message: expect.stringContaining('MARKET_SPEED_SINCE') });
  if (isRefused) expect(() => readConfig(env)).toThrow(named);
  else expect(() => readConfig(env)).not.toThrow(named);
});
