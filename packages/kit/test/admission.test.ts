import { status } from '@grpc/grpc-js';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { noCaller } from '../src/base/context.ts';
import { AppError } from '../src/base/errors.ts';
import { type Metrics, openMetrics } from '../src/observe/metrics.ts';
import { Scope } from '../src/process/scope.ts';
import { type IncomingCall, RpcContext } from '../src/rpc/server-context.ts';
import { type AdmissionOptions, answerUnary, failure, openAdmission, unreadable } from '../src/rpc/server-unary.ts';
import { capturedLog } from '../src/testing/captured-log.ts';
import { callerKey, testCallerToken } from './echo-service.ts';

const MINUTE = 60_000;
const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const PATH = '/andvari.test.v1.EchoService/Ask';

const incoming = (more: Partial<IncomingCall> = {}): IncomingCall => ({
  callerToken: testCallerToken(),
  traceparent: TRACE,
  requestId: 'r1',
  deadline: Date.now() + MINUTE,
  isCancelled: () => false,
  onCancelled: () => undefined,
  ...more,
});
const caller = noCaller('test');
const contextOf = (more: Partial<IncomingCall> = {}) => new RpcContext(incoming(more), caller, 5000);

describe('what a handler learns of a call', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_800_000_000_000 });
    onTestFinished(() => void vi.useRealTimers());
  });

  test('is what came with it', () => {
    const { caller: who, requestId, traceparent, deadline } = contextOf();
    expect([who, requestId, traceparent, deadline]).toEqual([caller, 'r1', TRACE, 1_800_000_000_000 + MINUTE]);
  });

  test('is a deadline of ours where none came', () => {
    expect(contextOf({ deadline: Number.POSITIVE_INFINITY }).deadline).toBe(1_800_000_005_000);
  });

  test.each([
    ['is the same request however often it asks', 'r1', /^r1$/],
    ['is a request of its own where none came', undefined, /^[0-9a-f-]{36}$/],
    ['is a request of its own where an empty one came', '', /^[0-9a-f-]{36}$/],
    ['is no more than 64 characters of it', `${'a'.repeat(64)}b`, /^a{64}$/],
  ])('%s', (_, requestId, expected) => {
    const one = contextOf({ requestId });
    expect(one.requestId).toMatch(expected);
    expect(one.requestId).toBe(one.requestId);
  });

  test.each([
    ['is the trace that it came in', TRACE, TRACE],
    [
      'is a new trace where none came',
      undefined,
      expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0\d$/) as string,
    ],
    [
      'is a new trace where what came is none',
      'x',
      expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0\d$/) as string,
    ],
  ])('%s', (_, traceparent, expected) => {
    expect(contextOf({ traceparent }).traceparent).toEqual(expected);
  });
});

describe('the signal of a call', () => {
  test('is one, made for whoever asks, and says when its caller hangs up', () => {
    const listeners: (() => void)[] = [];
    const context = new RpcContext(
      incoming({ onCancelled: (listener) => void listeners.push(listener) }),
      caller,
      MINUTE,
    );
    expect(listeners).toHaveLength(0);
    expect(context.signal).toBe(context.signal);
    expect([context.signal.aborted, listeners.length]).toEqual([false, 1]);
    listeners[0]?.();
    expect(context.signal.aborted).toBe(true);
  });

  test('says so where its caller had hung up before anybody asked', () => {
    expect(new RpcContext(incoming({ isCancelled: () => true }), caller, MINUTE).signal.aborted).toBe(true);
  });

  test.each([
    ['at once where its time is up', -10_000],
    ['when its time is up', 20],
  ])('says so %s', async (_, left) => {
    const { signal } = new RpcContext(incoming({ deadline: Date.now() + left }), caller, MINUTE);
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    expect(signal.reason).toMatchObject({ name: 'TimeoutError' });
  });
});

