import { expect, test } from 'vitest';
import { GroupKind, Reason } from '../src/domain/codes.ts';
import { findOrder } from '../src/domain/queries.ts';
import { engine, id, instrument, limit, line, market, owner, phase, run, stop } from './flow.ts';

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
