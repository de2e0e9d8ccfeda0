import { describe, expect, test } from 'vitest';
import type { MarketState, TradingSession } from '../../src/api/generated/graphql.ts';
import { type Clock, isBehind, sessionOf } from '../../src/features/instrument/session.ts';
import { timeOrDay } from '../../src/ui/time.ts';

const [OPENS, CLOSES] = ['2026-11-27T14:30:00Z', '2026-11-27T21:00:00Z'];
const clock = (state: MarketState, more: Partial<Clock> = {}): Clock => ({
  now: '2026-11-27T12:00:00Z',
  state,
  nextOpen: OPENS,
  nextClose: CLOSES,
  alwaysOpen: false,
  ...more,
});

describe('the session of an instrument', () => {
  test.each<[what: string, book: TradingSession | undefined, halted: boolean, known: Clock | undefined, is: unknown]>([
    ['nothing is known yet', undefined, false, undefined, undefined],
    ['the market is open until it closes', undefined, false, clock('REGULAR'), { session: 'open', until: CLOSES }],
    ['before it opens', 'PRE_OPEN', false, clock('PRE'), { session: 'pre', until: OPENS }],
    ['after hours it is closed until it opens', 'CLOSED', false, clock('AFTER'), { session: 'closed', until: OPENS }],
    ['over night', undefined, false, clock('CLOSED'), { session: 'closed', until: OPENS }],
    ['the closing auction', 'CLOSING', false, clock('REGULAR'), { session: 'closing', until: CLOSES }],
    ['the book knows first', 'OPEN', false, clock('PRE'), { session: 'open', until: CLOSES }],
    ['halted until somebody resumes it', 'OPEN', true, clock('REGULAR'), { session: 'halted', until: null }],
    ['one that never closes', 'OPEN', false, clock('REGULAR', { alwaysOpen: true }), { session: 'open', until: null }],
    ['before the clock was read', 'OPEN', false, undefined, { session: 'open', until: null }],
    ['one that is newer than this page', 'UNKNOWN', false, clock('UNKNOWN'), undefined],
  ])('%s', (_, session, halted, known, is) => {
    expect(sessionOf({ session, halted }, known)).toEqual(is);
  });

  test.each<[session: TradingSession | undefined, state: MarketState, isBehindIt: boolean]>([
    ['OPEN', 'REGULAR', false],
    ['OPEN', 'PRE', true],
    ['CLOSED', 'REGULAR', true],
    ['CLOSED', 'AFTER', false],
    ['CLOSING', 'REGULAR', false],
    [undefined, 'PRE', false],
    ['UNKNOWN', 'PRE', false],
  ])('a book in session %s before a clock of %s asks for another: %s', (session, state, isBehindIt) => {
    expect(isBehind(clock(state), session)).toBe(isBehindIt);
    expect(isBehind(undefined, session)).toBe(false);
  });
});

describe('until when', () => {
  const at = (dayOfMonth: number, hour: number): string => new Date(2026, 10, dayOfMonth, hour, 30).toISOString();
  test('today, the time alone', () => expect(timeOrDay(at(27, 16), at(27, 9))).toMatch(/^16:30$/));
  test('another day, its day as well', () => expect(timeOrDay(at(30, 9), at(27, 17))).toMatch(/^\p{L}+\P{L}*09:30$/u));
});
