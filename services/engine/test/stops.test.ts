import { expect, test } from 'vitest';
import { OrderType } from '../src/domain/codes.ts';
import { MAX_PRICE, MAX_QTY } from '../src/domain/command.ts';
import { findDepth, findOrder } from '../src/domain/queries.ts';
import { type Answered, answers } from './answers.ts';
import { cancel, engine, halt, id, instrument, limit, phase, quote, run, stop } from './flow.ts';

const mark = (price: number) => quote([], [], price);
const trailing = (n: number, side: 'buy' | 'sell', trail: { trailAmount?: number; trailPpm?: number }) =>
  stop(n, side, 5, 0, { type: OrderType.trailing_stop, collarOffset: 3, ...trail });

const cases: Answered[] = [
  ['a buy stop waits below its price', [mark(100), stop(1, 'buy', 5, 102)], mark(101), []],
  ['and triggers above it', [mark(100), stop(1, 'buy', 5, 102)], mark(103), ['TRIGGERED 1 new leaves 5']],
  ['a sell stop waits above its price', [mark(100), stop(1, 'sell', 5, 98)], mark(99), []],
  ['and triggers at it', [mark(100), stop(1, 'sell', 5, 98)], mark(98), ['TRIGGERED 1 new leaves 5']],
  [
    'a buy stop at the price triggers on arrival',
    [mark(100)],
    stop(1, 'buy', 5, 100),
    ['NEW 1 accepted leaves 5', 'TRIGGERED 1 new leaves 5'],
  ],
  ['above it, it waits', [mark(100)], stop(1, 'buy', 5, 101), ['NEW 1 accepted leaves 5']],
  [
    'a sell stop at the price triggers on arrival',
    [mark(100)],
    stop(1, 'sell', 5, 100),
    ['NEW 1 accepted leaves 5', 'TRIGGERED 1 new leaves 5'],
  ],
  ['without any price nothing is passed', [], stop(1, 'sell', 5, 100), ['NEW 1 accepted leaves 5']],
  [
    'in a closed market nothing triggers on arrival',
    [mark(100), phase('closed')],
    stop(1, 'sell', 5, 100),
    ['NEW 1 accepted leaves 5'],
  ],
  [
    'the nearest stops trigger first, those at one price in their order',
    [mark(100), stop(1, 'buy', 5, 103), stop(2, 'buy', 5, 102), stop(3, 'buy', 5, 103), stop(4, 'buy', 5, 105)],
    mark(104),
    ['TRIGGERED 2 new leaves 5', 'TRIGGERED 1 new leaves 5', 'TRIGGERED 3 new leaves 5'],
  ],
  [
    'on both sides',
    [mark(100), stop(1, 'sell', 5, 97), stop(2, 'sell', 5, 98), stop(3, 'sell', 5, 97), stop(4, 'sell', 5, 95)],
    mark(96),
    ['TRIGGERED 2 new leaves 5', 'TRIGGERED 1 new leaves 5', 'TRIGGERED 3 new leaves 5'],
  ],
  [
    'the collar of a buy stop lies above the price that triggered it',
    [mark(100), stop(1, 'buy', 5, 102, { collarOffset: 3 }), limit(2, 'sell', 2, 106), limit(3, 'sell', 2, 107)],
    mark(103),
    ['TRIGGERED 1 new leaves 5', 'FILL 2 2@106 maker filled leaves 0', 'FILL 1 2@106 taker partially_filled leaves 3'],
  ],
  [
    'that of a sell stop below',
    [mark(100), stop(1, 'sell', 5, 98, { collarOffset: 3 }), limit(2, 'buy', 2, 94), limit(3, 'buy', 2, 93)],
    mark(97),
    ['TRIGGERED 1 new leaves 5', 'FILL 2 2@94 maker filled leaves 0', 'FILL 1 2@94 taker partially_filled leaves 3'],
  ],
  [
    'a stop_limit keeps its limit',
    [
      mark(100),
      stop(1, 'buy', 5, 102, { type: OrderType.stop_limit, limitPrice: 104 }),
      limit(2, 'sell', 2, 104),
      limit(3, 'sell', 2, 105),
    ],
    mark(103),
    ['TRIGGERED 1 new leaves 5', 'FILL 2 2@104 maker filled leaves 0', 'FILL 1 2@104 taker partially_filled leaves 3'],
  ],
  [
    'a triggered stop rests where its collar is',
    [mark(100), stop(1, 'sell', 5, 98, { collarOffset: 3 }), mark(97)],
    limit(2, 'buy', 2, 94),
    ['NEW 2 new leaves 2', 'FILL 1 2@94 maker partially_filled leaves 3', 'FILL 2 2@94 taker filled leaves 0'],
  ],
  [
    'a stop that is cancelled triggers no more',
    [mark(100), stop(1, 'sell', 5, 98), stop(2, 'sell', 5, 98), cancel(1)],
    mark(98),
    ['TRIGGERED 2 new leaves 5'],
  ],
  [
    'one that is worth more than may be traded is cancelled where it triggers',
    [mark(1), stop(1, 'buy', MAX_QTY, 2, { collarOffset: 1 })],
    mark(2_000_000_000),
    ['TRIGGERED 1 new leaves 4503599627370495', 'CANCELED 1 canceled leaves 0 notional_ceiling'],
  ],
  [
    'one that is worth exactly that much works',
    [mark(1), stop(1, 'buy', 3_000_000_000_000, 2_999_999_999_990)],
    mark(2_999_999_999_990),
    ['TRIGGERED 1 new leaves 3000000000000'],
  ],
  [
    'at the highest price it is no higher',
    [mark(100), stop(1, 'buy', 5, 102, { collarOffset: MAX_PRICE }), limit(2, 'sell', 5, MAX_PRICE)],
    mark(103),
    [
      'TRIGGERED 1 new leaves 5',
      'FILL 2 5@9007199254740991 maker filled leaves 0',
      'FILL 1 5@9007199254740991 taker filled leaves 0',
    ],
  ],
  [
    'at the lowest it is no lower',
    [mark(100), stop(1, 'sell', 5, 98, { collarOffset: MAX_PRICE }), limit(2, 'buy', 5, 1)],
    mark(97),
    ['TRIGGERED 1 new leaves 5', 'FILL 2 5@1 maker filled leaves 0', 'FILL 1 5@1 taker filled leaves 0'],
  ],
  [
    'a trailing buy follows the price down and triggers on the way up',
    [mark(100), trailing(1, 'buy', { trailAmount: 5 }), mark(90), mark(94)],
    mark(95),
    ['TRIGGERED 1 new leaves 5'],
  ],
  [
    'it follows the smallest step',
    [mark(100), trailing(1, 'buy', { trailAmount: 5 }), mark(99)],
    mark(104),
    ['TRIGGERED 1 new leaves 5'],
  ],
  [
    'so does a trailing sell',
    [mark(100), trailing(1, 'sell', { trailAmount: 5 }), mark(101)],
    mark(96),
    ['TRIGGERED 1 new leaves 5'],
  ],
  [
    'it does not follow it up',
    [mark(100), trailing(1, 'buy', { trailAmount: 5 }), mark(104)],
    mark(105),
    ['TRIGGERED 1 new leaves 5'],
  ],
  [
    'a trailing sell does not follow it down',
    [mark(100), trailing(1, 'sell', { trailAmount: 5 }), mark(96)],
    mark(95),
    ['TRIGGERED 1 new leaves 5'],
  ],
  [
    'before its distance is reached it waits',
    [mark(100), trailing(1, 'sell', { trailAmount: 5 }), mark(110)],
    mark(106),
    [],
  ],
  [
    'without any price it begins at the first',
    [trailing(1, 'sell', { trailAmount: 5 }), mark(100)],
    mark(95),
    ['TRIGGERED 1 new leaves 5'],
  ],
  ['so does a buy', [trailing(1, 'buy', { trailAmount: 5 }), mark(100)], mark(105), ['TRIGGERED 1 new leaves 5']],
  [
    'in a closed market it begins where trading does',
    [mark(100), phase('closed'), trailing(1, 'sell', { trailAmount: 5 }), mark(90), phase('open')],
    mark(85),
    ['TRIGGERED 1 new leaves 5'],
  ],
  [
    'a part of the price is rounded down',
    [mark(1999), trailing(1, 'sell', { trailPpm: 1000 })],
    mark(1998),
    ['TRIGGERED 1 new leaves 5'],
  ],
  ['and is at least one', [mark(100), trailing(1, 'sell', { trailPpm: 1 })], mark(99), ['TRIGGERED 1 new leaves 5']],
  [
    'a large part of a large price is exact',
    [mark(9_000_000_000_000_001), trailing(1, 'sell', { trailPpm: 999_999 })],
    mark(9_000_000_001),
    ['TRIGGERED 1 new leaves 5'],
  ],
  [
    'one below it triggers nothing',
    [mark(9_000_000_000_000_001), trailing(1, 'sell', { trailPpm: 999_999 })],
    mark(9_000_000_002),
    [],
  ],
  [
    'several trigger in the order in which they came, each by its own mark',
    [
      mark(100),
      trailing(1, 'sell', { trailAmount: 9 }),
      mark(110),
      trailing(2, 'sell', { trailAmount: 5 }),
      trailing(3, 'buy', { trailAmount: 9 }),
      trailing(4, 'sell', { trailAmount: 50 }),
    ],
    mark(101),
    ['TRIGGERED 1 new leaves 5', 'TRIGGERED 2 new leaves 5'],
  ],
  [
    'one that is cancelled leaves the others',
    [
      mark(100),
      trailing(1, 'sell', { trailAmount: 5 }),
      trailing(2, 'sell', { trailAmount: 5 }),
      trailing(3, 'sell', { trailAmount: 5 }),
      cancel(2),
    ],
    mark(95),
    ['TRIGGERED 1 new leaves 5', 'TRIGGERED 3 new leaves 5'],
  ],
  [
    'the first as well',
    [mark(100), trailing(1, 'sell', { trailAmount: 5 }), trailing(2, 'sell', { trailAmount: 5 }), cancel(1)],
    mark(95),
    ['TRIGGERED 2 new leaves 5'],
  ],
  [
    'and the last',
    [
      mark(100),
      trailing(1, 'sell', { trailAmount: 5 }),
      trailing(2, 'sell', { trailAmount: 5 }),
      cancel(2),
      trailing(3, 'sell', { trailAmount: 5 }),
    ],
    mark(95),
    ['TRIGGERED 1 new leaves 5', 'TRIGGERED 3 new leaves 5'],
  ],
  [
    'after a halt the last price is shown',
    [mark(100), trailing(1, 'sell', { trailAmount: 5 }), halt(true), mark(94)],
    halt(false),
    ['TRIGGERED 1 new leaves 5'],
  ],
];

