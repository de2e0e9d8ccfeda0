import {
  type Answer,
  type Call,
  CallServiceService,
  type TogetherRequest,
  type TogetherResponse,
} from '@andvari/proto/common/v1/calls';
import { ErrorDetail } from '@andvari/proto/common/v1/common';
import {
  ChannelCredentials,
  Client,
  type ClientReadableStream,
  Server,
  ServerCredentials,
  type ServerWritableStream,
  type ServiceError,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type CallContext, noCaller, withContext } from '../src/base/context.ts';
import { AppError } from '../src/base/errors.ts';
import { type Metrics, openMetrics } from '../src/observe/metrics.ts';
import { newTraceparent } from '../src/observe/tracing.ts';
import { eventually } from '../src/testing/eventually.ts';
import {
  EchoService,
  echo,
  echoClient,
  echoServer,
  forever,
  rejection,
  type Text,
  testCallerToken,
} from './echo-service.ts';

const MINUTE = 60_000;
const turn = () => new Promise((resolve) => setImmediate(resolve));

test.each<[calls: number, messages: number]>([
  [1, 0],
  [2, 1],
  [64, 1],
  [65, 1],
  [66, 2],
  [200, 4],
])('%i calls of the same moment go out in %i messages of several', async (calls, messages) => {
  const metrics = openMetrics('test', { runtime: false });
  const { ask } = echoClient((await echoServer()).address, { metrics });
  const texts = Array.from({ length: calls }, (_, i) => ({ text: `call ${i}` }));
  expect(await Promise.all(texts.map((text) => ask(text)))).toEqual(texts);
  expect(await messagesOf(metrics)).toBe(messages);
});

test('what may not be sent twice travels with others as well, and is not sent again', async () => {
  const metrics = openMetrics('test', { runtime: false });
  let told = 0;
  const tellOff = async (): Promise<never> => {
    told += 1;
    throw new AppError('unavailable', 'not now');
  };
  const { tell } = echoClient((await echoServer({ tell: tellOff })).address, { metrics });
  const outcomes = await Promise.allSettled([tell({ text: 'a' }), tell({ text: 'b' })]);
  expect(outcomes.every((outcome) => outcome.status === 'rejected')).toBe(true);
  expect({ told, messages: await messagesOf(metrics) }).toEqual({ told: 2, messages: 1 });
});

test('whoever calls right after a departure gathers with those that come next', async () => {
  const metrics = openMetrics('test', { runtime: false });
  const { ask } = echoClient((await echoServer()).address, { metrics });
  // On a busy machine a turn may take longer than they gather for: so until it has not.
  await eventually(async () => {
    const first = ask({ text: 'departs at once' });
    await turn();
    const second = ask({ text: 'gathers' });
    await turn();
    await Promise.all([first, second, ask({ text: 'as well' })]);
    expect(await messagesOf(metrics)).toBeGreaterThan(0);
  });
});

test('whoever calls when nobody is on the way waits for nobody, however often', async () => {
  const { ask } = await echo();
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  for (let call = 0; call < 20; call += 1) expect(await ask({ text: `${call}` })).toEqual({ text: `${call}` });
});

test('so many wait for no more, however long they would gather', async () => {
  const metrics = openMetrics('test', { runtime: false });
  const gate = Promise.withResolvers<Text>();
  const { address } = await echoServer({ ask: async (request) => (request.text === 'slow' ? gate.promise : request) });
  const { ask } = echoClient(address, { metrics, gatherMs: MINUTE, timeoutMs: MINUTE });
  const slow = ask({ text: 'slow' });
  await turn();
  const half = (from: number) => Array.from({ length: 32 }, (_, at) => ask({ text: `call ${from + at}` }));
  const first = half(0);
  await turn();
  await turn();
  expect(await Promise.all([...first, ...half(32)])).toHaveLength(64);
  expect(await messagesOf(metrics)).toBe(1);
  gate.resolve({ text: 'at last' });
  await slow;
});

