import { describe, expect, test } from 'vitest';
import {
  type CorporateAction,
  effectiveAfter,
  factorsAt,
  factorsBetween,
  factorsOf,
  isUnchanged,
  refuseTerms,
  times,
  UNCHANGED,
} from '../../src/domain/corporate-action.ts';
import {
  DEFAULT_LIMITS,
  type Instrument,
  refuseInstrument,
  SYMBOL,
  sameTerms,
  tickAt,
} from '../../src/domain/instrument.ts';

const ONE = 1_000_000n;
const apple: Instrument = {
  symbol: 'AAPL',
  name: 'Apple',
  exchange: 'NASDAQ',
  sector: 'Technology',
  type: 'equity',
  currency: 'USD',
  tick: 10_000n,
  tickBelowOne: 100n,
  lot: 1n,
  fractionable: true,
  tradable: true,
  halt: undefined,
  basePrice: 227_500_000n,
  ...DEFAULT_LIMITS,
  version: 1n,
  volatilityPpm: 280_000,
  dailyVolume: 52_000_000,
};

describe('an instrument may be listed', () => {
  const SAFE = BigInt(Number.MAX_SAFE_INTEGER);
  const rows: [rule: string, bent: Partial<Instrument>][] = [
    ['as most are', {}],
    ['with a symbol of sixteen', { symbol: 'A'.repeat(16) }],
    ['with a symbol of one', { symbol: 'A' }],
    ['with digits and a stroke in it', { symbol: 'B2-B' }],
    ['with a name of eighty', { name: 'a'.repeat(80) }],
    ['with a blank in its name', { name: 'Apple Inc.' }],
    ['on an exchange of twenty', { exchange: 'a'.repeat(20) }],
    ['in a sector of forty', { sector: 'a'.repeat(40) }],
    ['with a tick of one', { tick: ONE, basePrice: ONE }],
    ['with one tick for all', { tickBelowOne: 10_000n }],
    ['in the largest lots', { lot: 1_000_000n * ONE, fractionable: false }],
    ['in whole shares', { lot: ONE, fractionable: false }],
    ['in less than whole shares', { lot: ONE - 1n }],
    ['at its highest price', { maxPrice: 227_500_000n }],
    ['below one on its finer tick', { basePrice: 999_900n }],
    ['with a highest price of one tick', { maxPrice: 10_000n, basePrice: 10_000n, minNotional: 1n }],
    ['with a highest price that a double just holds', { maxPrice: SAFE }],
    ['with orders of one lot', { maxQty: 1n, minNotional: 1n }],
    ['with orders that a double just holds', { maxQty: SAFE }],
    ['where one order comes to the least', { maxQty: ONE, maxPrice: 227_500_000n, minNotional: 227_500_000n }],
    ['as calm as can be', { volatilityPpm: 1000 }],
    ['as wild as can be', { volatilityPpm: 3_000_000 }],
    ['with a share a day', { dailyVolume: 1 }],
    ['with all the shares there are a day', { dailyVolume: 1_000_000_000 }],
  ];
  test.each(rows)('%s', (_, bent) => {
    expect(refuseInstrument({ ...apple, ...bent })).toBeUndefined();
  });

  const SAID: Record<string, string> = {
    symbol: 'should be like AAPL or BRK-B, at most 16 characters',
    name: 'should be 1 to 80 characters of text',
    exchange: 'should be 1 to 20 characters of text',
    sector: 'should be 1 to 40 characters of text',
    currency: 'one of USD, CAD, EUR, GBP',
    tick: 'should divide one unit of currency',
    tick_below_one: 'should divide the tick',
    lot: 'should be from 0.000001 to 1,000,000',
    fractionable: 'goes with a lot below one share',
    max_price: 'should be at least a tick',
    max_qty: 'should be at least a lot',
    volatility: 'should be from 0.001 to 3',
    daily_volume: 'should be 1 to 1,000,000,000',
  };
  const refusals: [rule: string, bent: Partial<Instrument>, field: string, message?: string][] = [
    ['without a symbol', { symbol: '' }, 'symbol'],
    ['with a symbol of seventeen', { symbol: 'A'.repeat(17) }, 'symbol'],
    ['with a symbol that begins with a digit', { symbol: '2A' }, 'symbol'],
    ['with small letters', { symbol: 'Aapl' }, 'symbol'],
    ['with something behind its symbol', { symbol: 'AAPL\n' }, 'symbol'],
    ['without a name', { name: '' }, 'name'],
    ['with a name of eighty-one', { name: 'a'.repeat(81) }, 'name'],
    ['with a blank before its name', { name: ' Apple' }, 'name'],
    ['with a sign that is no text in it', { name: 'App\u0007le' }, 'name'],
    ['with half a character in it', { name: 'App\ud800le' }, 'name'],
    ['on an exchange of twenty-one', { exchange: 'a'.repeat(21) }, 'exchange'],
    ['in a sector of forty-one', { sector: 'a'.repeat(41) }, 'sector'],
    ['in another currency', { currency: 'JPY' }, 'currency'],
    ['with a tick of nothing', { tick: 0n }, 'tick'],
    ['with a tick of less', { tick: -10_000n }, 'tick'],
    ['with a tick above one', { tick: 2n * ONE }, 'tick'],
    ['with a tick that divides nothing', { tick: 300_000n }, 'tick'],
    ['with a finer tick of nothing', { tickBelowOne: 0n }, 'tick_below_one'],
    ['with a finer tick of less', { tickBelowOne: -100n }, 'tick_below_one'],
    ['with a finer tick that does not divide it', { tickBelowOne: 300n }, 'tick_below_one'],
    ['in lots of nothing', { lot: 0n }, 'lot'],
    ['in lots that are too large', { lot: 1_000_000n * ONE + 1n, fractionable: false }, 'lot'],
    ['in fractions of whole lots', { lot: ONE }, 'fractionable'],
    ['in parts that are said to be whole', { lot: ONE - 1n, fractionable: false }, 'fractionable'],
    ['with a highest price below a tick', { maxPrice: 9999n }, 'max_price'],
    ['with a highest price that no double holds', { maxPrice: SAFE + 1n }, 'max_price'],
    ['for nothing', { basePrice: 0n }, 'base_price', 'should be up to the highest price'],
    [
      'above its highest price',
      { basePrice: 227_510_000n, maxPrice: 227_500_000n },
      'base_price',
      'should be up to the highest price',
    ],
    ['off its tick', { basePrice: 227_505_000n }, 'base_price', 'should be a multiple of the tick'],
    ['off its finer tick', { basePrice: 999_950n }, 'base_price', 'should be a multiple of the tick'],
    ['where an order may come to nothing', { minNotional: 0n }, 'min_notional', 'should be above zero'],
    ['with orders of less than a lot', { lot: 2n, maxQty: 1n }, 'max_qty'],
    ['with orders that no double holds', { maxQty: SAFE + 1n }, 'max_qty'],
    [
      'where no order comes to the least',
      { maxQty: ONE, maxPrice: 227_500_000n, minNotional: 227_500_001n },
      'min_notional',
      'should be up to what the largest order comes to',
    ],
    ['calmer than anything', { volatilityPpm: 999 }, 'volatility'],
    ['wilder than anything', { volatilityPpm: 3_000_001 }, 'volatility'],
    ['with half a millionth', { volatilityPpm: 1000.5 }, 'volatility'],
    ['without a share a day', { dailyVolume: 0 }, 'daily_volume'],
    ['with more shares a day than there are', { dailyVolume: 1_000_000_001 }, 'daily_volume'],
  ];
  test.each(refusals)('but not %s', (_, bent, field, message) => {
    expect(refuseInstrument({ ...apple, ...bent })).toEqual({ field, message: message ?? SAID[field] });
  });
});

