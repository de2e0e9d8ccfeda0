import { EventEmitter } from 'node:events';
import type { Answer, Call } from '@andvari/proto/common/v1/calls';
import { type Server, status } from '@grpc/grpc-js';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { AppError } from '../src/base/errors.ts';
import { Scope } from '../src/process/scope.ts';
import { addTogether, type UnaryMethod } from '../src/rpc/server-batch.ts';
import type { IncomingCall } from '../src/rpc/server-context.ts';
import type { AnswerUnary } from '../src/rpc/server-unary.ts';
import { detailOfStatus, toStatus } from '../src/rpc/status.ts';
import { capturedLog } from '../src/testing/captured-log.ts';

const NOW = 1_800_000_000_000;
const ASK = '/andvari.test.v1.EchoService/Ask';
const nothing = Buffer.alloc(0);
const KIB = 1024;

/** Texts as they are; what is a number cannot be written. */
const method = {
  path: ASK,
  requestDeserialize: (bytes: Buffer) => {
    if (bytes.length === 0) throw new Error('nothing to read');
    return bytes.toString();
  },
  responseSerialize: (text: string) => Buffer.from(text),
} as unknown as UnaryMethod['method'];

const call = (text: string, more: Partial<Call> = {}): Call => ({
  path: ASK,
  caller: Buffer.from([1]),
  traceparent: '00-a-b-01',
  requestId: 'r1',
  timeoutMs: 5000,
  request: Buffer.from(text),
  ...more,
});

class Stream extends EventEmitter {
  readonly request: { calls: Call[] };
  readonly messages: Answer[][] = [];
  readonly errors: unknown[] = [];
  cancelled = false;
  ended = 0;

  constructor(calls: Call[]) {
    super();
    this.request = { calls };
    this.on('error', (error) => this.errors.push(error));
  }
  write({ answers }: { answers: Answer[] }): void {
    this.messages.push(answers);
  }
  end(): void {
    this.ended += 1;
  }
}

/** A message of these calls, as a server gets it whose one method answers so. */
function sent(calls: Call[], answer: AnswerUnary) {
  const handlers: { together?: (stream: Stream) => void } = {};
  const server = { addService: (_: unknown, given: typeof handlers) => Object.assign(handlers, given) };
  const { log, lines } = capturedLog();
  addTogether(server as unknown as Server, new Map([[ASK, { method, answer }]]), new Scope(log));
  const stream = new Stream(calls);
  handlers.together?.(stream);
  return { stream, lines };
}

const turn = () => vi.advanceTimersByTimeAsync(0);
const same: AnswerUnary = async (_, request) => ({ response: request });
const fine = (at: number, text: string) => ({
  call: at,
  status: status.OK,
  message: '',
  detail: nothing,
  response: Buffer.from(text),
});
const failed = (at: number, code: status, message: string) => ({
  call: at,
  status: code,
  message,
  detail: nothing,
  response: nothing,
});

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setImmediate', 'Date'], now: NOW });
  onTestFinished(() => void vi.useRealTimers());
});

