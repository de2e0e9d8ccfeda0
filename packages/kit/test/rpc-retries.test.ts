import { status } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { withRetries } from '../src/rpc/client-retries.ts';
import type { OutgoingCall } from '../src/rpc/client-unary.ts';
import { serviceError } from '../src/rpc/status.ts';
import { EchoService } from './echo-definition.ts';

/** One neighbour, which answers or does not, and how often it is asked for each call. */
function neighbour() {
  let [isThere, sent] = [true, 0];
  const send = withRetries(() => {
    sent += 1;
    return isThere ? Promise.resolve('fine') : Promise.reject(serviceError(status.UNAVAILABLE, 'no answer'));
  });
  return {
    async succeed(times: number): Promise<void> {
      isThere = true;
      for (let left = times; left > 0; left -= 1) await send(call);
    },
    /** How often each of so many calls was sent. */
    async fail(times: number): Promise<number[]> {
      isThere = false;
      const attempts: number[] = [];
      for (let left = times; left > 0; left -= 1) {
        sent = 0;
        await expect(send(call)).rejects.toMatchObject({ code: status.UNAVAILABLE });
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