test('a slow call does not keep those waiting that came with it', async () => {
  const gate = Promise.withResolvers<Text>();
  const { ask } = await echo({ ask: async (request) => (request.text === 'slow' ? gate.promise : request) });
  const slow = ask({ text: 'slow' });
  expect(await ask({ text: 'quick' })).toEqual({ text: 'quick' });
  gate.resolve({ text: 'at last' });
  expect(await slow).toEqual({ text: 'at last' });
});

test('each call has its own caller, request, trace and deadline', async () => {
  const seen: Record<string, CallContext> = {};
  const { ask } = await echo({
    ask: async (request, context) => {
      seen[request.text] = context;
      return request;
    },
  });
  const callers = ['ada', 'bob'].map((userId, i) => ({
    requestId: `request of ${userId}`,
    caller: { ...noCaller('gateway'), userId },
    deadline: Date.now() + MINUTE * (i + 1),
    signal: new AbortController().signal,
    traceparent: newTraceparent(),
  }));
  await Promise.all(
    callers.map((context) =>
      withContext(context, () => ask({ text: context.caller.userId }, { timeoutMs: 3 * MINUTE })),
    ),
  );
  for (const { caller, requestId, traceparent, deadline } of callers) {
    expect(seen[caller.userId]).toMatchObject({ requestId, traceparent, caller: { userId: caller.userId } });
    expect(Math.abs((seen[caller.userId]?.deadline ?? 0) - deadline)).toBeLessThan(MINUTE / 2);
  }
});

test('each call has its own end: a response, a refusal with all that belongs to it, a fault', async () => {
  const { ask } = await echo({
    ask: async (request) => {
      if (request.text === 'refuse') {
        throw new AppError('failed_precondition', 'no', {
          reason: 'too_poor',
          field: 'amount',
          numbers: { needed: 7n },
        });
      }
      if (request.text === 'break') throw new Error('a secret of ours');
      return request;
    },
  });
  const [fine, refused, broken] = await Promise.allSettled(['fine', 'refuse', 'break'].map((text) => ask({ text })));
  expect(fine).toEqual({ status: 'fulfilled', value: { text: 'fine' } });
  expect(refused).toMatchObject({
    reason: {
      code: 'failed_precondition',
      reason: 'too_poor',
      field: 'amount',
      numbers: { needed: 7n },
      message: 'no',
    },
  });
  expect(broken).toMatchObject({ reason: { name: 'RemoteFault' } });
  expect(JSON.stringify(broken)).not.toContain('secret');
});

test('a request that cannot be written fails by itself', async () => {
  const { ask } = await echo();
  const endless = { text: 'a', self: {} };
  endless.self = endless;
  const [fine, broken] = await Promise.allSettled([ask({ text: 'fine' }), ask(endless)]);
  expect(fine).toMatchObject({ value: { text: 'fine' } });
  expect(broken).toMatchObject({ reason: { name: 'RemoteFault' } });
});

test('a deadline ends its own call only', async () => {
  const gate = Promise.withResolvers<Text>();
  const { ask } = await echo({ ask: () => gate.promise });
  const patient = ask({ text: 'patient' }, { timeoutMs: MINUTE });
  expect(await rejection(ask({ text: 'hasty' }, { timeoutMs: 50 }))).toMatchObject({ reason: 'deadline_exceeded' });
  gate.resolve({ text: 'done' });
  expect(await patient).toEqual({ text: 'done' });
});

test('a caller that hangs up leaves the others alone; when all have, the service stops', async () => {
  let stopped = 0;
  const reached = Promise.withResolvers<void>();
  let calls = 0;
  const { ask } = await echo({
    ask: async (_, { signal }) => {
      signal.addEventListener('abort', () => (stopped += 1));
      if (++calls === 2) reached.resolve();
      return forever();
    },
  });
  const [one, other] = [new AbortController(), new AbortController()];
  const outcomes = [one, other].map(({ signal }) => rejection(ask({ text: '' }, { signal, timeoutMs: MINUTE })));
  await reached.promise;
  one.abort();
  expect(await outcomes[0]).toMatchObject({ reason: 'cancelled' });
  expect(stopped).toBe(0);
  other.abort();
  expect(await outcomes[1]).toMatchObject({ reason: 'cancelled' });
  await eventually(() => expect(stopped).toBe(2));
});

