import { expect, test } from 'vitest';
import { collectGarbage } from '../src/process/collect-garbage.ts';

test('what nobody holds is given back, and nobody else is handed the collector', () => {
  const before = process.memoryUsage().heapUsed;
  // Old enough that only a whole collection finds it.
  let held: string[][] | undefined = Array.from({ length: 400 }, (_, one) =>
    Array.from({ length: 1000 }, (__, other) => `${one} ${other}`),
  );
  const full = process.memoryUsage().heapUsed;
  expect(held.length).toBe(400);
  held = undefined;
  collectGarbage();
  expect(full - before).toBeGreaterThan(10_000_000);
  expect(full - process.memoryUsage().heapUsed).toBeGreaterThan(8_000_000);
  expect('gc' in globalThis).toBe(false);
});
