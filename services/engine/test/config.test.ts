import { expect, test } from 'vitest';
import { readConfig } from '../src/config.ts';

const given = (owned: string, partitions: string) =>
  readConfig({
    ENVIRONMENT: 'test',
    CALLER_KEY: 'a key that only tests use, 32 characters and more',
    NATS_URL: 'nats://127.0.0.1:4222',
    ENGINE_OWNED: owned,
    ENGINE_PARTITIONS: partitions,
  });

test.each([
  ['0', '1'],
  ['0,1,2,3', '4'],
  ['3', '4'],
])('%s of %s partitions can be owned', (owned, partitions) => {
  expect(given(owned, partitions).ENGINE_OWNED).toEqual(owned.split(',').map(Number));
});

test.each([
  ['1', '1', /ENGINE_OWNED: 1 with ENGINE_PARTITIONS=1/],
  ['0,4,9', '4', /ENGINE_OWNED: 4,9 with ENGINE_PARTITIONS=4/],
  ['0,1,0', '4', /ENGINE_OWNED: a partition twice/],
])('%s of %s partitions is no configuration, and says so before anything starts', (owned, partitions, problem) => {
  expect(() => given(owned, partitions)).toThrow(problem);
});