test.each(cases)('%s', answers);

test.each([
  ['buy', { trailAmount: 5 }, 105],
  ['sell', { trailAmount: 5 }, 95],
  ['buy', { trailAmount: MAX_PRICE }, MAX_PRICE],
  ['sell', { trailAmount: 500 }, 0],
  ['sell', { trailPpm: 100_000 }, 90],
] as const)('a trailing %s of %o at 100 would trigger at %d', (side, trail, stopPrice) => {
  const state = engine();
  run(state, instrument, phase('open'), mark(100), trailing(1, side, trail));
  expect(findOrder(state, id(1))).toMatchObject({ stopPrice, highWater: 100 });
});

test('before the first price it is nowhere', () => {
  const state = engine();
  run(state, instrument, phase('open'), trailing(1, 'sell', { trailAmount: 5 }));
  expect(findOrder(state, id(1))).toMatchObject({ stopPrice: 0, highWater: 0 });
});

test('the collar of a triggered stop is moved inward to the grid', () => {
  const state = engine();
  run(state, { ...instrument, tick: 5, tickBelowOne: 5 }, phase('open'), mark(100));
  run(state, stop(1, 'sell', 5, 100, { collarOffset: 3 }), stop(2, 'buy', 5, 120, { collarOffset: 3, user: 1 }));
  expect(findDepth(state, 'ACME', 9)?.asks).toEqual([{ price: 100, qty: 5, orders: 1 }]);
  run(state, cancel(1), mark(120));
  expect(findDepth(state, 'ACME', 9)?.bids).toEqual([{ price: 120, qty: 5, orders: 1 }]);
});
