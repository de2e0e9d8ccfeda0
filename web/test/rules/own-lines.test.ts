import { describe, expect, test } from 'vitest';
import {
  linesOf,
  type OwnOrder,
  placeAt,
  placeBeside,
  priceAt,
  stepped,
} from '../../src/features/instrument/own-lines.ts';
import type { TicketInstrument } from '../../src/features/instrument/ticket-rules.ts';

const instrument = { tick: '0.05', tickBelowOne: '0.0001' } as TicketInstrument;
const order = (of: Partial<OwnOrder>) =>
  ({
    id: 'o',
    orderId: 'o',
    status: 'NEW',
    type: 'LIMIT',
    side: 'SELL',
    limitPrice: null,
    stopPrice: null,
    trailAmount: null,
    trailPercent: null,
    ...of,
  }) as OwnOrder;
const trailing = { type: 'TRAILING_STOP', status: 'ACCEPTED', trailPercent: '2' } as const;

describe('one’s own lines', () => {
  test.each<[what: string, of: Partial<OwnOrder>, lines: string[]]>([
    ['a limit', { limitPrice: '10' }, ['limitPrice 10 moves']],
    [
      'a stop with a limit: both',
      { type: 'STOP_LIMIT', limitPrice: '10', stopPrice: '11' },
      ['limitPrice 10 moves', 'stopPrice 11 moves'],
    ],
    ['a trailing stop, where it is now', trailing, ['trailPercent 98 moves']],
    ['one that stood nowhere yet', { ...trailing, orderId: 'new' }, []],
    ['one that is being cancelled', { status: 'PENDING_CANCEL', limitPrice: '10' }, ['limitPrice 10 stays']],
    ['one that has ended', { status: 'FILLED', limitPrice: '10' }, []],
    ['one at the market', { type: 'MARKET' }, []],
  ])('%s', (_, of, lines) => {
    const found = linesOf([order(of)], new Map([['o', '98']]));
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

describe('a stop that follows the market is moved by how far behind it is', () => {
  // The best that it has seen is 100.
  const lineOf = (of: Partial<OwnOrder>, stop: string) => {
    const [line] = linesOf([order({ ...trailing, ...of })], new Map([['o', stop]]));
    if (line === undefined) throw new Error('no line');
    return line;
  };
  const amount = { trailPercent: null, trailAmount: '2' };

  test.each<[what: string, of: Partial<OwnOrder>, stop: string, at: number, value: string, price: string]>([
    ['a sale, closer, in percent', {}, '98', 99, '1', '99'],
    ['a sale, further, in percent', {}, '98', 95.02, '5', '95'],
    ['to the hundredth of a percent, on the grid', {}, '98', 96.503, '3.5', '96.5'],
    ['beyond the market it stays a little behind', {}, '98', 120, '0.01', '100'],
    ['to the bottom it stays below the whole', {}, '98', 0, '99.99', '0.01'],
    ['a sale, further, by an amount', amount, '98', 90.02, '10', '90'],
    ['by an amount it is never nothing', amount, '98', 120, '0.05', '99.95'],
    ['a purchase, further, in percent', { side: 'BUY' }, '102', 104, '4', '104'],
    ['a purchase, closer, by an amount', { side: 'BUY', ...amount }, '102', 101, '1', '101'],
  ])('%s', (_, of, stop, at, value, price) => {
    expect(placeAt(lineOf(of, stop), at, instrument)).toEqual({ value, price });
  });

  test.each<[what: string, of: Partial<OwnOrder>, stop: string, steps: number, value: string, price: string]>([
    ['a sale up: closer by hundredths', {}, '98', 10, '1.9', '98.1'],
    ['a sale down: further', {}, '98', -10, '2.1', '97.9'],
    ['by an amount: a tick', amount, '98', 1, '1.95', '98.05'],
    ['a purchase up: further', { side: 'BUY' }, '102', 10, '2.1', '102.1'],
  ])('by keys: %s', (_, of, stop, steps, value, price) => {
    const line = lineOf(of, stop);
    expect(placeBeside(line, line, steps, instrument)).toEqual({ value, price });
  });

  test('so many steps one after the other are as far as all at once', () => {
    const line = lineOf({}, '98');
    let place = { price: line.price, value: line.value };
    for (let step = 0; step < 25; step += 1) place = placeBeside(line, place, 1, instrument);
    expect(place).toEqual(placeBeside(line, line, 25, instrument));
  });
});
