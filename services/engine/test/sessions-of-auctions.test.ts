import { test } from 'vitest';
import { TimeInForce } from '../src/domain/codes.ts';
import type { Command } from '../src/domain/command.ts';
import { type Answered, answers } from './answers.ts';
import { type Body, cancel, expireDay, halt, limit, market, phase, quote, replace, stop } from './flow.ts';
import { entry, group, profit, stopLoss } from './groups.ts';

const closed = phase('closed');
const opg = { timeInForce: TimeInForce.opg };
const cls = { timeInForce: TimeInForce.cls };
const day = { timeInForce: TimeInForce.day };
const dayBracket = group('bracket', { ...entry, ...day }, { ...profit, ...day }, stopLoss);

const cases: Answered[] = [
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
    'an on-close order that comes after the call waits for the next close',
    [phase('closing'), limit(1, 'sell', 5, 100, cls), limit(2, 'buy', 5, 100)],
    closed,
    [],
  ],
  [
    'a halt of what is halted matches nothing',
    [halt(true), limit(1, 'sell', 5, 100), limit(2, 'buy', 5, 100)],
    halt(true),
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
    [dayBracket],
    expireDay,
    [
      'EXPIRED 52 expired leaves 0 day_end',
      'CANCELED 53 canceled leaves 0 group',
      'CANCELED 51 canceled leaves 0 group',
    ],
  ],
  [
    'a held exit for the day takes its entry with it, though that was good till cancelled',
    [replaceEntry(dayBracket)],
    expireDay,
    [
      'EXPIRED 52 expired leaves 0 day_end',
      'CANCELED 53 canceled leaves 0 group',
      'CANCELED 51 canceled leaves 0 group',
    ],
  ],
  [
    'a dayBracket that waits for the open is activated by what it traded there',
    [closed, dayBracket, limit(1, 'sell', 10, 100)],
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
    [closed, dayBracket, replace(51, 54, { user: 50, qty: 10, limitPrice: 101 }), limit(1, 'sell', 4, 100)],
    phase('open'),
    ['FILL 54 4@100 maker partially_filled leaves 6', 'FILL 1 4@100 taker filled leaves 0'],
  ],
  [
    'in a closed market an exit is activated to wait',
    [dayBracket, halt(true), limit(1, 'sell', 4, 100), halt(false), halt(true)],
    cancel(51, 50),
    [
      'CANCELED 51 canceled leaves 0 user_requested',
      'RESTATED 52 accepted leaves 4 entry_done',
      'RESTATED 53 accepted leaves 4 entry_done',
    ],
  ],
];

function replaceEntry(placed: Body<Command>): Body<Command> {
  if (placed.kind !== 'place_group') return placed;
  const [first, ...exits] = placed.orders;
  return { ...placed, orders: [{ ...first!, timeInForce: TimeInForce.gtc }, ...exits] };
}

test.each(cases)('%s', answers);
