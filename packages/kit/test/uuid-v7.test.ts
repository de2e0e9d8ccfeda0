import { validate, version } from 'uuid';
import { expect, test } from 'vitest';
import { pooledUuidV7 } from '../src/base/uuid-v7.ts';

test('ids are of version 7, all different, and those of a later millisecond come later', async () => {
  const first = pooledUuidV7();
  const many = Array.from({ length: 5000 }, pooledUuidV7);
  expect(new Set([first, ...many]).size).toBe(5001);
  expect(many.every((id) => validate(id) && version(id) === 7)).toBe(true);
  const from = Date.now();
  while (Date.now() === from);
  expect(pooledUuidV7() > first).toBe(true);
});
