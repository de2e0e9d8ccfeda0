import { ownPort } from '@andvari/servers/own-port';
import { status } from '@grpc/grpc-js';
import { expect, onTestFinished, test, vi } from 'vitest';
import { AppError } from '../src/base/errors.ts';
import { openMetrics } from '../src/observe/metrics.ts';
import { eventually } from '../src/testing/eventually.ts';
import { bareCall, echo, echoClient, echoServer, forever, rejection, type Text } from './echo-service.ts';

test.each<[string, 'ask' | 'tell', { failures: number }, { attempts: number; ok: boolean }]>([
  ['an idempotent call is sent again', 'ask', { failures: 2 }, { attempts: 3, ok: true }],
  ['three times in all', 'ask', { failures: 3 }, { attempts: 3, ok: false }],
  ['any other call is not', 'tell', { failures: 1 }, { attempts: 1, ok: false }],
])('no answer: %s', async (_, method, { failures }, expected) => {
  const service = unavailable(failures);
  const client = await echo({ [method]: service.handler });
  const outcome = await client[method]({ text: '' }).then(
    () => true,
    () => false,
  );
  expect({ attempts: service.attempts(), ok: outcome }).toEqual(expected);
});

test.each(['invalid_argument', 'not_found', 'failed_precondition', 'resource_exhausted'] as const)(
  'a refusal is an answer: %s is not sent again and opens no circuit',
  async (code) => {
    let attempts = 0;
    const { ask } = await echo({
      ask: async () => {
        attempts += 1;
        throw new AppError(code, 'no');
      },
    });
    for (let i = 0; i < 12; i += 1) expect(await rejection(ask({ text: '' }))).toMatchObject({ code });
    expect(attempts).toBe(12);
  },
);

test.each([
  ['a connection refused', 'ECONNREFUSED', 'database_unavailable'],
  ['a connection lost', 'CONNECTION_CLOSED', 'database_unavailable'],
  ['a server that shuts down', '57P01', 'database_unavailable'],
  ['a statement that took too long', '57014', 'database_slow'],
])('a read that meets %s is unavailable, not a fault of ours', async (_, code, reason) => {
  const met = () => Object.assign(new Error('from the driver'), { code });
  const { tell, list } = await echo({
    tell: () => Promise.reject(met()),
    list: async function* () {
      yield { text: 'first' };
      throw met();
    },
  });
  expect(await rejection(tell({ text: '' }))).toMatchObject({ code: 'unavailable', reason });
  const reading = (async () => {
    for await (const { text } of list({ text: '' })) expect(text).toBe('first');
  })();
  expect(await rejection(reading)).toMatchObject({ code: 'unavailable', reason });
});

test('retries have a budget: a service in trouble does not get three times the calls', async () => {
  const service = unavailable(Number.POSITIVE_INFINITY);
  const { ask } = await echo({ ask: service.handler });
  const calls = 200;
  await Promise.all(Array.from({ length: calls }, () => rejection(ask({ text: '' }))));
  expect(service.attempts()).toBeGreaterThanOrEqual(calls);
  expect(service.attempts()).toBeLessThan(calls * 1.15);
});

test('a neighbour that is not there is soon not called any more, and called again when it is back', async () => {
  const port = await ownPort();
  const metrics = openMetrics('test', { runtime: false });
  const { tell } = echoClient(`127.0.0.1:${port}`, { metrics });
  const isOpen = async (): Promise<boolean> => /circuit_open\{.*EchoService.*\} 1/.test((await metrics.scrape()).body);

  for (let i = 0; i < 8; i += 1) {
    expect(await rejection(tell({ text: '' }))).toMatchObject({ code: 'unavailable', reason: 'unavailable' });
  }
  expect(await rejection(tell({ text: '' }))).toMatchObject({ code: 'unavailable', reason: 'circuit_open' });
  expect(await isOpen()).toBe(true);

  await echoServer({}, { port });
  await eventually(async () => expect(await tell({ text: 'back' })).toEqual({ text: 'back' }));
  expect(await isOpen()).toBe(false);
});

test('calls that never get an answer in time open the circuit too', async () => {
  const { ask } = await echo({ ask: forever });
  const late = Array.from({ length: 8 }, () => rejection(ask({ text: '' }, { timeoutMs: 50 })));
  for (const error of await Promise.all(late)) expect(error).toMatchObject({ reason: 'deadline_exceeded' });
  expect(await rejection(ask({ text: '' }))).toMatchObject({
    reason: 'circuit_open',
    message: 'EchoService/Ask is not being called: it has failed too often',
  });
});

test('calls that their caller gives up do not', async () => {
  const { ask, tell } = await echo({ ask: forever });
  for (let i = 0; i < 12; i += 1) {
    const hangUp = new AbortController();
    const call = rejection(ask({ text: '' }, { signal: hangUp.signal }));
    hangUp.abort();
    expect(await call).toMatchObject({ reason: 'cancelled' });
  }
  expect(await tell({ text: 'still called' })).toEqual({ text: 'still called' });
});

