import { CallServiceService } from '@andvari/proto/common/v1/calls';
import { status } from '@grpc/grpc-js';
import { beforeEach, describe, expect, test } from 'vitest';
import { serviceError } from '../src/rpc/status.ts';
import {
  asked,
  headers,
  method,
  NOW,
  outcomesOf,
  pass,
  quietly,
  type Stream,
  turnedByHand,
  wire,
} from './batch-wire.ts';

beforeEach(turnedByHand);

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
    const { send, departures, metrics } = wire();
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
