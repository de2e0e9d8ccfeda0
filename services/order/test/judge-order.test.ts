import { assert, bigInt, constantFrom, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeOrder } from '../src/domain/judge-order.ts';
import type { Market } from '../src/domain/market.ts';
import type { OrderSpec } from '../src/domain/order.ts';
import { isRefusal } from '../src/domain/refusal.ts';
import {
  closed,
  collars,
  instrument,
  limit,
  listed,
  market,
  NOW,
  open,
  stop,
  stopLimit,
  trailing,
  units,
} from './domain-fixture.ts';

const divisible: Market = { ...open, instrument: { ...instrument, fractionable: true, lot: 1n } };

/** The ladder in its order of precedence: [the rule, the order, the market, reason, field, numbers]. */
const refused: [string, OrderSpec, Market, string, string, Record<string, bigint>?][] = [
  ['without a symbol', { ...limit, symbol: '' }, open, 'symbol_missing', 'symbol'],
  ['outside the session', { ...limit, extendedHours: true }, open, 'field_not_allowed', 'extended_hours'],
  ['a market order with a limit', { ...market, limitPx: 1n }, open, 'field_not_allowed', 'limit_px'],
  ['a limit order with a stop', { ...limit, stopPx: 1n }, open, 'field_not_allowed', 'stop_px'],
  ['a stop with a trail', { ...stop, trailAmount: 1n }, open, 'field_not_allowed', 'trail_amount'],
  ['a stop with a percentage', { ...stop, trailPercent: 1n }, open, 'field_not_allowed', 'trail_percent'],
  ['a limit order without a limit', { ...limit, limitPx: 0n }, open, 'price_missing', 'limit_px'],
  ['a stop without a stop price', { ...stop, stopPx: 0n }, open, 'price_missing', 'stop_px'],
  ['a negative limit', { ...limit, limitPx: -1n }, open, 'price_invalid', 'limit_px'],
  ['a limit beyond all bounds', { ...limit, limitPx: 2n ** 53n }, open, 'price_invalid', 'limit_px'],
  ['a negative stop', { ...stop, stopPx: -1n }, open, 'price_invalid', 'stop_px'],
  ['a trailing stop without a trail', { ...trailing, trailAmount: 0n }, open, 'trail_invalid', 'trail_amount'],
  ['a trailing stop with both', { ...trailing, trailPercent: 1n }, open, 'trail_invalid', 'trail_amount'],
  ['a trail of all', { ...trailing, trailAmount: 0n, trailPercent: units(1) }, open, 'trail_invalid', 'trail_percent'],
  ['shares and money', { ...market, notional: units(5) }, open, 'quantity_and_notional', 'notional'],
  ['neither shares nor money', { ...market, qty: 0n }, open, 'quantity_missing', 'qty'],
  ['a negative quantity', { ...market, qty: -1n }, open, 'quantity_invalid', 'qty'],
  ['more shares than the engine counts', { ...market, qty: 2n ** 52n }, open, 'quantity_invalid', 'qty'],
  ['money beyond all bounds', { ...market, qty: 0n, notional: 10n ** 19n }, open, 'notional_above_maximum', 'notional'],
  [
    'a market order until cancelled',
    { ...market, timeInForce: 'gtc' },
    open,
    'time_in_force_not_allowed',
    'time_in_force',
  ],
  ['a stop that is immediate', { ...stop, timeInForce: 'ioc' }, open, 'time_in_force_not_allowed', 'time_in_force'],
  ['post-only at market', { ...market, postOnly: true }, open, 'post_only_not_allowed', 'post_only'],
  [
    'post-only and immediate',
    { ...limit, postOnly: true, timeInForce: 'ioc' },
    open,
    'post_only_not_allowed',
    'post_only',
  ],
  ['money with a limit', { ...limit, qty: 0n, notional: units(5) }, open, 'notional_not_allowed', 'notional'],
  [
    'money and immediate',
    { ...market, qty: 0n, notional: units(5), timeInForce: 'ioc' },
    open,
    'notional_not_allowed',
    'notional',
  ],
  ['an unknown symbol', limit, { ...open, instrument: undefined }, 'instrument_not_found', 'symbol'],
  ['a symbol that is not traded', limit, listed({ tradable: false }), 'instrument_not_tradable', 'symbol'],
  [
    'a limit above the instrument’s own',
    { ...limit, limitPx: units(100_001) },
    open,
    'price_invalid',
    'limit_px',
    { maximum: units(100_000) },
  ],
  [
    'between ticks',
    { ...limit, limitPx: 99_005_000n },
    open,
    'price_off_tick',
    'limit_px',
    { tick: 10_000n, below: units(99), above: units(99.01) },
  ],
  [
    'between ticks below one',
    { ...limit, limitPx: 500_050n },
    open,
    'price_off_tick',
    'limit_px',
    { tick: 100n, below: 500_000n, above: 500_100n },
  ],
  ['a stop between ticks', { ...stop, stopPx: 110_005_000n }, open, 'price_off_tick', 'stop_px'],
  [
    'money for what cannot be divided',
    { ...market, qty: 0n, notional: units(500) },
    open,
    'notional_not_allowed',
    'notional',
  ],
  [
    'less money than the least',
    { ...market, qty: 0n, notional: 999_999n },
    divisible,
    'notional_below_minimum',
    'notional',
    { minimum: units(1), notional: 999_999n },
  ],
  ['less than a lot', { ...limit, qty: 1n }, open, 'quantity_below_lot', 'qty', { lot: units(1) }],
  ['a part of a lot', { ...limit, qty: units(1.5) }, open, 'quantity_off_lot', 'qty', { lot: units(1) }],
  [
    'more than one order may',
    { ...limit, qty: units(1001) },
    open,
    'quantity_above_maximum',
    'qty',
    { maximum: units(1000), quantity: units(1001) },
  ],
  [
    'an order for a halted instrument',
    limit,
    listed({ halted: true, haltedAtUs: 5n }),
    'symbol_halted',
    'symbol',
    { since_us: 5n },
  ],
  ['a market order while closed', market, closed, 'market_closed', '', { opens_at_us: 77n }],
  [
    'an immediate order while closed',
    { ...limit, timeInForce: 'fok' },
    closed,
    'market_closed',
    '',
    { opens_at_us: 77n },
  ],
  [
    'at market without a price',
    market,
    { ...open, quote: undefined },
    'no_price',
    '',
    { as_of_us: 0n, valid_until_us: 0n },
  ],
  [
    'at market on an old price',
    market,
    { ...open, nowUs: NOW + 2n },
    'no_price',
    '',
    { as_of_us: NOW - 1n, valid_until_us: NOW + 1n },
  ],
  ['trailing on an old price', trailing, { ...open, nowUs: NOW + 2n }, 'no_price', ''],
  [
    'far below the market',
    { ...limit, limitPx: units(49.99) },
    open,
    'price_outside_collar',
    'limit_px',
    { reference: units(100), lowest: units(50), highest: units(150), price: units(49.99) },
  ],
  ['far above the market', { ...limit, limitPx: units(150.01) }, open, 'price_outside_collar', 'limit_px'],
  [
    'a buy stop that is passed',
    { ...stop, stopPx: units(100) },
    open,
    'stop_price_on_wrong_side',
    'stop_px',
    { last: units(100), stop: units(100) },
  ],
  ['a sell stop that is passed', { ...stop, side: 'sell' }, open, 'stop_price_on_wrong_side', 'stop_px'],
  [
    'less money than one lot costs',
    { ...market, qty: 0n, notional: units(50) },
    listed({ fractionable: true }),
    'notional_below_minimum',
    'notional',
  ],
  [
    'more money than one order may',
    { ...limit, qty: 2n ** 52n - 1n, limitPx: units(140_000_000) },
    huge(),
    'notional_above_maximum',
    'qty',
    { maximum: 7_142_857_142n },
  ],
];

