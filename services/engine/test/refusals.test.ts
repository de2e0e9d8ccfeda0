import { expect, test } from 'vitest';
import { GroupKind, OrderType, Side, TimeInForce } from '../src/domain/codes.ts';
import { type Command, MAX_PRICE, MAX_QTY, type OrderTerms } from '../src/domain/command.ts';
import { type Answered, answers } from './answers.ts';
import {
  type Body,
  cancel,
  engine,
  halt,
  id,
  instrument,
  limit,
  line,
  market,
  owner,
  phase,
  replace,
  run,
  stop,
  terms,
} from './flow.ts';

const { day, ioc, fok, opg, cls } = TimeInForce;
const none = { ...id(0), c: 0.5 };
/** The command with fields that its type does not know it may have. */
const other = (command: Body<Command>, fields: object) => ({ ...command, ...fields }) as Body<Command>;
const stopLimit = (n: number, stopPrice: number, limitPrice: number, extra: Partial<OrderTerms> = {}) =>
  stop(n, 'sell', 5, stopPrice, { type: OrderType.stop_limit, limitPrice, collarOffset: 0, ...extra });
const trailing = (n: number, trail: Partial<OrderTerms>) =>
  stop(n, 'sell', 5, 0, { type: OrderType.trailing_stop, ...trail });
const group = (kind: keyof typeof GroupKind | number, ...orders: OrderTerms[]): Body<Command> => ({
  kind: 'place_group',
  symbol: 'ACME',
  ...owner(50),
  group: (typeof kind === 'number' ? kind : GroupKind[kind]) as GroupKind,
  orders,
});
const entry = terms(51, 'buy', 10, { limitPrice: 100 });
const profit = terms(52, 'sell', 10, { limitPrice: 110 });
const stopLoss = terms(53, 'sell', 10, { type: OrderType.stop, stopPrice: 90, collarOffset: 10 });
const trail = terms(53, 'sell', 10, { type: OrderType.trailing_stop, trailAmount: 5, collarOffset: 10 });
/** The same the other way round: an entry that sells, and exits that buy. */
const short = terms(51, 'sell', 10, { limitPrice: 100 });
const cover = terms(52, 'buy', 10, { limitPrice: 90 });
const stopBuy = terms(53, 'buy', 10, { type: OrderType.stop, stopPrice: 110, collarOffset: 10 });

