import { describe, expect, test } from 'vitest';
import { fairQueue } from '../src/ports/fair-queue.ts';

const full = { code: 'resource_exhausted', reason: 'login_queue_full' };

/** Jobs that end when they are told to, and the order in which they began. */
function jobs() {
  const began: string[] = [];
  const end: (() => void)[] = [];
  return {
    began,
    job: (name: string) => () =>
      new Promise<string>((resolve) => {
        began.push(name);
        end.push(() => resolve(name));
      }),
    endNext: async () => {
      await settled();
      end.shift()?.();
      await settled();
    },
  };
}

describe('the queue', () => {
  test('lets keys take turns: a flood waits for itself', async () => {
    const { began, job, endNext } = jobs();
    const queue = fairQueue({ concurrency: 1, maxWaiting: 10, maxWaitingPerKey: 10 });
    const running = ['a1', 'a2', 'a3', 'a4'].map((name) => queue.run('a', job(name)));
    running.push(queue.run('b', job('b1')), queue.run('c', job('c1')));
    for (let i = 0; i < 6; i += 1) await endNext();
    await Promise.all(running);
    expect(began).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'a4']);
  });

  test('works on as many at a time as it may, and no more', async () => {
    const { began, job, endNext } = jobs();
    const queue = fairQueue({ concurrency: 2, maxWaiting: 10, maxWaitingPerKey: 10 });
    const running = ['1', '2', '3'].map((name) => queue.run('a', job(name)));
    await Promise.resolve();
    expect(began).toEqual(['1', '2']);
    expect(queue.waiting).toBe(1);
    for (let i = 0; i < 3; i += 1) await endNext();
    await Promise.all(running);
    expect(queue.waiting).toBe(0);
  });

  test('refuses one key when that key waits enough, and everybody when all do', async () => {
    const { job, endNext } = jobs();
    const queue = fairQueue({ concurrency: 1, maxWaiting: 3, maxWaitingPerKey: 2 });
    const running = [queue.run('a', job('a1')), queue.run('a', job('a2')), queue.run('a', job('a3'))];
    await expect(queue.run('a', job('a4'))).rejects.toMatchObject(full);
    running.push(queue.run('b', job('b1')));
    await expect(queue.run('c', job('c1'))).rejects.toMatchObject(full);
    for (let i = 0; i < 4; i += 1) await endNext();
    await Promise.all(running);
  });

  test('goes on after a job that failed, and skips one whose caller has gone', async () => {
    const { began, job, endNext } = jobs();
    const queue = fairQueue({ concurrency: 1, maxWaiting: 10, maxWaitingPerKey: 10 });
    const failing = queue.run('a', () => Promise.reject(new Error('no')));
    const gone = queue.run('a', job('gone'), () => true);
    const last = queue.run('a', job('last'));
    await expect(failing).rejects.toThrow('no');
    await expect(gone).rejects.toMatchObject({ code: 'unavailable' });
    await endNext();
    await expect(last).resolves.toBe('last');
    expect(began).toEqual(['last']);
  });
});

async function settled(): Promise<void> {
  for (let i = 0; i < 10; i += 1) await Promise.resolve();
}
