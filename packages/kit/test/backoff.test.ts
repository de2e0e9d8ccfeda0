import { expect, test } from 'vitest';
import { backoffMs } from '../src/base/backoff.ts';

const backoff = { firstMs: 100, maxMs: 1500 };

test.each([
  ['the first pause', 0, 100],
  ['twice as long after another failure', 1, 200],
  ['no longer than the limit', 4, 1500],
  ['not even after a night', 10_000, 1500],
])('%s, spread by a quarter to both sides', (_, failures, expected) => {
  expect([0, 0.5, 1].map((random) => backoffMs(failures, backoff, () => random))).toEqual([
    expected * 0.75,
    expected,
    expected * 1.25,
  ]);
});
