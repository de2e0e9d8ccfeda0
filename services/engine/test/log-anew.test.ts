import { Secret } from '@andvari/kit/base/config';
import { type Nats, openNats } from '@andvari/kit/nats/nats';
import { publishInOrder } from '@andvari/kit/nats/publish-in-order';
import { readLog } from '@andvari/kit/nats/read-log';
import { ensureStreams } from '@andvari/kit/nats/streams';
import { eventually } from '@andvari/kit/testing/eventually';
import { testNats } from '@andvari/kit/testing/test-nats';
import { testScope } from '@andvari/kit/testing/test-scope';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { logEpoch } from '../src/events/log-epoch.ts';
import { openLeases } from '../src/store/lease.ts';
import { limit, opening } from './commands.ts';
import { type EngineProcess, startEngine } from './engine-process.ts';

let server: Awaited<ReturnType<typeof testNats>>;
let scope: ReturnType<typeof testScope>;
let nats: Nats;
let engines: EngineProcess[];

beforeEach(async () => {
  server = await testNats();
  scope = testScope();
  nats = await openNats(scope, { url: new Secret(server.url), service: 'test' });
  await ensureStreams(nats, ['COMMANDS', 'EXECUTIONS', 'DEAD']);
  engines = [];
});
afterEach(async () => {
  await Promise.all(engines.map((started) => started.kill()));
  await scope.close();
  await server.stop();
});

async function engine(): Promise<EngineProcess> {
  const started = await startEngine(server.url, { LEASE_MS: '500' });
  engines.push(started);
  return started;
}

async function ended({ child, output }: EngineProcess, why: string): Promise<void> {
  await eventually(() => expect(child.exitCode, output()).toBe(1));
  expect(output()).toContain(why);
}

async function tell(order: string): Promise<void> {
  await publishInOrder(nats, [...opening('ANEW'), limit('ANEW', { order })], scope.signal, scope.log);
}

/** The ids of all reports, once there are as many. */
async function reported(count: number): Promise<string[]> {
  await eventually(async () => expect((await nats.jsm.streams.info('EXECUTIONS')).state.messages).toBe(count));
  const ids: string[] = [];
  const reading = new AbortController();
  await readLog(nats, { stream: 'EXECUTIONS', subject: 'exec.>', since: 0 }, reading.signal, ({ header }) => {
    ids.push(header('ce-id'));
    if (ids.length === count) reading.abort();
  });
  return ids;
}

async function makeAnew(): Promise<void> {
  const before = await logEpoch(nats);
  await nats.jsm.streams.delete('COMMANDS');
  await ensureStreams(nats, ['COMMANDS']);
  expect(await logEpoch(nats)).not.toBe(before);
}

test('a log made anew is not gone on with as if it were the old one, and its executions have other ids', {
  timeout: 120_000,
}, async () => {
  const first = await engine();
  await tell('order 1');
  const [id] = await reported(1);
  await makeAnew();
  await tell('order 2');
  await ended(first, 'the log was made anew');
  // What is known of the old log is still there.
  await ended(await engine(), 'the log was made anew');
  await nats.jsm.streams.delete('KV_engine-leases');
  await nats.jsm.streams.delete('OBJ_engine-snapshots');
  await engine();
  const ids = await reported(2);
  expect(ids[0]).toBe(id);
  const numbers = ids.map((one) => one.split('-').slice(-2).join('-'));
  expect(numbers[1]).toBe(numbers[0]);
  expect(ids[1]).not.toBe(id);
});

test('a log that ends before what was reported of it is refused', { timeout: 120_000 }, async () => {
  const lease = { owner: '', stored: 7, base: 0, epoch: await logEpoch(nats) };
  await (await openLeases(nats)).write(0, lease, 0);
  await tell('order 1');
  await ended(await engine(), 'the log ends at 3, and command 7 was in it');
});

test('a lease from before logs had epochs is gone on with', { timeout: 120_000 }, async () => {
  await tell('order 1');
  await (await openLeases(nats)).write(0, { owner: '', stored: 3, base: 0 }, 0);
  await engine();
  await tell('order 2');
  const [id] = await reported(1);
  expect(id).toMatch(/-6-0$/);
  await eventually(async () => expect((await (await openLeases(nats)).read(0))?.epoch).toBe(await logEpoch(nats)));
});
