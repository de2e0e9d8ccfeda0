import { expect, test } from 'vitest';
import { OrderType, TimeInForce } from '../src/domain/codes.ts';
import { type Command, MAX_QTY } from '../src/domain/command.ts';
import { bookOrders, findDepth } from '../src/domain/queries.ts';
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
  line,
  phase,
  quote,
  replace,
  run,
  split,
  stop,
  terms,
} from './flow.ts';
import { bracket, entry, group, oco, profit, stopLoss } from './groups.ts';

const { ioc, opg } = TimeInForce;
const closed = phase('closed');
const trailing = (n: number, qty = 5) =>
  stop(n, 'sell', qty, 0, { type: OrderType.trailing_stop, trailAmount: 5, collarOffset: 3 });

const emca = (body: Body<Command>) => ({ ...body, symbol: 'EMCA' }) as Body<Command>;

const cases: Answered[] = [
  [
    'an order that ends where it stood nowhere leaves those that wait for an auction',
    [limit(1, 'buy', 5, 100, { timeInForce: opg }), limit(2, 'buy', 5, 90, { timeInForce: ioc })],
    split(2, 1),
    ['CANCELED 1 canceled leaves 0 corporate_action'],
  ],
  [
    'an exit that works has nothing to do with whoever came after its entry',
    [bracket, limit(1, 'sell', 10, 100), ...[2, 3, 4, 5].map((n) => limit(n, 'buy', 1, 50))],
    cancel(52, 50),
    ['CANCELED 52 canceled leaves 0 user_requested', 'CANCELED 53 canceled leaves 0 group'],
  ],
  ['the exit that never entered does not trigger either', [limit(1, 'buy', 10, 110), oco], quote([], [], 85), []],
  ['the id of a cancel that was refused may be used', [cancel(7)], limit(7, 'buy', 5, 100), ['NEW 7 new leaves 5']],
  [
    'an entry that may not wait is refused in a closed market',
    [closed],
    group('bracket', { ...entry, timeInForce: ioc }, profit, stopLoss),
    [
      'REJECTED 51 rejected leaves 0 session_closed',
      'REJECTED 52 rejected leaves 0 group',
      'REJECTED 53 rejected leaves 0 group',
    ],
  ],
  [
    'one exit that may not wait does not fit its entry, open or closed',
    [closed],
    group('oto', entry, { ...profit, timeInForce: ioc }),
    ['REJECTED 51 rejected leaves 0 group_invalid', 'REJECTED 52 rejected leaves 0 group_invalid'],
  ],
  [
    'one of a pair is refused for the session',
    [closed],
    group('oco', { ...profit, timeInForce: ioc }, stopLoss),
    ['REJECTED 52 rejected leaves 0 session_closed', 'REJECTED 53 rejected leaves 0 group'],
  ],
  [
    'a replacement in the middle of those that trail leaves its neighbours when it goes',
    [
      quote([], [], 100),
      trailing(1),
      trailing(2),
      trailing(3),
      replace(2, 4, { qty: 4, trailAmount: 5 }),
      cancel(4, 2),
    ],
    quote([], [], 95),
    ['TRIGGERED 1 new leaves 5', 'TRIGGERED 3 new leaves 5'],
  ],
  [
    'and is left by them',
    [
      quote([], [], 100),
      trailing(1),
      trailing(2),
      trailing(3),
      replace(2, 4, { qty: 4, trailAmount: 5 }),
      cancel(3),
      trailing(5),
    ],
    quote([], [], 95),
    ['TRIGGERED 1 new leaves 5', 'TRIGGERED 4 new leaves 4', 'TRIGGERED 5 new leaves 5'],
  ],
  [
    'a replacement that trades at once takes nothing from the level it left',
    [limit(1, 'sell', 5, 100), limit(2, 'buy', 5, 90), limit(3, 'buy', 5, 90)],
    replace(2, 4, { qty: 5, limitPrice: 100 }),
    [
      'REPLACED 2 replaced leaves 0 linked 4',
      'NEW 4 new leaves 5 linked 2',
      'FILL 1 5@100 maker filled leaves 0',
      'FILL 4 5@100 taker filled leaves 0',
    ],
  ],
  [
    'between neighbouring prices no price is looked for',
    [closed, limit(1, 'sell', 6, 100), limit(2, 'buy', 6, 101), limit(3, 'buy', 5, 100)],
    phase('open'),
    [
      'FILL 1 6@101 maker filled leaves 0',
      'FILL 2 6@101 taker filled leaves 0',
      'RESTATED 3 new leaves 5 session_open',
    ],
  ],
  [
    'its sibling goes on though one was cancelled for a self-trade, and ends alone',
    [oco, limit(1, 'buy', 5, 85, { user: 50 }), quote([], [], 90)],
    cancel(52, 50),
    ['CANCELED 52 canceled leaves 0 user_requested'],
  ],
  [
    'the sibling of one that was filled ends alone',
    [oco, limit(1, 'buy', 10, 110), limit(2, 'buy', 1, 50), limit(3, 'buy', 1, 50)],
    cancel(52, 50),
    ['REJECTED 52 rejected leaves 0 too_late'],
  ],
  [
    'a profit that is none is no limit',
    [],
    group('oco', { ...profit, type: OrderType.stop_limit, stopPrice: 112 }, stopLoss),
    ['REJECTED 52 rejected leaves 0 group_invalid', 'REJECTED 53 rejected leaves 0 group_invalid'],
  ],
  [
    'a stop that trails may stand above the limit for all it says',
    [],
    group('oco', profit, { ...stopLoss, type: OrderType.trailing_stop, trailAmount: 5, stopPrice: 120 }),
    ['NEW 52 new leaves 10', 'NEW 53 accepted leaves 10'],
  ],
  [
    'as much as may be bid for is quoted',
    [limit(1, 'buy', MAX_QTY, 1), limit(2, 'buy', MAX_QTY, 1)],
    quote([[2, 1]], []),
    [],
  ],
  [
    'what is quoted is open',
    [
      quote(
        [
          [2, MAX_QTY],
          [1, MAX_QTY],
        ],
        [],
      ),
    ],
    limit(1, 'buy', 2, 1),
    ['REJECTED 1 rejected leaves 0 quantity_ceiling'],
  ],
  [
    'and no longer when the quote is gone',
    [
      quote(
        [
          [2, MAX_QTY],
          [1, MAX_QTY],
        ],
        [],
      ),
      quote([], []),
    ],
    limit(1, 'buy', MAX_QTY, 1),
    ['NEW 1 new leaves 4503599627370495'],
  ],
  [
    'a ladder that was traded away in part is replaced whole',
    [
      quote(
        [
          [99, 1],
          [98, 2],
        ],
        [],
      ),
      limit(1, 'sell', 1, 99),
    ],
    quote([[97, 3]], []),
    [],
  ],
  ['a ladder in a halted market gathers', [limit(1, 'buy', 5, 100), halt(true)], quote([], [[99, 5]]), []],
  [
    'and meets it afterwards',
    [limit(1, 'buy', 5, 100), halt(true), quote([], [[99, 5]])],
    halt(false),
    ['FILL 1 5@99 maker filled leaves 0', 'FILL house 5@99 taker filled leaves 0'],
  ],
  ['the house’s own levels stay at the day’s end', [quote([[99, 1]], [])], expireDay, []],
  [
    'orders of one price come after the house’s that was there',
    [quote([[99, 1]], []), limit(1, 'buy', 1, 99)],
    limit(2, 'sell', 2, 99),
    [
      'NEW 2 new leaves 2',
      'FILL house 1@99 maker filled leaves 0',
      'FILL 2 1@99 taker partially_filled leaves 1',
      'FILL 1 1@99 maker filled leaves 0',
      'FILL 2 1@99 taker filled leaves 0',
    ],
  ],
  [
    'the second of a pair is refused for the session as well',
    [closed],
    group('oco', profit, { ...profit, orderId: id(53), timeInForce: ioc }),
    ['REJECTED 52 rejected leaves 0 group', 'REJECTED 53 rejected leaves 0 session_closed'],
  ],
  [
    'a limit that a stop has not is none of its terms',
    [],
    stop(1, 'sell', 5, 90, { limitPrice: 55 }),
    ['NEW 1 accepted leaves 5'],
  ],
  [
    'nothing is left of its neighbour',
    [quote([], [], 100), trailing(1), trailing(2), trailing(3), replace(2, 4, { qty: 4, trailAmount: 5 }), cancel(3)],
    quote([], [], 95),
    ['TRIGGERED 1 new leaves 5', 'TRIGGERED 4 new leaves 4'],
  ],
  [
    'a market order in the middle of the grid is bound inside it',
    [{ ...instrument, tick: 10, tickBelowOne: 10 }, limit(1, 'buy', 5, 90), limit(2, 'buy', 5, 100)],
    limit(3, 'sell', 10, 95, { type: OrderType.market }),
    [
      'NEW 3 new leaves 10',
      'FILL 2 5@100 maker filled leaves 0',
      'FILL 3 5@100 taker partially_filled leaves 5',
      'CANCELED 3 canceled leaves 0 collar',
    ],
  ],
  [
    'as much as may be asked is quoted',
    [limit(1, 'sell', MAX_QTY, 9), limit(2, 'sell', MAX_QTY, 9)],
    quote([], [[8, 1]]),
    [],
  ],
  [
    'a level of exactly the highest worth is quoted',
    [quote([[3_000_000_000_000, 3_000_000_000_000]], [])],
    limit(1, 'sell', 1, 3_000_000_000_000),
    [
      'NEW 1 new leaves 1',
      'FILL house 1@3000000000000 maker partially_filled leaves 2999999999999',
      'FILL 1 1@3000000000000 taker filled leaves 0',
    ],
  ],
  [
    'a level has no terms of the order that had its row before',
    [stop(1, 'sell', 1, 10), cancel(1), quote([], [[5, 1]])],
    limit(2, 'buy', 1, 5),
    ['NEW 2 new leaves 1', 'FILL house 1@5 maker filled leaves 0', 'FILL 2 1@5 taker filled leaves 0'],
  ],
  [
    'a self-trade ends a leg alone; its sibling goes on protecting',
    [oco, limit(1, 'buy', 5, 85, { user: 50 })],
    quote([], [], 90),
    ['TRIGGERED 53 new leaves 10', 'CANCELED 53 canceled leaves 0 self_trade'],
  ],
  [
    'an exit that is worth too much where it triggers leaves its sibling as well',
    [
      group(
        'oco',
        terms(52, 'buy', MAX_QTY, { limitPrice: 1 }),
        terms(53, 'buy', MAX_QTY, { type: OrderType.stop, stopPrice: 2, collarOffset: 1 }),
      ),
    ],
    quote([], [], 2_000_000_000),
    ['TRIGGERED 53 new leaves 4503599627370495', 'CANCELED 53 canceled leaves 0 notional_ceiling'],
  ],
];

