import { test } from 'vitest';
import { type Answered, answers } from './answers.ts';
import { halt, instrument, limit, phase, quote } from './flow.ts';
import { group, profit, stopLoss } from './groups.ts';

const closed = phase('closed');
const coarse = { ...instrument, tick: 10, tickBelowOne: 10 };
/** Exits of one position: a limit at 102 and a stop at 95, with which 10 are sold once. */
const pair = group('oco', { ...profit, limitPrice: 102 }, { ...stopLoss, stopPrice: 95 });

const cases: Answered[] = [
  [
    'one side alone meets nobody',
    [closed, limit(1, 'buy', 5, 100)],
    phase('open'),
    ['RESTATED 1 new leaves 5 session_open'],
  ],
  ['nor does the other', [closed, limit(1, 'sell', 5, 100)], phase('open'), ['RESTATED 1 new leaves 5 session_open']],
  [
    'sides apart do not meet',
    [closed, limit(1, 'buy', 5, 99), limit(2, 'sell', 5, 100)],
    phase('open'),
    ['RESTATED 1 new leaves 5 session_open', 'RESTATED 2 new leaves 5 session_open'],
  ],
  [
    'sides that touch do',
    [closed, limit(1, 'buy', 5, 100), limit(2, 'sell', 5, 100)],
    phase('open'),
    ['FILL 1 5@100 maker filled leaves 0', 'FILL 2 5@100 taker filled leaves 0'],
  ],
  [
    'of prices that trade as much the one nearest to the price before is taken',
    [quote([], [], 100), closed, limit(1, 'buy', 5, 101), limit(2, 'sell', 5, 99), limit(3, 'buy', 1, 90)],
    phase('open'),
    [
      'FILL 1 5@100 maker filled leaves 0',
      'FILL 2 5@100 taker filled leaves 0',
      'RESTATED 3 new leaves 1 session_open',
    ],
  ],
  [
    'without any price before, the lowest is nearest',
    [closed, limit(1, 'buy', 5, 105), limit(2, 'sell', 5, 98)],
    phase('open'),
    ['FILL 1 5@98 maker filled leaves 0', 'FILL 2 5@98 taker filled leaves 0'],
  ],
  [
    'a price above all orders draws to the highest of them',
    [quote([], [], 120), closed, limit(1, 'buy', 5, 105), limit(2, 'sell', 5, 98)],
    phase('open'),
    ['FILL 1 5@105 maker filled leaves 0', 'FILL 2 5@105 taker filled leaves 0'],
  ],
  [
    'between two orders the nearest price on the grid is taken, the lower of two',
    [
      { ...instrument, tick: 2, tickBelowOne: 2 },
      quote([], [], 101),
      closed,
      limit(1, 'buy', 5, 104),
      limit(2, 'sell', 5, 98),
    ],
    phase('open'),
    ['FILL 1 5@100 maker filled leaves 0', 'FILL 2 5@100 taker filled leaves 0'],
  ],
  [
    'the higher where it is nearer',
    [
      { ...instrument, tick: 4, tickBelowOne: 4 },
      quote([], [], 103),
      closed,
      limit(1, 'buy', 5, 112),
      limit(2, 'sell', 5, 92),
    ],
    phase('open'),
    ['FILL 1 5@104 maker filled leaves 0', 'FILL 2 5@104 taker filled leaves 0'],
  ],
  [
    'between neighbouring prices there is none',
    [quote([], [], 100), closed, limit(1, 'buy', 5, 101), limit(2, 'sell', 5, 100)],
    phase('open'),
    ['FILL 1 5@100 maker filled leaves 0', 'FILL 2 5@100 taker filled leaves 0'],
  ],
  [
    'the largest volume comes first, however far away',
    [
      quote([], [], 110),
      closed,
      limit(1, 'buy', 5, 110),
      limit(2, 'buy', 5, 100),
      limit(3, 'sell', 10, 99),
      limit(4, 'sell', 1, 110),
    ],
    phase('open'),
    [
      'FILL 1 5@100 maker filled leaves 0',
      'FILL 3 5@100 taker partially_filled leaves 5',
      'FILL 2 5@100 maker filled leaves 0',
      'FILL 3 5@100 taker filled leaves 0',
      'RESTATED 4 new leaves 1 session_open',
    ],
  ],
  [
    'then the smallest rest',
    [quote([], [], 99), closed, limit(1, 'buy', 7, 103), limit(2, 'buy', 4, 99), limit(3, 'sell', 6, 98)],
    phase('open'),
    [
      'FILL 1 6@100 maker partially_filled leaves 1',
      'FILL 3 6@100 taker filled leaves 0',
      'RESTATED 2 new leaves 4 session_open',
    ],
  ],
  [
    'what stands outside the crossing does not count',
    [
      quote([], [], 100),
      closed,
      limit(1, 'buy', 5, 102),
      limit(2, 'sell', 5, 99),
      limit(3, 'buy', 50, 97),
      limit(4, 'sell', 50, 104),
    ],
    phase('open'),
    [
      'FILL 1 5@100 maker filled leaves 0',
      'FILL 2 5@100 taker filled leaves 0',
      'RESTATED 3 new leaves 50 session_open',
      'RESTATED 4 new leaves 50 session_open',
    ],
  ],
  [
    'several on each side trade best price first, then earliest; the earlier of two is the maker',
    [
      closed,
      limit(1, 'buy', 3, 101),
      limit(2, 'sell', 4, 99),
      limit(3, 'buy', 4, 102),
      limit(4, 'sell', 3, 98),
      limit(5, 'buy', 3, 101),
    ],
    phase('open'),
    [
      'FILL 3 3@99 maker partially_filled leaves 1',
      'FILL 4 3@99 taker filled leaves 0',
      'FILL 2 1@99 maker partially_filled leaves 3',
      'FILL 3 1@99 taker filled leaves 0',
      'FILL 1 3@99 maker filled leaves 0',
      'FILL 2 3@99 taker filled leaves 0',
      'RESTATED 5 new leaves 3 session_open',
    ],
  ],
  [
    'of two orders of one user far back the newer goes before anything trades',
    [
      closed,
      limit(1, 'sell', 5, 98),
      limit(2, 'buy', 3, 102),
      limit(3, 'sell', 4, 99, { user: 8 }),
      limit(4, 'buy', 6, 101, { user: 8 }),
      limit(5, 'buy', 4, 100),
    ],
    phase('open'),
    [
      'CANCELED 4 canceled leaves 0 self_trade',
      'FILL 1 3@99 maker partially_filled leaves 2',
      'FILL 2 3@99 taker filled leaves 0',
      'FILL 1 2@99 maker filled leaves 0',
      'FILL 5 2@99 taker partially_filled leaves 2',
      'FILL 3 2@99 maker partially_filled leaves 2',
      'FILL 5 2@99 taker filled leaves 0',
    ],
  ],
  [
    'whichever side that is',
    [
      closed,
      limit(1, 'sell', 2, 98),
      limit(2, 'buy', 5, 102),
      limit(4, 'buy', 6, 101, { user: 8 }),
      limit(3, 'sell', 8, 99, { user: 8 }),
      limit(5, 'sell', 4, 100),
    ],
    phase('open'),
    [
      'CANCELED 3 canceled leaves 0 self_trade',
      'FILL 1 2@100 maker filled leaves 0',
      'FILL 2 2@100 taker partially_filled leaves 3',
      'FILL 2 3@100 maker filled leaves 0',
      'FILL 5 3@100 taker partially_filled leaves 1',
      'FILL 4 1@100 maker partially_filled leaves 5',
      'FILL 5 1@100 taker filled leaves 0',
    ],
  ],
  [
    'two of one user that would not meet stay',
    [
      closed,
      limit(1, 'sell', 5, 98),
      limit(2, 'buy', 5, 102),
      limit(3, 'sell', 5, 101, { user: 8 }),
      limit(4, 'buy', 5, 99, { user: 8 }),
    ],
    phase('open'),
    [
      'FILL 1 5@100 maker filled leaves 0',
      'FILL 2 5@100 taker filled leaves 0',
      'RESTATED 3 new leaves 5 session_open',
      'RESTATED 4 new leaves 5 session_open',
    ],
  ],
  [
    'though both could trade at the price',
    [
      quote([], [], 100),
      closed,
      limit(1, 'sell', 5, 98),
      limit(2, 'buy', 5, 102),
      limit(3, 'sell', 5, 100, { user: 8 }),
      limit(7, 'sell', 5, 100),
      limit(6, 'buy', 5, 101),
      limit(4, 'buy', 5, 100, { user: 8 }),
    ],
    phase('open'),
    [
      'FILL 1 5@100 maker filled leaves 0',
      'FILL 2 5@100 taker filled leaves 0',
      'FILL 3 5@100 maker filled leaves 0',
      'FILL 6 5@100 taker filled leaves 0',
      'FILL 7 5@100 maker filled leaves 0',
      'FILL 4 5@100 taker filled leaves 0',
    ],
  ],
  [
    'both exits of a pair in the call sell what they protect once',
    [pair, quote([], [], 95), halt(true), limit(1, 'buy', 20, 104)],
    halt(false),
    [
      'FILL 53 10@102 maker filled leaves 0',
      'FILL 1 10@102 taker partially_filled leaves 10',
      'CANCELED 52 canceled leaves 0 group',
    ],
  ],
  [
    'the smallest volume is one too',
    [closed, limit(1, 'sell', 1, 100), limit(2, 'buy', 2, 100)],
    phase('open'),
    ['FILL 1 1@100 maker filled leaves 0', 'FILL 2 1@100 taker partially_filled leaves 1'],
  ],
  [
    'between two prices below a new tick there is none, though the next above is the one before',
    [closed, limit(1, 'sell', 5, 3), limit(2, 'buy', 5, 5), coarse, quote([], [], 10)],
    phase('open'),
    ['FILL 1 5@5 maker filled leaves 0', 'FILL 2 5@5 taker filled leaves 0'],
  ],
  [
    'nor is the upper of them one between',
    [closed, limit(1, 'sell', 6, 3), limit(2, 'buy', 6, 10), limit(3, 'sell', 5, 10), coarse, quote([], [], 10)],
    phase('open'),
    ['FILL 1 6@3 maker filled leaves 0', 'FILL 2 6@3 taker filled leaves 0', 'RESTATED 3 new leaves 5 session_open'],
  ],
  [
    'a bid that is filled meets nobody any more, its own user least of all',
    [
      closed,
      limit(1, 'sell', 5, 98),
      limit(2, 'buy', 5, 102, { user: 8 }),
      limit(3, 'buy', 5, 101),
      limit(4, 'sell', 5, 99, { user: 8 }),
    ],
    phase('open'),
    [
      'FILL 1 5@99 maker filled leaves 0',
      'FILL 2 5@99 taker filled leaves 0',
      'FILL 3 5@99 maker filled leaves 0',
      'FILL 4 5@99 taker filled leaves 0',
    ],
  ],
  [
    'nor does an offer',
    [
      closed,
      limit(1, 'sell', 5, 98, { user: 8 }),
      limit(2, 'buy', 5, 102),
      limit(3, 'sell', 5, 99),
      limit(4, 'buy', 5, 101, { user: 8 }),
    ],
    phase('open'),
    [
      'FILL 1 5@99 maker filled leaves 0',
      'FILL 2 5@99 taker filled leaves 0',
      'FILL 3 5@99 maker filled leaves 0',
      'FILL 4 5@99 taker filled leaves 0',
    ],
  ],
];

test.each(cases)('%s', answers);
