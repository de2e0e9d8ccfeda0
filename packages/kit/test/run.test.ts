import { expect, test } from 'vitest';
import { Scope, within } from '../src/process/scope.ts';
import { capturedLog } from '../src/testing/captured-log.ts';

function scopeWithLog() {
  const { log, lines } = capturedLog();
  return { scope: new Scope(log), lines };
}

test('what was acquired last is released first, each after the one before is done', async () => {
  const { scope } = scopeWithLog();
  const released: string[] = [];
  for (const name of ['first', 'second', 'third']) {
    scope.defer(name, async () => {
      released.push(`${name} begins`);
      await new Promise(setImmediate);
      released.push(name);
    });
  }
  expect(await scope.close()).toEqual({ failed: [] });
  expect(released).toEqual(['third begins', 'third', 'second begins', 'second', 'first begins', 'first']);
});

test('the signal comes before anything is released', async () => {
  const { scope } = scopeWithLog();
  const order: string[] = [];
  scope.signal.addEventListener('abort', () => order.push('signal'));
  scope.defer('part', () => order.push('release'));
  await scope.close();
  expect(order).toEqual(['signal', 'release']);
});

test('a release that fails, at once or later, is named and the others still happen', async () => {
  const { scope, lines } = scopeWithLog();
  let released = false;
  scope.defer('good', () => (released = true));
  scope.defer('bad', () => Promise.reject(new Error('stuck')));
  scope.defer('worse', () => {
    throw new Error('broken');
  });
  expect(await scope.close()).toEqual({ failed: ['worse', 'bad'] });
  expect(released).toBe(true);
  expect(lines()).toMatchObject([
    { level: 'error', part: 'worse', err: { message: 'broken' } },
    { level: 'error', part: 'bad', err: { message: 'stuck' } },
  ]);
});

test('a release that never ends is left at the deadline, and the others still happen', async () => {
  const { scope } = scopeWithLog();
  let released = false;
  scope.defer('good', () => (released = true));
  scope.defer('endless', () => new Promise(() => undefined));
  const startedAt = performance.now();
  expect(await scope.close(200)).toEqual({ failed: ['endless'] });
  expect(performance.now() - startedAt).toBeLessThan(1000);
  expect(released).toBe(true);
});

test('whoever closes it again waits for the first close; nothing is released twice', async () => {
  const { scope } = scopeWithLog();
  let releases = 0;
  scope.defer('part', () => (releases += 1));
  const [one, other] = await Promise.all([scope.close(), scope.close()]);
  expect(one).toBe(other);
  expect(releases).toBe(1);
});

test.each<[string, () => Promise<string>, string]>([
  ['in time', () => Promise.resolve('done'), 'done'],
  ['failed in time', () => Promise.reject(new Error('no')), 'no'],
  ['too late', () => new Promise(() => undefined), 'took longer than 20 ms'],
])('within: %s', async (_, work, expected) => {
  expect(await within(work(), 20).catch((error: Error) => error.message)).toBe(expected);
});