const prices = bigInt(1n, 2n ** 53n - 1n);
const quantities = bigInt(1n, 2n ** 52n - 1n);

test('a maximum that a refusal tells of is taken in its place', () => {
  assert(
    property(
      record({
        maxQty: quantities,
        lot: constantFrom(1n, 1000n, units(1)),
        limitPx: prices,
        qty: bigInt(1n, 2n ** 60n),
      }),
      constantFrom(limit, market),
      ({ maxQty, lot, limitPx, qty }, spec) => {
        const on = listed({
          maxQty: maxQty < lot ? lot : maxQty,
          lot,
          maxPrice: 2n ** 53n - 1n,
          tick: 1n,
          tickBelowOne: 1n,
        });
        const asked = { ...spec, qty, ...(spec.type === 'limit' ? { limitPx } : {}) };
        const wide = { ...on, quote: undefined };
        const found = judgeOrder(asked, spec.type === 'limit' ? wide : on, collars);
        if (!isRefusal(found) || found.field !== 'qty' || found.numbers['maximum'] === undefined) return;
        const again = judgeOrder(
          { ...asked, qty: found.numbers['maximum'] },
          spec.type === 'limit' ? wide : on,
          collars,
        );
        if (found.numbers['maximum'] > 0n) expect(again).not.toMatchObject({ field: 'qty' });
      },
    ),
  );
});

