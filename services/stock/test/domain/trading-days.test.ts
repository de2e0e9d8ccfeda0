import { expect, test } from 'vitest';
import { type MarketHours, previousCloseAt, tradingDays } from '../../src/domain/trading-days.ts';

test.each<[rule: string, hours: MarketHours, at: string, expected: string]>([
  ['in a session: the day before', 'nyse', '2026-06-10T15:00:00Z', '2026-06-09T20:00:00Z'],
  ['before it opens: the last session is yesterday’s', 'nyse', '2026-06-10T12:00:00Z', '2026-06-08T20:00:00Z'],
  ['the moment it opens: yesterday', 'nyse', '2026-06-10T13:30:00Z', '2026-06-09T20:00:00Z'],
  ['after the close: still the day before', 'nyse', '2026-06-10T22:00:00Z', '2026-06-09T20:00:00Z'],
  ['at a weekend: Thursday', 'nyse', '2026-06-13T12:00:00Z', '2026-06-11T20:00:00Z'],
  ['over a weekend: Friday', 'nyse', '2026-06-15T15:00:00Z', '2026-06-12T20:00:00Z'],
  ['after a holiday with a short day behind it', 'nyse', '2026-11-30T16:00:00Z', '2026-11-27T18:00:00Z'],
  ['where it never closes: midnight', 'always', '2026-06-13T12:00:00Z', '2026-06-13T00:00:00Z'],
])('%s', (_, hours, at, expected) => {
  expect(new Date(previousCloseAt(tradingDays[hours], Date.parse(at))).toISOString()).toBe(
    new Date(expected).toISOString(),
  );
});
