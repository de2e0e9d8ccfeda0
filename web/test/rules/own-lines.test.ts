import { describe, expect, test } from 'vitest';
import { linesOf, type OwnOrder, priceAt, stepped } from '../../src/features/instrument/own-lines.ts';
import type { TicketInstrument } from '../../src/features/instrument/ticket-rules.ts';

const instrument = { tick: '0.05', tickBelowOne: '0.0001' } as TicketInstrument;
const order = (of: Partial<OwnOrder>) =>
  ({ id: 'o', status: 'NEW', type: 'LIMIT', limitPrice: null, stopPrice: null, ...of }) as OwnOrder;

describe('one’s own lines', () => {
  test.each<[what: string, of: Partial<OwnOrder>, lines: string[]]>([
    ['a limit', { limitPrice: '10' }, ['limitPrice 10 moves']],
    [
      'a stop with a limit: both',
      { type: 'STOP_LIMIT', limitPrice: '10', stopPrice: '11' },
      ['limitPrice 10 moves', 'stopPrice 11 moves'],
    ],
    ['a trailing stop follows the market', { type: 'TRAILING_STOP', stopPrice: '11' }, ['stopPrice 11 stays']],
    ['one that is being cancelled', { status: 'PENDING_CANCEL', limitPrice: '10' }, ['limitPrice 10 stays']],
    ['one that has ended', { status: 'FILLED', limitPrice: '10' }, []],
    ['one at the market', { type: 'MARKET' }, []],
  ])('%s', (_, of, lines) => {
    const found = linesOf([order(of)]);
    expect(found.map(({ field, price, isMovable }) => `${field} ${price} ${isMovable ? 'moves' : 'stays'}`)).toEqual(
      lines,
    );
  });

  test.each<[at: number, price: string]>([
    [10.024, '10'],
    [10.026, '10.05'],
    [0.50004, '0.5'],
    [0, '0.0001'],
    [-3, '0.0001'],
    [Number.NaN, '0.0001'],
  ])('let go of at %d it is %s', (at, price) => {
    expect(priceAt(at, instrument)).toBe(price);
  });

  test.each<[from: string, ticks: number, to: string]>([
    ['10', 1, '10.05'],
    ['10', -10, '9.5'],
    ['0.5', 1, '0.5001'],
    ['0.0001', -1, '0.0001'],
    ['0.0005', -10, '0.0001'],
  ])('%s and %d ticks is %s', (from, ticks, to) => {
    expect(stepped(from, ticks, instrument)).toBe(to);
  });
});