describe('the answers of one message', () => {
  test('that come in the same moment share one, which is the last', async () => {
    const { stream } = sent([call('a'), call('b')], same);
    await turn();
    expect(stream.messages).toEqual([[fine(0, 'a'), fine(1, 'b')]]);
    expect(stream.ended).toBe(1);
  });

  test('come as they are ready, and the last one ends them', async () => {
    const slow = Promise.withResolvers<{ response: unknown }>();
    const { stream } = sent([call('slow'), call('b')], async (_, text) =>
      text === 'slow' ? slow.promise : { response: text },
    );
    await turn();
    expect([stream.messages, stream.ended]).toEqual([[[fine(1, 'b')]], 0]);
    slow.resolve({ response: 'a' });
    await turn();
    expect([stream.messages, stream.ended]).toEqual([[[fine(1, 'b')], [fine(0, 'a')]], 1]);
  });

  test('are none where nothing was asked', async () => {
    const { stream } = sent([], same);
    await turn();
    expect([stream.messages, stream.ended, stream.errors]).toEqual([[], 1, []]);
  });

  test('are none where too much was', async () => {
    const { stream } = sent(
      Array.from({ length: 65 }, () => call('a')),
      same,
    );
    await turn();
    expect([stream.messages, stream.ended]).toEqual([[], 0]);
    expect(stream.errors).toEqual([{ code: status.INVALID_ARGUMENT, details: '64 calls go together at the most' }]);
  });

  test('are not sent to whoever has hung up', async () => {
    const { stream } = sent([call('a')], same);
    stream.cancelled = true;
    await turn();
    expect([stream.messages, stream.ended]).toEqual([[], 0]);
  });

  test.each<[rule: string, lengths: number[], messages: number[]]>([
    ['256 KiB go in one message', [128 * KIB, 128 * KIB], [2]],
    ['a byte more does not', [128 * KIB, 128 * KIB + 1], [1, 1]],
    ['one that is longer by itself goes by itself', [300 * KIB, 300 * KIB], [1, 1]],
    ['what was sent is not counted again', [200 * KIB, 100 * KIB, 156 * KIB], [1, 2]],
  ])('%s', async (_, lengths, messages) => {
    const calls = lengths.map((length) => call(String(length)));
    const { stream } = sent(calls, async (__, length) => ({ response: 'x'.repeat(Number(length)) }));
    await turn();
    expect(stream.messages.map((answers) => answers.length)).toEqual(messages);
    expect(stream.ended).toBe(1);
  });
});

test.each<[rule: string, wrong: Call, answer: AnswerUnary, code: status, message: string, logged: number]>([
  ['to what is no method', call('a', { path: '/no' }), same, status.UNIMPLEMENTED, 'there is no /no', 0],
  ['that cannot be read', call(''), same, status.INTERNAL, 'the request cannot be read', 0],
  ['whose response cannot be written', call('a'), async () => ({ response: 7 }), status.INTERNAL, 'Internal error', 1],
  [
    'whose response is as long as a message',
    call('a'),
    async () => ({ response: 'x'.repeat(4 * KIB * KIB - KIB + 1) }),
    status.RESOURCE_EXHAUSTED,
    'the response has 4193281 bytes',
    0,
  ],
  ['that failed without a word', call('a'), async () => ({ failure: {} }), status.UNKNOWN, '', 0],
])('a call %s is told so', async (_, wrong, answer, code, message, logged) => {
  const { stream, lines } = sent([wrong], answer);
  await turn();
  expect(stream.messages).toEqual([[failed(0, code, message)]]);
  expect(lines()).toHaveLength(logged);
});

test('a response that just fits is sent', async () => {
  const { stream } = sent([call('a')], async () => ({ response: 'x'.repeat(4 * KIB * KIB - KIB) }));
  await turn();
  expect(stream.messages[0]?.[0]).toMatchObject({ status: status.OK });
});

test('a refusal comes with all that belongs to it', async () => {
  const refusal = toStatus(new AppError('not_found', 'no order 7', { reason: 'unknown_order' }));
  const { stream } = sent([call('a')], async () => ({ failure: refusal }));
  await turn();
  const detail = detailOfStatus(refusal);
  expect(detail?.length).toBeGreaterThan(0);
  expect(stream.messages).toEqual([[{ ...failed(0, status.NOT_FOUND, 'no order 7'), detail }]]);
});

test('what comes with a call is what came with it', async () => {
  const seen: IncomingCall[] = [];
  const { stream } = sent([call('a'), call('b', { caller: nothing, timeoutMs: 7 })], async (incoming) => {
    seen.push(incoming);
    return { response: '' };
  });
  expect(seen).toMatchObject([
    { callerToken: Buffer.from([1]), traceparent: '00-a-b-01', requestId: 'r1', deadline: NOW + 5000 },
    { callerToken: undefined, deadline: NOW + 7 },
  ]);
  const [first] = seen;
  let hungUp = 0;
  first?.onCancelled(() => (hungUp += 1));
  expect(first?.isCancelled()).toBe(false);
  stream.cancelled = true;
  stream.emit('cancelled');
  expect([first?.isCancelled(), hungUp]).toEqual([true, 1]);
});
