import { test } from 'vitest';
import { OrderType } from '../src/domain/codes.ts';
import { type Answered, answers } from './answers.ts';
import { limit, quote, replace, stop } from './flow.ts';

const stopLimit = (n: number, stopPrice: number, limitPrice: number) =>
  stop(n, 'sell', 5, stopPrice, { type: OrderType.stop_limit, limitPrice, collarOffset: 0 });
const trailing = (n: number, trail: { trailAmount?: number; trailPpm?: number }) =>
  stop(n, 'sell', 5, 0, { type: OrderType.trailing_stop, ...trail });

const cases: Answered[] = [
  [
    'a stop has no limit and no trail, whatever is asked for, and keeps its place',
    [
      limit(9, 'buy', 9, 80),
      stop(1, 'sell', 5, 90),
      stop(2, 'sell', 5, 90),
      replace(1, 3, { qty: 5, stopPrice: 90, limitPrice: 77, trailAmount: 7, trailPpm: 7 }),
      limit(4, 'buy', 1, 90),
    ],
    limit(5, 'sell', 1, 90),
    [
      'NEW 5 new leaves 1',
      'FILL 4 1@90 maker filled leaves 0',
      'FILL 5 1@90 taker filled leaves 0',
      'TRIGGERED 3 new leaves 5',
      'TRIGGERED 2 new leaves 5',
      'FILL 9 5@80 maker partially_filled leaves 4',
      'FILL 3 5@80 taker filled leaves 0',
      'FILL 9 4@80 maker filled leaves 0',
      'FILL 2 4@80 taker partially_filled leaves 1',
    ],
  ],
  [
    'a stop that has triggered cannot be changed',
    [quote([[94, 1]], [], 95), stop(1, 'sell', 5, 96)],
    replace(1, 2, { qty: 5, stopPrice: 97 }),
    ['REJECTED 2 rejected leaves 0 not_replaceable linked 1'],
  ],
  [
    'a stop_limit that has triggered is a limit, and keeps its place',
    [quote([], [], 95), stopLimit(1, 96, 100), limit(3, 'sell', 5, 100), replace(1, 2, { qty: 4, limitPrice: 100 })],
    limit(4, 'buy', 4, 100),
    ['NEW 4 new leaves 4', 'FILL 2 4@100 maker filled leaves 0', 'FILL 4 4@100 taker filled leaves 0'],
  ],
  [
    'it is repriced as one',
    [quote([], [], 95), stopLimit(1, 96, 100), limit(3, 'buy', 5, 98)],
    replace(1, 2, { qty: 5, limitPrice: 98 }),
    [
      'REPLACED 1 replaced leaves 0 linked 2',
      'NEW 2 new leaves 5 linked 1',
      'FILL 3 5@98 maker filled leaves 0',
      'FILL 2 5@98 taker filled leaves 0',
    ],
  ],
  [
    'a stop_limit that waits is moved with both its prices',
    [stopLimit(1, 90, 89), replace(1, 2, { qty: 5, stopPrice: 92, limitPrice: 91 }), limit(3, 'buy', 9, 91)],
    quote([], [], 92),
    ['TRIGGERED 2 new leaves 5', 'FILL 3 5@91 maker partially_filled leaves 4', 'FILL 2 5@91 taker filled leaves 0'],
  ],
  [
    'a waiting stop that is moved triggers at its new price, with the collar of the old one',
    [stop(1, 'sell', 5, 90, { collarOffset: 4 }), replace(1, 2, { qty: 5, stopPrice: 95 }), limit(3, 'buy', 9, 91)],
    quote([], [], 95),
    ['TRIGGERED 2 new leaves 5', 'FILL 3 5@91 maker partially_filled leaves 4', 'FILL 2 5@91 taker filled leaves 0'],
  ],
  [
    'a stop moved past the mark triggers at once',
    [quote([], [], 95), stop(1, 'sell', 5, 90)],
    replace(1, 2, { qty: 5, stopPrice: 96 }),
    ['REPLACED 1 replaced leaves 0 linked 2', 'NEW 2 accepted leaves 5 linked 1', 'TRIGGERED 2 new leaves 5'],
  ],
  [
    'a smaller stop keeps its turn among those at its price',
    [stop(1, 'sell', 5, 90), stop(2, 'sell', 5, 90), replace(1, 3, { qty: 4, stopPrice: 90 })],
    quote([], [], 90),
    ['TRIGGERED 3 new leaves 4', 'TRIGGERED 2 new leaves 5'],
  ],
  [
    'a moved stop goes to the back, even where it comes back to its price',
    [
      stop(1, 'sell', 5, 90),
      stop(2, 'sell', 5, 90),
      replace(1, 3, { qty: 5, stopPrice: 91 }),
      replace(3, 4, { user: 1, qty: 5, stopPrice: 90 }),
    ],
    quote([], [], 90),
    ['TRIGGERED 2 new leaves 5', 'TRIGGERED 4 new leaves 5'],
  ],
  [
    'a smaller trailing stop keeps its turn and its high-water mark',
    [
      quote([], [], 100),
      trailing(1, { trailAmount: 5 }),
      trailing(2, { trailAmount: 5 }),
      quote([], [], 110),
      replace(1, 3, { qty: 4, trailAmount: 5 }),
    ],
    quote([], [], 105),
    ['TRIGGERED 3 new leaves 4', 'TRIGGERED 2 new leaves 5'],
  ],
  [
    'so does the last of them',
    [
      quote([], [], 100),
      trailing(1, { trailAmount: 5 }),
      trailing(2, { trailAmount: 5 }),
      replace(2, 3, { qty: 4, trailAmount: 5 }),
      trailing(4, { trailAmount: 5 }),
    ],
    quote([], [], 95),
    ['TRIGGERED 1 new leaves 5', 'TRIGGERED 3 new leaves 4', 'TRIGGERED 4 new leaves 5'],
  ],
  [
    'a shorter trail that is passed already triggers at once',
    [quote([], [], 100), trailing(1, { trailAmount: 5 }), quote([], [], 97)],
    replace(1, 2, { qty: 5, trailAmount: 2 }),
    ['REPLACED 1 replaced leaves 0 linked 2', 'NEW 2 accepted leaves 5 linked 1', 'TRIGGERED 2 new leaves 5'],
  ],
  [
    'a longer trail goes to the back',
    [
      quote([], [], 100),
      trailing(1, { trailAmount: 5 }),
      trailing(2, { trailAmount: 6 }),
      replace(1, 3, { qty: 5, trailAmount: 6 }),
    ],
    quote([], [], 94),
    ['TRIGGERED 2 new leaves 5', 'TRIGGERED 3 new leaves 5'],
  ],
  [
    'an amount may become a part of the price',
    [
      quote([], [], 100),
      trailing(1, { trailAmount: 5 }),
      trailing(2, { trailAmount: 10 }),
      replace(1, 3, { qty: 5, trailPpm: 100_000 }),
    ],
    quote([], [], 90),
    ['TRIGGERED 2 new leaves 5', 'TRIGGERED 3 new leaves 5'],
  ],
  [
    'of two parts of the price the one that was changed goes to the back',
    [
      quote([], [], 100),
      trailing(1, { trailPpm: 50_000 }),
      trailing(2, { trailPpm: 60_000 }),
      replace(1, 3, { qty: 5, trailPpm: 60_000 }),
    ],
    quote([], [], 94),
    ['TRIGGERED 2 new leaves 5', 'TRIGGERED 3 new leaves 5'],
  ],
  [
    'a stop that is moved and waits is accepted',
    [stop(1, 'sell', 5, 90)],
    replace(1, 2, { qty: 6, stopPrice: 91 }),
    ['REPLACED 1 replaced leaves 0 linked 2', 'NEW 2 accepted leaves 6 linked 1'],
  ],
];

test.each(cases)('%s', answers);
