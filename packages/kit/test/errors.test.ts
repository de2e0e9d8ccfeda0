import { status } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { AppError, assert, errorCodes, invalid, notFound, retryable } from '../src/base/errors.ts';
import { openMetrics } from '../src/observe/metrics.ts';
import { Scope } from '../src/process/scope.ts';
import { RemoteFault, toStatus } from '../src/rpc/status.ts';
import { capturedLog } from '../src/testing/captured-log.ts';
import { all, bareCall, echo, echoServer, rejection, testCallerToken } from './echo-service.ts';

test.each(errorCodes)('%s crosses gRPC intact: code, reason, field, numbers and message', async (code) => {
  const thrown = new AppError(code, 'no: 100 % of «it», and\nmore', {
    reason: 'too_much',
    field: 'legs[1].price',
    numbers: { needed: 9_223_372_036_854_775_807n, available: -5n },
  });
  const { tell } = await echo({ tell: () => Promise.reject(thrown) });
  const caught = await rejection(tell({ text: '' }));
  expect(caught).toBeInstanceOf(AppError);
  const { message, reason, field, numbers } = caught as AppError;
  expect({ code: (caught as AppError).code, message, reason, field, numbers }).toEqual({
    code,
    message: thrown.message,
    reason: 'too_much',
    field: 'legs[1].price',
    numbers: { needed: 9_223_372_036_854_775_807n, available: -5n },
  });
});

test('an error crosses two services as the first one threw it', async () => {
  const inner = await echo({ ask: () => Promise.reject(notFound('watch list', '7')) });
  const outer = await echo({ ask: (request) => inner.ask(request) });
  expect(await rejection(outer.ask({ text: '' }))).toMatchObject({
    code: 'not_found',
    reason: 'watch_list_not_found',
    message: 'no watch list 7',
  });
});

test.each<[string, () => never]>([
  ['a bug', () => (undefined as unknown as { price: never }).price],
  ['a broken assertion', () => assert(false, 'select secret_column from users') as never],
  [
    'a database error',
    () => throwing(Object.assign(new Error('column "secret_column" is missing'), { code: '42703' })),
  ],
])('%s is masked: a trace id to ask about, no message, no stack', async (_, fail) => {
  const { log, lines } = capturedLog();
  const scope = new Scope(log);
  const { ask, list } = await echo(
    {
      ask: async () => fail(),
      list: async function* () {
        yield { text: 'first' };
        fail();
      },
    },
    { scope, metrics: openMetrics('echo', { runtime: false }) },
  );
  for (const call of [() => ask({ text: '' }), () => all(list({ text: '' }))]) {
    const caught = await rejection(call());
    expect(caught).toBeInstanceOf(RemoteFault);
    const { code, details, metadata } = caught.cause as {
      code: number;
      details: string;
      metadata: { getMap(): object };
    };
    expect(code).toBe(status.INTERNAL);
    expect(details).toMatch(/^Internal error \(trace [0-9a-f]{32}\)$/);
    expect(JSON.stringify([details, metadata.getMap()])).not.toMatch(/secret|column|\.ts/);

    const traceId = /trace (\w+)/.exec(details)?.[1];
    const logged = lines().findLast((line) => line['level'] === 'error');
    expect(logged).toMatchObject({ traceId, err: { stack: expect.stringContaining('.ts') as string } });
  }
  await scope.close();
});

test('a caller without a trace of its own is told the trace id that the log has', async () => {
  const { log, lines } = capturedLog();
  const { address } = await echoServer(
    { ask: () => Promise.reject(new TypeError('a bug')) },
    { scope: new Scope(log) },
  );
  const { error } = await bareCall(address, { caller: testCallerToken() });
  const traceId = /trace ([0-9a-f]{32})/.exec(error?.details ?? '')?.[1];
  expect(traceId).toBeDefined();
  expect(lines().at(-1)).toMatchObject({ level: 'error', traceId, method: expect.stringMatching(/Ask$/) as string });
});

test('a response that cannot be encoded is masked too, and the log knows why', async () => {
  const { log, lines } = capturedLog();
  const { ask } = await echo({ ask: async () => ({ text: 5n as unknown as string }) }, { scope: new Scope(log) });
  const caught = await rejection(ask({ text: '' }));
  expect(caught).toBeInstanceOf(RemoteFault);
  expect(caught.message).not.toMatch(/bigint|json/i);
  expect(lines().at(-1)).toMatchObject({
    level: 'error',
    err: { message: expect.stringMatching(/bigint/i) as string },
  });
});

test.each<[string, AppError, Partial<AppError>]>([
  ['no reason given', new AppError('not_found', 'gone'), { reason: 'not_found', field: '', numbers: {} }],
  [
    'a wrong input',
    invalid('qty', 'must be positive'),
    { code: 'invalid_argument', field: 'qty', message: 'qty: must be positive' },
  ],
  ['what is not there', notFound('order', 'x'), { code: 'not_found', reason: 'order_not_found' }],
])('%s', (_, error, expected) => {
  expect(error).toMatchObject(expected);
});

test('only what may pass by itself is tried again', () => {
  expect(errorCodes.filter((code) => retryable[code])).toEqual(['resource_exhausted', 'unavailable']);
});

test('every code has a status of its own', () => {
  expect(new Set(errorCodes.map((code) => toStatus(new AppError(code, '')).code)).size).toBe(errorCodes.length);
});

function throwing(error: Error): never {
  throw error;
}
