import { test } from 'vitest';
import { OrderType, TimeInForce } from '../src/domain/codes.ts';
import type { OrderTerms } from '../src/domain/command.ts';
import { type Answered, answers } from './answers.ts';
import { cancel, limit, quote, replace, terms } from './flow.ts';
import { group } from './groups.ts';

const stopLoss = (n: number, qty: number, stopPrice: number, extra: Partial<OrderTerms> = {}) =>
  terms(n, 'sell', qty, { type: OrderType.stop, stopPrice, collarOffset: 10, ...extra });

/** Entry 51 buys 10 at 100; exits: 52 sells at 110, 53 stops at 90. */
const bracket = (extra: Partial<OrderTerms> = {}) =>
  group(
    'bracket',
    terms(51, 'buy', 10, { limitPrice: 100, ...extra }),
    terms(52, 'sell', 10, { limitPrice: 110 }),
    stopLoss(53, 10, 90),
  );

const oco = group('oco', terms(52, 'sell', 10, { limitPrice: 110 }), stopLoss(53, 10, 90));

/** [rule, commands before, the command in question, its reports]. */
const cases: Answered[] = [
  [
    'bracket exits are held until the entry is filled',
    [],
    bracket(),
    ['NEW 51 new leaves 10', 'NEW 52 held leaves 10', 'NEW 53 held leaves 10'],
  ],
  [
    'a part of the entry does not activate its exits',
    [bracket()],
    limit(1, 'sell', 4, 100),
    ['NEW 1 new leaves 4', 'FILL 51 4@100 maker partially_filled leaves 6', 'FILL 1 4@100 taker filled leaves 0'],
  ],
  [
    'the whole entry activates both exits',
    [bracket(), limit(1, 'sell', 4, 100)],
    limit(2, 'sell', 6, 100),
    [
      'NEW 2 new leaves 6',
      'FILL 51 6@100 maker filled leaves 0',
      'FILL 2 6@100 taker filled leaves 0',
      'RESTATED 52 new leaves 10 entry_done',
      'RESTATED 53 accepted leaves 10 entry_done',
    ],
  ],
  [
    'a cancelled entry leaves exits for what it bought',
    [bracket(), limit(1, 'sell', 4, 100)],
    cancel(51, 50),
    [
      'CANCELED 51 canceled leaves 0 user_requested',
      'RESTATED 52 new leaves 4 entry_done',
      'RESTATED 53 accepted leaves 4 entry_done',
    ],
  ],
  [
    'an entry’s immediate-or-cancel remainder does the same',
    [limit(1, 'sell', 4, 100)],
    bracket({ timeInForce: TimeInForce.ioc }),
    [
      'NEW 51 new leaves 10',
      'NEW 52 held leaves 10',
      'NEW 53 held leaves 10',
      'FILL 1 4@100 maker filled leaves 0',
      'FILL 51 4@100 taker partially_filled leaves 6',
      'CANCELED 51 canceled leaves 0 ioc_remainder',
      'RESTATED 52 new leaves 4 entry_done',
      'RESTATED 53 accepted leaves 4 entry_done',
    ],
  ],
  [
    'an entry that bought nothing takes its exits with it',
    [bracket()],
    cancel(51, 50),
    [
      'CANCELED 51 canceled leaves 0 user_requested',
      'CANCELED 52 canceled leaves 0 group',
      'CANCELED 53 canceled leaves 0 group',
    ],
  ],
  [
    'cancelling a held exit cancels its sibling and its entry',
    [bracket()],
    cancel(53, 50),
    [
      'CANCELED 53 canceled leaves 0 user_requested',
      'CANCELED 52 canceled leaves 0 group',
      'CANCELED 51 canceled leaves 0 group',
    ],
  ],
  [
    'a partial fill of one exit shrinks the other in the same step',
    [oco],
    limit(1, 'buy', 3, 110),
    [
      'NEW 1 new leaves 3',
      'FILL 52 3@110 maker partially_filled leaves 7',
      'FILL 1 3@110 taker filled leaves 0',
      'RESTATED 53 accepted leaves 7 sibling_filled',
    ],
  ],
  [
    'a filled exit cancels the other',
    [oco],
    limit(1, 'buy', 10, 110),
    [
      'NEW 1 new leaves 10',
      'FILL 52 10@110 maker filled leaves 0',
      'FILL 1 10@110 taker filled leaves 0',
      'CANCELED 53 canceled leaves 0 group',
    ],
  ],
  [
    'a triggered stop that fills in part shrinks the resting limit, and both go on',
    [oco, limit(1, 'buy', 1, 90), limit(2, 'buy', 4, 88)],
    limit(3, 'sell', 1, 90),
    [
      'NEW 3 new leaves 1',
      'FILL 1 1@90 maker filled leaves 0',
      'FILL 3 1@90 taker filled leaves 0',
      'TRIGGERED 53 new leaves 10',
      'FILL 2 4@88 maker filled leaves 0',
      'FILL 53 4@88 taker partially_filled leaves 6',
      'RESTATED 52 new leaves 6 sibling_filled',
    ],
  ],
  [
    'fill-or-kill does not count twice what two exits protect',
    [oco, quote([], [], 90)],
    limit(1, 'buy', 20, 120, { timeInForce: TimeInForce.fok }),
    ['NEW 1 new leaves 20', 'CANCELED 1 canceled leaves 0 fok_unfillable'],
  ],
  [
    'nor does it make up for them behind its limit',
    [oco, quote([], [], 90), limit(2, 'sell', 10, 121)],
    limit(1, 'buy', 20, 120, { timeInForce: TimeInForce.fok }),
    ['NEW 1 new leaves 20', 'CANCELED 1 canceled leaves 0 fok_unfillable'],
  ],
  [
    'fill-or-kill counts the shares of two exits once',
    [oco, quote([], [], 90), limit(2, 'sell', 5, 115)],
    limit(1, 'buy', 15, 120, { timeInForce: TimeInForce.fok }),
    [
      'NEW 1 new leaves 15',
      'FILL 53 10@80 maker filled leaves 0',
      'FILL 1 10@80 taker partially_filled leaves 5',
      'CANCELED 52 canceled leaves 0 group',
      'FILL 2 5@115 maker filled leaves 0',
      'FILL 1 5@115 taker filled leaves 0',
    ],
  ],
  [
    'a replaced exit stays part of its group',
    [oco, replace(52, 54, { user: 50, qty: 10, limitPrice: 112 })],
    limit(1, 'buy', 10, 112),
    [
      'NEW 1 new leaves 10',
      'FILL 54 10@112 maker filled leaves 0',
      'FILL 1 10@112 taker filled leaves 0',
      'CANCELED 53 canceled leaves 0 group',
    ],
  ],
  [
    'a group with one wrong order is refused whole',
    [],
    bracket({ limitPrice: 0 }),
    [
      'REJECTED 51 rejected leaves 0 price_invalid',
      'REJECTED 52 rejected leaves 0 group',
      'REJECTED 53 rejected leaves 0 group',
    ],
  ],
];

test.each(cases)('%s', answers);
