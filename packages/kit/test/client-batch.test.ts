import { EventEmitter, getEventListeners } from 'node:events';
import { type Answer, type Call, CallServiceService } from '@andvari/proto/common/v1/calls';
import { type Client, status } from '@grpc/grpc-js';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { type Metrics, openMetrics } from '../src/observe/metrics.ts';
import { sendTogether } from '../src/rpc/client-batch.ts';
import type { OutgoingCall, Send } from '../src/rpc/client-unary.ts';
import { serviceError } from '../src/rpc/status.ts';

const NOW = 1_800_000_000_000;
const headers = { caller: Buffer.from([1, 2, 3]), traceparent: '00-a-b-01', requestId: 'r1' };
const method = {
  path: '/andvari.test.v1.EchoService/Ask',
  requestSerialize: (text: string) => Buffer.from(text),
  responseDeserialize: (bytes: Buffer) => bytes.toString(),
} as unknown as OutgoingCall['method'];
const asked = (more: Partial<OutgoingCall> = {}): OutgoingCall => ({
  method,
  request: 'hello',
  deadline: NOW + 5000,
  signal: undefined,
  headers,
  ...more,
});

class Stream extends EventEmitter {
  cancelled = 0;
  cancel(): void {
    this.cancelled += 1;
  }
  answer(...answers: Partial<Answer>[]): void {
    const nothing = Buffer.alloc(0);
    const whole = answers.map((each) =>
      Object.assign({ call: 0, status: 0, message: '', detail: nothing, response: nothing }, each),
    );
    this.emit('data', { answers: whole });
  }
}

interface Batch {
  path: string;
  calls: Call[];
  deadline: number;
  stream: Stream;
}

let metrics: Metrics;

/** gRPC as functions: what has gone out, together and alone, in the order in which it went. */
function wire(gatherMs?: number) {
  const batches: Batch[] = [];
  const alone: OutgoingCall[] = [];
  const departures: number[] = [];
  const client = {
    makeServerStreamRequest(
      path: string,
      _: unknown,
      __: unknown,
      { calls }: { calls: Call[] },
      more: { deadline: number },
    ) {
      const stream = new Stream();
      batches.push({ path, calls, deadline: more.deadline, stream });
      departures.push(calls.length);
      return stream;
    },
  } as unknown as Client;
  const byItself: Send = async (call) => {
    alone.push(call);
    departures.push(1);
    return `${call.request as string}, alone`;
  };
  return { send: sendTogether(client, byItself, metrics, gatherMs), batches, alone, departures };
}

beforeEach(() => {
  metrics = openMetrics('test', { runtime: false });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'performance', 'Date'], now: NOW });
  onTestFinished(() => void vi.useRealTimers());
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const outcomesOf = (calls: Promise<unknown>[]) => Promise.allSettled(calls);
/** None of them fails the test by itself where nobody waits for it. */
const quietly = (call: Promise<unknown>): Promise<unknown> => {
  call.catch(() => undefined);
  return call;
};

