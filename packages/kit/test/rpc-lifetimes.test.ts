import { afterEach, expect, test, vi } from 'vitest';
import { Secret } from '../src/base/config.ts';
import { AppError } from '../src/base/errors.ts';
import { openMetrics } from '../src/observe/metrics.ts';
import { connectRpc } from '../src/rpc/client.ts';
import { eventually } from '../src/testing/eventually.ts';
import {
  all,
  callerKey,
  EchoService,
  echo,
  echoClient,
  echoServer,
  ownScope,
  rejection,
  type Text,
} from './echo-service.ts';

afterEach(() => void vi.useRealTimers());

test('who calls is signed anew before the signature runs out', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_800_000_000_000 });
  const { ask } = await echo();
  expect(await ask({ text: 'at first' })).toEqual({ text: 'at first' });
  vi.setSystemTime(Date.now() + 3 * 60_000);
  expect(await ask({ text: 'later' })).toEqual({ text: 'later' });
});

test('a client is gone with its scope', async () => {
  const { address } = await echoServer();
  const scope = ownScope();
  const metrics = openMetrics('test', { runtime: false });
  const client = connectRpc(scope, EchoService, { address, service: 'test', callerKey, metrics, idempotent: [] });
  expect(await client.ask({ text: 'here' })).toEqual({ text: 'here' });
  // They gather until the turn is over, and by then there is nothing left to call with.
  const gathering = Promise.all(['one', 'two'].map((text) => rejection(client.ask({ text }))));
  await scope.close();
  const late = await rejection(client.ask({ text: '' }));
  for (const error of [late, ...(await gathering)]) expect(error).toMatchObject({ code: 'unavailable' });
});

test('a server that shuts down finishes what is under way, and takes on nothing more', async () => {
  const gate = Promise.withResolvers<Text>();
  const begun = Promise.withResolvers<void>();
  const { address, scope } = await echoServer({
    ask: () => {
      begun.resolve();
      return gate.promise;
    },
  });
  const answer = echoClient(address).ask({ text: '' });
  await begun.promise;
  let isClosed = false;
  const closing = scope.close().then(() => (isClosed = true));
  const late = echoClient(address, { timeoutMs: 2000 });
  expect(await rejection(late.tell({ text: '' }))).toMatchObject({ code: 'unavailable' });
  expect(isClosed).toBe(false);
  gate.resolve({ text: 'finished' });
  expect(await answer).toEqual({ text: 'finished' });
  await closing;
});

test('a call that outlasts the shutdown is cut off', async () => {
  const begun = Promise.withResolvers<void>();
  const { address, scope } = await echoServer({
    ask: () => {
      begun.resolve();
      return new Promise(() => undefined);
    },
  });
  const answer = rejection(echoClient(address, { idempotent: [] }).ask({ text: '' }));
  await begun.promise;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const closing = scope.close(60_000);
  await vi.advanceTimersByTimeAsync(7000);
  expect(await closing).toEqual({ failed: [] });
  vi.useRealTimers();
  expect(await answer).toMatchObject({ code: 'unavailable' });
});

test('streams are measured like calls, by how they ended', async () => {
  const { address, metrics } = await echoServer({
    list: async function* ({ text }) {
      yield { text };
      if (text === 'fails') throw new AppError('not_found', 'no further');
    },
  });
  const { list } = echoClient(address);
  await all(list({ text: 'ends' }));
  await rejection(all(list({ text: 'fails' })));
  const ended = async (code: string) =>
    new RegExp(`^rpc_server_duration_seconds_count\\{.*method="[^"]*list".*code="${code}".*\\} 1$`, 'im').test(
      (await metrics.scrape()).body,
    );
  await eventually(async () => expect([await ended('ok'), await ended('not_found')]).toEqual([true, true]));
});

test('a stream that was not let in gives back no place', async () => {
  const gate = Promise.withResolvers<Text>();
  const { address, metrics } = await echoServer({ ask: () => gate.promise }, { maxConcurrent: 1 });
  const strangers = echoClient(address, { callerKey: new Secret('x'.repeat(32)) });
  for (let n = 0; n < 2; n += 1) await rejection(all(strangers.list({ text: '' })));
  const { ask, tell } = echoClient(address);
  const underWay = ask({ text: '' });
  await eventually(async () => expect((await metrics.scrape()).body).toMatch(/rpc_server_calls\{.*\} 1$/m));
  expect(await rejection(tell({ text: '' }))).toMatchObject({ reason: 'overloaded' });
  gate.resolve({ text: 'done' });
  await underWay;
});