test.each<[string, status]>([
  ['dies', status.UNAVAILABLE],
  ['has to stop', status.CANCELLED],
])('what a service did not answer before it %s is asked again', async (_, code) => {
  const { ask } = echoClient(
    await bareServer({
      together(stream: ServerWritableStream<TogetherRequest, TogetherResponse>) {
        const [first] = stream.request.calls;
        const response = first?.request ?? Buffer.alloc(0);
        stream.write({ answers: [{ call: 0, status: status.OK, message: '', detail: Buffer.alloc(0), response }] });
        stream.emit('error', { code, details: '' });
      },
    }),
  );
  expect(await Promise.all([ask({ text: 'quick' }), ask({ text: 'slow' })])).toEqual([
    { text: 'quick' },
    { text: 'slow' },
  ]);
});

test('a service that leaves a call without an answer is broken', async () => {
  const { ask } = echoClient(await bareServer({ together: (stream: { end: () => void }) => stream.end() }));
  const [one, other] = await Promise.allSettled([ask({ text: '' }), ask({ text: '' })]);
  expect([one, other]).toMatchObject([{ reason: { name: 'RemoteFault' } }, { reason: { name: 'RemoteFault' } }]);
});

test('a service that does not know of calls together is called as ever', async () => {
  const { ask } = echoClient(await bareServer({}));
  for (let round = 0; round < 2; round += 1) {
    expect(await Promise.all([ask({ text: 'a' }), ask({ text: 'b' })])).toEqual([{ text: 'a' }, { text: 'b' }]);
  }
});

test('together they may be longer than one message: three responses of 2 MiB, two requests of 3 MiB', async () => {
  const long = 'x'.repeat(2 * 1024 * 1024);
  // What so much takes is the machine's business.
  const patient = { timeoutMs: MINUTE };
  const responses = await echo({ ask: async () => ({ text: long }) });
  const answers = await Promise.all([1, 2, 3].map(() => responses.ask({ text: '' }, patient)));
  expect(answers.map(({ text }) => text.length)).toEqual([long.length, long.length, long.length]);
  const requests = await echo({ ask: async ({ text }) => ({ text: String(text.length) }) });
  const longer = { text: 'x'.repeat(3 * 1024 * 1024) };
  const asked = [longer, longer, { text: 'short' }].map((request) => requests.ask(request, patient));
  const texts = await Promise.all(asked);
  expect(texts.map(({ text }) => text)).toEqual([String(longer.text.length), String(longer.text.length), '5']);
});

test('a response of 5 MiB is refused, and the one beside it comes', async () => {
  const { ask } = await echo({ ask: async ({ text }) => ({ text: 'x'.repeat(Number(text)) }) });
  const [tooLong, short] = await Promise.allSettled([ask({ text: String(5 * 1024 * 1024) }), ask({ text: '3' })]);
  expect(tooLong).toMatchObject({ reason: { code: 'resource_exhausted' } });
  expect(short).toMatchObject({ value: { text: 'xxx' } });
});

test('each of them takes a place of those there are', async () => {
  const gate = Promise.withResolvers<Text>();
  const { address } = await echoServer({ ask: () => gate.promise }, { maxConcurrent: 2 });
  const { ask } = echoClient(address);
  const [first, second, third] = [ask({ text: '' }), ask({ text: '' }), rejection(ask({ text: '' }))];
  expect(await third).toMatchObject({ code: 'resource_exhausted', reason: 'overloaded' });
  gate.resolve({ text: 'done' });
  expect(await Promise.all([first, second])).toEqual([{ text: 'done' }, { text: 'done' }]);
});

