import { describe, expect, test } from 'vitest';
import { allRefusals, judgeOrder, refuseShape, worstPrice } from '../src/domain/judge-order.ts';
import type { Market } from '../src/domain/market.ts';
import type { OrderSpec } from '../src/domain/order.ts';
import { isRefusal, type Refusal } from '../src/domain/refusal.ts';
import {
  closed,
  collars,
  instrument,
  limit,
  listed,
  market,
  NOW,
  open,
  quote,
  stop,
  stopLimit,
  trailing,
  units,
} from './domain-fixture.ts';

/** Whoever only asks is told of everything at once: [what, the order, the market, reasons with their fields]. */
const cases: [string, OrderSpec, Market, string[]][] = [
  ['nothing', limit, open, []],
  [
    'a shape that makes no sense, and nothing else',
    { ...limit, symbol: '' },
    listed({ halted: true }),
    ['symbol_missing symbol'],
  ],
  ['an instrument that nobody knows', limit, { ...open, instrument: undefined }, ['instrument_not_found symbol']],
  ['one that is not traded', limit, listed({ tradable: false }), ['instrument_not_tradable symbol']],
  ['numbers', { ...limit, limitPx: units(99.001) }, open, ['price_off_tick limit_px']],
  ['a halt', limit, listed({ halted: true, haltedAtUs: 7n }), ['symbol_halted symbol']],
  ['a market that is closed', market, closed, ['market_closed ']],
  ['an order that may lie there until it opens', limit, closed, []],
  ['a market whose hours nobody knows', market, { ...open, clock: undefined }, []],
  ['a price that is too old', market, { ...open, nowUs: NOW + 2n }, ['no_price ']],
  ['an order at its own price, whatever the market’s', limit, { ...open, nowUs: NOW + 2n }, []],
  ['no price at all', market, { ...open, quote: undefined }, ['no_price ']],
  ['a limit far away', { ...limit, limitPx: units(300) }, open, ['price_outside_collar limit_px']],
  ['a stop that is passed', { ...stop, stopPx: units(90) }, open, ['stop_price_on_wrong_side stop_px']],
  [
    'what shows only when it is placed',
    { ...market, qty: 0n, notional: units(5) },
    listed({ fractionable: true }),
    ['notional_below_minimum notional'],
  ],
  [
    'all of it',
    { ...market, qty: units(2000) },
    { ...listed({ tradable: false, halted: true }), clock: closed.clock, quote: undefined },
    [
      'instrument_not_tradable symbol',
      'quantity_above_maximum qty',
      'symbol_halted symbol',
      'market_closed ',
      'no_price ',
    ],
  ],
];

const numbersOf = (spec: OrderSpec, at: Market): Refusal['numbers'] | undefined =>
  allRefusals(spec, at, collars).at(-1)?.numbers;

describe('every refusal that would be met', () => {
  test.each(cases)('%s', (_, spec, at, told) => {
    const refusals = allRefusals(spec, at, collars);
    expect(refusals.map(({ refused, field }) => `${refused} ${field}`)).toEqual(told);
    // Whoever places it instead is told of the first.
    const judged = judgeOrder(spec, at, collars);
    expect(isRefusal(judged) ? [judged] : []).toEqual(refusals.slice(0, 1));
  });

  test('since when it is halted', () => {
    expect(numbersOf(limit, listed({ halted: true, haltedAtUs: 7n }))).toEqual({ since_us: 7n });
  });

  test('when the market opens', () => {
    expect(numbersOf(market, closed)).toEqual({ opens_at_us: 77n });
  });

  test('of when the price is, and until when it was good', () => {
    const stale = { ...quote, asOfUs: 3n, validUntilUs: 4n };
    expect(numbersOf(market, { ...open, quote: stale })).toEqual({ as_of_us: 3n, valid_until_us: 4n });
    expect(numbersOf(market, { ...open, quote: undefined })).toEqual({ as_of_us: 0n, valid_until_us: 0n });
  });
});

describe('the worst price that an order may trade at', () => {
  test.each<[string, OrderSpec, bigint | undefined]>([
    ['of a market order is its collar', market, units(105)],
    ['of one with a limit is the limit', limit, units(99)],
    ['of a stop with a limit too', stopLimit, units(111)],
    ['of a stop is whatever triggers it', stop, undefined],
    ['of one that trails too', trailing, undefined],
  ])('%s', (_, spec, worst) => {
    expect(worstPrice(spec, { collarPx: units(105) })).toBe(worst);
  });
});

describe('bounds of what is placed', () => {
  test('prices as high as the engine counts have a shape, one more has none', () => {
    const most = 2n ** 53n - 1n;
    expect(refuseShape({ ...limit, limitPx: most })).toBeUndefined();
    expect(refuseShape({ ...limit, limitPx: most + 1n })).toMatchObject({
      refused: 'price_invalid',
      field: 'limit_px',
    });
    expect(refuseShape({ ...stop, stopPx: most + 1n })).toMatchObject({ refused: 'price_invalid', field: 'stop_px' });
  });

  test('the collar of a purchase is on the tick above a price that it would fall short of', () => {
    const penny = { ...instrument, tick: units(0.01), tickBelowOne: units(0.01) };
    const at = { ...open, instrument: penny, quote: { ...quote, ask: units(0.015), last: units(0.015) } };
    expect(judgeOrder(market, at, collars)).toMatchObject({ collarPx: units(0.02) });
  });

  test('money beyond what one order may come to is refused as money', () => {
    const dear = { ...instrument, fractionable: true, lot: 1n, maxQty: 0n };
    const spec: OrderSpec = { ...market, qty: 0n, notional: 10n ** 18n };
    const refused = judgeOrder(spec, { ...open, instrument: dear }, collars);
    expect(refused).toMatchObject({ refused: 'notional_above_maximum', field: 'notional' });
    expect(refused).toHaveProperty('numbers', { notional: expect.any(BigInt) });
  });
});