const cases: Answered[] = [
  [
    'an order of an account that is none is malformed',
    [],
    other(limit(1, 'buy', 5, 100), { accountId: none }),
    ['REJECTED 1 rejected leaves 0 malformed'],
  ],
  [
    'of a user who is none as well',
    [],
    other(limit(1, 'buy', 5, 100), { userId: none }),
    ['REJECTED 1 rejected leaves 0 malformed'],
  ],
  [
    'and one whose own id is none',
    [],
    other(limit(1, 'buy', 5, 100), { orderId: none }),
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
    other(cancel(1), { symbol: 'NONE' }),
    ['REJECTED 1 rejected leaves 0 unknown_order'],
  ],
  [
    'a bracket that sells has exits that buy',
    [],
    group('bracket', short, cover, stopBuy),
    ['NEW 51 new leaves 10', 'NEW 52 held leaves 10', 'NEW 53 held leaves 10'],
  ],
  [
    'a group of another kind is malformed',
    [],
    group(3, entry, profit),
    ['REJECTED 51 rejected leaves 0 malformed', 'REJECTED 52 rejected leaves 0 malformed'],
  ],
  [
    'a bracket has three orders',
    [],
    group('bracket', entry, profit),
    ['REJECTED 51 rejected leaves 0 group_invalid', 'REJECTED 52 rejected leaves 0 group_invalid'],
  ],
  ['a pair two', [], group('oco', profit), ['REJECTED 52 rejected leaves 0 group_invalid']],
  [
    'an entry with one exit two',
    [],
    group('oto', entry, profit, stopLoss),
    [
      'REJECTED 51 rejected leaves 0 group_invalid',
      'REJECTED 52 rejected leaves 0 group_invalid',
      'REJECTED 53 rejected leaves 0 group_invalid',
    ],
  ],
  [
    'exits stand on the other side',
    [],
    group('oto', entry, { ...profit, side: Side.buy }),
    ['REJECTED 51 rejected leaves 0 group_invalid', 'REJECTED 52 rejected leaves 0 group_invalid'],
  ],
  [
    'of a pair on the same',
    [],
    group('oco', profit, stopBuy),
    ['REJECTED 52 rejected leaves 0 group_invalid', 'REJECTED 53 rejected leaves 0 group_invalid'],
  ],
  [
    'as large as the entry',
    [],
    group('oto', entry, { ...profit, qty: 9 }),
    ['REJECTED 51 rejected leaves 0 group_invalid', 'REJECTED 52 rejected leaves 0 group_invalid'],
  ],
  [
    'they rest',
    [],
    group('oto', entry, { ...profit, timeInForce: ioc }),
    ['REJECTED 51 rejected leaves 0 group_invalid', 'REJECTED 52 rejected leaves 0 group_invalid'],
  ],
  [
    'with a limit',
    [],
    group('oto', entry, { ...profit, type: OrderType.market }),
    ['REJECTED 51 rejected leaves 0 group_invalid', 'REJECTED 52 rejected leaves 0 group_invalid'],
  ],
  [
    'and may take',
    [],
    group('oto', entry, { ...profit, postOnly: true }),
    ['REJECTED 51 rejected leaves 0 group_invalid', 'REJECTED 52 rejected leaves 0 group_invalid'],
  ],
  [
    'every order has its own id',
    [],
    group('oto', entry, { ...profit, orderId: entry.orderId }),
    ['REJECTED 51 rejected leaves 0 group_invalid', 'REJECTED 51 rejected leaves 0 group_invalid'],
  ],
  [
    'the first exit is the limit',
    [],
    group('oco', { ...stopLoss, orderId: id(52) }, stopLoss),
    ['REJECTED 52 rejected leaves 0 group_invalid', 'REJECTED 53 rejected leaves 0 group_invalid'],
  ],
  [
    'the second the stop',
    [],
    group('oco', profit, { ...profit, orderId: id(53) }),
    ['REJECTED 52 rejected leaves 0 group_invalid', 'REJECTED 53 rejected leaves 0 group_invalid'],
  ],
  ['or one that trails', [], group('oco', profit, trail), ['NEW 52 new leaves 10', 'NEW 53 accepted leaves 10']],
  [
    'an entry may have a stop alone',
    [],
    group('oto', entry, stopLoss),
    ['NEW 51 new leaves 10', 'NEW 53 held leaves 10'],
  ],
  [
    'selling, the limit lies above the stop',
    [],
    group('oco', { ...profit, limitPrice: 90 }, stopLoss),
    ['REJECTED 52 rejected leaves 0 group_invalid', 'REJECTED 53 rejected leaves 0 group_invalid'],
  ],
  [
    'buying, below',
    [],
    group('oco', { ...cover, limitPrice: 110 }, stopBuy),
    ['REJECTED 52 rejected leaves 0 group_invalid', 'REJECTED 53 rejected leaves 0 group_invalid'],
  ],
  [
    'buying, they may stand so',
    [],
    group('oco', cover, stopBuy),
    ['NEW 52 new leaves 10', 'NEW 53 accepted leaves 10'],
  ],
  [
    'a group of an unknown symbol is refused order by order',
    [],
    other(group('oco', profit, stopLoss), { symbol: 'NONE' }),
    ['REJECTED 52 rejected leaves 0 unknown_symbol', 'REJECTED 53 rejected leaves 0 unknown_symbol'],
  ],
  [
    'of an account that is none it is malformed',
    [],
    other(group('oco', profit, stopLoss), { accountId: none }),
    ['REJECTED 52 rejected leaves 0 malformed', 'REJECTED 53 rejected leaves 0 malformed'],
  ],
  [
    'of a user who is none as well',
    [],
    other(group('oco', profit, stopLoss), { userId: none }),
    ['REJECTED 52 rejected leaves 0 malformed', 'REJECTED 53 rejected leaves 0 malformed'],
  ],
  [
    'exits count for what may be open, each of them',
    [limit(1, 'sell', MAX_QTY, 200), limit(2, 'sell', MAX_QTY - 18, 200)],
    group('bracket', entry, profit, stopLoss),
    [
      'REJECTED 51 rejected leaves 0 quantity_ceiling',
      'REJECTED 52 rejected leaves 0 quantity_ceiling',
      'REJECTED 53 rejected leaves 0 quantity_ceiling',
    ],
  ],
  [
    'as much as may be open is taken from a group as well',
    [limit(1, 'sell', MAX_QTY, 200), limit(2, 'sell', MAX_QTY - 19, 200)],
    group('bracket', entry, profit, stopLoss),
    ['NEW 51 new leaves 10', 'NEW 52 held leaves 10', 'NEW 53 held leaves 10'],
  ],
  [
    'a refused order of a group is used up with the others',
    [group('bracket', entry, { ...profit, limitPrice: 0 }, stopLoss)],
    limit(53, 'buy', 1, 1),
    ['REJECTED 53 rejected leaves 0 duplicate_order_id'],
  ],
  [
    'an exit is held though the market is closed',
    [phase('closed')],
    group('bracket', entry, profit, stopLoss),
    ['NEW 51 accepted leaves 10', 'NEW 52 held leaves 10', 'NEW 53 held leaves 10'],
  ],
  [
    'both exits of a pair stand at once',
    [],
    group('oco', profit, stopLoss),
    ['NEW 52 new leaves 10', 'NEW 53 accepted leaves 10'],
  ],
  [
    'in a closed market they gather',
    [phase('closed')],
    group('oco', profit, stopLoss),
    ['NEW 52 accepted leaves 10', 'NEW 53 accepted leaves 10'],
  ],
  [
    'if the first trades away on arrival the second never enters',
    [limit(1, 'buy', 10, 110)],
    group('oco', profit, stopLoss),
    [
      'NEW 52 new leaves 10',
      'NEW 53 accepted leaves 10',
      'FILL 1 10@110 maker filled leaves 0',
      'FILL 52 10@110 taker filled leaves 0',
      'CANCELED 53 canceled leaves 0 group',
    ],
  ],
];

test.each(cases)('%s', answers);

test.each([
  ['another a', { ...id(51), a: 1 }],
  ['another b', { ...id(51), b: 1 }],
  ['another c', { ...id(51), c: 1 }],
])('an id with %s is another id', (_, orderId) => {
  const state = engine();
  run(state, instrument, phase('open'));
  const lines = run(state, group('oto', entry, { ...profit, orderId })).map(line);
  expect(lines.map((text) => text.split(' ')[0])).toEqual(['NEW', 'NEW']);
  // Each of the two is known by its own id afterwards.
  expect(run(state, replace(51, 60, { user: 50, qty: 10, limitPrice: 99 })).map(line)).toEqual([
    'REPLACED 51 replaced leaves 0 linked 60',
    'NEW 60 new leaves 10 linked 51',
  ]);
  expect(run(state, other(cancel(51, 50), { orderId })).map(line)).toHaveLength(2);
});

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
