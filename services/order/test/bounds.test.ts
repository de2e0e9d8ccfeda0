import { describe, expect, test } from 'vitest';
import {
  boundsOf,
  judgeOrder,
  MAX_NOTIONAL,
  MAX_PRICE,
  MAX_QTY,
  refuseNumbers,
  refuseShape,
  triggerPrice,
} from '../src/domain/judge-order.ts';
import { ceilToTick, floorToTick, referencePrice, tickAt, touch } from '../src/domain/market.ts';
import { type OrderSpec, orderTypes, timesInForce } from '../src/domain/order.ts';
import { isRefusal, type RefusalReason } from '../src/domain/refusal.ts';
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

/** The bounds of each rule, from both sides: the last that is refused and the first that is not. */
type Bound = [
  what: string,
  spec: OrderSpec,
  refusal?: { refused: RefusalReason; field: string; numbers: Record<string, bigint> },
];
const refused = (reason: RefusalReason, field: string, numbers: Record<string, bigint> = {}) => ({
  refused: reason,
  field,
  numbers,
});

const price = { maximum: MAX_PRICE };
const money = { ...market, qty: 0n };
const shapes: Bound[] = [
  ['the highest limit', { ...limit, limitPx: MAX_PRICE }],
  ['a higher one', { ...limit, limitPx: MAX_PRICE + 1n }, refused('price_invalid', 'limit_px', price)],
  ['the highest stop', { ...stop, stopPx: MAX_PRICE }],
  ['a higher one', { ...stop, stopPx: MAX_PRICE + 1n }, refused('price_invalid', 'stop_px', price)],
  ['the longest trail', { ...trailing, trailAmount: MAX_PRICE }],
  ['a longer one', { ...trailing, trailAmount: MAX_PRICE + 1n }, refused('trail_invalid', 'trail_amount', price)],
  ['a trail of less than nothing', { ...trailing, trailAmount: -1n }, refused('trail_invalid', 'trail_amount', price)],
  ['a trail of nearly all', { ...trailing, trailAmount: 0n, trailPercent: 999_999n }],
  [
    'of all',
    { ...trailing, trailAmount: 0n, trailPercent: 1_000_000n },
    refused('trail_invalid', 'trail_percent', { maximum: 999_999n }),
  ],
  [
    'a part of less than nothing',
    { ...trailing, trailAmount: 0n, trailPercent: -1n },
    refused('trail_invalid', 'trail_percent', { maximum: 999_999n }),
  ],
  ['the most shares', { ...market, qty: MAX_QTY }],
  ['more', { ...market, qty: MAX_QTY + 1n }, refused('quantity_invalid', 'qty', { maximum: MAX_QTY })],
  ['the most money', { ...money, notional: MAX_NOTIONAL }],
  [
    'more',
    { ...money, notional: MAX_NOTIONAL + 1n },
    refused('notional_above_maximum', 'notional', { maximum: MAX_NOTIONAL, notional: MAX_NOTIONAL + 1n }),
  ],
  [
    'money of less than nothing',
    { ...money, notional: -1n },
    refused('notional_above_maximum', 'notional', { maximum: MAX_NOTIONAL, notional: -1n }),
  ],
  ['money for the day', { ...money, notional: 5n }],
  [
    'money for the opening',
    { ...money, notional: 5n, timeInForce: 'opg' },
    refused('notional_not_allowed', 'notional'),
  ],
  ['money at a limit', { ...limit, qty: 0n, notional: 5n }, refused('notional_not_allowed', 'notional')],
  ['post-only for the day', { ...limit, postOnly: true }],
  ['post-only until canceled', { ...limit, postOnly: true, timeInForce: 'gtc' }],
  [
    'post-only at once',
    { ...limit, postOnly: true, timeInForce: 'ioc' },
    refused('post_only_not_allowed', 'post_only'),
  ],
  ['a post-only stop', { ...stopLimit, postOnly: true }, refused('post_only_not_allowed', 'post_only')],
];

test.each(shapes)('%s', (_, spec, refusal) => {
  expect(refuseShape(spec)).toEqual(refusal);
});

