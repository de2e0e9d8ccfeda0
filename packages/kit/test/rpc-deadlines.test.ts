import { getEventListeners } from 'node:events';
import { status } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { eventually } from '../src/testing/eventually.ts';
import { all, bareCall, echo, echoClient, echoServer, forever, rejection, testCallerToken } from './echo-service.ts';

const MINUTE = 60_000;

test.each<[string, { outer: number; inner: number }, number]>([
  ['the caller’s remaining time goes along to the next service', { outer: 20_000, inner: MINUTE }, 20_000],
  ['a service may grant the next one less than it has', { outer: MINUTE, inner: 20_000 }, 20_000],
])('%s', async (_, timeoutMs, expected) => {
  const remaining = await echo({ ask: async (_request, { deadline }) => ({ text: String(deadline - Date.now()) }) });
  const outer = await echo({ ask: (request) => remaining.ask(request, { timeoutMs: timeoutMs.inner }) });
  const granted = Number((await outer.ask({ text: '' }, { timeoutMs: timeoutMs.outer })).text);
  expect(granted).toBeLessThanOrEqual(expected);
  // How long the way takes is the machine's business; what is granted otherwise is 2 seconds or a minute.
  expect(granted).toBeGreaterThan(expected - 10_000);
});

test('a call that brings no deadline gets one', async () => {
  const inner = await echo({ ask: async (_, { deadline }) => ({ text: String(deadline - Date.now()) }) });
  const { address } = await echoServer(
    { ask: (request) => inner.ask(request, { timeoutMs: MINUTE }) },
    { defaultDeadlineMs: 20_000 },
  );
  const { response } = await bareCall(address, { caller: testCallerToken() });
  expect(Number(response?.text)).toBeGreaterThan(10_000);
  expect(Number(response?.text)).toBeLessThanOrEqual(20_000);
});

test('when the time is up the caller is told, and every service on the way stops', async () => {
  const stopped: string[] = [];
  const inner = await echo({
    ask: async (_request, { signal }) => {
      signal.addEventListener('abort', () => stopped.push('inner'));
      return forever();
    },
  });
  const outer = await echo({
    ask: async (request, { signal }) => {
      signal.addEventListener('abort', () => stopped.push('outer'));
      return inner.ask(request);
    },
  });
  expect(await rejection(outer.ask({ text: '' }, { timeoutMs: 3000 }))).toMatchObject({
    code: 'unavailable',
    reason: 'deadline_exceeded',
  });
  await eventually(() => expect(stopped.toSorted()).toEqual(['inner', 'outer']));
});

test('a caller that hangs up is noticed by the handler', async () => {
  let noticed = false;
  const reached = Promise.withResolvers<void>();
  const { ask } = await echo({
    ask: async (_request, { signal }) => {
      signal.addEventListener('abort', () => (noticed = true));
      reached.resolve();
      return forever();
    },
  });
  const hangUp = new AbortController();
  const call = rejection(ask({ text: '' }, { signal: hangUp.signal, timeoutMs: MINUTE }));
  await reached.promise;
  hangUp.abort();
  expect(await call).toMatchObject({ code: 'unavailable', reason: 'cancelled' });
  await eventually(() => expect(noticed).toBe(true));
});

test.each<[string, { timeoutMs?: number; signal?: AbortSignal }, reason: string, message: string]>([
  ['with no time left', { timeoutMs: 0 }, 'deadline_exceeded', 'EchoService/Ask was not called: no time is left'],
  ['with its signal aborted already', { signal: AbortSignal.abort() }, 'cancelled', 'EchoService/Ask was cancelled'],
])('a call %s is not made, and is no sign of trouble', async (_, options, reason, message) => {
  let calls = 0;
  const { ask } = await echo({
    ask: async (request) => {
      calls += 1;
      return request;
    },
  });
  for (let i = 0; i < 20; i += 1)
    expect(await rejection(ask({ text: '' }, options))).toMatchObject({ reason, message });
  expect(calls).toBe(0);
  await ask({ text: 'the circuit is closed' });
});

test('a method that the service does not have is a fault, not a refusal', async () => {
  const { address } = await echoServer();
  const { error } = await bareCall(address, { path: '/andvari.test.v1.EchoService/Nothing' });
  expect(error?.code).toBe(status.UNIMPLEMENTED);
});

test('a signal that outlives many calls collects no listeners', async () => {
  const { ask } = echoClient((await echoServer()).address);
  const { signal } = new AbortController();
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners += 1;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners -= 1;
    remove(...args);
  };
  for (let i = 0; i < 5; i += 1) await ask({ text: '' }, { signal });
  expect(listeners).toBe(0);
});

test('nor over many streams', async () => {
  const { list } = echoClient((await echoServer()).address);
  const { signal } = new AbortController();
  for (let i = 0; i < 5; i += 1) await all(list({ text: '' }, { signal }));
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
