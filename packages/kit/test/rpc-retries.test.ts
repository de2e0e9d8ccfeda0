import { getEventListeners } from 'node:events';
import { status } from '@grpc/grpc-js';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { withRetries } from '../src/rpc/client-retries.ts';
import type { OutgoingCall } from '../src/rpc/client-unary.ts';
import { serviceError } from '../src/rpc/status.ts';
import { EchoService } from './echo-definition.ts';

/** One neighbour, which answers or does not, and how often it is asked for each call, without pauses. */
function neighbour() {
  let [isThere, sent] = [true, 0];
  let code = status.UNAVAILABLE;
  const send = withRetries(
    () => {
      sent += 1;
      return isThere ? Promise.resolve('fine') : Promise.reject(serviceError(code, 'no answer'));
    },
    () => 0,
  );
  return {
    async succeed(times: number): Promise<void> {
      isThere = true;
      for (let left = times; left > 0; left -= 1) await send(call);
    },
    /** How often each of so many calls was sent. */
    async fail(times: number, how = status.UNAVAILABLE): Promise<number[]> {
      isThere = false;
      code = how;
      const attempts: number[] = [];
      for (let left = times; left > 0; left -= 1) {
        sent = 0;
        await expect(send(call)).rejects.toMatchObject({ code });
        attempts.push(sent);
      }
      return attempts;
    },
  };
}

const call: OutgoingCall = {
  method: EchoService.ask as OutgoingCall['method'],
  request: {},
  deadline: Number.POSITIVE_INFINITY,
  signal: undefined,
  headers: { caller: Buffer.alloc(0), traceparent: '', requestId: '' },
};

/** Twenty tokens: each failure takes one, and with ten left nothing is sent again. */
test('half the budget is spent on sending again, then each call is sent once', async () => {
  expect(await neighbour().fail(6)).toEqual([3, 3, 3, 1, 1, 1]);
});

test.each([
  ['two successes are too few for another', 2, [1]],
  ['five are not quite enough', 5, [1]],
  ['fifty are enough, for about as much as they gave', 50, [3, 3, 3, 1]],
  ['a thousand give no more than there was', 1000, [3, 3, 3, 1]],
])('with the budget spent to its half, %s', async (_, successes, attempts) => {
  const one = neighbour();
  await one.fail(4);
  await one.succeed(successes);
  expect(await one.fail(attempts.length)).toEqual(attempts);
});

test('however long it was away, the way back is no longer than the budget', async () => {
  const one = neighbour();
  await one.fail(60);
  await one.succeed(54);
  expect(await one.fail(1)).toEqual([1]);
  await one.succeed(10);
  expect((await one.fail(1))[0]).toBeGreaterThan(1);
});

test('what is answered with anything else is sent once, and costs nothing', async () => {
  const one = neighbour();
  for (const code of [status.DEADLINE_EXCEEDED, status.INTERNAL, status.RESOURCE_EXHAUSTED, status.CANCELLED]) {
    expect(await one.fail(6, code)).toEqual([1, 1, 1, 1, 1, 1]);
  }
  expect(await one.fail(4)).toEqual([3, 3, 3, 1]);
});

test('what is answered is what whoever called is told', async () => {
  expect(await withRetries(() => Promise.resolve('fine'))(call)).toBe('fine');
});

/** A call that nobody answers, on a clock that is turned by hand; it starts at 1000. */
const calling = (random: number, more: Partial<OutgoingCall> = {}) => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: 1000 });
  onTestFinished(() => void vi.useRealTimers());
  const sentAt: number[] = [];
  const send = withRetries(
    () => {
      sentAt.push(Date.now() - 1000);
      return Promise.reject(serviceError(status.UNAVAILABLE, 'no answer'));
    },
    () => random,
  );
  return { sentAt, ended: send({ ...call, ...more }).catch((error: unknown) => error) };
};

describe('before it is sent again', () => {
  test.each<[rule: string, random: number, deadline: number, sentAt: number[]]>([
    ['twice as long is waited the second time', 1, Number.POSITIVE_INFINITY, [0, 50, 150]],
    ['a part of it is waited, so that not all come back at once', 0.5, Number.POSITIVE_INFINITY, [0, 25, 75]],
    ['no time may be left: then it is not', 1, 1050, [0]],
    ['there has to be time left', 1, 1051, [0, 50]],
    ['there has to be time left for the longer pause', 1, 1151, [0, 50, 150]],
  ])('%s', async (_, random, deadline, sentAt) => {
    const called = calling(random, { deadline });
    await vi.advanceTimersByTimeAsync(1000);
    expect(await called.ended).toMatchObject({ code: status.UNAVAILABLE });
    expect(called.sentAt).toEqual(sentAt);
  });

  test('whoever hangs up is told at once, and nothing is left behind', async () => {
    const hangUp = new AbortController();
    const { sentAt, ended } = calling(1, { signal: hangUp.signal });
    await vi.advanceTimersByTimeAsync(49);
    hangUp.abort();
    expect(await ended).toMatchObject({ code: status.UNAVAILABLE });
    expect([sentAt, vi.getTimerCount()]).toEqual([[0], 0]);
  });

  test('whoever goes on listens no longer afterwards', async () => {
    const { signal } = new AbortController();
    const { sentAt, ended } = calling(1, { signal });
    await vi.advanceTimersByTimeAsync(1000);
    await ended;
    expect([sentAt.length, getEventListeners(signal, 'abort')]).toEqual([3, []]);
  });
});

test('what nobody answers is given up at the deadline, and at once by whoever hangs up', async () => {
  const hangUp = new AbortController();
  let sent = 0;
  const send = withRetries(() => {
    sent += 1;
    hangUp.abort();
    return Promise.reject(serviceError(status.UNAVAILABLE, 'no answer'));
  });
  await expect(send({ ...call, signal: hangUp.signal })).rejects.toMatchObject({ code: status.UNAVAILABLE });
  await expect(send({ ...call, deadline: Date.now() - 1 })).rejects.toMatchObject({ code: status.UNAVAILABLE });
  expect(sent).toBe(2);
});