const bounded = { ...instrument, maxPrice: units(200), minNotional: units(5), fractionable: true };
const numbers: Bound[] = [
  ['the instrument’s highest limit', { ...limit, limitPx: units(200) }],
  ['a tick more', { ...limit, limitPx: units(200.01) }, refused('price_invalid', 'limit_px', { maximum: units(200) })],
  ['its highest stop', { ...stop, stopPx: units(200) }],
  ['a tick more', { ...stop, stopPx: units(200.01) }, refused('price_invalid', 'stop_px', { maximum: units(200) })],
  ['the least money', { ...money, notional: units(5) }],
  [
    'less',
    { ...money, notional: units(5) - 1n },
    refused('notional_below_minimum', 'notional', { minimum: units(5), notional: units(5) - 1n }),
  ],
  ['one lot', { ...market, qty: units(1) }],
  ['the most shares', { ...market, qty: units(1000) }],
  [
    'one lot more',
    { ...market, qty: units(1001) },
    refused('quantity_above_maximum', 'qty', { maximum: units(1000), quantity: units(1001) }),
  ],
];

const numbersRefused = (spec: OrderSpec, of: typeof instrument) =>
  refuseNumbers(spec, of, boundsOf(spec, { ...open, instrument: of }, collars));

test.each(numbers)('of an instrument with bounds, %s', (_, spec, refusal) => {
  expect(numbersRefused(spec, bounded)).toEqual(refusal);
});

test('an instrument that sets no bounds, or higher ones, has those of the engine', () => {
  const high = { ...limit, limitPx: MAX_PRICE + 1n };
  for (const maxPrice of [0n, MAX_PRICE + 5n]) {
    const maximum = floorToTick(instrument, MAX_PRICE);
    expect(numbersRefused(high, { ...instrument, maxPrice })).toMatchObject({ numbers: { maximum } });
  }
});

test('each type has its times in force', () => {
  const specs: Record<(typeof orderTypes)[number], OrderSpec> = {
    market,
    limit,
    stop,
    stop_limit: stopLimit,
    trailing_stop: trailing,
  };
  const allowed = orderTypes.map((type) => [
    type,
    timesInForce.filter((timeInForce) => refuseShape({ ...specs[type], timeInForce }) === undefined).join(' '),
  ]);
  expect(Object.fromEntries(allowed)).toEqual({
    market: 'day ioc fok opg cls',
    limit: 'day gtc ioc fok opg cls',
    stop: 'day gtc',
    stop_limit: 'day gtc',
    trailing_stop: 'day gtc',
  });
});

describe('while the market is closed', () => {
  test.each<[spec: OrderSpec, waits: boolean]>([
    [{ ...market, timeInForce: 'opg' }, true],
    [{ ...market, timeInForce: 'cls' }, true],
    [{ ...limit, timeInForce: 'gtc' }, true],
    [{ ...limit, timeInForce: 'ioc' }, false],
    [market, false],
  ])('%o waits or is refused', (spec, waits) => {
    const judged = judgeOrder(spec, closed, collars);
    expect(judged).toMatchObject(
      waits ? { collarPx: spec.type === 'market' ? units(105.01) : 0n } : { refused: 'market_closed' },
    );
  });
});

