import { getEventListeners } from 'node:events';
import { type Client, type Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { cancelled, metadataOf, type OutgoingCall, sendAlone, unlessGivenUp } from '../src/rpc/client-unary.ts';
import { serviceError } from '../src/rpc/status.ts';
import { EchoService } from './echo-definition.ts';

const headers = { caller: Buffer.from([1, 2, 3]), traceparent: '00-a-b-01', requestId: 'r1' };
const call: OutgoingCall = {
  method: EchoService.ask as OutgoingCall['method'],
  request: { text: 'hello' },
  deadline: 1_800_000_000_000,
  signal: undefined,
  headers,
};

/** gRPC as a function: what is asked of it, and how it is made to answer. */
function wire() {
  const made: unknown[][] = [];
  let [answer, hungUp] = [(_error: ServiceError | null, _response?: unknown): void => undefined, 0];
  const makeUnaryRequest = (...given: unknown[]) => {
    made.push(given);
    answer = given[6] as typeof answer;
    return { cancel: () => void (hungUp += 1) };
  };
  const send = sendAlone({ makeUnaryRequest } as unknown as Client);
  return { send, made, answer: (...given: Parameters<typeof answer>) => answer(...given), hungUp: () => hungUp };
}

describe('a call that goes alone', () => {
  test('is made with all that belongs to it, and answered', async () => {
    const { send, made, answer } = wire();
    const sent = send(call);
    const [path, , , request, metadata, options] = made[0] ?? [];
    expect([path, request, options]).toEqual([EchoService.ask.path, { text: 'hello' }, { deadline: call.deadline }]);
    expect((metadata as Metadata).getMap()).toEqual(metadataOf(headers).getMap());
    answer(null, 'fine');
    expect(await sent).toBe('fine');
  });

  test.each<[rule: string, code: status, told: status]>([
    ['is told why it failed', status.NOT_FOUND, status.NOT_FOUND],
    ['is told that nobody answered where the service cut it off', status.CANCELLED, status.UNAVAILABLE],
  ])('%s', async (_, code, told) => {
    const { send, answer } = wire();
    const sent = send(call);
    answer(serviceError(code, 'no'));
    await expect(sent).rejects.toMatchObject({ code: told });
  });

  test('is hung up when its caller does, and listens no longer than it lasts', async () => {
    const { send, answer, hungUp } = wire();
    const caller = new AbortController();
    const sent = send({ ...call, signal: caller.signal });
    expect(hungUp()).toBe(0);
    caller.abort();
    expect(hungUp()).toBe(1);
    answer(serviceError(status.CANCELLED, 'Cancelled on client'));
    await expect(sent).rejects.toMatchObject({ code: status.CANCELLED, details: 'Cancelled on client' });

    const { signal } = new AbortController();
    const another = send({ ...call, signal });
    answer(null, 'fine');
    await another;
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('is not made where its caller has hung up before', async () => {
    const { send, made } = wire();
    await expect(send({ ...call, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: status.CANCELLED,
      details: 'given up by its caller',
    });
    expect(made).toEqual([]);
  });
});

describe('what gRPC calls cancelled', () => {
  const { signal, aborted } = { signal: new AbortController().signal, aborted: AbortSignal.abort() };
  test.each<[rule: string, signal: AbortSignal | undefined, code: status, details: string]>([
    [
      'was cut off by the service where nobody could give it up',
      undefined,
      status.UNAVAILABLE,
      'cut off by the service',
    ],
    ['was cut off by the service where nobody gave it up', signal, status.UNAVAILABLE, 'cut off by the service'],
    ['was given up where somebody did', aborted, status.CANCELLED, 'given up by its caller'],
  ])('%s', (_, given, code, details) => {
    expect(unlessGivenUp(cancelled(), given)).toMatchObject({ code, details });
  });

  test('is not what it calls otherwise', () => {
    const error = serviceError(status.INTERNAL, 'no');
    expect(unlessGivenUp(error, signal)).toBe(error);
  });
});

describe('with a call go', () => {
  const caller = Buffer.from([1, 2, 3]);
  test.each([
    ['its caller, its trace and its request', 'r1', { 'andvari-request-id': 'r1' }],
    ['no request where there is none', '', {}],
  ])('%s', (_, requestId, more) => {
    expect(metadataOf({ caller, traceparent: '00-a-b-01', requestId }).getMap()).toEqual({
      'andvari-caller-bin': caller,
      traceparent: '00-a-b-01',
      ...more,
    });
  });
});
