import { expect, test } from 'vitest';
import { Liquidity, OrderType, TimeInForce } from '../src/domain/codes.ts';
import { MAX_PRICE, MAX_QTY } from '../src/domain/command.ts';
import { findDepth, findOrder, statsOf } from '../src/domain/queries.ts';
import { type Answered, answers } from './answers.ts';
import { cancel, engine, id, instrument, limit, market, phase, quote, replace, run, stop } from './flow.ts';

const ioc = { timeInForce: TimeInForce.ioc };
const fok = { timeInForce: TimeInForce.fok };

/** What engines get wrong: [rule, commands before, the command in question, its reports]. */
const cases: Answered[] = [
  [
    'a trade is at the price of the order that rested, never the taker’s',
    [limit(1, 'sell', 5, 100)],
    limit(2, 'buy', 8, 103),
    ['NEW 2 new leaves 8', 'FILL 1 5@100 maker filled leaves 0', 'FILL 2 5@100 taker partially_filled leaves 3'],
  ],
  [
    'the best price trades first, then the earliest order',
    [limit(1, 'sell', 1, 101), limit(2, 'sell', 1, 100), limit(3, 'sell', 1, 100)],
    limit(4, 'buy', 3, 101),
    [
      'NEW 4 new leaves 3',
      'FILL 2 1@100 maker filled leaves 0',
      'FILL 4 1@100 taker partially_filled leaves 2',
      'FILL 3 1@100 maker filled leaves 0',
      'FILL 4 1@100 taker partially_filled leaves 1',
      'FILL 1 1@101 maker filled leaves 0',
      'FILL 4 1@101 taker filled leaves 0',
    ],
  ],
  [
    'a filled maker cannot be cancelled',
    [limit(1, 'sell', 5, 100), limit(2, 'buy', 5, 100)],
    cancel(1),
    ['REJECTED 1 rejected leaves 0 too_late'],
  ],
  [
    'an order stays when another on its level is repriced',
    [limit(1, 'sell', 5, 100), limit(2, 'sell', 5, 100), replace(1, 3, { user: 1, qty: 5, limitPrice: 102 })],
    market(4, 'buy', 6),
    [
      'NEW 4 new leaves 6',
      'FILL 2 5@100 maker filled leaves 0',
      'FILL 4 5@100 taker partially_filled leaves 1',
      'FILL 3 1@102 maker partially_filled leaves 4',
      'FILL 4 1@102 taker filled leaves 0',
    ],
  ],
  [
    'a replacement that crosses trades at once and does not rest',
    [limit(1, 'sell', 5, 100), limit(2, 'buy', 5, 90)],
    replace(2, 3, { qty: 5, limitPrice: 100 }),
    [
      'REPLACED 2 replaced leaves 0 linked 3',
      'NEW 3 new leaves 5 linked 2',
      'FILL 1 5@100 maker filled leaves 0',
      'FILL 3 5@100 taker filled leaves 0',
    ],
  ],
  [
    'a smaller size keeps its place in the queue',
    [limit(1, 'sell', 5, 100), limit(2, 'sell', 5, 100), replace(1, 3, { qty: 4, limitPrice: 100 })],
    limit(4, 'buy', 4, 100),
    ['NEW 4 new leaves 4', 'FILL 3 4@100 maker filled leaves 0', 'FILL 4 4@100 taker filled leaves 0'],
  ],
  [
    'a larger size goes to the back of the queue',
    [limit(1, 'sell', 5, 100), limit(2, 'sell', 5, 100), replace(1, 3, { qty: 6, limitPrice: 100 })],
    limit(4, 'buy', 5, 100),
    ['NEW 4 new leaves 5', 'FILL 2 5@100 maker filled leaves 0', 'FILL 4 5@100 taker filled leaves 0'],
  ],
  [
    'a replacement carries what was filled',
    [limit(1, 'sell', 5, 100), limit(2, 'buy', 2, 100)],
    replace(1, 3, { qty: 9, limitPrice: 101 }),
    ['REPLACED 1 replaced leaves 0 linked 3', 'NEW 3 partially_filled leaves 7 linked 1'],
  ],
  [
    'a total at or below the filled quantity ends the order as filled',
    [limit(1, 'sell', 5, 100), limit(2, 'buy', 2, 100)],
    replace(1, 3, { qty: 1, limitPrice: 100 }),
    ['REPLACED 1 replaced leaves 0 linked 3', 'NEW 3 filled leaves 0 linked 1'],
  ],
  [
    'the best price is right after its level was cancelled away',
    [limit(1, 'sell', 5, 100), limit(2, 'sell', 5, 101), cancel(1)],
    limit(3, 'buy', 5, 101),
    ['NEW 3 new leaves 5', 'FILL 2 5@101 maker filled leaves 0', 'FILL 3 5@101 taker filled leaves 0'],
  ],
  [
    'an id is not used again while its order is live',
    [limit(1, 'buy', 5, 100)],
    limit(1, 'sell', 5, 110),
    ['REJECTED 1 rejected leaves 0 duplicate_order_id'],
  ],
  [
    'an id is not used again after a cancel',
    [limit(1, 'buy', 5, 100), cancel(1)],
    limit(1, 'buy', 5, 100),
    ['REJECTED 1 rejected leaves 0 duplicate_order_id'],
  ],
  [
    'an id is not used again after a fill',
    [limit(1, 'buy', 5, 100), limit(2, 'sell', 5, 100)],
    limit(1, 'buy', 5, 100),
    ['REJECTED 1 rejected leaves 0 duplicate_order_id'],
  ],
  [
    'an id is not used again after a replace',
    [limit(1, 'buy', 5, 100), replace(1, 2, { qty: 5, limitPrice: 99 })],
    limit(1, 'buy', 5, 100),
    ['REJECTED 1 rejected leaves 0 duplicate_order_id'],
  ],
  [
    'an id is not used again after a refusal, so a command sent twice is not heard in a better mood',
    [limit(1, 'sell', 5, 100), limit(2, 'buy', 5, 100, { postOnly: true }), cancel(1)],
    limit(2, 'buy', 5, 100, { postOnly: true }),
    ['REJECTED 2 rejected leaves 0 duplicate_order_id'],
  ],
  [
    'nor after the refusal of a replacement',
    [limit(1, 'buy', 5, 100), replace(1, 2, { qty: 0, limitPrice: 99 })],
    replace(1, 2, { qty: 5, limitPrice: 99 }),
    ['REJECTED 2 rejected leaves 0 duplicate_order_id linked 1'],
  ],
  [
    'what an immediate-or-cancel order cannot trade at once does not rest',
    [limit(1, 'sell', 3, 100)],
    limit(2, 'buy', 5, 100, ioc),
    [
      'NEW 2 new leaves 5',
      'FILL 1 3@100 maker filled leaves 0',
      'FILL 2 3@100 taker partially_filled leaves 2',
      'CANCELED 2 canceled leaves 0 ioc_remainder',
    ],
  ],
  [
    'fill-or-kill trades nothing when one share is missing',
    [limit(1, 'sell', 4, 100), limit(3, 'sell', 9, 101)],
    limit(2, 'buy', 5, 100, fok),
    ['NEW 2 new leaves 5', 'CANCELED 2 canceled leaves 0 fok_unfillable'],
  ],
  [
    'fill-or-kill does not count what only a self-trade could fill',
    [limit(1, 'sell', 4, 100), limit(2, 'sell', 4, 100, { user: 8 })],
    limit(3, 'buy', 5, 100, { ...fok, user: 8 }),
    ['NEW 3 new leaves 5', 'CANCELED 3 canceled leaves 0 fok_unfillable'],
  ],
  [
    'fill-or-kill may stop just before the user’s own order',
    [limit(1, 'sell', 5, 100), limit(2, 'sell', 4, 100, { user: 8 })],
    limit(3, 'buy', 5, 100, { ...fok, user: 8 }),
    ['NEW 3 new leaves 5', 'FILL 1 5@100 maker filled leaves 0', 'FILL 3 5@100 taker filled leaves 0'],
  ],
  [
    'cancels in the middle leave the queue in order',
    [1, 2, 3, 4, 5].map((n) => limit(n, 'sell', 1, 100)).concat(cancel(3), cancel(2)),
    limit(6, 'buy', 2, 100),
    [
      'NEW 6 new leaves 2',
      'FILL 1 1@100 maker filled leaves 0',
      'FILL 6 1@100 taker partially_filled leaves 1',
      'FILL 4 1@100 maker filled leaves 0',
      'FILL 6 1@100 taker filled leaves 0',
    ],
  ],
  [
    'an operator’s cancel says that it was one',
    [limit(1, 'buy', 5, 100)],
    cancel(1, 1, { byOperator: true }),
    ['CANCELED 1 canceled leaves 0 operator_requested'],
  ],
  ['a cancel for an id that never was is refused', [], cancel(7), ['REJECTED 7 rejected leaves 0 unknown_order']],
  [
    'a stranger cannot cancel an order, nor learn that it exists',
    [limit(1, 'buy', 5, 100)],
    cancel(1, 2),
    ['REJECTED 1 rejected leaves 0 unknown_order'],
  ],
  [
    'a replace of an id that never was is refused in the name of the new order',
    [],
    replace(7, 8, { qty: 1, limitPrice: 100 }),
    ['REJECTED 8 rejected leaves 0 unknown_order linked 7'],
  ],
  [
    'the newer of two orders of one user is cancelled before they trade',
    [limit(1, 'sell', 2, 99), limit(2, 'sell', 5, 100, { user: 8 })],
    limit(3, 'buy', 5, 100, { user: 8 }),
    [
      'NEW 3 new leaves 5',
      'FILL 1 2@99 maker filled leaves 0',
      'FILL 3 2@99 taker partially_filled leaves 3',
      'CANCELED 3 canceled leaves 0 self_trade',
    ],
  ],
  [
    'post_only never takes',
    [limit(1, 'sell', 5, 100)],
    limit(2, 'buy', 5, 100, { postOnly: true }),
    ['REJECTED 2 rejected leaves 0 post_only_would_cross'],
  ],
  [
    'a post_only order is not repriced into the market; it stays where it was',
    [limit(1, 'sell', 5, 100), limit(2, 'buy', 5, 99, { postOnly: true })],
    replace(2, 3, { qty: 5, limitPrice: 100 }),
    ['REJECTED 3 rejected leaves 0 post_only_would_cross linked 2'],
  ],
  [
    'a market order does not walk past its collar',
    [limit(1, 'sell', 5, 100), limit(2, 'sell', 5, 120)],
    market(3, 'buy', 8, { limitPrice: 110 }),
    [
      'NEW 3 new leaves 8',
      'FILL 1 5@100 maker filled leaves 0',
      'FILL 3 5@100 taker partially_filled leaves 3',
      'CANCELED 3 canceled leaves 0 collar',
    ],
  ],
  [
    'a market order in an empty book is cancelled and says why',
    [],
    market(1, 'buy', 8),
    ['NEW 1 new leaves 8', 'CANCELED 1 canceled leaves 0 no_liquidity'],
  ],
  [
    'a house quote through a resting limit fills it at the limit’s price',
    [quote([[98, 5]], [[102, 5]]), limit(1, 'buy', 3, 100)],
    quote([[95, 5]], [[99, 5]]),
    [`FILL 1 3@100 maker filled leaves 0`, 'FILL house 3@100 taker partially_filled leaves 2'],
  ],
  [
    'prices at the ends of the range trade',
    [limit(1, 'sell', 5, 1), limit(2, 'sell', 5, MAX_PRICE)],
    limit(3, 'buy', 10, MAX_PRICE),
    [
      'NEW 3 new leaves 10',
      'FILL 1 5@1 maker filled leaves 0',
      'FILL 3 5@1 taker partially_filled leaves 5',
      `FILL 2 5@${MAX_PRICE} maker filled leaves 0`,
      `FILL 3 5@${MAX_PRICE} taker filled leaves 0`,
    ],
  ],
  [
    'a price x quantity beyond 64 bits is refused',
    [],
    limit(1, 'buy', MAX_QTY, MAX_PRICE),
    ['REJECTED 1 rejected leaves 0 notional_ceiling'],
  ],
  [
    'open quantity beyond exact sums is refused',
    [limit(1, 'buy', MAX_QTY, 1), limit(2, 'buy', MAX_QTY, 1)],
    limit(3, 'buy', 2, 1),
    ['REJECTED 3 rejected leaves 0 quantity_ceiling'],
  ],
  [
    'an unknown symbol is refused',
    [],
    { ...limit(1, 'buy', 1, 1), symbol: 'NONE' },
    ['REJECTED 1 rejected leaves 0 unknown_symbol'],
  ],
  [
    'a stop cannot be post_only',
    [],
    stop(1, 'buy', 1, 5, { postOnly: true }),
    ['REJECTED 1 rejected leaves 0 unsupported_combination'],
  ],
];