describe('what it costs', () => {
  const one = { ...limit, qty: 1n, limitPx: 100n };
  const tiny = listed({ lot: 1n, minNotional: 0n, tick: 1n, tickBelowOne: 1n });
  const cheap = { ...tiny, quote: { ...quote, last: 1n, bid: 1n, ask: 1n } };
  test.each<[what: string, spec: OrderSpec, on: typeof open, placed: object]>([
    ['a micro-unit at least', { ...one, side: 'sell' }, { ...tiny, quote: undefined }, { principal: 1n, exposure: 1n }],
    [
      'the most there is',
      { ...limit, qty: 10n ** 12n, limitPx: 10n ** 12n },
      { ...tiny, instrument: { ...instrument, lot: 1n, maxQty: 0n, maxPrice: 0n }, quote: undefined },
      { exposure: MAX_NOTIONAL },
    ],
    ['a collar of a tick at least', { ...market, qty: 1n }, cheap, { collarPx: 1n }],
    [
      'an offset of a micro-unit at least',
      { ...stop, qty: 1n, stopPx: 10n },
      cheap,
      { collarOffset: 1n, exposure: 1n },
    ],
  ])('is %s', (_, spec, on, placed) => {
    expect(judgeOrder(spec, on, collars)).toMatchObject(placed);
  });

  test('a price that is gone is none, though there is a quote', () => {
    const none = { ...quote, last: 0n, bid: 0n, ask: 0n };
    expect(judgeOrder(market, { ...open, quote: none }, collars)).toMatchObject({
      refused: 'no_price',
      numbers: { as_of_us: NOW - 1n, valid_until_us: NOW + 1n },
    });
    // No last price: nobody can say that a stop is passed.
    expect(
      judgeOrder({ ...stop, side: 'sell', stopPx: units(110) }, { ...open, quote: { ...quote, last: 0n } }, collars),
    ).not.toHaveProperty('refused');
  });

  test('a sell stop at the last price is passed', () => {
    const sale: OrderSpec = { ...stop, side: 'sell' };
    expect(isRefusal(judgeOrder({ ...sale, stopPx: units(100) }, open, collars))).toBe(true);
    expect(isRefusal(judgeOrder({ ...sale, stopPx: units(99.99) }, open, collars))).toBe(false);
  });

  test('money for less than a lot says what a lot costs', () => {
    const judged = judgeOrder({ ...money, notional: units(50) }, listed({ fractionable: true }), collars);
    expect(judged).toEqual(
      refused('notional_below_minimum', 'notional', { minimum: units(100.01), notional: units(50) }),
    );
  });
});

test.each<[what: string, spec: OrderSpec, best: number, trigger: bigint]>([
  ['a stop at its stop', stop, 50, units(110)],
  ['a buy that trails above the market', trailing, 50, units(55)],
  ['a sale below it', { ...trailing, side: 'sell' }, 50, units(45)],
  ['a sale not below a micro-unit', { ...trailing, side: 'sell' }, 4, 1n],
  ['a sale that would reach nothing', { ...trailing, side: 'sell' }, 5, 1n],
  ['a part of the market', { ...trailing, trailAmount: 0n, trailPercent: 100_000n }, 50, units(55)],
])('%s is triggered there', (_, spec, best, trigger) => {
  expect(triggerPrice(spec, units(best))).toBe(trigger);
});

describe('the market', () => {
  test.each<[what: string, bid: bigint, ask: bigint, reference: bigint, buy: bigint, sell: bigint]>([
    ['with both sides', 4n, 10n, 7n, 10n, 4n],
    ['without asks', 4n, 0n, 7n, 7n, 4n],
    ['without bids', 0n, 10n, 7n, 10n, 7n],
    ['with neither', 0n, 0n, 7n, 7n, 7n],
    ['with sides far apart', 2n, 20n, 11n, 20n, 2n],
  ])('%s', (_, bid, ask, reference, buy, sell) => {
    const of = { ...quote, bid, ask, last: 7n };
    expect([referencePrice(of), touch(of, 'buy'), touch(of, 'sell')]).toEqual([reference, buy, sell]);
  });

  test('without a quote has no price', () => {
    expect([referencePrice(undefined), touch(undefined, 'buy'), touch(undefined, 'sell')]).toEqual([0n, 0n, 0n]);
  });

  const grid = { tick: 10_000n, tickBelowOne: 100n };
  test.each<[price: bigint, tick: bigint, floor: bigint, ceil: bigint]>([
    [1_000_000n, 10_000n, 1_000_000n, 1_000_000n],
    [1_000_001n, 10_000n, 1_000_000n, 1_010_000n],
    [999_999n, 100n, 999_900n, 1_000_000n],
    [100n, 100n, 100n, 100n],
    [99n, 100n, 100n, 100n],
  ])('%d lies on a tick of %d, between %d and %d', (at, tick, floor, ceil) => {
    expect([tickAt(grid, at), floorToTick(grid, at), ceilToTick(grid, at)]).toEqual([tick, floor, ceil]);
  });

  test('without a finer grid has one', () => {
    expect(tickAt({ ...grid, tickBelowOne: 0n }, 5n)).toBe(10_000n);
  });
});
