import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Command } from '../src/domain/command.ts';
import { apply } from '../src/domain/engine.ts';
import { statsOf } from '../src/domain/queries.ts';
import { restore, snapshot, stateHash } from '../src/domain/snapshot.ts';
import { revived } from './answers.ts';
import { type Body, cancel, engine, instrument, limit, phase, run } from './flow.ts';
import { commands } from './random-commands.ts';
import { regressions } from './regressions.ts';

const numRuns = process.env['ANDVARI_LONG'] === '1' ? 20_000 : 500;

test('a replay from any snapshot gives the same reports and the same state hash after every command', () => {
  fc.assert(
    fc.property(commands(), fc.nat(), (bodies, cut) => {
      const live = engine(4);
      let replica = engine(4);
      bodies.forEach((body, i) => {
        if (i === cut % bodies.length) replica = revived(live);
        expect(run(replica, body)).toEqual(run(live, body));
        expect(stateHash(replica)).toBe(stateHash(live));
      });
      expect(snapshot(replica)).toEqual(snapshot(live));
    }),
    { numRuns },
  );
}, 600_000);

test('a book of thousands of orders is revived whole, and knows how many they are', () => {
  const live = engine();
  run(live, instrument, phase('open'));
  for (let n = 1; n <= 3000; n += 1) run(live, limit(n, n % 2 === 0 ? 'buy' : 'sell', n, n % 2 === 0 ? 100 : 200));
  const replica = revived(live);
  expect(snapshot(live).length).toBeGreaterThan(2 ** 18);
  expect(statsOf(replica)).toEqual(statsOf(live));
  expect(statsOf(replica).liveOrders).toBe(3000);
  expect(stateHash(replica)).toBe(stateHash(live));
});

test.each(regressions)('regression: %s', (_, bodies) => {
  for (let cut = 0; cut < bodies.length; cut++) {
    const live = engine();
    run(live, ...bodies.slice(0, cut));
    const replica = revived(live);
    expect(run(replica, ...bodies.slice(cut))).toEqual(run(live, ...bodies.slice(cut)));
    expect(stateHash(replica)).toBe(stateHash(live));
  }
});

test('a redelivered command changes nothing and reports nothing', () => {
  const state = engine();
  run(state, instrument, phase('open'), limit(1, 'buy', 5, 100));
  const before = stateHash(state);
  const again = apply(state, { ...limit(2, 'buy', 5, 100), sequence: state.sequence, at: 1 });
  expect([again.count, stateHash(state)]).toEqual([0, before]);
});

test('every flipped byte and every cut of a snapshot is noticed', () => {
  const state = engine(1);
  run(state, instrument, phase('open'), limit(1, 'buy', 5, 100), limit(2, 'sell', 5, 101), cancel(1));
  const good = snapshot(state);
  for (let at = 0; at < good.length; at++) {
    const bad = good.slice();
    bad[at] = bad[at]! ^ (1 << (at % 8));
    expect([at, restore(bad).ok]).toEqual([at, false]);
    expect(restore(good.subarray(0, at)).ok).toBe(false);
  }
  expect(restore(good).ok).toBe(true);
});

const histories: [string, Body<Command>[], Body<Command>[]][] = [
  ['an order that came and went', [limit(1, 'buy', 5, 100), cancel(1)], []],
  ['another quantity', [limit(1, 'buy', 5, 100)], [limit(1, 'buy', 6, 100)]],
  [
    'another order of arrival',
    [limit(1, 'buy', 5, 9), limit(2, 'buy', 5, 9)],
    [limit(2, 'buy', 5, 9), limit(1, 'buy', 5, 9)],
  ],
];

test.each(histories)('the state hash tells apart: %s', (_, one, other) => {
  const [a, b] = [engine(), engine()];
  run(a, instrument, phase('open'), ...one);
  run(b, instrument, phase('open'), ...other);
  expect(stateHash(a)).not.toBe(stateHash(b));
});
