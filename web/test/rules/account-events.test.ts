import { describe, expect, test } from 'vitest';
import { wordsFor } from '../../src/app/account-events.ts';

type Event = Parameters<typeof wordsFor>[0];

const moved = (event: string, status: string): Event =>
  ({ __typename: 'OrderMoved', symbol: 'KO', side: 'SELL', quantity: '2', event, status, reason: 'TOO_LATE' }) as Event;

describe('what is said of an order', () => {
  test.each([
    ['a cancel that came after the last fill', 'CANCEL_REJECTED', 'FILLED', 'Too late to cancel KO'],
    ['the end that was asked for', 'CANCELED', 'CANCELED', 'Cancelled: sell 2 KO'],
  ])('%s', (_, event, status, words) => {
    expect(wordsFor(moved(event, status))).toBe(words);
  });
});
