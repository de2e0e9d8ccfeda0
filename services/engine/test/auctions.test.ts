import { test } from 'vitest';
import { GroupKind, OrderType, TimeInForce } from '../src/domain/codes.ts';
import type { Command } from '../src/domain/command.ts';
import { type Answered, answers } from './answers.ts';
import {
  type Body,
  cancel,
  expireDay,
  halt,
  instrument,
  limit,
  market,
  owner,
  phase,
  quote,
  replace,
  stop,
  terms,
} from './flow.ts';

const closed = phase('closed');
const coarse = { ...instrument, tick: 10, tickBelowOne: 10 };
const opg = { timeInForce: TimeInForce.opg };
const cls = { timeInForce: TimeInForce.cls };
/** Exits of one position: a limit at 102 and a stop at 95, with which 10 are sold once. */
const pair: Body<Command> = {
  kind: 'place_group',
  symbol: 'ACME',
  ...owner(50),
  group: GroupKind.oco,
  orders: [
    terms(52, 'sell', 10, { limitPrice: 102 }),
    terms(53, 'sell', 10, { type: OrderType.stop, stopPrice: 95, collarOffset: 10 }),
  ],
};
const bracket: Body<Command> = {
  kind: 'place_group',
  symbol: 'ACME',
  ...owner(50),
  group: GroupKind.bracket,
  orders: [
    terms(51, 'buy', 10, { limitPrice: 100, timeInForce: TimeInForce.day }),
    terms(52, 'sell', 10, { limitPrice: 110, timeInForce: TimeInForce.day }),
    terms(53, 'sell', 10, { type: OrderType.stop, stopPrice: 90, collarOffset: 10 }),
  ],
};

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
    'market orders for the open trade at its price, and what is left of them expires',
    [closed, limit(1, 'sell', 5, 100), market(2, 'buy', 8, opg)],
    phase('open'),
    [
      'FILL 1 5@100 maker filled leaves 0',
      'FILL 2 5@100 taker partially_filled leaves 3',
      'EXPIRED 2 expired leaves 0 auction_remainder',
    ],
  ],
  [
    'what is left of a market order that gathered during a halt is cancelled',
    [halt(true), limit(1, 'sell', 5, 100), market(2, 'buy', 8)],
    halt(false),
    [
      'FILL 1 5@100 maker filled leaves 0',
      'FILL 2 5@100 taker partially_filled leaves 3',
      'CANCELED 2 canceled leaves 0 auction_remainder',
    ],
  ],
  [
    'on-close orders are called before the close, and wait',
    [limit(1, 'sell', 5, 100, cls), limit(2, 'buy', 3, 101, cls), limit(3, 'buy', 2, 100, opg)],
    phase('closing'),
    [],
  ],
  [
    'the close after the call trades at one price and ends what is left',
    [limit(1, 'sell', 5, 100, cls), limit(2, 'buy', 3, 101, cls), phase('closing'), limit(3, 'buy', 1, 99)],
    closed,
    [
      'FILL 1 3@100 maker partially_filled leaves 2',
      'FILL 2 3@100 taker filled leaves 0',
      'EXPIRED 1 expired leaves 0 auction_remainder',
    ],
  ],
  [
    'a close during a halt trades nothing and ends what is left',
    [limit(1, 'sell', 5, 100, cls), limit(2, 'buy', 3, 101, cls), halt(true)],
    closed,
    ['EXPIRED 1 expired leaves 0 auction_remainder', 'EXPIRED 2 expired leaves 0 auction_remainder'],
  ],
  [
    'before the open nothing trades at a close',
    [closed, limit(1, 'sell', 5, 100), limit(2, 'buy', 5, 100), phase('pre_open')],
    closed,
    [],
  ],
  ['nor before the open begins', [closed, limit(1, 'sell', 5, 100), limit(2, 'buy', 5, 100)], phase('pre_open'), []],
  ['on-open orders wait through a close', [limit(1, 'sell', 5, 100, opg), limit(2, 'buy', 5, 100, opg)], closed, []],
  [
    'a phase that is there already changes nothing',
    [limit(1, 'sell', 5, 100, opg), limit(2, 'buy', 5, 100, opg)],
    phase('open'),
    [],
  ],
  [
    'the price of a close is what stops see at the next open',
    [stop(3, 'sell', 1, 100), limit(1, 'sell', 5, 100, cls), limit(2, 'buy', 5, 100, cls), closed],
    phase('open'),
    ['TRIGGERED 3 new leaves 1'],
  ],
  [
    'a close without a trade leaves the price as it was',
    [quote([], [], 105), stop(3, 'sell', 1, 100), closed],
    phase('open'),
    [],
  ],
  [
    'a halt that is lifted before the open does not trade',
    [closed, halt(true), limit(1, 'sell', 5, 100), limit(2, 'buy', 5, 100)],
    halt(false),
    [],
  ],
  [
    'a halt that was none is not lifted',
    [closed, limit(1, 'sell', 5, 100), limit(2, 'buy', 5, 100), phase('pre_open')],
    halt(false),
    [],
  ],
  ['lifting what is no halt tells nobody anything', [limit(1, 'sell', 5, 100)], halt(false), []],
  [
    'those who queued are told once, stops and on-close orders not at all',
    [closed, limit(1, 'sell', 5, 100), stop(2, 'sell', 5, 90), limit(3, 'buy', 5, 90, cls), limit(4, 'sell', 5, 100)],
    phase('open'),
    ['RESTATED 1 new leaves 5 session_open', 'RESTATED 4 new leaves 5 session_open'],
  ],
  [
    'whoever was working before a halt is not told again',
    [limit(1, 'sell', 5, 100), halt(true), limit(2, 'sell', 5, 100)],
    halt(false),
    ['RESTATED 2 new leaves 5 session_open'],
  ],
  [
    'the day’s end takes a whole group with it, each of it once',
    [bracket],
    expireDay,
    [
      'EXPIRED 52 expired leaves 0 day_end',
      'CANCELED 53 canceled leaves 0 group',
      'CANCELED 51 canceled leaves 0 group',
    ],
  ],
  [
    'a held exit for the day takes its entry with it, though that was good till cancelled',
    [replaceEntry(bracket)],
    expireDay,
    [
      'EXPIRED 52 expired leaves 0 day_end',
      'CANCELED 53 canceled leaves 0 group',
      'CANCELED 51 canceled leaves 0 group',
    ],
  ],
  [
    'a bracket that waits for the open is activated by what it traded there',
    [closed, bracket, limit(1, 'sell', 10, 100)],
    phase('open'),
    [
      'FILL 51 10@100 maker filled leaves 0',
      'FILL 1 10@100 taker filled leaves 0',
      'RESTATED 52 new leaves 10 entry_done',
      'RESTATED 53 accepted leaves 10 entry_done',
    ],
  ],
  [
    'and one whose entry was replaced too',
    [closed, bracket, replace(51, 54, { user: 50, qty: 10, limitPrice: 101 }), limit(1, 'sell', 4, 100)],
    phase('open'),
    ['FILL 54 4@100 maker partially_filled leaves 6', 'FILL 1 4@100 taker filled leaves 0'],
  ],
  [
    'in a closed market an exit is activated to wait',
    [bracket, halt(true), limit(1, 'sell', 4, 100), halt(false), halt(true)],
    cancel(51, 50),
    [
      'CANCELED 51 canceled leaves 0 user_requested',
      'RESTATED 52 accepted leaves 4 entry_done',
      'RESTATED 53 accepted leaves 4 entry_done',
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

function replaceEntry(group: Body<Command>): Body<Command> {
  if (group.kind !== 'place_group') return group;
  const [entry, ...exits] = group.orders;
  return { ...group, orders: [{ ...entry!, timeInForce: TimeInForce.gtc }, ...exits] };
}

test.each(cases)('%s', answers);
