import { beforeEach, describe, expect, test, vi } from 'vitest';
import { wordsFor } from '../../src/features/instrument/refusal-words.ts';
import { refusal } from '../../src/features/instrument/ticket-rules.ts';
import { setLocale } from '../../src/ui/number.ts';
import { account, at, instrument, limit, market } from './ticket-fixture.ts';

beforeEach(() => {
  vi.stubGlobal('document', { documentElement: { lang: '' } });
  setLocale('en');
});

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
