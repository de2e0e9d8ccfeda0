import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { inBatches } from '../src/seed/in-batches.ts';

const sum = { from: 0, add: (one: number, other: number) => one + other };

test.each<[count: number, size: number, atOnce: number]>([
  [1, 1000, 2],
  [1000, 1000, 2],
  [10_500, 1000, 2],
  [10_500, 1000, 7],
])(
  '%d in batches of %d, %d at once: each is worked on once, and what they came to adds up',
  async (count, size, atOnce) => {
    const seen = new Set<number>();
    let [underWay, most] = [0, 0];
    const total = await inBatches(
      { count, size, atOnce },
      async (first, many) => {
        underWay += 1;
        most = Math.max(most, underWay);
        await turn();
        for (let number = first; number < first + many; number += 1) seen.add(number);
        underWay -= 1;
        return many;
      },
      sum,
    );
    expect({ total, seen: seen.size }).toEqual({ total: count, seen: count });
    expect(most).toBe(Math.min(atOnce, Math.ceil(count / size)));
  },
);

test('a batch that fails is told of', async () => {
  const failing = inBatches({ count: 5, size: 1, atOnce: 2 }, () => Promise.reject(new Error('away')), sum);
  await expect(failing).rejects.toThrow('away');
});