describe('while others are on the way', () => {
  type Step = [calls: number, thenMs: number];
  test.each<[rule: string, gatherMs: number | undefined, steps: Step[], departures: number[]]>([
    ['who calls in the same moment goes with them', undefined, [[3, 0]], [3]],
    [
      'who calls right after them gathers',
      undefined,
      [
        [2, 0],
        [1, 0],
      ],
      [2],
    ],
    [
      'and goes with whoever came meanwhile',
      undefined,
      [
        [2, 0],
        [1, 0],
        [1, 1],
      ],
      [2, 2],
    ],
    [
      'a moment after their departure is not long enough',
      undefined,
      [
        [2, 1],
        [1, 0],
      ],
      [2],
    ],
    [
      'after more than that nobody waits',
      undefined,
      [
        [2, 2],
        [1, 0],
      ],
      [2, 1],
    ],
    [
      'fifteen wait',
      undefined,
      [
        [2, 0],
        [15, 0],
      ],
      [2],
    ],
    [
      'sixteen do not',
      undefined,
      [
        [2, 0],
        [16, 0],
      ],
      [2, 16],
    ],
    [
      'nor where the sixteenth comes later',
      undefined,
      [
        [2, 0],
        [15, 0],
        [1, 0],
      ],
      [2, 16],
    ],
    [
      'where they gather for longer sixteen do',
      10,
      [
        [2, 0],
        [16, 9],
      ],
      [2],
    ],
    [
      'until it is over',
      10,
      [
        [2, 0],
        [16, 10],
      ],
      [2, 16],
    ],
    [
      'but not sixty-four',
      10,
      [
        [2, 0],
        [64, 0],
      ],
      [2, 64],
    ],
    [
      'who comes after those waits as long as ever',
      10,
      [
        [2, 0],
        [64, 5],
        [1, 6],
      ],
      [2, 64],
    ],
    [
      'from their departure on',
      10,
      [
        [2, 0],
        [64, 5],
        [1, 10],
      ],
      [2, 64, 1],
    ],
    [
      'a wait that was cut short is no departure',
      10,
      [
        [2, 0],
        [1, 5],
        [63, 11],
        [1, 0],
      ],
      [2, 64, 1],
    ],
  ])('%s', async (_, gatherMs, steps, departures) => {
    const { send, departures: gone } = wire(gatherMs);
    for (const [calls, thenMs] of steps) {
      for (let call = 0; call < calls; call += 1) void quietly(send(asked()));
      await pass(thenMs);
    }
    expect(gone).toEqual(departures);
  });

  test.each<[how: string, answer: (stream: Stream) => void]>([
    ['answered', (stream) => stream.answer({ call: 0 }, { call: 1 })],
    ['refused', (stream) => stream.emit('error', serviceError(status.NOT_FOUND, 'no'))],
  ])('is over when they are %s: nobody waits', async (_, answer) => {
    const { send, batches, departures } = wire(10);
    const calls = [quietly(send(asked())), quietly(send(asked()))];
    await pass(0);
    answer(batches[0]?.stream as Stream);
    await outcomesOf(calls);
    void quietly(send(asked()));
    await pass(0);
    expect(departures).toEqual([2, 1]);
  });

  test('more than go in one message go in several, and one that is left goes alone', async () => {
    const { send, departures } = wire();
    for (let call = 0; call < 129; call += 1) void quietly(send(asked()));
    await pass(0);
    expect(departures).toEqual([64, 64, 1]);
    expect((await metrics.scrape()).body).toContain('rpc_client_calls_together_sum{service="test"} 128');
  });
});

test('a message says of each call what belongs to it, and lasts as long as the longest', async () => {
  const { send, batches } = wire();
  const deadlines = [NOW + 1000.4, NOW + 5000, NOW - 3];
  for (const deadline of deadlines) void quietly(send(asked({ deadline, request: `${deadline - NOW}` })));
  await pass(0);
  const [batch] = batches;
  expect([batch?.path, batch?.deadline]).toEqual([CallServiceService.together.path, NOW + 5000]);
  const same = { path: method.path, ...headers };
  expect(batch?.calls).toEqual([
    { ...same, timeoutMs: 1001, request: Buffer.from(String(NOW + 1000.4 - NOW)) },
    { ...same, timeoutMs: 5000, request: Buffer.from('5000') },
    { ...same, timeoutMs: 0, request: Buffer.from('-3') },
  ]);
});

test.each<[rule: string, bytes: number, departures: number[]]>([
  ['64 KiB go with the others', 64 * 1024, [3]],
  ['one byte more goes alone', 64 * 1024 + 1, [1, 2]],
])('%s', async (_, bytes, departures) => {
  const { send, departures: gone } = wire();
  const long = send(asked({ request: 'x'.repeat(bytes) }));
  void quietly(long);
  for (let call = 0; call < 2; call += 1) void quietly(send(asked()));
  await pass(0);
  expect(gone).toEqual(departures);
});

test('where nothing is left to go with others nothing goes', async () => {
  const { send, batches } = wire();
  const long = asked({ request: 'x'.repeat(64 * 1024 + 1) });
  const calls = [send(long), quietly(send(asked({ signal: AbortSignal.abort() })))];
  await pass(0);
  expect(await outcomesOf(calls)).toMatchObject([
    { value: expect.stringContaining('x, alone') as string },
    { reason: { code: status.CANCELLED, details: 'given up by its caller' } },
  ]);
  expect(batches).toEqual([]);
});

test('what cannot be written fails by itself', async () => {
  const { send, batches } = wire();
  const calls = [quietly(send(asked({ request: 7 }))), quietly(send(asked()))];
  await pass(0);
  expect(batches[0]?.calls).toHaveLength(1);
  batches[0]?.stream.answer({ response: Buffer.from('fine') });
  expect(await outcomesOf(calls)).toMatchObject([
    {
      reason: {
        code: status.INTERNAL,
        details: expect.stringMatching(/^the request cannot be written: .*number/) as string,
      },
    },
    { value: 'fine' },
  ]);
});

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
