import { beforeEach, describe, expect, test, vi } from 'vitest';
import { draftFrom, emptyDraft, ticketOf } from '../../src/features/instrument/draft.ts';
import { wordsFor } from '../../src/features/instrument/refusal-words.ts';
import {
  estimateOf,
  nearestTick,
  refusal,
  type Ticket,
  type TicketAccount,
  type TicketInstrument,
  type TicketMarket,
  touchOf,
  touchSide,
  tradesAtOnce,
} from '../../src/features/instrument/ticket-rules.ts';
import { specsOf } from '../../src/features/instrument/ticket-specs.ts';
import { setLocale } from '../../src/ui/number.ts';

beforeEach(() => {
  vi.stubGlobal('document', { documentElement: { lang: '' } });
  setLocale('en');
});

const instrument: TicketInstrument = {
  symbol: 'ACME',
  tick: '0.01',
  tickBelowOne: '0.0001',
  lot: '0.000001',
  fractionable: true,
  tradable: true,
  halted: false,
  minNotional: '1',
  maxQuantity: '1000000',
  maxPrice: '100000',
};
const market: TicketMarket = { last: '100', bid: '99.99', ask: '100.01', isStale: false };
const account: TicketAccount = {
  isOpen: true,
  buyingPower: '10000',
  sharesAvailable: '10',
  fees: { perOrder: '1', perShare: '0', basisPoints: '0', minimum: '0', maximum: null },
};
const limit: Ticket = { ...ticketOf(emptyDraft), size: '5', limitPrice: '100' };
const at = (change: Partial<Ticket>): Ticket => ({ ...limit, ...change });