describe('an instrument', () => {
  test('has the coarser tick from one upwards', () => {
    expect([ONE - 1n, ONE, ONE + 1n].map((price) => tickAt(apple, price))).toEqual([100n, 10_000n, 10_000n]);
  });

  test('is called by capitals from the first letter on', () => {
    expect([SYMBOL.test('AAPL'), SYMBOL.test('xAAPL')]).toEqual([true, false]);
  });

  test('allows orders of up to a million, at up to a million, from one upwards', () => {
    const million = 1_000_000n * ONE;
    expect(DEFAULT_LIMITS).toEqual({ minNotional: ONE, maxQty: million, maxPrice: million });
  });

  const other: Omit<Instrument, 'symbol' | 'halt' | 'version'> = {
    name: 'x',
    exchange: 'x',
    sector: 'x',
    type: 'etf',
    currency: 'CAD',
    tick: 1n,
    tickBelowOne: 1n,
    lot: 2n,
    fractionable: false,
    tradable: false,
    basePrice: 1n,
    minNotional: 2n,
    maxQty: 1n,
    maxPrice: 1n,
    volatilityPpm: 1,
    dailyVolume: 1,
  };
  test.each(Object.entries(other))('is stated anew with another %s', (term, value) => {
    expect(sameTerms(apple, { ...apple, [term]: value })).toBe(false);
  });

  test('is not stated anew by a halt or a version', () => {
    expect(sameTerms(apple, { ...apple, halt: { reason: 'x', sinceUs: 1n }, version: 9n })).toBe(true);
  });
});

