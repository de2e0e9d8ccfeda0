import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { optimisticLimiter } from '../src/limits/optimistic-limiter.ts';
import type { DrawTokens, TokenDraw } from '../src/limits/token-buckets.ts';

const CAPACITY = 20;
const buckets = [{ key: 'user:ada', capacity: CAPACITY, perMinute: 60 }];
const other = [{ key: 'user:bob', capacity: CAPACITY, perMinute: 60 }];

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

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'Date'], now: 1_800_000_000_000 });
  onTestFinished(() => void vi.useRealTimers());
});

test('who is far from the limit passes unasked, sees it counted, and is settled for soon after', async () => {
  const { draw, draws, left } = bucket();
  const { take } = optimisticLimiter(draw);
  const taken = [];
  for (let i = 0; i < 8; i += 1) taken.push(await take(buckets));
  expect(taken.map(({ remaining }) => remaining)).toEqual([19, 18, 17, 16, 15, 14, 13, 12]);
  expect(taken.at(-1)).toEqual({ allowed: true, limit: CAPACITY, remaining: 12, resetMs: 8000 });
  expect(draws).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(50);
  expect(draws.slice(1)).toEqual([{ buckets, spent: 7, wanted: 0 }]);
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
  await vi.advanceTimersByTimeAsync(50);
  expect(draws).toHaveLength(2);
  await expect(take(buckets)).rejects.toThrow('away');
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

test.each<[rule: string, one: string[], two: string[]]>([
  ['two viewers', ['user:ada'], ['user:bob']],
  ['a viewer at two addresses', ['address:1', 'user:ada'], ['address:2', 'user:ada']],
  ['names that only together are the same', ['user:a', 'b'], ['user:', 'ab']],
])('nobody passes on what was said to another: %s', async (_, ...both) => {
  const { draw, draws } = bucket();
  const { take } = optimisticLimiter(draw);
  for (const keys of both) await take(keys.map((key) => ({ key, capacity: CAPACITY, perMinute: 60 })));
  expect(draws.map(({ wanted, buckets: each }) => [wanted, each.map(({ key }) => key)])).toEqual(
    both.map((keys) => [1, keys]),
  );
});

test('who has used half is asked about, and nobody before', async () => {
  const { draw, draws } = bucket();
  const { take } = optimisticLimiter(draw);
  // Nineteen are left after the first, and ten after nine more.
  for (let i = 0; i < 10; i += 1) await take(buckets);
  expect(draws).toHaveLength(1);
  await take(buckets);
  expect(draws.slice(1)).toEqual([{ buckets, spent: 9, wanted: 1 }]);
});

test.each([
  [100, 1],
  [101, 2],
])('what was said %i ms ago: asked %i times', async (ms, asked) => {
  const { draw, draws } = bucket();
  const { take } = optimisticLimiter(draw);
  await take(buckets);
  vi.setSystemTime(Date.now() + ms);
  await take(buckets);
  expect(draws).toHaveLength(asked);
});

test('what was spent is settled every fifty milliseconds, once, and counts no longer as spent', async () => {
  const { draw, draws } = bucket();
  const { take } = optimisticLimiter(draw);
  for (const spent of [2, 1]) {
    for (let i = 0; i < spent; i += 1) await take(buckets);
    await vi.advanceTimersByTimeAsync(50);
  }
  expect(draws.map(({ spent, wanted }) => [spent, wanted])).toEqual([
    [0, 1],
    [1, 0],
    [1, 0],
  ]);
  expect(await take(buckets)).toMatchObject({ remaining: 16 });
});

test('where nothing was spent nothing is settled', async () => {
  const { draw, draws } = bucket();
  const { take } = optimisticLimiter(draw);
  await take(buckets);
  await vi.advanceTimersByTimeAsync(1000);
  expect(draws).toHaveLength(1);
});

test('there is one clock for all, which stands still when nobody is left', async () => {
  const { draw } = bucket();
  const { take } = optimisticLimiter(draw);
  expect(vi.getTimerCount()).toBe(0);
  for (const each of [buckets, other]) await take(each);
  expect(vi.getTimerCount()).toBe(1);
  await vi.advanceTimersByTimeAsync(100);
  expect(vi.getTimerCount()).toBe(1);
  await vi.advanceTimersByTimeAsync(100);
  expect(vi.getTimerCount()).toBe(0);
});

test.each<[rule: string, ms: number, draws: number]>([
  ['is held against what it may still spend while what was said holds', 100, 1],
  ['is told at once when that is forgotten', 150, 2],
])('a charge %s', async (_, ms, asked) => {
  const { draw, draws } = bucket();
  const { take, charge } = optimisticLimiter(draw);
  await take(buckets);
  await vi.advanceTimersByTimeAsync(ms);
  charge(buckets, 5);
  expect(draws).toHaveLength(asked);
});

test('whose settling fails is forgotten, and asked about next time', async () => {
  const { draw } = bucket();
  let isAway = false;
  const { take } = optimisticLimiter(async (asked) => {
    if (isAway) throw new Error('away');
    return draw(asked);
  });
  for (const _ of [1, 2]) await take(buckets);
  isAway = true;
  await vi.advanceTimersByTimeAsync(50);
  await expect(take(buckets)).rejects.toThrow('away');
});

test('what is being settled counts as spent until it is', async () => {
  const { draw } = bucket();
  const settled = Promise.withResolvers<void>();
  const { take } = optimisticLimiter(async (asked) => {
    if (asked.wanted === 0) await settled.promise;
    return draw(asked);
  });
  for (let i = 0; i < 4; i += 1) await take(buckets);
  await vi.advanceTimersByTimeAsync(50);
  expect(await take(buckets)).toMatchObject({ remaining: 15 });
  settled.resolve();
  await vi.advanceTimersByTimeAsync(0);
  // The one that came meanwhile is spent still.
  expect(await take(buckets)).toMatchObject({ remaining: 14 });
});

test.each<[rule: string, seen: { remaining: number; resetMs: number }, resetMs: number]>([
  ['half as long again for one more of two', { remaining: 18, resetMs: 2000 }, 3000],
  ['rounded up', { remaining: 17, resetMs: 2000 }, 2667],
  ['what one takes where none was missing', { remaining: 20, resetMs: 1000 }, 2000],
])('it is full again after %s', async (_, seen, resetMs) => {
  const { take } = optimisticLimiter(async () => ({ allowed: true, limit: CAPACITY, ...seen }));
  await take(buckets);
  expect(await take(buckets)).toMatchObject({ remaining: seen.remaining - 1, resetMs });
});

test('ten thousand are remembered, and whoever comes then is asked about each time', async () => {
  const { take } = optimisticLimiter(async (asked) => {
    draws.push(asked.buckets[0]?.key ?? '');
    return { allowed: true, limit: CAPACITY, remaining: CAPACITY, resetMs: 0 };
  });
  const draws: string[] = [];
  const of = (at: number) => take([{ key: `user:${at}`, capacity: CAPACITY, perMinute: 60 }]);
  for (let at = 0; at < 10_001; at += 1) await of(at);
  for (const at of [9999, 10_000]) await of(at);
  expect(draws.slice(10_000)).toEqual(['user:10000', 'user:10000']);
});