test.each(cases)('%s', answers);

test.each(['a', 'b', 'c', 'd'])('users and accounts that differ in %s alone are others', (word) => {
  const state = engine();
  run(state, instrument, phase('open'));
  const mine = { a: 1, b: 2, c: 3, d: 4 };
  const theirs = { ...mine, [word]: 9 };
  run(state, { ...limit(1, 'sell', 5, 100), accountId: mine, userId: mine } as Body<Command>);
  expect(run(state, { ...cancel(1), accountId: theirs, userId: mine } as Body<Command>).map(line)).toEqual([
    'REJECTED 1 rejected leaves 0 unknown_order',
  ]);
  const bought = run(state, { ...limit(2, 'buy', 5, 100), accountId: mine, userId: theirs } as Body<Command>);
  expect(bought.map(line)).toContain('FILL 2 5@100 taker filled leaves 0');
  expect(bought[0]).toMatchObject({ orderId: id(2), accountId: mine, userId: theirs });
});

test('orders that come and go, are refused, replaced or triggered, need no more room than those that stay', () => {
  const state = engine();
  run(state, instrument, phase('open'), limit(1, 'buy', 1, 1));
  for (let n = 0; n < 300; n += 10) {
    run(state, limit(n + 2, 'sell', 5, 100), replace(n + 2, n + 3, { qty: 5, limitPrice: 101 }), cancel(n + 3, n + 2));
    run(state, limit(n + 4, 'sell', 5, 100), limit(n + 5, 'buy', 5, 100), limit(n + 6, 'buy', 0, 100), cancel(n + 7));
    run(state, replace(n + 8, n + 9, { qty: 1, limitPrice: 100 }), quote([[90, 1]], [[110, 1]]), quote([], []));
  }
  expect([state.orders.capacity, state.levels.capacity, state.orders.live]).toEqual([16, 16, 1]);
});

test('in the second of two symbols the house stands there and not in the first', () => {
  const state = engine();
  run(state, instrument, emca(instrument), phase('open'), emca(phase('open')));
  run(state, emca(quote([[99, 1]], [[101, 1]])), limit(1, 'buy', 1, 98), emca(limit(2, 'buy', 1, 98)));
  expect(bookOrders(state)).toEqual([
    { symbol: 'ACME', orders: 1 },
    { symbol: 'EMCA', orders: 3 },
  ]);
  expect(run(state, emca(quote([], []))).map(line)).toEqual([]);
  expect(bookOrders(state).map(({ orders }) => orders)).toEqual([1, 1]);
});

test.each([
  [0, []],
  [1, [3]],
  [2, [3, 2]],
  [9, [3, 2, 1]],
])('of %d levels asked for those best of all are told', (most, prices) => {
  const state = engine();
  run(state, instrument, phase('open'), ...[1, 2, 3].map((n) => limit(n, 'buy', n, n)));
  expect(findDepth(state, 'ACME', most)?.bids.map(({ price }) => price)).toEqual(prices);
  expect(findDepth(state, 'NONE', most)).toBeUndefined();
});
