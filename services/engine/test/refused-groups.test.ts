import { expect, test } from 'vitest';
import { OrderType, Side, TimeInForce } from '../src/domain/codes.ts';
import { MAX_QTY } from '../src/domain/command.ts';
import { type Answered, answers } from './answers.ts';
import { cancel, engine, id, instrument, limit, line, noId, phase, replace, run, terms, withFields } from './flow.ts';
import { entry, group, profit, stopLoss } from './groups.ts';

const { ioc } = TimeInForce;
const trail = terms(53, 'sell', 10, { type: OrderType.trailing_stop, trailAmount: 5, collarOffset: 10 });
/** The same the other way round: an entry that sells, and exits that buy. */
const short = terms(51, 'sell', 10, { limitPrice: 100 });
const cover = terms(52, 'buy', 10, { limitPrice: 90 });
const stopBuy = terms(53, 'buy', 10, { type: OrderType.stop, stopPrice: 110, collarOffset: 10 });

const cases: Answered[] = [
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
    withFields(group('oco', profit, stopLoss), { symbol: 'NONE' }),
    ['REJECTED 52 rejected leaves 0 unknown_symbol', 'REJECTED 53 rejected leaves 0 unknown_symbol'],
  ],
  [
    'of an account that is none it is malformed',
    [],
    withFields(group('oco', profit, stopLoss), { accountId: noId }),
    ['REJECTED 52 rejected leaves 0 malformed', 'REJECTED 53 rejected leaves 0 malformed'],
  ],
  [
    'of a user who is none as well',
    [],
    withFields(group('oco', profit, stopLoss), { userId: noId }),
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
  expect(run(state, withFields(cancel(51, 50), { orderId })).map(line)).toHaveLength(2);
});