describe('the ladder of refusals, in its order', () => {
  test.each([
    ['no account', limit, instrument, market, undefined, 'ticket', 'no_account'],
    [
      'an account that cannot trade',
      limit,
      instrument,
      market,
      { ...account, isOpen: false },
      'ticket',
      'account_not_open',
    ],
    ['not tradable', limit, { ...instrument, tradable: false }, market, account, 'ticket', 'not_tradable'],
    ['halted', limit, { ...instrument, halted: true }, market, account, 'ticket', 'symbol_halted'],
    [
      'a market order on a stale price',
      at({ type: 'MARKET' }),
      instrument,
      { ...market, isStale: true },
      account,
      'ticket',
      'price_is_stale',
    ],
    [
      'a market order without a price',
      at({ type: 'MARKET' }),
      instrument,
      undefined,
      account,
      'ticket',
      'price_is_stale',
    ],
    ['no size', at({ size: '' }), instrument, market, account, 'size', 'size_missing'],
    ['text that is no number', at({ size: null }), instrument, market, account, 'size', 'size_missing'],
    ['nothing', at({ size: '0' }), instrument, market, account, 'size', 'size_not_positive'],
    [
      'a part of a share that has none',
      at({ size: '0.5' }),
      { ...instrument, fractionable: false },
      market,
      account,
      'size',
      'whole_shares_only',
    ],
    ['off the lot', at({ size: '15' }), { ...instrument, lot: '10' }, market, account, 'size', 'size_off_lot'],
    ['too many', at({ size: '1000001' }), instrument, market, account, 'size', 'size_above_maximum'],
    ['money with a limit', at({ sizeIn: 'MONEY' }), instrument, market, account, 'size', 'money_at_market_only'],
    [
      'less money than the least',
      at({ type: 'MARKET', sizeIn: 'MONEY', size: '0.5' }),
      instrument,
      market,
      account,
      'size',
      'amount_below_minimum',
    ],
    ['no limit', at({ limitPrice: '' }), instrument, market, account, 'limitPrice', 'price_missing'],
    ['between two ticks', at({ limitPrice: '100.005' }), instrument, market, account, 'limitPrice', 'price_off_tick'],
    [
      'below one the tick is finer',
      at({ limitPrice: '0.12345' }),
      instrument,
      market,
      account,
      'limitPrice',
      'price_off_tick',
    ],
    [
      'above the highest price',
      at({ limitPrice: '100000.01' }),
      instrument,
      market,
      account,
      'limitPrice',
      'price_above_maximum',
    ],
    ['no stop', at({ type: 'STOP' }), instrument, market, account, 'stopPrice', 'price_missing'],
    ['no trail', at({ type: 'TRAILING_STOP' }), instrument, market, account, 'trail', 'trail_missing'],
    [
      'a trail of everything',
      at({ type: 'TRAILING_STOP', trail: '100' }),
      instrument,
      market,
      account,
      'trail',
      'trail_out_of_range',
    ],
    [
      'a trail of no money',
      at({ type: 'TRAILING_STOP', trailIn: 'MONEY', trail: '0' }),
      instrument,
      market,
      account,
      'trail',
      'trail_not_positive',
    ],
    [
      'a trail of more than any price',
      at({ type: 'TRAILING_STOP', trailIn: 'MONEY', trail: '100001' }),
      instrument,
      market,
      account,
      'trail',
      'price_above_maximum',
    ],
    [
      'a sale that follows by the price itself',
      at({ type: 'TRAILING_STOP', side: 'SELL', trailIn: 'MONEY', trail: '100' }),
      instrument,
      market,
      account,
      'trail',
      'trail_beyond_price',
    ],
    [
      'a profit below the entry',
      at({ shape: 'BRACKET', takeProfit: '99', stopLoss: '90' }),
      instrument,
      market,
      account,
      'takeProfit',
      'profit_not_above_entry',
    ],
    [
      'a profit below what sets the entry off',
      at({ shape: 'BRACKET', type: 'STOP', stopPrice: '130', takeProfit: '120', stopLoss: '90' }),
      instrument,
      market,
      account,
      'takeProfit',
      'profit_not_above_entry',
    ],
    [
      'a stop above the entry',
      at({ shape: 'BRACKET', takeProfit: '120', stopLoss: '101' }),
      instrument,
      market,
      account,
      'stopLoss',
      'loss_not_below_entry',
    ],
    [
      'a stop above what sets the entry off',
      at({
        shape: 'BRACKET',
        type: 'STOP_LIMIT',
        stopPrice: '98',
        limitPrice: '102',
        takeProfit: '120',
        stopLoss: '99',
      }),
      instrument,
      market,
      account,
      'stopLoss',
      'loss_not_below_entry',
    ],
    [
      'exits the wrong way round',
      at({ shape: 'BRACKET', type: 'MARKET', takeProfit: '90', stopLoss: '110' }),
      instrument,
      market,
      account,
      'stopLoss',
      'loss_not_below_profit',
    ],
    [
      'more shares than there are',
      at({ side: 'SELL', size: '11' }),
      instrument,
      market,
      account,
      'size',
      'not_enough_shares',
    ],
    [
      'more than the buying power, by the fee',
      at({ size: '100' }),
      instrument,
      market,
      account,
      'size',
      'not_enough_buying_power',
    ],
  ] as const)('%s', (_, ticket, of, quote, terms, field, code) => {
    const found = refusal(ticket, of, quote, terms);
    expect(found).toEqual({ field, code });
    // Every refusal has a sentence of its own.
    expect(wordsFor({ field, code }, ticket, of, '10')).not.toBe('This cannot be sent.');
  });

  test.each([
    ['a limit order', limit],
    ['at the market', at({ type: 'MARKET' })],
    ['for an amount', at({ type: 'MARKET', sizeIn: 'MONEY', size: '250' })],
    ['all of the shares', at({ side: 'SELL', size: '10' })],
    ['a bracket', at({ shape: 'BRACKET', takeProfit: '110', stopLoss: '95' })],
    [
      'one whose entry waits for a higher price',
      at({ shape: 'BRACKET', type: 'STOP', stopPrice: '120', takeProfit: '130', stopLoss: '110' }),
    ],
    [
      'one at market whose exits are past the price',
      at({ shape: 'BRACKET', type: 'MARKET', takeProfit: '99', stopLoss: '98' }),
    ],
    ['exits of what one has', at({ shape: 'OCO', side: 'SELL', takeProfit: '110', stopLoss: '95', limitPrice: '' })],
    ['the whole of the buying power but the fee', at({ size: '99.99' })],
    ['a price off the grid of another type', at({ type: 'MARKET', limitPrice: '100.005' })],
    ['a limit order on a stale price', limit],
  ])('%s may go', (_, ticket) => {
    expect(refusal(ticket, instrument, market, account)).toBeUndefined();
  });
});

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
