import { test } from 'vitest';
import { type Answered, answers } from './answers.ts';
import { cancel, limit, phase, replace } from './flow.ts';
import { bracket, oco, oto } from './groups.ts';

const cases: Answered[] = [
  [
    'the quantity of an order in a group is fixed',
    [oco],
    replace(52, 54, { user: 50, qty: 9, limitPrice: 110 }),
    ['REJECTED 54 rejected leaves 0 group_quantity_fixed linked 52'],
  ],
  [
    'a replaced entry still takes its exits with it',
    [bracket, replace(51, 54, { user: 50, qty: 10, limitPrice: 99 })],
    cancel(54, 50),
    [
      'CANCELED 54 canceled leaves 0 user_requested',
      'CANCELED 52 canceled leaves 0 group',
      'CANCELED 53 canceled leaves 0 group',
    ],
  ],
  [
    'and activates them',
    [bracket, replace(51, 54, { user: 50, qty: 10, limitPrice: 99 })],
    limit(1, 'sell', 10, 99),
    [
      'NEW 1 new leaves 10',
      'FILL 54 10@99 maker filled leaves 0',
      'FILL 1 10@99 taker filled leaves 0',
      'RESTATED 52 new leaves 10 entry_done',
      'RESTATED 53 accepted leaves 10 entry_done',
    ],
  ],
  [
    'the entry of one exit as well',
    [oto, replace(51, 54, { user: 50, qty: 10, limitPrice: 99 })],
    limit(1, 'sell', 10, 99),
    [
      'NEW 1 new leaves 10',
      'FILL 54 10@99 maker filled leaves 0',
      'FILL 1 10@99 taker filled leaves 0',
      'RESTATED 52 new leaves 10 entry_done',
    ],
  ],
  [
    'a held exit that is replaced is held on',
    [bracket],
    replace(52, 54, { user: 50, qty: 10, limitPrice: 111 }),
    ['REPLACED 52 replaced leaves 0 linked 54', 'NEW 54 held leaves 10 linked 52'],
  ],
  [
    'and so it is when it is replaced again',
    [bracket, replace(52, 54, { user: 50, qty: 10, limitPrice: 111 })],
    replace(54, 55, { user: 50, qty: 10, limitPrice: 112 }),
    ['REPLACED 54 replaced leaves 0 linked 55', 'NEW 55 held leaves 10 linked 54'],
  ],
  [
    'one that keeps its terms gathers for no auction',
    [bracket, replace(52, 54, { user: 50, qty: 10, limitPrice: 110 }), phase('closed'), limit(1, 'buy', 10, 120)],
    phase('open'),
    ['RESTATED 1 new leaves 10 session_open'],
  ],
  [
    'it is activated by its entry',
    [bracket, replace(52, 54, { user: 50, qty: 10, limitPrice: 111 })],
    limit(1, 'sell', 10, 100),
    [
      'NEW 1 new leaves 10',
      'FILL 51 10@100 maker filled leaves 0',
      'FILL 1 10@100 taker filled leaves 0',
      'RESTATED 54 new leaves 10 entry_done',
      'RESTATED 53 accepted leaves 10 entry_done',
    ],
  ],
  [
    'so is the second of them',
    [bracket, replace(53, 54, { user: 50, qty: 10, stopPrice: 91 })],
    limit(1, 'sell', 10, 100),
    [
      'NEW 1 new leaves 10',
      'FILL 51 10@100 maker filled leaves 0',
      'FILL 1 10@100 taker filled leaves 0',
      'RESTATED 52 new leaves 10 entry_done',
      'RESTATED 54 accepted leaves 10 entry_done',
    ],
  ],
  [
    'cancelled, it takes its entry with it',
    [bracket, replace(52, 54, { user: 50, qty: 10, limitPrice: 111 })],
    cancel(54, 50),
    [
      'CANCELED 54 canceled leaves 0 user_requested',
      'CANCELED 53 canceled leaves 0 group',
      'CANCELED 51 canceled leaves 0 group',
    ],
  ],
  [
    'an exit whose entry was replaced takes the new entry with it',
    [bracket, replace(51, 54, { user: 50, qty: 10, limitPrice: 99 })],
    cancel(53, 50),
    [
      'CANCELED 53 canceled leaves 0 user_requested',
      'CANCELED 52 canceled leaves 0 group',
      'CANCELED 54 canceled leaves 0 group',
    ],
  ],
  [
    'the sibling of a replaced exit ends that one',
    [oco, replace(52, 54, { user: 50, qty: 10, limitPrice: 112 })],
    cancel(53, 50),
    ['CANCELED 53 canceled leaves 0 user_requested', 'CANCELED 54 canceled leaves 0 group'],
  ],
];

test.each(cases)('%s', answers);