test.each<[what: string, between: 'refused' | 'given up', isOpen: boolean]>([
  ['with a refusal between them, which is an answer, do not', 'refused', false],
  ['with a call between them that its caller gave up do', 'given up', true],
])('eight failures %s open the circuit', async (_, between, isOpen) => {
  const reached = Promise.withResolvers<void>();
  const { address } = await echoServer({
    tell: async ({ text }) => {
      if (text === 'fail') throw new AppError('unavailable', 'not now');
      if (text === 'refused') throw new AppError('not_found', 'no');
      reached.resolve();
      return forever();
    },
  });
  const metrics = openMetrics('test', { runtime: false });
  const { tell } = echoClient(address, { metrics, timeoutMs: 60_000 });
  const fail = () => rejection(tell({ text: 'fail' }));
  for (let failure = 0; failure < 7; failure += 1) await fail();
  const hangUp = new AbortController();
  const other = rejection(tell({ text: between }, { signal: hangUp.signal }));
  if (between === 'given up') {
    await reached.promise;
    hangUp.abort();
  }
  await other;
  await fail();
  expect((await metrics.scrape()).body).toMatch(new RegExp(`circuit_open\\{.*EchoService.*\\} ${isOpen ? 1 : 0}`));
});

test.each<[how: string, text: string, code: string]>([
  ['was answered', 'fine', 'ok'],
  ['was refused', 'refuse', 'not_found'],
  ['failed', 'break', 'internal'],
])('a call that %s is measured by whoever made it', async (_, text, code) => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  vi.advanceTimersByTime(1000);
  const { address } = await echoServer({
    ask: async (request) => {
      vi.advanceTimersByTime(250);
      if (text === 'refuse') throw new AppError('not_found', 'no');
      if (text === 'break') throw new Error('a bug');
      return request;
    },
  });
  const metrics = openMetrics('test', { runtime: false });
  const { ask } = echoClient(address, { metrics, timeoutMs: 60_000 });
  await Promise.allSettled([ask({ text })]);
  const { body } = await metrics.scrape();
  const told = (what: string) =>
    body.split('\n').filter((line) => line.startsWith(`rpc_client_duration_seconds_${what}{`) && !line.endsWith(' 0'));
  const labels = `{service="test",method="EchoService/Ask",code="${code}"}`;
  expect(told('count')).toEqual([`rpc_client_duration_seconds_count${labels} 1`]);
  expect(told('sum')).toEqual([`rpc_client_duration_seconds_sum${labels} 0.25`]);
});

test('each of several neighbours has a circuit of its own', async () => {
  const dead = echoClient(`127.0.0.1:${await ownPort()}`);
  const alive = echoClient((await echoServer()).address);
  for (let i = 0; i < 8; i += 1) await rejection(dead.tell({ text: '' }));
  expect(await rejection(dead.tell({ text: '' }))).toMatchObject({ reason: 'circuit_open' });
  expect(await alive.tell({ text: 'fine' })).toEqual({ text: 'fine' });
});

test('a service takes on no more than it can; those under way finish', async () => {
  const gate = Promise.withResolvers<Text>();
  const { address, metrics } = await echoServer({ ask: () => gate.promise }, { maxConcurrent: 2 });
  const { ask, tell } = echoClient(address, { timeoutMs: 20_000 });
  const underWay = [ask({ text: '' }), ask({ text: '' })];
  await eventually(async () => expect((await metrics.scrape()).body).toMatch(/rpc_server_calls\{.*\} 2/));
  expect(await rejection(tell({ text: '' }))).toMatchObject({ code: 'resource_exhausted', reason: 'overloaded' });
  gate.resolve({ text: 'done' });
  expect(await Promise.all(underWay)).toEqual([{ text: 'done' }, { text: 'done' }]);
  expect(await tell({ text: 'room again' })).toEqual({ text: 'room again' });
});

test('refused and failed calls give their place back', async () => {
  const { tell, ask } = await echo(
    { tell: () => Promise.reject(new AppError('not_found', 'no')), ask: () => Promise.reject(new Error('a bug')) },
    { maxConcurrent: 1 },
  );
  for (let i = 0; i < 3; i += 1) {
    expect(await rejection(tell({ text: '' }))).toMatchObject({ code: 'not_found' });
    expect((await rejection(ask({ text: '' }))).name).toBe('RemoteFault');
  }
});

test.each<[string, number, { request: boolean; ok: boolean }]>([
  ['a request of 3 MiB fits', 3, { request: true, ok: true }],
  ['one of 5 MiB does not', 5, { request: true, ok: false }],
  ['a response of 3 MiB fits', 3, { request: false, ok: true }],
  ['one of 5 MiB does not', 5, { request: false, ok: false }],
])('%s', async (_, mebibytes, { request, ok }) => {
  const long = 'x'.repeat(mebibytes * 1024 * 1024);
  const { tell } = await echo({ tell: async () => ({ text: request ? '' : long }) });
  const answer = tell({ text: request ? long : '' });
  if (ok) expect((await answer).text).toHaveLength(request ? 0 : long.length);
  else expect(await rejection(answer)).toMatchObject({ code: 'resource_exhausted' });
});

test('the service itself refuses a request that is too long, whoever sends it', async () => {
  const { address } = await echoServer();
  const { error } = await bareCall(address, { text: 'x'.repeat(5 * 1024 * 1024) });
  expect(error?.code).toBe(status.RESOURCE_EXHAUSTED);
});

function unavailable(failures: number): { handler: (request: Text) => Promise<Text>; attempts: () => number } {
  let attempts = 0;
  return {
    attempts: () => attempts,
    handler: async (request) => {
      attempts += 1;
      if (attempts <= failures) throw new AppError('unavailable', 'not now');
      return request;
    },
  };
}
