import { test } from 'vitest';
import { OrderType, TimeInForce } from '../src/domain/codes.ts';
import { type Answered, answers } from './answers.ts';
import { expireDay, halt, limit, market, phase, quote, split, stop } from './flow.ts';
import { oco } from './groups.ts';

const opg = { timeInForce: TimeInForce.opg };
const cls = { timeInForce: TimeInForce.cls };
const day = { timeInForce: TimeInForce.day };

/** [rule, commands before, the command in question, its reports]. */
const cases: Answered[] = [
  [
    'a buy stop triggers at a print on its price and meets the book behind the order that caused it',
    [limit(1, 'sell', 2, 100), limit(2, 'sell', 5, 103), stop(3, 'buy', 4, 100)],
    market(4, 'buy', 2),
    [
      'NEW 4 new leaves 2',
      'FILL 1 2@100 maker filled leaves 0',
      'FILL 4 2@100 taker filled leaves 0',
      'TRIGGERED 3 new leaves 4',
      'FILL 2 4@103 maker partially_filled leaves 1',
      'FILL 3 4@103 taker filled leaves 0',
    ],
  ],
  [
    'every print of a sweep is shown to the stops, in its turn',
    [
      limit(1, 'buy', 1, 100),
      limit(2, 'buy', 1, 98),
      stop(3, 'sell', 1, 100, { collarOffset: 1 }),
      limit(5, 'buy', 1, 98),
    ],
    market(4, 'sell', 2),
    [
      'NEW 4 new leaves 2',
      'FILL 1 1@100 maker filled leaves 0',
      'FILL 4 1@100 taker partially_filled leaves 1',
      'TRIGGERED 3 new leaves 1',
      'FILL 2 1@98 maker filled leaves 0',
      'FILL 4 1@98 taker filled leaves 0',
    ],
  ],
  [
    'a stop triggers when the house’s reference price passes it, though nobody trades',
    [stop(1, 'sell', 3, 95)],
    quote([[93, 5]], [[97, 5]], 94),
    [
      'TRIGGERED 1 new leaves 3',
      'FILL house 3@93 maker partially_filled leaves 2',
      'FILL 1 3@93 taker filled leaves 0',
    ],
  ],
  [
    'a stop passed by a gap is collared from the price that triggered it, and what is left rests there',
    [quote([[94, 1]], [[120, 1]], 110), stop(1, 'sell', 3, 105)],
    quote([[79, 1]], [[81, 1]], 80),
    [
      'TRIGGERED 1 new leaves 3',
      'FILL house 1@79 maker filled leaves 0',
      'FILL 1 1@79 taker partially_filled leaves 2',
    ],
  ],
  [
    'a stop already passed triggers on arrival',
    [quote([[94, 5]], [[97, 5]], 95)],
    stop(1, 'sell', 3, 96),
    [
      'NEW 1 accepted leaves 3',
      'TRIGGERED 1 new leaves 3',
      'FILL house 3@94 maker partially_filled leaves 2',
      'FILL 1 3@94 taker filled leaves 0',
    ],
  ],
  [
    'a trailing stop follows the mark up and triggers on the way down',
    [
      quote([[99, 5]], [[101, 5]], 100),
      stop(1, 'sell', 3, 0, { type: OrderType.trailing_stop, trailAmount: 5 }),
      quote([[109, 5]], [[111, 5]], 110),
      quote([[105, 5]], [[107, 5]], 106),
    ],
    quote([[104, 5]], [[106, 5]], 105),
    [
      'TRIGGERED 1 new leaves 3',
      'FILL house 3@104 maker partially_filled leaves 2',
      'FILL 1 3@104 taker filled leaves 0',
    ],
  ],
  [
    'orders that come while the market is closed are accepted and wait',
    [phase('closed')],
    limit(1, 'buy', 5, 100),
    ['NEW 1 accepted leaves 5'],
  ],
  [
    'immediate-or-cancel has no meaning while the market is closed',
    [phase('closed')],
    limit(1, 'buy', 5, 100, { timeInForce: TimeInForce.ioc }),
    ['REJECTED 1 rejected leaves 0 session_closed'],
  ],
  [
    'the opening trades the largest volume at one price, tells who works now and ends on-open remainders',
    [
      phase('closed'),
      limit(1, 'buy', 5, 105),
      limit(2, 'buy', 5, 100, opg),
      limit(3, 'sell', 8, 98, opg),
      limit(4, 'sell', 4, 104),
      limit(5, 'buy', 1, 90),
    ],
    phase('open'),
    [
      'FILL 1 5@98 maker filled leaves 0',
      'FILL 3 5@98 taker partially_filled leaves 3',
      'FILL 2 3@98 maker partially_filled leaves 2',
      'FILL 3 3@98 taker filled leaves 0',
      'EXPIRED 2 expired leaves 0 auction_remainder',
      'RESTATED 4 new leaves 4 session_open',
      'RESTATED 5 new leaves 1 session_open',
    ],
  ],
  [
    'of equal volumes the price closest to the reference wins',
    [quote([], [], 102), phase('closed'), limit(1, 'buy', 5, 105), limit(2, 'sell', 5, 98)],
    phase('open'),
    ['FILL 1 5@102 maker filled leaves 0', 'FILL 2 5@102 taker filled leaves 0'],
  ],
  [
    'on-close orders wait out of sight and trade at the close',
    [limit(1, 'sell', 5, 100), limit(2, 'buy', 3, 101, cls)],
    phase('closed'),
    ['FILL 1 3@100 maker partially_filled leaves 2', 'FILL 2 3@100 taker filled leaves 0'],
  ],
  [
    'a halt stops matching and resuming matches at one price',
    [halt(true), limit(1, 'sell', 5, 100), limit(2, 'buy', 5, 100)],
    halt(false),
    ['FILL 1 5@100 maker filled leaves 0', 'FILL 2 5@100 taker filled leaves 0'],
  ],
  [
    'an auction cancels the newer of two orders of one user before it finds the price',
    [
      phase('closed'),
      limit(1, 'sell', 5, 95, { user: 8 }),
      limit(2, 'buy', 5, 100, { user: 8 }),
      limit(3, 'buy', 5, 96),
    ],
    phase('open'),
    [
      'CANCELED 2 canceled leaves 0 self_trade',
      'FILL 1 5@95 maker filled leaves 0',
      'FILL 3 5@95 taker filled leaves 0',
    ],
  ],
  [
    'a stop passed overnight triggers when trading begins',
    [stop(1, 'sell', 2, 95), phase('closed'), quote([[90, 5]], [[92, 5]], 91)],
    phase('open'),
    [
      'TRIGGERED 1 new leaves 2',
      'FILL house 2@90 maker partially_filled leaves 3',
      'FILL 1 2@90 taker filled leaves 0',
    ],
  ],
  [
    'a sell stop waits through an opening that finds no price at all',
    [phase('closed'), stop(1, 'sell', 2, 95)],
    phase('open'),
    [],
  ],
  [
    'on-open orders that find nobody expire when the market opens',
    [phase('closed'), limit(1, 'buy', 5, 100, opg), market(2, 'sell', 5, { ...opg, user: 1 })],
    phase('open'),
    ['CANCELED 2 canceled leaves 0 self_trade', 'EXPIRED 1 expired leaves 0 auction_remainder'],
  ],
  [
    'on-open orders wait through a halted opening and trade when it ends',
    [phase('closed'), halt(true), limit(1, 'buy', 5, 100, opg), limit(2, 'sell', 5, 98, opg), phase('open')],
    halt(false),
    ['FILL 1 5@98 maker filled leaves 0', 'FILL 2 5@98 taker filled leaves 0'],
  ],
  [
    'of equal volumes the price that leaves least on either side comes before the reference',
    [quote([], [], 101), phase('closed'), limit(1, 'buy', 5, 102), limit(2, 'sell', 5, 98), limit(3, 'sell', 4, 101)],
    phase('open'),
    [
      'FILL 1 5@100 maker filled leaves 0',
      'FILL 2 5@100 taker filled leaves 0',
      'RESTATED 3 new leaves 4 session_open',
    ],
  ],
  [
    'a stop does not trigger while trading is halted',
    [stop(1, 'sell', 3, 95), halt(true)],
    quote([[89, 5]], [[91, 5]], 90),
    [],
  ],
  [
    'a trailing stop’s mark does not move while trading is halted',
    [
      quote([], [], 100),
      stop(1, 'sell', 3, 0, { type: OrderType.trailing_stop, trailAmount: 5 }),
      halt(true),
      quote([], [], 120),
      quote([], [], 100),
      halt(false),
    ],
    quote([], [], 96),
    [],
  ],
  [
    'day orders expire by command, good-till-cancelled ones stay',
    [limit(1, 'buy', 5, 100, day), limit(2, 'buy', 5, 100), stop(3, 'buy', 5, 120, day)],
    expireDay,
    ['EXPIRED 1 expired leaves 0 day_end', 'EXPIRED 3 expired leaves 0 day_end'],
  ],
  [
    'a split ends every order of the symbol, wherever it waits, and takes the ladder away without a word',
    [
      quote([[94, 5]], [[97, 5]], 95),
      limit(1, 'buy', 5, 90),
      stop(2, 'sell', 5, 80),
      stop(3, 'sell', 3, 0, { type: OrderType.trailing_stop, trailAmount: 5 }),
      limit(4, 'buy', 5, 90, opg),
    ],
    split(2, 1),
    [1, 2, 3, 4].map((order) => `CANCELED ${order} canceled leaves 0 corporate_action`),
  ],
  [
    'of a pair it ends each once',
    [oco],
    split(2, 1),
    ['CANCELED 53 canceled leaves 0 corporate_action', 'CANCELED 52 canceled leaves 0 group'],
  ],
  [
    'where several shares become one, stops are measured by the higher price',
    [quote([], [], 100), split(1, 2), halt(false)],
    stop(1, 'sell', 5, 199),
    ['NEW 1 accepted leaves 5'],
  ],
  [
    'until the halt is lifted a split refuses new orders',
    [split(3, 2)],
    limit(1, 'buy', 5, 90),
    ['REJECTED 1 rejected leaves 0 corporate_action'],
  ],
  [
    'a halt upon a split does not let orders in',
    [split(3, 2), halt(true)],
    limit(1, 'buy', 5, 90),
    ['REJECTED 1 rejected leaves 0 corporate_action'],
  ],
  [
    'a ladder of old shares that comes during a split trades with nobody afterwards',
    [split(2, 1), quote([[94, 5]], [[97, 5]], 95), halt(false)],
    market(1, 'sell', 5),
    ['NEW 1 new leaves 5', 'CANCELED 1 canceled leaves 0 no_liquidity'],
  ],
  [
    'when the halt is lifted trading goes on, and stops are measured by the price of new shares',
    [quote([], [], 100), split(2, 1), halt(false), quote([[49, 5]], [[51, 5]])],
    stop(1, 'sell', 5, 51),
    [
      'NEW 1 accepted leaves 5',
      'TRIGGERED 1 new leaves 5',
      'FILL house 5@49 maker filled leaves 0',
      'FILL 1 5@49 taker filled leaves 0',
    ],
  ],
  ['a split into no shares changes nothing', [limit(1, 'buy', 5, 90)], split(0, 1), []],
];

test.each(cases)('%s', answers);
