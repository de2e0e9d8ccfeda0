import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { getPriority } from 'node:os';
import { expect, test } from 'vitest';
import { lowerHashThreadPriority } from '../src/ports/lower-hash-thread-priority.ts';

test('the threads that hash go behind everybody else, the event loop does not', async () => {
  // They exist from their first work on.
  await readFile('/proc/self/stat');
  const before = getPriority();
  expect(lowerHashThreadPriority()).toBeGreaterThan(0);
  const threads = readdirSync('/proc/self/task').map(Number);
  for (const worker of threads.filter(isWorker)) expect(getPriority(worker)).toBe(10);
  expect(getPriority()).toBe(before);
});

function isWorker(thread: number): boolean {
  return readFileSync(`/proc/self/task/${thread}/comm`, 'utf8').startsWith('libuv-worker');
}
