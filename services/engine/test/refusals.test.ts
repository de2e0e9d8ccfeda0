import { expect, test } from 'vitest';
import { OrderType, type Side, TimeInForce } from '../src/domain/codes.ts';
import { MAX_PRICE, MAX_QTY, type OrderTerms } from '../src/domain/command.ts';
import { type Answered, answers } from './answers.ts';
import { cancel, engine, halt, instrument, limit, market, noId, phase, run, stop, withFields } from './flow.ts';

const { day, ioc, fok, opg, cls } = TimeInForce;
const stopLimit = (n: number, stopPrice: number, limitPrice: number, extra: Partial<OrderTerms> = {}) =>
  stop(n, 'sell', 5, stopPrice, { type: OrderType.stop_limit, limitPrice, collarOffset: 0, ...extra });
const trailing = (n: number, trail: Partial<OrderTerms>) =>
  stop(n, 'sell', 5, 0, { type: OrderType.trailing_stop, ...trail });

const cases: Answered[] = [
  [
    'an order of an account that is none is malformed',
    [],
    withFields(limit(1, 'buy', 5, 100), { accountId: noId }),
    ['REJECTED 1 rejected leaves 0 malformed'],
  ],
  [
    'of a user who is none as well',
    [],
    withFields(limit(1, 'buy', 5, 100), { userId: noId }),
    ['REJECTED 1 rejected leaves 0 malformed'],
  ],
  [
    'and one whose own id is none',
    [],
    withFields(limit(1, 'buy', 5, 100), { orderId: noId }),
    ['REJECTED 0 rejected leaves 0 malformed'],
  ],
  [
    'a side that is none is malformed',
    [],
    limit(1, 'buy', 5, 100, { side: 2 as Side }),
    ['REJECTED 1 rejected leaves 0 malformed'],
  ],
  ['so is a type', [], limit(1, 'buy', 5, 100, { type: 5 as OrderType }), ['REJECTED 1 rejected leaves 0 malformed']],
  [
    'a time in force',
    [],
    limit(1, 'buy', 5, 100, { timeInForce: 6 as TimeInForce }),
    ['REJECTED 1 rejected leaves 0 malformed'],
  ],
  [
    'one below the first',
    [],
    limit(1, 'buy', 5, 100, { timeInForce: -1 as TimeInForce }),
    ['REJECTED 1 rejected leaves 0 malformed'],
  ],
  [
    'one between two',
    [],
    limit(1, 'buy', 5, 100, { timeInForce: 0.5 as TimeInForce }),
    ['REJECTED 1 rejected leaves 0 malformed'],
  ],
  [
    'a stop is for days',
    [],
    stop(1, 'buy', 5, 100, { timeInForce: ioc }),
    ['REJECTED 1 rejected leaves 0 unsupported_combination'],
  ],
  ['and for a day', [], stop(1, 'buy', 5, 100, { timeInForce: day }), ['NEW 1 accepted leaves 5']],
  [
    'never for an auction',
    [],
    trailing(1, { trailAmount: 5, timeInForce: cls }),
    ['REJECTED 1 rejected leaves 0 unsupported_combination'],
  ],
  [
    'an auction takes no post_only',
    [],
    limit(1, 'buy', 5, 100, { timeInForce: opg, postOnly: true }),
    ['REJECTED 1 rejected leaves 0 unsupported_combination'],
  ],
  [
    'nor does the other',
    [],
    limit(1, 'buy', 5, 100, { timeInForce: cls, postOnly: true }),
    ['REJECTED 1 rejected leaves 0 unsupported_combination'],
  ],
  ['it takes market orders', [], market(1, 'buy', 5, { timeInForce: opg }), ['NEW 1 accepted leaves 5']],
  [
    'a market order is never post_only',
    [],
    market(1, 'buy', 5, { postOnly: true }),
    ['REJECTED 1 rejected leaves 0 unsupported_combination'],
  ],
  [
    'an immediate one neither',
    [],
    limit(1, 'buy', 5, 100, { timeInForce: ioc, postOnly: true }),
    ['REJECTED 1 rejected leaves 0 unsupported_combination'],
  ],
  [
    'a limit for the day may be',
    [],
    limit(1, 'buy', 5, 100, { timeInForce: day, postOnly: true }),
    ['NEW 1 new leaves 5'],
  ],
  ['the largest quantity is one', [], limit(1, 'buy', MAX_QTY, 1), ['NEW 1 new leaves 4503599627370495']],
  ['one more is none', [], limit(1, 'buy', MAX_QTY + 1, 1), ['REJECTED 1 rejected leaves 0 quantity_invalid']],
  [
    'a collar below the grid is no price',
    [{ ...instrument, tick: 2, tickBelowOne: 2 }],
    market(1, 'sell', 5, { limitPrice: 1 }),
    ['REJECTED 1 rejected leaves 0 price_invalid'],
  ],
  [
    'the lowest on the grid is',
    [{ ...instrument, tick: 2, tickBelowOne: 2 }],
    market(1, 'sell', 5, { limitPrice: 2 }),
    ['NEW 1 new leaves 5', 'CANCELED 1 canceled leaves 0 no_liquidity'],
  ],
  [
    'a collar with no grid above is none',
    [],
    market(1, 'buy', 5, { limitPrice: MAX_PRICE }),
    ['REJECTED 1 rejected leaves 0 price_invalid'],
  ],
  [
    'with one it is',
    [],
    market(1, 'buy', 5, { limitPrice: MAX_PRICE - 1 }),
    ['NEW 1 new leaves 5', 'CANCELED 1 canceled leaves 0 no_liquidity'],
  ],
  [
    'a stop needs an offset for its collar',
    [],
    stop(1, 'buy', 5, 100, { collarOffset: 0 }),
    ['REJECTED 1 rejected leaves 0 price_invalid'],
  ],
  [
    'so does a trailing one',
    [],
    trailing(1, { trailAmount: 5, collarOffset: 0 }),
    ['REJECTED 1 rejected leaves 0 price_invalid'],
  ],
  ['a stop_limit does not', [], stopLimit(1, 90, 89), ['NEW 1 accepted leaves 5']],
  ['its limit is one', [], stopLimit(1, 90, 0), ['REJECTED 1 rejected leaves 0 price_invalid']],
  ['and its stop', [], stopLimit(1, 0, 89), ['REJECTED 1 rejected leaves 0 stop_price_invalid']],
  [
    'both lie on the grid: the limit',
    [{ ...instrument, tick: 2, tickBelowOne: 2 }],
    stopLimit(1, 90, 89),
    ['REJECTED 1 rejected leaves 0 price_off_tick'],
  ],
  [
    'and the stop',
    [{ ...instrument, tick: 2, tickBelowOne: 2 }],
    stopLimit(1, 91, 90),
    ['REJECTED 1 rejected leaves 0 price_off_tick'],
  ],
  ['a trail is an amount', [], trailing(1, { trailAmount: 5 }), ['NEW 1 accepted leaves 5']],
  ['or a part', [], trailing(1, { trailPpm: 999_999 }), ['NEW 1 accepted leaves 5']],
  ['never both', [], trailing(1, { trailAmount: 5, trailPpm: 5 }), ['REJECTED 1 rejected leaves 0 trail_invalid']],
  ['nor neither', [], trailing(1, {}), ['REJECTED 1 rejected leaves 0 trail_invalid']],
  ['nor all of it', [], trailing(1, { trailPpm: 1_000_000 }), ['REJECTED 1 rejected leaves 0 trail_invalid']],
  [
    'a stop is worth its stop price',
    [],
    stop(1, 'buy', MAX_QTY, 2_000_000_000, { collarOffset: 1 }),
    ['REJECTED 1 rejected leaves 0 notional_ceiling'],
  ],
  [
    'a stop_limit its limit',
    [],
    stopLimit(1, 2_000_000_000, 1, { qty: MAX_QTY }),
    ['NEW 1 accepted leaves 4503599627370495'],
  ],
  [
    'exactly the highest worth is taken',
    [],
    limit(1, 'buy', 3_000_000_000_000, 3_000_000_000_000),
    ['NEW 1 new leaves 3000000000000'],
  ],
  [
    'one tick above it is not',
    [],
    limit(1, 'buy', 3_000_000_000_000, 3_000_000_000_001),
    ['REJECTED 1 rejected leaves 0 notional_ceiling'],
  ],
  [
    'as much as may be open is taken',
    [limit(1, 'sell', MAX_QTY, 1), limit(2, 'sell', MAX_QTY, 1)],
    limit(3, 'sell', 1, 1),
    ['NEW 3 new leaves 1'],
  ],
  [
    'and no more',
    [limit(1, 'sell', MAX_QTY, 1), limit(2, 'sell', MAX_QTY, 1)],
    limit(3, 'sell', 2, 1),
    ['REJECTED 3 rejected leaves 0 quantity_ceiling'],
  ],
  [
    'the other side is another',
    [limit(1, 'sell', MAX_QTY, 2), limit(2, 'sell', MAX_QTY, 2)],
    limit(3, 'buy', 2, 1),
    ['NEW 3 new leaves 2'],
  ],
  [
    'fill-or-kill has no meaning in a closed market',
    [phase('closed')],
    limit(1, 'buy', 5, 100, { timeInForce: fok }),
    ['REJECTED 1 rejected leaves 0 session_closed'],
  ],
  [
    'during a halt it is refused for that',
    [halt(true)],
    limit(1, 'buy', 5, 100, { timeInForce: ioc }),
    ['REJECTED 1 rejected leaves 0 halted'],
  ],
  ['a market order gathers as well', [phase('closed')], market(1, 'buy', 5), ['NEW 1 accepted leaves 5']],
  [
    'post_only gathers in a closed market',
    [limit(1, 'sell', 5, 100), phase('closed')],
    limit(2, 'buy', 5, 100, { postOnly: true }),
    ['NEW 2 accepted leaves 5'],
  ],
  [
    'post_only that sells does not take either',
    [limit(1, 'buy', 5, 100)],
    limit(2, 'sell', 5, 100, { postOnly: true }),
    ['REJECTED 2 rejected leaves 0 post_only_would_cross'],
  ],
  [
    'behind the best price it rests',
    [limit(1, 'buy', 5, 100)],
    limit(2, 'sell', 5, 101, { postOnly: true }),
    ['NEW 2 new leaves 5'],
  ],
  [
    'a cancel in another symbol finds nothing',
    [limit(1, 'buy', 5, 100)],
    withFields(cancel(1), { symbol: 'NONE' }),
    ['REJECTED 1 rejected leaves 0 unknown_order'],
  ],
];