test.each(cases)('%s', answers);

test('a sweep of 5,000 fills reports 10,001 times and leaves the rest in order', () => {
  const state = engine();
  run(state, instrument, phase('open'));
  for (let n = 1; n <= 5_001; n++) run(state, limit(n, 'sell', 1, 100 + (n % 7)));
  const reports = run(state, market(6_000, 'buy', 5_000));
  expect(reports).toHaveLength(10_001);
  expect(reports.at(-1)).toMatchObject({ cumQty: 5_000, leavesQty: 0, liquidity: Liquidity.taker });
  expect(new Set(reports.map(({ execId }) => execId)).size).toBe(10_001);
  const taken = reports.filter(({ liquidity }) => liquidity === Liquidity.taker);
  expect(taken.map(({ cumQty }) => cumQty)).toEqual(Array.from({ length: 5_000 }, (_, i) => i + 1));
  expect(taken.map(({ lastPx }) => lastPx)).toEqual(taken.map(({ lastPx }) => lastPx).toSorted((a, b) => a - b));
  expect(findDepth(state, 'ACME', 9)?.asks).toEqual([{ price: 106, qty: 1, orders: 1 }]);
});

test('the average price is exact where a float would not be', () => {
  const state = engine();
  run(state, instrument, phase('open'));
  const [low, high] = [9_007_199_254_740_989, 9_007_199_254_740_990];
  run(state, limit(1, 'sell', 1, low), limit(2, 'sell', 2, high), limit(3, 'buy', 900_000_000, 1_000_000_001));
  const reports = run(state, limit(4, 'buy', 3, high));
  expect(reports.at(-1)?.avgPx).toBe(high);
  const sweep = run(state, limit(5, 'sell', 700_000_001, 999_999_999));
  expect(sweep.at(-1)?.avgPx).toBe(1_000_000_001);
});

