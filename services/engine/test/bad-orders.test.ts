import { expect, test } from 'vitest';
import { GroupKind, Reason } from '../src/domain/codes.ts';
import { MAX_QTY, MAX_QUOTE_LEVELS, type Quote } from '../src/domain/command.ts';
import { findDepth, findOrder } from '../src/domain/queries.ts';
import { type Body, engine, id, instrument, limit, line, market, owner, phase, quote, run, stop } from './flow.ts';

const badNumbers: [string, number][] = [
  ['zero', 0],
  ['negative', -5],
  ['fraction', 1.5],
  ['NaN', Number.NaN],
  ['infinite', Infinity],
  ['beyond safe integers', 2 ** 53],
];

test.each(badNumbers)('a %s quantity or price is refused and the engine goes on', (_, bad) => {
  const state = engine();
  run(state, instrument, phase('open'));
  const outcome = [
    limit(1, 'buy', bad, 100),
    limit(2, 'buy', 1, bad),
    stop(3, 'buy', 1, bad),
    market(4, 'buy', 1, { limitPrice: bad }),
  ];
  expect(run(state, ...outcome).map(line)).toEqual([
    'REJECTED 1 rejected leaves 0 quantity_invalid',
    'REJECTED 2 rejected leaves 0 price_invalid',
    'REJECTED 3 rejected leaves 0 stop_price_invalid',
    'REJECTED 4 rejected leaves 0 price_invalid',
  ]);
  expect(run(state, limit(5, 'buy', 1, 100)).map(line)).toEqual(['NEW 5 new leaves 1']);
});

test('a number that does not apply to an order is none of its terms, whatever it is', () => {
  const state = engine();
  run(state, instrument, phase('open'));
  const rubbish = { stopPrice: Number.NaN, trailAmount: -1, trailPpm: 0.5, collarOffset: Number.NaN };
  const [report] = run(state, limit(1, 'buy', 5, 100, rubbish));
  expect(report?.terms).toEqual({ qty: 5, limitPrice: 100, stopPrice: 0, highWater: 0 });
  expect(findOrder(state, id(1))).toMatchObject({ stopPrice: 0 });
});

test('a group of no orders is refused', () => {
  const state = engine();
  run(state, instrument);
  const group = { kind: 'place_group', symbol: 'ACME', ...owner(1), group: GroupKind.oco, orders: [] } as const;
  expect(run(state, group)).toEqual([]);
  expect(state.reports.refusal).toBe(Reason.group_invalid);
});

test.each([
  [6, 'new'],
  [5, 'rejected'],
])('in lots of three, %d is %s', (qty, status) => {
  const state = engine();
  run(state, { ...instrument, lot: 3 }, phase('open'));
  expect(run(state, limit(1, 'buy', qty, 100)).map(line)[0]).toContain(status);
});

const grid: [number, string][] = [
  [1_000_000, 'new'],
  [1_010_000, 'new'],
  [1_005_000, 'rejected'],
  [999_900, 'new'],
  [999_950, 'rejected'],
];

test.each(grid)('cents from one dollar on, hundredths of a cent below: %d is %s', (price, status) => {
  const state = engine();
  run(state, { ...instrument, tick: 10_000, tickBelowOne: 100 }, phase('open'));
  expect(run(state, limit(1, 'buy', 1, price)).map(line)[0]).toContain(status);
});

const { quote_invalid: invalid, quantity_ceiling: ceiling, malformed, none } = Reason;
const noUuid = { ...id(0), a: Number.NaN };
const levels = (count: number, step: number) =>
  Array.from({ length: count }, (_, level): [number, number] => [1000 + level * step, 3]);

/** The ladder of refusals of a quote, in lots of three and on even prices. */
const quotes: [what: string, quote: Body<Quote>, refusal: Reason][] = [
  ['of an account that is none', { ...quote([[98, 3]], []), accountId: noUuid }, malformed],
  ['of a user who is none', { ...quote([[98, 3]], []), userId: noUuid }, malformed],
  ...badNumbers.map(([bad, value]): (typeof quotes)[0] => [`for a ${bad} quantity`, quote([[98, value]], []), invalid]),
  ...badNumbers.map(([bad, value]): (typeof quotes)[0] => [`at a ${bad} price`, quote([], [[value, 3]]), invalid]),
  ['with a reference that is none', quote([[98, 3]], [], 1.5), invalid],
  ['over the highest quantity', quote([[98, MAX_QTY + 3]], []), invalid],
  ['over the highest notional', quote([[2 ** 50, 3 * 2 ** 40]], []), invalid],
  ['off the tick', quote([[99, 3]], []), invalid],
  ['of a part of a lot', quote([[98, 4]], []), invalid],
  ['of too many bids', quote(levels(MAX_QUOTE_LEVELS + 1, -2), []), invalid],
  ['of too many asks', quote([], levels(MAX_QUOTE_LEVELS + 1, 2)), invalid],
  [
    'whose bids do not fall',
    quote(
      [
        [98, 3],
        [98, 3],
      ],
      [],
    ),
    invalid,
  ],
  [
    'whose asks do not rise',
    quote(
      [],
      [
        [98, 3],
        [98, 3],
      ],
    ),
    invalid,
  ],
  ['that touches itself', quote([[98, 3]], [[98, 3]]), invalid],
  [
    'for more than may be bid for',
    quote(
      [
        [98, MAX_QTY],
        [96, MAX_QTY],
        [94, 3],
      ],
      [],
    ),
    ceiling,
  ],
  [
    'for more than may be asked',
    quote(
      [],
      [
        [92, MAX_QTY],
        [94, MAX_QTY],
        [96, 3],
      ],
    ),
    ceiling,
  ],
  ['without a reference', quote([[98, 3]], [[100, 3]]), none],
  [
    'as long as it may be',
    quote(
      levels(MAX_QUOTE_LEVELS, -2),
      levels(MAX_QUOTE_LEVELS, 2).map(([price, qty]) => [price + 2, qty]),
      1001,
    ),
    none,
  ],
];

const stands = (rows: Quote['bids']) => rows.map((row) => ({ ...row, orders: 1 }));

test.each(quotes)('a quote %s', (_, command, refusal) => {
  const state = engine();
  run(state, { ...instrument, tick: 2, tickBelowOne: 2, lot: 3 }, phase('open'), quote([[90, 3]], [[110, 3]]));
  run(state, command);
  expect(state.reports.refusal).toBe(refusal);
  // One that is refused leaves the ladder before it where it is.
  const { bids, asks } = refusal === none ? command : quote([[90, 3]], [[110, 3]]);
  expect(findDepth(state, 'ACME', 20)).toMatchObject({ bids: stands(bids), asks: stands(asks) });
});
