import { expect, test } from 'vitest';
import { engine, instrument, limit, line, phase, run } from './flow.ts';

test('two limits that cross trade at the price of the one that rested', () => {
  const state = engine();
  run(state, instrument, phase('open'), limit(1, 'sell', 5, 100));
  expect(run(state, limit(2, 'buy', 8, 103)).map(line)).toEqual([
    'NEW 2 new leaves 8',
    'FILL 1 5@100 maker filled leaves 0',
    'FILL 2 5@100 taker partially_filled leaves 3',
  ]);
});