test('a resting order knows what stands before it at its price, and nothing else', () => {
  const state = engine();
  run(state, instrument, phase('open'), limit(1, 'sell', 5, 100), limit(2, 'sell', 4, 100), limit(3, 'sell', 9, 101));
  run(state, limit(4, 'sell', 1, 100), market(5, 'buy', 2), stop(6, 'sell', 3, 90));
  expect(findOrder(state, id(4))).toMatchObject({ aheadQty: 7, aheadOrders: 2 });
  expect(findOrder(state, id(1))).toMatchObject({ aheadQty: 0, aheadOrders: 0 });
  expect(findOrder(state, id(3))).toMatchObject({ aheadQty: 0, aheadOrders: 0 });
  expect(findOrder(state, id(6))).toMatchObject({ aheadQty: 0, aheadOrders: 0 });
});

test('a live order, the depth and the counts can be asked for', () => {
  const state = engine();
  run(state, instrument, phase('open'), limit(1, 'sell', 5, 100), limit(2, 'buy', 2, 100));
  run(
    state,
    limit(3, 'sell', 4, 50, { type: OrderType.trailing_stop, trailAmount: 5, collarOffset: 3, limitPrice: 0 }),
  );
  expect(findOrder(state, id(1))).toMatchObject({ symbol: 'ACME', cumQty: 2, leavesQty: 3, avgPx: 100 });
  expect(findOrder(state, id(2))).toBeUndefined();
  expect(findOrder(state, id(3))).toMatchObject({ highWater: 100, stopPrice: 95 });
  expect(statsOf(state)).toMatchObject({ commands: 5, trades: 1, liveOrders: 2, symbols: 1 });
});
