import { randomUUID } from 'node:crypto';
import { Secret } from '@andvari/kit/base/config';
import type { Scope } from '@andvari/kit/process/scope';
import { openRedis, type Redis } from '@andvari/kit/redis/redis';
import { infraUrls } from '@andvari/kit/testing/infra-urls';
import { testScope } from '@andvari/kit/testing/test-scope';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bucket, type DrawTokens, openTokenBuckets } from '../src/limits/token-buckets.ts';

let scope: Scope;
let redis: Redis;
let draw: DrawTokens;
beforeAll(async () => {
  scope = testScope();
  redis = await openRedis(scope, { url: new Secret(infraUrls().redisUrl), service: 'test' });
  draw = openTokenBuckets(redis);
});
afterAll(() => scope.close());

/** One that gets a token a second back, and is nobody else's. */
const bucket = (capacity: number, key = randomUUID()): Bucket => ({ key, capacity, perMinute: 60 });

describe('a bucket', () => {
  test('gives what it holds, says what is left and when it is full again, and nothing beyond', async () => {
    const buckets = [bucket(3)];
    expect(await draw({ buckets, spent: 0, wanted: 1 })).toEqual({
      allowed: true,
      limit: 3,
      remaining: 2,
      resetMs: 1000,
    });
    expect(await draw({ buckets, spent: 2, wanted: 1 })).toMatchObject({ allowed: false, limit: 3, remaining: 0 });
    expect(await draw({ buckets, spent: 0, wanted: 0 })).toMatchObject({ allowed: true });
  });

  test('that is nearest to its end is the one that is told of', async () => {
    const [wide, narrow] = [bucket(100), bucket(4)];
    expect(await draw({ buckets: [wide, narrow], spent: 0, wanted: 1 })).toMatchObject({ limit: 4, remaining: 3 });
    expect(await draw({ buckets: [narrow, wide], spent: 0, wanted: 1 })).toMatchObject({ limit: 4, remaining: 2 });
  });

  test('is kept under a name that says whose it is', async () => {
    const { key, ...rest } = bucket(3);
    await draw({ buckets: [{ key, ...rest }], spent: 0, wanted: 1 });
    expect(await redis.exists(`gateway:bucket:${key}`)).toBe(1);
  });
});

test('what is asked at the same moment is answered each for itself', async () => {
  const [one, other, both] = [bucket(3), bucket(5), bucket(7)];
  const drawn = await Promise.all([
    draw({ buckets: [one], spent: 0, wanted: 1 }),
    draw({ buckets: [other, both], spent: 1, wanted: 1 }),
    draw({ buckets: [both], spent: 0, wanted: 0 }),
    draw({ buckets: [one], spent: 9, wanted: 1 }),
  ]);
  expect(drawn.map(({ allowed, limit, remaining }) => [allowed, limit, remaining])).toEqual([
    [true, 3, 2],
    [true, 5, 3],
    [true, 7, 5],
    [false, 3, 0],
  ]);
});

test('a Redis that has forgotten how to count is told again', async () => {
  await redis.script('FLUSH');
  expect(await draw({ buckets: [bucket(3)], spent: 0, wanted: 1 })).toMatchObject({ allowed: true });
});

/** The same Redis, and how often it was told how to count. */
function telling() {
  let told = 0;
  const listening = {
    evalsha: (...given: Parameters<Redis['evalsha']>) => redis.evalsha(...given),
    eval: (...given: Parameters<Redis['eval']>) => {
      told += 1;
      return redis.eval(...given);
    },
  };
  return { drawing: openTokenBuckets(listening as unknown as Redis), told: () => told };
}

test('a Redis that knows how to count is not told again', async () => {
  await redis.script('FLUSH');
  const { drawing, told } = telling();
  for (const _ of [1, 2, 3]) await drawing({ buckets: [bucket(3)], spent: 0, wanted: 1 });
  expect(told()).toBe(1);
});

test('what Redis says instead of an answer is the answer, and it is asked once', async () => {
  const { key, ...rest } = bucket(3);
  await redis.lpush(`gateway:bucket:${key}`, 'x');
  const { drawing, told } = telling();
  await expect(drawing({ buckets: [{ key, ...rest }], spent: 0, wanted: 1 })).rejects.toThrow('WRONGTYPE');
  expect(told()).toBe(0);
});

test('more than ten thousand that wait are refused at once', async () => {
  const one = { buckets: [bucket(3)], spent: 0, wanted: 0 } as const;
  const drawn = await Promise.allSettled(Array.from({ length: 10_001 }, () => draw(one)));
  const refused = drawn.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
  expect(refused).toEqual([
    expect.objectContaining({
      code: 'unavailable',
      reason: 'overloaded',
      message: 'too many are waiting to be counted',
    }),
  ]);
});