const good = (): Call => ({
  path: EchoService.ask.path,
  caller: testCallerToken(),
  traceparent: '',
  requestId: '',
  timeoutMs: MINUTE,
  request: EchoService.ask.requestSerialize({ text: 'good' }),
});

test.each<[string, Partial<Call>, status, reason?: string]>([
  ['that no method is', { path: '/andvari.test.v1.EchoService/Nothing' }, status.UNIMPLEMENTED],
  ['to a method that streams', { path: EchoService.list.path }, status.UNIMPLEMENTED],
  ['to itself', { path: CallServiceService.together.path }, status.UNIMPLEMENTED],
  ['that cannot be read', { request: Buffer.from([0xff, 0x00]) }, status.INTERNAL],
  ['on nobody’s behalf', { caller: Buffer.alloc(0) }, status.UNAUTHENTICATED, 'caller_missing'],
  ['with a forged token', { caller: Buffer.from('forged') }, status.UNAUTHENTICATED, 'caller_unreadable'],
  [
    'signed with another key',
    { caller: testCallerToken('another-key') },
    status.UNAUTHENTICATED,
    'caller_signature_wrong',
  ],
])('a call %s is refused, and those beside it are answered', async (_, wrong, code, reason) => {
  const { address } = await echoServer();
  const { answers } = await bareTogether(address, { calls: [good(), { ...good(), ...wrong }, good()] });
  const byCall = answers.toSorted((a, b) => a.call - b.call);
  expect(byCall.map((answer) => answer.status)).toEqual([status.OK, code, status.OK]);
  if (reason !== undefined) expect(ErrorDetail.decode(byCall[1]?.detail ?? Buffer.alloc(0))).toMatchObject({ reason });
});

test.each<[string, number, { error?: status; answers: number }]>([
  ['none at all', 0, { answers: 0 }],
  ['sixty-four', 64, { answers: 64 }],
  ['sixty-five are too many', 65, { error: status.INVALID_ARGUMENT, answers: 0 }],
])('calls in one message: %s', async (_, count, expected) => {
  const { address } = await echoServer();
  const { error, answers } = await bareTogether(address, { calls: Array.from({ length: count }, good) });
  expect({ error: error?.code, answers: answers.length }).toEqual({ error: undefined, ...expected });
});

/** A service of grpc-js alone: it echoes, and takes calls together as it is told. */
async function bareServer(handlers: { together?: unknown }): Promise<string> {
  const server = new Server();
  server.addService({ ask: EchoService.ask }, { ask: same });
  if (handlers.together !== undefined) server.addService(CallServiceService, handlers as never);
  onTestFinished(() => server.forceShutdown());
  return new Promise((resolve) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (_, port) => resolve(`127.0.0.1:${port}`));
  });
}

function same({ request }: { request: Text }, callback: sendUnaryData<Text>): void {
  callback(null, request);
}

/** The message itself, as somebody sends it who has no kit. */
function bareTogether(address: string, request: TogetherRequest): Promise<{ error?: ServiceError; answers: Answer[] }> {
  const client = new Client(address, ChannelCredentials.createInsecure());
  onTestFinished(() => client.close());
  const { path, requestSerialize, responseDeserialize } = CallServiceService.together;
  const stream: ClientReadableStream<{ answers: Answer[] }> = client.makeServerStreamRequest(
    path,
    requestSerialize,
    responseDeserialize,
    request,
  );
  const answers: Answer[] = [];
  return new Promise((resolve) => {
    stream.on('data', (response: { answers: Answer[] }) => answers.push(...response.answers));
    stream.on('error', (error: ServiceError) => resolve({ error, answers }));
    stream.on('end', () => resolve({ answers }));
  });
}

async function messagesOf(metrics: Metrics): Promise<number> {
  return Number(/rpc_client_calls_together_count\{.*\} (\d+)/.exec((await metrics.scrape()).body)?.[1] ?? 0);
}
