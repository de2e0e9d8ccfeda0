import { describe, expect, test } from 'vitest';
import { draftFrom } from '../../src/features/instrument/draft.ts';
import {
  estimateOf,
  nearestTick,
  type Ticket,
  type TicketMarket,
  touchOf,
  touchSide,
  tradesAtOnce,
} from '../../src/features/instrument/ticket-rules.ts';
import { specsOf } from '../../src/features/instrument/ticket-specs.ts';
import { account, at, instrument, limit, market } from './ticket-fixture.ts';

test.each<[rule: string, of: Partial<Ticket>, exit: ReturnType<typeof tradesAtOnce>]>([
  ['a profit that is not above the price', { takeProfit: '100', stopLoss: '90' }, 'takeProfit'],
  ['a stop that is not below it', { takeProfit: '120', stopLoss: '100' }, 'stopLoss'],
  ['a sold profit that is not below it', { side: 'SELL', takeProfit: '101', stopLoss: '110' }, 'takeProfit'],
  ['exits around the price', { takeProfit: '101', stopLoss: '99' }, undefined],
  ['of an entry with a price none', { type: 'LIMIT', takeProfit: '100', stopLoss: '90' }, undefined],
  ['of exits alone none', { shape: 'OCO', takeProfit: '100', stopLoss: '90' }, undefined],
  ['one that is not there yet', { takeProfit: '', stopLoss: '' }, undefined],
])('what an entry at market sets off at once: %s', (_, of, exit) => {
  expect(tradesAtOnce(at({ shape: 'BRACKET', type: 'MARKET', ...of }), market)).toBe(exit);
});

test('what it comes to is exact', () => {
  const fees = { perOrder: '0', perShare: '0.005', basisPoints: '10', minimum: '1', maximum: '5' };
  const found = estimateOf(at({ size: '3', limitPrice: '33.33' }), market, { ...account, fees });
  // 99.99 and a fee of 0.115 that is raised to the least of 1.
  expect(found).toMatchObject({ cost: 100_990_000n, fee: 1_000_000n, shares: 3_000_000n });
});

test('the next tick is shown to who is between two', () => {
  expect([
    nearestTick('100.004', instrument),
    nearestTick('100.005', instrument),
    nearestTick('0.12344', instrument),
  ]).toEqual(['100', '100.01', '0.1234']);
});

describe('the orders that a ticket means', () => {
  test('one alone, with only what its type has', () => {
    expect(specsOf(limit, 'ACME')).toEqual({
      group: undefined,
      legs: [{ symbol: 'ACME', side: 'BUY', type: 'LIMIT', timeInForce: 'DAY', quantity: '5', limitPrice: '100' }],
    });
  });

  test.each([
    ['PERCENT', { trailPercent: '2.5' }],
    ['MONEY', { trailAmount: '2.5' }],
  ] as const)('a trailing stop that follows in %s', (trailIn, trail) => {
    const { legs } = specsOf(at({ type: 'TRAILING_STOP', trailIn, trail: '2.5' }), 'ACME');
    expect(legs).toEqual([
      { symbol: 'ACME', side: 'BUY', type: 'TRAILING_STOP', timeInForce: 'DAY', quantity: '5', ...trail },
    ]);
  });

  test('a bracket: entry, profit, stop, in that order', () => {
    const { group, legs } = specsOf(at({ shape: 'BRACKET', takeProfit: '110', stopLoss: '95' }), 'ACME');
    expect(group).toBe('BRACKET');
    expect(legs.map(({ side, type, limitPrice, stopPrice }) => [side, type, limitPrice ?? stopPrice])).toEqual([
      ['BUY', 'LIMIT', '100'],
      ['SELL', 'LIMIT', '110'],
      ['SELL', 'STOP', '95'],
    ]);
  });
});

describe('where a limit starts', () => {
  test.each<
    [rule: string, of: Partial<Ticket>, on: TicketMarket | undefined, price: string | undefined, best?: string]
  >([
    ['at the best price of the book, whatever a quote says', {}, market, '100.05', '100.05'],
    ['but not while the prices are old', {}, { ...market, isStale: true }, undefined, '100.05'],
    ['a buy at the ask', {}, market, '100.01'],
    ['a sale at the bid', { side: 'SELL' }, market, '99.99'],
    ['one that may not take, at its own side', { postOnly: true }, market, '99.99'],
    ['and a sale that may not', { side: 'SELL', postOnly: true }, market, '100.01'],
    ['without an ask at the last price, on the grid', {}, { ...market, ask: null, last: '100.005' }, '100.01'],
    ['below one on the finer grid, exactly', {}, { ...market, ask: '0.123449' }, '0.1234'],
    ['of fifteen digits to the last', {}, { ...market, ask: '9007199254740.99' }, '9007199254740.99'],
    ['of an old price none', {}, { ...market, isStale: true }, undefined],
    ['without a price none', {}, undefined, undefined],
    ['of nothing none', {}, { ...market, ask: '0' }, undefined],
  ])('%s', (_, of, on, price, best) => {
    expect(touchOf(at(of), on, best, instrument)).toBe(price);
  });

  test('and says which side that is', () => {
    expect([touchSide(at({})), touchSide(at({ side: 'SELL' }))]).toEqual(['ask', 'bid']);
  });
});

test.each([
  [{ side: 'buy' }, { side: 'BUY' }],
  [{ side: 'BUY' }, { side: 'BUY' }],
  [
    { side: 'Sell', quantity: '5', type: 'MARKET' },
    { side: 'SELL', size: '5', sizeIn: 'SHARES', type: 'MARKET' },
  ],
  [{ side: 'short', type: 'anything' }, {}],
  [{ price: '187.5' }, { limitPrice: '187.5', type: 'LIMIT' }],
])('an address that says %j fills the ticket with %j', (search, filled) => {
  expect(draftFrom(search)).toEqual(filled);
});
