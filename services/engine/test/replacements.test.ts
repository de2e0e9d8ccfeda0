import { expect, test } from 'vitest';
import { TimeInForce } from '../src/domain/codes.ts';
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
  replace,
  run,
} from './flow.ts';

const day = { timeInForce: TimeInForce.day };
const opg = { timeInForce: TimeInForce.opg };

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