describe('of the calls that come', () => {
  let metrics: Metrics;
  beforeEach(() => {
    metrics = openMetrics('echo', { runtime: false });
  });
  const admission = (more: Partial<AdmissionOptions> = {}) =>
    openAdmission({ audiences: ['test'], callerKey, metrics, ...more });
  const figures = async (name: string): Promise<string[]> =>
    (await metrics.scrape()).body.split('\n').filter((line) => line.startsWith(name) && !line.endsWith(' 0'));

  test('as many are admitted as may be under way, and one more when one has left', async () => {
    const two = admission({ maxConcurrent: 2 });
    expect([two.admit(incoming()).requestId, two.admit(incoming()).requestId]).toEqual(['r1', 'r1']);
    expect(() => two.admit(incoming())).toThrow(
      expect.objectContaining({
        code: 'resource_exhausted',
        reason: 'overloaded',
        message: 'too many calls under way',
      }) as AppError,
    );
    expect(await figures('rpc_server_calls')).toEqual(['rpc_server_calls{service="echo"} 2']);
    two.leave();
    expect(two.admit(incoming()).caller).toMatchObject({ service: 'test' });
  });

  test('one whose caller is not known takes no place, and is counted', async () => {
    const one = admission({ maxConcurrent: 1 });
    expect(() => one.admit(incoming({ callerToken: undefined }))).toThrow(
      expect.objectContaining({ code: 'unauthenticated', reason: 'caller_missing' }) as AppError,
    );
    expect(await figures('caller_signature_refused_total{reason="caller_missing"')).toEqual([
      'caller_signature_refused_total{reason="caller_missing",service="echo"} 1',
    ]);
    expect(one.admit(incoming()).caller.service).toBe('test');
  });

  test('a token that breaks what reads it is no refusal', async () => {
    const broken = {} as Uint8Array;
    expect(() => admission().admit(incoming({ callerToken: broken }))).toThrow(TypeError);
    expect(await figures('caller_signature_refused_total')).toEqual([]);
  });

  test('a fault before anybody knew whose call it was is told to the log, and masked', () => {
    const { log, lines } = capturedLog();
    expect(failure(new TypeError('a bug'), PATH, undefined, new Scope(log))).toEqual({
      code: status.INTERNAL,
      details: 'Internal error',
    });
    expect(lines()).toMatchObject([{ event: 'call_failed', method: PATH, err: { message: 'a bug' } }]);
  });

  test('a fault of a call whose trace is known is told to the log under it', () => {
    const { log, lines } = capturedLog();
    failure(new TypeError('a bug'), PATH, contextOf(), new Scope(log));
    expect(lines()).toMatchObject([{ event: 'call_failed', traceId: '0af7651916cd43dd8448eb211c80319c' }]);
  });

  test('a response that cannot be written is told to the log, and masked', () => {
    const { log, lines } = capturedLog();
    expect(unreadable(new TypeError('a bug'), PATH, new Scope(log))).toEqual({
      code: status.INTERNAL,
      details: 'Internal error',
    });
    expect(lines()).toMatchObject([
      {
        event: 'response_not_encoded',
        msg: 'a response could not be encoded',
        method: PATH,
        err: { message: 'a bug' },
      },
    ]);
  });

  test('one that brings no deadline has ten seconds', () => {
    const left = admission().admit(incoming({ deadline: Number.POSITIVE_INFINITY })).deadline - Date.now();
    expect(left).toBeGreaterThan(9000);
    expect(left).toBeLessThanOrEqual(10_000);
  });

  describe('each is answered, measured and gone, as when it', () => {
    const refusal = new AppError('not_found', 'no order 7');
    test.each<[how: string, handler: () => Promise<unknown>, outcome: object, code: string]>([
      ['went well', async () => 7, { response: 7 }, 'ok'],
      ['was refused', () => Promise.reject(refusal), { failure: { details: 'no order 7' } }, 'not_found'],
      [
        'failed',
        () => Promise.reject(new TypeError('a bug')),
        { failure: { details: 'Internal error (trace 0af7651916cd43dd8448eb211c80319c)' } },
        'internal',
      ],
      [
        'failed before there was a promise',
        () => {
          throw new TypeError('a bug');
        },
        { failure: { details: 'Internal error (trace 0af7651916cd43dd8448eb211c80319c)' } },
        'internal',
      ],
      [
        'has lost its database',
        () => Promise.reject(Object.assign(new Error('write ECONNRESET'), { code: 'ECONNRESET' })),
        { failure: { details: 'the database does not answer' } },
        'unavailable',
      ],
    ])('%s', async (_, handler, outcome, code) => {
      const { log, lines } = capturedLog();
      const answer = answerUnary(PATH, handler, admission(), new Scope(log));
      expect(await answer(incoming(), {})).toMatchObject(outcome);
      expect(await figures('rpc_server_duration_seconds_count')).toEqual([
        `rpc_server_duration_seconds_count{service="echo",method="EchoService/Ask",code="${code}"} 1`,
      ]);
      expect(await figures('rpc_server_calls')).toEqual([]);
      const failed = {
        level: 'error',
        event: 'call_failed',
        method: PATH,
        msg: 'a call failed through a fault of ours',
      };
      expect(lines()).toMatchObject(code === 'internal' ? [failed] : []);
    });

    test('takes its time', async () => {
      vi.useFakeTimers({ toFake: ['performance'] });
      onTestFinished(() => void vi.useRealTimers());
      vi.advanceTimersByTime(1000);
      const answer = answerUnary(
        PATH,
        async () => void vi.advanceTimersByTime(250),
        admission(),
        new Scope(capturedLog().log),
      );
      await answer(incoming(), {});
      expect(await figures('rpc_server_duration_seconds_sum')).toEqual([expect.stringMatching(/ 0\.25$/) as string]);
    });

    test('is not admitted', async () => {
      const { log } = capturedLog();
      const only = admission({ maxConcurrent: 1 });
      const answer = answerUnary(PATH, async () => 7, only, new Scope(log));
      expect(await answer(incoming({ callerToken: undefined }), {})).toMatchObject({
        failure: { details: 'the caller could not be established' },
      });
      expect(await answer(incoming(), {})).toEqual({ response: 7 });
      only.admit(incoming());
      expect(await answer(incoming(), {})).toMatchObject({ failure: { details: 'too many calls under way' } });
    });
  });
});