describe('the ladder of refusals', () => {
  test.each(refused)('%s', (_, spec, on, reason, field, numbers) => {
    const judged = judgeOrder(spec, on, collars);
    expect(judged).toMatchObject({ refused: reason, field });
    if (numbers !== undefined) expect(judged).toMatchObject({ numbers });
  });

  test('what comes first in the ladder is what is said', () => {
    const wrong = refused.map(([, spec, on]) => judgeOrder({ ...spec, symbol: '' }, on, collars));
    expect(wrong.every((judged) => isRefusal(judged) && judged.refused === 'symbol_missing')).toBe(true);
  });
});

/** [what, the order, the market, what is placed]. */
const placed: [string, OrderSpec, Market, object][] = [
  ['a buy holds its limit', limit, open, { asset: 'USD', principal: units(990), exposure: units(990), collarPx: 0n }],
  [
    'a sale holds its shares',
    { ...limit, side: 'sell', limitPx: units(101) },
    open,
    { asset: 'ACME', principal: units(10), exposure: units(1010) },
  ],
  ['a market buy holds the ask and its collar', market, open, { principal: units(1050.1), collarPx: units(105.01) }],
  [
    'a market sale may go down to its collar',
    { ...market, side: 'sell' },
    open,
    { principal: units(10), collarPx: units(95) },
  ],
  [
    'a stop holds its trigger and the collar behind it',
    stop,
    open,
    { principal: units(1155), collarOffset: units(5.5), collarPx: 0n },
  ],
  ['a stop limit holds its limit', stopLimit, open, { principal: units(1110), collarOffset: 0n }],
  [
    'a trailing buy holds where it would be triggered now',
    trailing,
    open,
    { principal: units(1102.605), collarOffset: units(5.2505) },
  ],
  ['money buys the shares it comes to', { ...market, qty: 0n, notional: units(50) }, divisible, { qty: 499_950n }],
  ['a limit order waits for the market to open', limit, closed, { principal: units(990) }],
  [
    'an auction is judged by the last price there was',
    { ...market, timeInForce: 'opg' },
    { ...closed, nowUs: NOW + 99n },
    { collarPx: units(105.01) },
  ],
  [
    'without a price a limit order has no collar',
    { ...limit, limitPx: units(3) },
    { ...open, quote: undefined },
    { principal: units(30) },
  ],
  ['without hours the engine decides', market, { ...open, clock: undefined }, { collarPx: units(105.01) }],
  ['the highest limit inside the collar', { ...limit, limitPx: units(150) }, open, { principal: units(1500) }],
  ['the lowest limit inside the collar', { ...limit, limitPx: units(50) }, open, { principal: units(500) }],
  ['a price holds until its last moment', market, { ...open, nowUs: NOW + 1n }, { collarPx: units(105.01) }],
];

test.each(placed)('%s', (_, spec, on, placement) => {
  expect(judgeOrder(spec, on, collars)).toMatchObject(placement);
});

test('an exit is not judged by what the market does now', () => {
  const far: OrderSpec = { ...limit, side: 'sell', limitPx: units(500) };
  expect(judgeOrder(far, listed({ halted: true }), collars, 'exit')).toMatchObject({ principal: units(10) });
  expect(judgeOrder({ ...far, qty: 1n }, open, collars, 'exit')).toMatchObject({ refused: 'quantity_below_lot' });
});

function huge(): Market {
  return { ...listed({ lot: 1n, maxQty: 0n, maxPrice: 0n }), quote: undefined };
}
