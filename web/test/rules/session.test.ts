import { beforeEach, expect, test, vi } from 'vitest';
import type * as Session from '../../src/api/session.ts';

let session: typeof Session;
beforeEach(async () => {
  vi.stubGlobal(
    'BroadcastChannel',
    class extends EventTarget {
      postMessage(): void {}
    },
  );
  vi.resetModules();
  session = await import('../../src/api/session.ts');
});

test('a page whose question nobody answers asks again, and does not take itself for a stranger', async () => {
  const answers = [false, false, true];
  const pauses: number[] = [];
  expect(session.isUnanswered()).toBe(false);
  await session.findSession(
    async () => answers.shift() ?? true,
    async (failures) => {
      expect(session.sessionState()).toBe('unknown');
      expect(session.isUnanswered()).toBe(true);
      pauses.push(failures);
    },
  );
  expect(pauses).toEqual([0, 1]);
  expect(session.sessionState()).toBe('signedIn');
  expect(session.isUnanswered()).toBe(false);
});

test('a page that was refused asks no more', async () => {
  let asked = 0;
  await session.findSession(
    async () => {
      asked += 1;
      session.setSession('signedOut');
      return false;
    },
    () => Promise.reject(new Error('it waits')),
  );
  expect({ asked, state: session.sessionState() }).toEqual({ asked: 1, state: 'signedOut' });
});
