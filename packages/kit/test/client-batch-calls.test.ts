import { getEventListeners } from 'node:events';
import { status } from '@grpc/grpc-js';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { OutgoingCall } from '../src/rpc/client-unary.ts';
import { serviceError } from '../src/rpc/status.ts';
import { asked, type Batch, NOW, outcomesOf, pass, quietly, type Stream, turnedByHand, wire } from './batch-wire.ts';

beforeEach(turnedByHand);

const fulfilled = (value: unknown) => ({ status: 'fulfilled', value });
const rejected = (code: status, details: string) => ({ status: 'rejected', reason: { code, details } });

describe('each of several calls', () => {
  /** Two calls on the way, and what became of them when something has happened. */
  async function two(more: Partial<OutgoingCall>, happens: (stream: Stream) => unknown) {
    const { send, batches, alone } = wire();
    const outcomes: unknown[] = ['open', 'open'];
    const calls = [asked({ request: 'one', ...more }), asked({ request: 'other' })];
    calls.forEach((call, at) => {
      send(call).then(
        (value: unknown) => (outcomes[at] = fulfilled(value)),
        (reason: unknown) => (outcomes[at] = { status: 'rejected', reason }),
      );
    });
    await pass(0);
    const { stream } = batches[0] as Batch;
    await happens(stream);
    await pass(0);
    return { outcomes, stream, alone, send, batches };
  }
  const open = 'open';

  test.each<[rule: string, happens: (stream: Stream) => void, outcomes: unknown[]]>([
    [
      'has its own answer, in whatever order they come',
      (stream) => stream.answer({ call: 1, response: Buffer.from('b') }, { call: 0, response: Buffer.from('a') }),
      [fulfilled('a'), fulfilled('b')],
    ],
    [
      'is answered once',
      (stream) => {
        stream.answer({ call: 0, response: Buffer.from('a') });
        stream.answer({ call: 0, response: Buffer.from('b') }, { call: 7 });
      },
      [fulfilled('a'), open],
    ],
    [
      'is refused with its own reason',
      (stream) => stream.answer({ call: 1, status: status.NOT_FOUND, message: 'no order 7' }),
      [open, rejected(status.NOT_FOUND, 'no order 7')],
    ],
    [
      'fails where its answer cannot be read',
      (stream) => stream.answer({ call: 0, response: undefined as unknown as Buffer }),
      [rejected(status.INTERNAL, expect.stringMatching(/^the response cannot be read: .*toString/) as string), open],
    ],
    [
      'that has no answer when the message is over has none',
      (stream) => {
        stream.answer({ call: 0, response: Buffer.from('a') });
        stream.emit('end');
      },
      [fulfilled('a'), rejected(status.INTERNAL, 'the service left a call without an answer')],
    ],
    [
      'fails where all fail',
      (stream) => {
        stream.answer({ call: 0, response: Buffer.from('a') });
        stream.emit('error', serviceError(status.UNAVAILABLE, 'gone'));
      },
      [fulfilled('a'), rejected(status.UNAVAILABLE, 'gone')],
    ],
    [
      'is cut off where the service ends them',
      (stream) => stream.emit('error', serviceError(status.CANCELLED, 'Cancelled')),
      [rejected(status.UNAVAILABLE, 'cut off by the service'), rejected(status.UNAVAILABLE, 'cut off by the service')],
    ],
  ])('%s', async (_, happens, outcomes) => {
    expect((await two({}, happens)).outcomes).toMatchObject(outcomes);
  });

  test('is over at its own deadline, and the last one ends the message', async () => {
    const { outcomes, stream } = await two({ deadline: NOW + 20 }, () => pass(20));
    expect(outcomes).toMatchObject([rejected(status.DEADLINE_EXCEEDED, 'no answer in time'), open]);
    expect(stream.cancelled).toBe(0);
    await pass(4979);
    expect(stream.cancelled).toBe(0);
    await pass(1);
    expect(stream.cancelled).toBe(1);
  });

  test('is given up by its own caller, and the last one ends the message', async () => {
    const [one, other] = [new AbortController(), new AbortController()];
    const { send, batches } = wire();
    const calls = [one, other].map(({ signal }) => quietly(send(asked({ signal }))));
    await pass(0);
    const { stream } = batches[0] as Batch;
    one.abort();
    expect(await outcomesOf(calls.slice(0, 1))).toMatchObject([rejected(status.CANCELLED, 'given up by its caller')]);
    expect(stream.cancelled).toBe(0);
    other.abort();
    expect(await outcomesOf(calls)).toHaveLength(2);
    expect(stream.cancelled).toBe(1);
  });

  test('listens and waits no longer than it lasts', async () => {
    const { signal } = new AbortController();
    const { outcomes } = await two({ signal }, (stream) => stream.answer({ call: 0 }, { call: 1 }));
    expect(outcomes).toEqual([fulfilled(''), fulfilled('')]);
    expect([getEventListeners(signal, 'abort'), vi.getTimerCount()]).toEqual([[], 0]);
  });

  test('goes alone where the service does not know of several, and all that follow do', async () => {
    const { outcomes, alone, send, batches } = await two({}, (stream) => {
      stream.answer({ call: 1, response: Buffer.from('b') });
      stream.emit('error', serviceError(status.UNIMPLEMENTED, 'unknown method'));
    });
    expect(outcomes).toEqual([fulfilled('one, alone'), fulfilled('b')]);
    const later = ['a', 'b'].map((request) => send(asked({ request })));
    await pass(0);
    expect(await outcomesOf(later)).toEqual([fulfilled('a, alone'), fulfilled('b, alone')]);
    expect([alone.length, batches.length]).toEqual([3, 1]);
  });
});
