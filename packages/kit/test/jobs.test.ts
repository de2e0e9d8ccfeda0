import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { wakeable } from '../src/base/wakeable.ts';
import { startJob } from '../src/db/jobs.ts';
import type { Locks } from '../src/db/locks.ts';
import { openMetrics } from '../src/observe/metrics.ts';
import { testScope } from '../src/testing/test-scope.ts';

/** Jobs whose lock is theirs, by a clock that the test moves. */
beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

type Answer = true | 'asleep' | undefined;

function job(everyMs: number, answers: readonly Answer[]) {
  const scope = testScope();
  const bell = wakeable();
  const alone: Locks = {
    hold: (_, signal, work) => work({ signal, connection: undefined as never }),
  };
  let rounds = 0;
  const during: (() => void)[] = [];
  startJob(scope, {
    name: 'a job',
    locks: alone,
    metrics: openMetrics('test', { runtime: false }),
    everyMs,
    bell,
    run: async () => {
      during.shift()?.();
      rounds += 1;
      return answers[rounds - 1];
    },
  });
  return { bell, rounds: () => rounds, during, close: () => scope.close() };
}

/** Waits of a second and more may end a quarter of a second early or late. */
const GRID_MS = 250;

test.each<[string, number, Answer, number]>([
  ['that said nothing comes after its time', 2000, undefined, 2000],
  ['that is asleep sleeps long', 2000, 'asleep', 15_000],
  ['that is asleep sleeps no less than it waits', 60_000, 'asleep', 60_000],
])('the next round of one %s', async (_, everyMs, answer, afterMs) => {
  const { rounds, close } = job(everyMs, [answer]);
  await vi.advanceTimersByTimeAsync(0);
  expect(rounds()).toBe(1);
  await vi.advanceTimersByTimeAsync(afterMs - GRID_MS - 1);
  expect(rounds()).toBe(1);
  await vi.advanceTimersByTimeAsync(2 * GRID_MS + 2);
  expect(rounds()).toBe(2);
  await close();
});

test('where there is more to do the next round comes at once', async () => {
  const { rounds, close } = job(60_000, [true, true, undefined]);
  await vi.advanceTimersByTimeAsync(0);
  expect(rounds()).toBe(3);
  await close();
});

test.each<Answer>(['asleep', undefined])(
  'after an hour of %s a ring is followed by a round at once',
  async (answer) => {
    const { bell, rounds, close } = job(
      60_000,
      Array.from({ length: 1000 }, () => answer),
    );
    await vi.advanceTimersByTimeAsync(3_600_000);
    const before = rounds();
    bell.ring();
    await vi.advanceTimersByTimeAsync(0);
    expect(rounds()).toBe(before + 1);
    await close();
  },
);

test('a ring during a round is followed by another, which may see what the first did not', async () => {
  const { bell, rounds, during, close } = job(60_000, ['asleep', 'asleep', 'asleep']);
  during.push(() => bell.ring());
  await vi.advanceTimersByTimeAsync(60_000 + GRID_MS);
  expect(rounds()).toBe(3);
  await close();
});

test('one that sleeps ends when it is told to', async () => {
  const { rounds, close } = job(60_000, ['asleep']);
  await vi.advanceTimersByTimeAsync(0);
  await close();
  expect(rounds()).toBe(1);
});
