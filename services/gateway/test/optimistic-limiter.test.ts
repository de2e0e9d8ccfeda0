import { eventually } from '@andvari/kit/testing/eventually';
import { expect, test } from 'vitest';
import { optimisticLimiter } from '../src/limits/optimistic-limiter.ts';
import type { DrawTokens, TokenDraw } from '../src/limits/token-buckets.ts';

const CAPACITY = 20;
const buckets = [{ key: 'user:ada', capacity: CAPACITY, perMinute: 60 }];

/** One bucket that nobody fills, and all that was drawn from it. */
function bucket(): { draw: DrawTokens; draws: TokenDraw[]; left: () => number } {
  let tokens = CAPACITY;
  const draws: TokenDraw[] = [];
  return {
    draws,
    left: () => tokens,
    async draw(draw) {
      draws.push(draw);
      tokens -= draw.spent;
      const allowed = tokens >= draw.wanted;
      if (allowed) tokens -= draw.wanted;
      const remaining = Math.max(0, tokens);
      return { allowed, limit: CAPACITY, remaining, resetMs: (CAPACITY - remaining) * 1000 };
    },
  };
}

test('who is far from the limit passes unasked, sees it counted, and is settled for soon after', async () => {
  const { draw, draws, left } = bucket();
  const { take } = optimisticLimiter(draw);
  const taken = [];
  for (let i = 0; i < 8; i += 1) taken.push(await take(buckets));
  expect(taken.map(({ remaining }) => remaining)).toEqual([19, 18, 17, 16, 15, 14, 13, 12]);
  expect(taken.at(-1)).toEqual({ allowed: true, limit: CAPACITY, remaining: 12, resetMs: 8000 });
  expect(draws).toHaveLength(1);
  await eventually(() => expect(draws.slice(1)).toEqual([{ buckets, spent: 7, wanted: 0 }]));
  expect(left()).toBe(12);
});

test('at one gateway a viewer gets exactly what the bucket holds', async () => {
  const { draw } = bucket();
  const { take } = optimisticLimiter(draw);
  let passed = 0;
  for (let i = 0; i < 3 * CAPACITY; i += 1) if ((await take(buckets)).allowed) passed += 1;
  expect(passed).toBe(CAPACITY);
});

test('also when all requests come at once', async () => {
  const { draw } = bucket();
  const { take } = optimisticLimiter(draw);
  await take(buckets);
  const taken = await Promise.all(Array.from({ length: 3 * CAPACITY }, () => take(buckets)));
  expect(taken.filter(({ allowed }) => allowed)).toHaveLength(CAPACITY - 1);
});

test('of two gateways neither is wrong by more than half a bucket', async () => {
  const { draw } = bucket();
  const gateways = [optimisticLimiter(draw).take, optimisticLimiter(draw).take];
  let passed = 0;
  for (let i = 0; i < 3 * CAPACITY; i += 1) {
    for (const take of gateways) if ((await take(buckets)).allowed) passed += 1;
  }
  expect(passed).toBeGreaterThanOrEqual(CAPACITY);
  expect(passed).toBeLessThanOrEqual(CAPACITY * 1.5);
});

test('what was said a while ago is asked again', async () => {
  const { draw, draws } = bucket();
  let now = 0;
  const { take } = optimisticLimiter(draw, () => now);
  await take(buckets);
  now = 101;
  await take(buckets);
  expect(draws.map(({ wanted }) => wanted)).toEqual([1, 1]);
});

test('without Redis nobody passes on its word for long, and the limiter is told', async () => {
  const { draw, draws } = bucket();
  let isAway = false;
  const { take } = optimisticLimiter(async (asked) => {
    if (isAway) {
      draws.push(asked);
      throw new Error('away');
    }
    return draw(asked);
  });
  await take(buckets);
  isAway = true;
  await take(buckets);
  await eventually(() => expect(draws).toHaveLength(2));
  await eventually(() => expect(take(buckets)).rejects.toThrow('away'));
});

test('a request that was worth more than one is charged for, and held against what comes next', async () => {
  const { draw, left } = bucket();
  const { take, charge } = optimisticLimiter(draw);
  await take(buckets);
  charge(buckets, 15);
  // Far from the limit no longer: it is asked about, and the charge is told on the way.
  expect(await take(buckets)).toMatchObject({ allowed: true, remaining: 3 });
  charge(buckets, 30);
  expect(await take(buckets)).toMatchObject({ allowed: false });
  expect(left()).toBe(-27);
});
