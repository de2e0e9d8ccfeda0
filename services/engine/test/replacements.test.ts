import { expect, test } from 'vitest';
import { OrderType, TimeInForce } from '../src/domain/codes.ts';
import { type Command, MAX_QTY } from '../src/domain/command.ts';
import { findOrder, statsOf } from '../src/domain/queries.ts';
import { type Answered, answers } from './answers.ts';
import {
  type Body,
  cancel,
  engine,
  expireDay,
  halt,
  id,
  instrument,
  limit,
  market,
  phase,
  quote,
  replace,
  run,
  stop,
} from './flow.ts';

const day = { timeInForce: TimeInForce.day };
const opg = { timeInForce: TimeInForce.opg };
const stopLimit = (n: number, stopPrice: number, limitPrice: number) =>
  stop(n, 'sell', 5, stopPrice, { type: OrderType.stop_limit, limitPrice, collarOffset: 0 });
const trailing = (n: number, trail: { trailAmount?: number; trailPpm?: number }) =>
  stop(n, 'sell', 5, 0, { type: OrderType.trailing_stop, ...trail });

const elsewhere = (command: Body<Command>): Body<Command> => ({ ...command, symbol: 'ZINC' });

const cases: Answered[] = [
  [
    'a replacement stands in the book of the old order',
    [instrument, phase('open'), limit(1, 'sell', 5, 100), replace(1, 2, { qty: 5, limitPrice: 99 })].map(elsewhere),
    elsewhere(cancel(2, 1)),
    ['CANCELED 2 canceled leaves 0 user_requested'],
  ],
  [
    'with the same terms it keeps its place in the queue',
    [limit(1, 'sell', 5, 100), limit(2, 'sell', 5, 100), replace(1, 3, { qty: 5, limitPrice: 100 })],
    limit(4, 'buy', 5, 100),
    ['NEW 4 new leaves 5', 'FILL 3 5@100 maker filled leaves 0', 'FILL 4 5@100 taker filled leaves 0'],
  ],
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
    'an order for the open that moves waits for it still',
    [limit(1, 'buy', 5, 100, opg)],
    replace(1, 2, { qty: 5, limitPrice: 101 }),
    ['REPLACED 1 replaced leaves 0 linked 2', 'NEW 2 accepted leaves 5 linked 1'],
  ],
  [
    'the refusal of a replacement is told on the side of the old order',
    [limit(1, 'sell', 5, 100)],
    replace(1, 2, { qty: 5, limitPrice: 0 }),
    ['REJECTED 2 rejected leaves 0 price_invalid linked 1'],
  ],
  [
    'a replacement in a symbol that is unknown is refused',
    [limit(1, 'sell', 5, 100)],
    { ...replace(1, 2, { qty: 5, limitPrice: 99 }), symbol: 'NONE' },
    ['REJECTED 2 rejected leaves 0 unknown_symbol linked 1'],
  ],
  [
    'a replacement whose own id is none is malformed',
    [limit(1, 'sell', 5, 100)],
    replace(1, 2, { qty: 5, limitPrice: 99, newOrderId: { ...id(2), b: 0.5 } }),
    ['REJECTED 2 rejected leaves 0 malformed linked 1'],
  ],
  [
    'an order that is replaced is gone',
    [limit(1, 'sell', 5, 100), replace(1, 2, { qty: 5, limitPrice: 99 })],
    cancel(1),
    ['REJECTED 1 rejected leaves 0 too_late'],
  ],
  [
    'a replaced order’s replacement is its owner’s',
    [limit(1, 'sell', 5, 100), replace(1, 2, { qty: 5, limitPrice: 99 })],
    cancel(2, 1),
    ['CANCELED 2 canceled leaves 0 user_requested'],
  ],
  [
    'a replacement ended as filled is gone as well',
    [limit(1, 'sell', 5, 100), limit(2, 'buy', 2, 100), replace(1, 3, { qty: 2, limitPrice: 100 })],
    cancel(3, 1),
    ['REJECTED 3 rejected leaves 0 too_late'],
  ],
  [
    'a day order’s replacement is one for the day',
    [limit(1, 'sell', 5, 100, day), replace(1, 2, { qty: 5, limitPrice: 99 })],
    expireDay,
    ['EXPIRED 2 expired leaves 0 day_end'],
  ],
  [
    'a market order that gathers for the open cannot be changed',
    [phase('closed'), market(1, 'sell', 5, opg)],
    replace(1, 2, { qty: 5, limitPrice: 1 }),
    ['REJECTED 2 rejected leaves 0 not_replaceable linked 1'],
  ],
  [
    'nor a stop that has triggered',
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
    'an on-open order keeps its place when it shrinks',
    [
      phase('closed'),
      limit(1, 'buy', 5, 100, opg),
      limit(2, 'buy', 5, 100, opg),
      replace(1, 3, { qty: 4, limitPrice: 100 }),
      limit(4, 'sell', 4, 100, opg),
    ],
    phase('open'),
    [
      'FILL 3 4@100 maker filled leaves 0',
      'FILL 4 4@100 taker filled leaves 0',
      'EXPIRED 2 expired leaves 0 auction_remainder',
    ],
  ],
  [
    'and waits again when it grows',
    [
      phase('closed'),
      limit(1, 'buy', 5, 100, opg),
      limit(2, 'buy', 5, 100, opg),
      replace(1, 3, { qty: 6, limitPrice: 100 }),
      limit(4, 'sell', 5, 100, opg),
    ],
    phase('open'),
    [
      'FILL 2 5@100 maker filled leaves 0',
      'FILL 4 5@100 taker filled leaves 0',
      'EXPIRED 3 expired leaves 0 auction_remainder',
    ],
  ],
  [
    'one called into a halted opening stays in it when it is repriced',
    [
      phase('closed'),
      limit(1, 'buy', 5, 100, opg),
      halt(true),
      phase('open'),
      replace(1, 2, { qty: 5, limitPrice: 101 }),
      limit(3, 'sell', 5, 100),
    ],
    halt(false),
    ['FILL 2 5@100 maker filled leaves 0', 'FILL 3 5@100 taker filled leaves 0'],
  ],
  [
    'a limit replaced while the market is closed waits for it',
    [phase('closed'), limit(1, 'buy', 5, 100)],
    replace(1, 2, { qty: 6, limitPrice: 101 }),
    ['REPLACED 1 replaced leaves 0 linked 2', 'NEW 2 accepted leaves 6 linked 1'],
  ],
  [
    'a stop that is moved and waits is accepted',
    [stop(1, 'sell', 5, 90)],
    replace(1, 2, { qty: 6, stopPrice: 91 }),
    ['REPLACED 1 replaced leaves 0 linked 2', 'NEW 2 accepted leaves 6 linked 1'],
  ],
  [
    'post_only may stay at its price though its size goes up',
    [limit(1, 'sell', 5, 100), limit(2, 'buy', 5, 99, { postOnly: true })],
    replace(2, 3, { qty: 6, limitPrice: 99 }),
    ['REPLACED 2 replaced leaves 0 linked 3', 'NEW 3 new leaves 6 linked 2'],
  ],
  [
    'and move where it still does not take',
    [limit(1, 'sell', 5, 100), limit(2, 'buy', 5, 90, { postOnly: true })],
    replace(2, 3, { qty: 5, limitPrice: 99 }),
    ['REPLACED 2 replaced leaves 0 linked 3', 'NEW 3 new leaves 5 linked 2'],
  ],
  [
    'while the market is closed it gathers wherever it likes',
    [limit(1, 'sell', 5, 100), limit(2, 'buy', 5, 90, { postOnly: true }), phase('closed')],
    replace(2, 3, { qty: 5, limitPrice: 100 }),
    ['REPLACED 2 replaced leaves 0 linked 3', 'NEW 3 accepted leaves 5 linked 2'],
  ],
  [
    'more than may be open on a side is refused, what the old order held not counted',
    [limit(1, 'buy', MAX_QTY, 1), limit(2, 'buy', MAX_QTY - 1, 1), limit(3, 'buy', 2, 1)],
    replace(3, 4, { qty: 3, limitPrice: 1 }),
    ['REJECTED 4 rejected leaves 0 quantity_ceiling linked 3'],
  ],
  [
    'and so it is on the other side, of which nothing is open here',
    [limit(1, 'sell', MAX_QTY, 1), limit(2, 'sell', MAX_QTY - 1, 1), limit(3, 'sell', 2, 1)],
    replace(3, 4, { qty: 3, limitPrice: 1 }),
    ['REJECTED 4 rejected leaves 0 quantity_ceiling linked 3'],
  ],
  [
    'as much as may be open is not',
    [limit(1, 'sell', MAX_QTY, 1), limit(2, 'sell', MAX_QTY - 1, 1), limit(3, 'sell', 1, 1)],
    replace(3, 4, { qty: 2, limitPrice: 1 }),
    ['REPLACED 3 replaced leaves 0 linked 4', 'NEW 4 new leaves 2 linked 3'],
  ],
  [
    'what a smaller order no longer holds is free for others',
    [limit(1, 'buy', MAX_QTY, 1), limit(2, 'buy', MAX_QTY, 1), replace(2, 3, { qty: 1, limitPrice: 1 })],
    limit(4, 'buy', MAX_QTY, 1),
    ['NEW 4 new leaves 4503599627370495'],
  ],
];

test.each(cases)('%s', answers);

test('a replacement carries the exact sum of what was traded', () => {
  const state = engine();
  run(state, instrument, phase('open'), limit(1, 'sell', 9, 100), limit(2, 'buy', 2, 100));
  run(state, replace(1, 3, { qty: 9, limitPrice: 103 }), limit(4, 'buy', 1, 103));
  expect(findOrder(state, id(3))).toMatchObject({ cumQty: 3, avgPx: 101, symbol: 'ACME' });
  expect(statsOf(state).liveOrders).toBe(1);
});