test.each(cases)('%s', answers);

const definitions: [string, Partial<typeof instrument>, boolean][] = [
  ['without a name', { symbol: '' }, false],
  ['of a lot of nothing', { lot: 0 }, false],
  ['of a lot of the largest quantity', { lot: MAX_QTY }, true],
  ['of a larger lot', { lot: MAX_QTY + 1 }, false],
  ['whose ticks do not meet at one', { tick: 3, tickBelowOne: 1 }, false],
  ['whose tick is no multiple of the one below', { tick: 5, tickBelowOne: 2 }, false],
  ['whose ticks are the same', { tick: 3, tickBelowOne: 3 }, true],
  ['with cents and their hundredths', { tick: 10_000, tickBelowOne: 100 }, true],
  ['with a tick of nothing', { tick: 0, tickBelowOne: 1 }, false],
  ['with none below one', { tick: 1, tickBelowOne: 0 }, false],
  ['with ticks below nothing', { tick: -1, tickBelowOne: -1 }, false],
  ['with a part of a tick', { tick: 0.5, tickBelowOne: 0.5 }, false],
  ['with a part of one below', { tick: 1, tickBelowOne: 0.5 }, false],
];

test.each(definitions)('an instrument %s', (_, definition, taken) => {
  const state = engine();
  run(state, { ...instrument, symbol: 'NEW', ...definition });
  expect([state.reports.refusal !== 0, state.books.length]).toEqual([!taken, taken ? 1 : 0]);
});