const split = (to: bigint, from: bigint, effectiveAtUs = 0n): CorporateAction => ({
  id: 's',
  symbol: 'AAPL',
  terms: { type: 'split', to, from },
  exDate: '2024-07-05',
  referencePx: 100n,
  appliedAtUs: 0n,
  effectiveAtUs,
});
const dividend = (amount: bigint, effectiveAtUs = 0n): CorporateAction => ({
  ...split(1n, 1n, effectiveAtUs),
  terms: { type: 'cash_dividend', amount, currency: 'USD' },
});

const cash = (amount: bigint, currency = 'USD') => ({ type: 'cash_dividend', amount, currency }) as const;

const splitTerms = (to: bigint, from: bigint) => ({ type: 'split', to, from }) as const;

describe('a corporate action is refused', () => {
  const of = { currency: 'USD', price: 100n };
  const rows: [rule: string, terms: Parameters<typeof refuseTerms>[0], refusal: string | undefined][] = [
    ['never for being usual', splitTerms(2n, 1n), undefined],
    ['nor for the largest ratio', splitTerms(10_000n, 1n), undefined],
    ['nor for the smallest', splitTerms(1n, 10_000n), undefined],
    ['with no new shares', splitTerms(0n, 1n), 'ratio_invalid'],
    ['for no old ones', splitTerms(1n, 0n), 'ratio_invalid'],
    ['with more new shares than anybody makes', splitTerms(10_001n, 1n), 'ratio_invalid'],
    ['for more old ones', splitTerms(1n, 10_001n), 'ratio_invalid'],
    ['where it changes nothing', splitTerms(3n, 3n), 'ratio_is_one'],
    ['not for a dividend below the price', cash(99n), undefined],
    ['for one of all of it', cash(100n), 'amount_above_price'],
    ['for one of nothing', cash(0n), 'amount_invalid'],
    ['for one in other money', cash(1n, 'CAD'), 'currency_foreign'],
  ];
  test.each(rows)('%s', (_, terms, refusal) => {
    expect(refuseTerms(terms, of)).toBe(refusal);
  });
});

const ratio = (numerator: bigint, denominator: bigint) => ({ numerator, denominator });

describe('prices from before a corporate action', () => {
  test.each([
    [0n, 60_000_000n],
    [59_999_999n, 60_000_000n],
    [60_000_000n, 120_000_000n],
  ])('are those up to the next whole minute: %i, %i', (now, effective) => {
    expect(effectiveAfter(now)).toBe(effective);
  });

  test('are multiplied, and volumes the other way for a split', () => {
    expect(factorsOf(split(3n, 2n))).toEqual({ price: ratio(2n, 3n), volume: ratio(3n, 2n) });
    expect(factorsOf(dividend(25n))).toEqual({ price: ratio(75n, 100n), volume: ratio(1n, 1n) });
  });

  test('by all actions that are in effect, one upon the other, in lowest terms', () => {
    const actions = [split(2n, 1n, 1_000_000n), dividend(25n, 2_000_000n)];
    expect(factorsAt(actions, 999)).toEqual(UNCHANGED);
    expect(factorsAt(actions, 1000)).toEqual({ price: ratio(1n, 2n), volume: ratio(2n, 1n) });
    const both = { price: ratio(3n, 8n), volume: ratio(2n, 1n) };
    expect(factorsAt(actions, 2000)).toEqual(both);
    expect(factorsBetween(factorsAt(actions, 1000), both)).toEqual({ price: ratio(3n, 4n), volume: ratio(1n, 1n) });
    expect(factorsBetween(both, UNCHANGED)).toEqual({ price: ratio(8n, 3n), volume: ratio(1n, 2n) });
  });

  test('are the same where nothing changes', () => {
    expect(isUnchanged(UNCHANGED)).toBe(true);
    expect(isUnchanged(factorsOf(split(2n, 1n)))).toBe(false);
    expect(isUnchanged({ price: ratio(1n, 2n), volume: ratio(1n, 1n) })).toBe(false);
    expect(isUnchanged({ price: ratio(5n, 5n), volume: ratio(1n, 2n) })).toBe(false);
  });

  test.each([
    [300, ratio(2n, 3n), 1, 200],
    [1, ratio(1n, 2n), 1, 1],
    [1, ratio(1n, 3n), 1, 0],
    [2, ratio(1n, 3n), 1, 1],
    [250, ratio(1n, 2n), 100, 100],
    [300, ratio(1n, 2n), 100, 200],
    [500, ratio(3n, 1n), 100, 1500],
  ])('%i times %o in steps of %i is %i', (value, by, step, product) => {
    expect(times(value, by, step)).toBe(product);
  });

  test('are in steps of one where nothing is said', () => {
    expect(times(7, ratio(1n, 2n))).toBe(4);
  });
});
