import { Secret } from '@andvari/kit/base/config';
import { type Nats, openNats } from '@andvari/kit/nats/nats';
import { publishInOrder } from '@andvari/kit/nats/publish-in-order';
import { readLog } from '@andvari/kit/nats/read-log';
import { ensureStreams } from '@andvari/kit/nats/streams';
import { eventually } from '@andvari/kit/testing/eventually';
import { testNats } from '@andvari/kit/testing/test-nats';
import { testScope } from '@andvari/kit/testing/test-scope';
import { Objm } from '@nats-io/obj';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { logEpoch } from '../src/events/log-epoch.ts';
import type { LoggedMessage } from '../src/messages/logged-message.ts';
import { createPartition, take } from '../src/partition/partition.ts';
import { MAX_PENDING } from '../src/partition/run-partition.ts';
import { openLeases } from '../src/store/lease.ts';
import { cancel, limit, opening } from './commands.ts';
import { type EngineProcess, startEngine } from './engine-process.ts';

const ROUNDS = process.env['ANDVARI_LONG'] === undefined ? 8 : 100;

let server: Awaited<ReturnType<typeof testNats>>;
let scope: ReturnType<typeof testScope>;
let nats: Nats;
let engines: EngineProcess[];
let log: LoggedMessage[];

beforeEach(async () => {
  server = await testNats();
  scope = testScope();
  nats = await openNats(scope, { url: new Secret(server.url), service: 'test' });
  await ensureStreams(nats, ['COMMANDS', 'EXECUTIONS', 'PORTFOLIO', 'DEAD']);
  engines = [];
  log = [];
  // Snapshots purge the log: what went through it is kept here, as it came.
  void readLog(nats, { stream: 'COMMANDS', subject: 'cmd.0.>', since: 0 }, scope.signal, (message) =>
    log.push(message),
  );
});
afterEach(async () => {
  await Promise.all(engines.map((started) => started.kill()));
  await scope.close();
  await server.stop();
});

async function engine(env: Record<string, string> = {}): Promise<EngineProcess> {
  const started = await startEngine(server.url, { LEASE_MS: '800', ...env });
  engines.push(started);
  return started;
}

async function leading(): Promise<EngineProcess> {
  return eventually(async () => {
    for (const one of engines) if (one.child.exitCode === null && (await one.isLeader())) return one;
    throw new Error(`nobody leads:\n${engines.map(({ output }) => output()).join('\n')}`);
  });
}

let orders = 0;

/** A few crossing orders and cancels, some of them for orders that are gone. */
async function trade(count: number): Promise<void> {
  const commands = Array.from({ length: count }, () => {
    orders += 1;
    const user = `u${orders % 7}`;
    if (orders % 3 === 0)
      return cancel('RACE', `order ${orders - (orders % 5) - 1}`, `u${(orders - (orders % 5) - 1) % 7}`);
    const side = orders % 2 === 0 ? 'sell' : 'buy';
    return limit('RACE', {
      order: `order ${orders}`,
      user,
      side,
      qty: BigInt(1 + (orders % 4)),
      px: BigInt(95 + (orders % 11)),
    });
  });
  await publishInOrder(nats, commands, scope.signal, scope.log);
}

/** What the report stream holds against what the log alone says it should: the same messages, in the same order, to the byte. */
async function expectReportsToFollowFromLog(): Promise<void> {
  await eventually(async () => {
    const { state } = await nats.jsm.streams.info('COMMANDS');
    expect(log.at(-1)?.sequence ?? 0).toBe(state.last_seq);
  });
  const replay = createPartition(0, await logEpoch(nats));
  for (const message of log) take(replay, message);
  const expected = replay.pending.flatMap(({ messages }) => messages);
  await eventually(async () => {
    const { state } = await nats.jsm.streams.info('EXECUTIONS');
    expect(state.messages).toBe(expected.length);
  });
  const stored: { subject: string; payload: string }[] = [];
  const reading = new AbortController();
  await readLog(nats, { stream: 'EXECUTIONS', subject: 'exec.>', since: 0 }, reading.signal, ({ subject, payload }) => {
    stored.push({ subject, payload: Buffer.from(payload).toString('hex') });
    if (stored.length === expected.length) reading.abort();
  });
  const expectedHex = expected.map(({ subject, payload }) => ({
    subject,
    payload: Buffer.from(payload).toString('hex'),
  }));
  const different = stored.findIndex(({ payload }, index) => payload !== expectedHex[index]?.payload);
  expect({ different, stored: stored[different] }).toEqual({ different: -1, stored: undefined });
}

describe('failover', () => {
  test(`${ROUNDS} leaders killed in the middle of work: nothing is lost, doubled or different`, {
    timeout: 120_000 + ROUNDS * 10_000,
  }, async () => {
    const settings = { SNAPSHOT_EVERY_COMMANDS: '150' };
    await engine(settings);
    await engine(settings);
    await publishInOrder(nats, opening('RACE'), scope.signal, scope.log);
    for (let round = 0; round < ROUNDS; round += 1) {
      const leader = await leading();
      const trading = trade(120);
      // Sometimes at once, sometimes when much is on its way.
      await eventually(() => expect(log.length).toBeGreaterThan(round * 120 + ((round * 37) % 120)));
      await leader.kill();
      await trading;
      engines = engines.filter((one) => one !== leader);
      await engine(settings);
    }
    await leading();
    await expectReportsToFollowFromLog();
  });

  test('a standby takes over within three seconds of the leader’s death', { timeout: 120_000 }, async () => {
    await engine({ LEASE_MS: '1500' });
    const leader = await leading();
    await engine({ LEASE_MS: '1500' });
    await publishInOrder(nats, opening('RACE'), scope.signal, scope.log);
    await trade(50);
    await eventually(async () => {
      const ready = await fetch(`http://127.0.0.1:${engines[1]?.adminPort}/readyz`);
      expect(ready.status).toBe(200);
    });
    const killedAt = performance.now();
    await leader.kill();
    await trade(1);
    const before = (await nats.jsm.streams.info('EXECUTIONS')).state.messages;
    await eventually(async () => {
      expect((await nats.jsm.streams.info('EXECUTIONS')).state.messages).toBeGreaterThan(before);
    });
    expect(performance.now() - killedAt).toBeLessThan(3000);
    await expectReportsToFollowFromLog();
  });

  test('what the lease says is stored, is stored', { timeout: 120_000 }, async () => {
    await engine();
    await publishInOrder(nats, opening('RACE'), scope.signal, scope.log);
    const leases = await openLeases(nats);
    const trading = (async () => {
      for (let more = 0; more < 20; more += 1) await trade(200);
    })();
    const replay = createPartition(0);
    await eventually(async () => {
      const stored = (await leases.read(0))?.stored ?? 0;
      const { state } = await nats.jsm.streams.info('EXECUTIONS');
      await eventually(() => expect(log.at(-1)?.sequence).toBeGreaterThanOrEqual(stored));
      for (const message of log) if (message.sequence <= stored) take(replay, message);
      expect.soft(state.messages).toBeGreaterThanOrEqual(replay.pendingMessages);
      expect(stored).toBe(4002);
    });
    await trading;
  });

  test('a leader frozen past its lease comes back to a successor and changes nothing', {
    timeout: 120_000,
  }, async () => {
    await engine();
    const frozen = await leading();
    await engine();
    await publishInOrder(nats, opening('RACE'), scope.signal, scope.log);
    await trade(100);
    frozen.child.kill('SIGSTOP');
    await trade(100);
    await eventually(async () => expect(await engines[1]?.isLeader()).toBe(true));
    frozen.child.kill('SIGCONT');
    await trade(100);
    await eventually(async () => expect(await frozen.isLeader()).toBe(false));
    await expectReportsToFollowFromLog();
  });

  test('a standby that slept while the log behind it was purged never leads', { timeout: 120_000 }, async () => {
    const leader = await engine({ SNAPSHOT_EVERY_COMMANDS: '50' });
    await leading();
    await publishInOrder(nats, opening('RACE'), scope.signal, scope.log);
    const sleeper = await engine();
    await eventually(async () => expect(await appliedBy(sleeper)).toBe(2));
    sleeper.child.kill('SIGSTOP');
    // More than the server has on its way to it.
    await trade(4500);
    await eventually(async () => {
      await trade(60);
      expect((await nats.jsm.streams.info('COMMANDS')).state.first_seq).toBeGreaterThan(4400);
    });
    await leader.kill();
    sleeper.child.kill('SIGCONT');
    await eventually(() => expect(sleeper.child.exitCode).toBe(1));
    expect(sleeper.output()).toContain('purged before this process read them');
    await engine();
    await leading();
    await trade(20);
    await expectReportsToFollowFromLog();
  });

  test('one that wakes alone behind more than it can hold leads, and stores all of it', {
    timeout: 120_000,
  }, async () => {
    await publishInOrder(nats, opening('RACE'), scope.signal, scope.log);
    for (let more = 0; more < 45; more += 1) await trade(1000);
    await engine();
    await leading();
    await expectReportsToFollowFromLog();
    expect((await nats.jsm.streams.info('EXECUTIONS')).state.messages).toBeGreaterThan(MAX_PENDING);
  });

  test('a damaged snapshot is noticed and the one before it used', { timeout: 120_000 }, async () => {
    const first = await engine({ SNAPSHOT_EVERY_COMMANDS: '50' });
    await publishInOrder(nats, opening('RACE'), scope.signal, scope.log);
    const snapshots = await new Objm(nats.js).create('engine-snapshots');
    for (const count of [1, 2]) {
      await trade(80);
      await eventually(async () =>
        expect((await snapshots.list()).filter(({ deleted }) => !deleted)).toHaveLength(count),
      );
    }
    await first.kill();
    const newest = await newestSnapshot(snapshots);
    const bytes = (await snapshots.getBlob(newest)) ?? new Uint8Array();
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    await snapshots.putBlob({ name: newest }, bytes);
    await trade(20);
    const second = await engine();
    await leading();
    expect(second.output()).toContain('a snapshot is damaged');
    await expectReportsToFollowFromLog();
  });

  test('without any whole snapshot behind a purged log it refuses to start', { timeout: 120_000 }, async () => {
    const first = await engine({ SNAPSHOT_EVERY_COMMANDS: '50' });
    await publishInOrder(nats, opening('RACE'), scope.signal, scope.log);
    for (let more = 0; more < 3; more += 1) await trade(80);
    await eventually(async () => {
      await trade(60);
      expect((await nats.jsm.streams.info('COMMANDS')).state.first_seq).toBeGreaterThan(1);
    });
    await first.kill();
    const snapshots = await new Objm(nats.js).create('engine-snapshots');
    for (const { name } of await snapshots.list()) await snapshots.putBlob({ name }, Buffer.from('no snapshot'));
    const second = await engine();
    await eventually(() => expect(second.child.exitCode).toBe(1));
    expect(second.output()).toContain('no snapshot that new is whole');
  });
});

async function appliedBy({ adminPort }: EngineProcess): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${adminPort}/metrics`);
  return Number((await response.text()).match(/^engine_applied_sequence\{[^}]*\} (\d+)/m)?.[1]);
}

async function newestSnapshot(snapshots: Awaited<ReturnType<Objm['create']>>): Promise<string> {
  const names = (await snapshots.list()).filter(({ deleted }) => !deleted).map(({ name }) => name);
  return names.toSorted((a, b) => Number(b.split('/')[1]) - Number(a.split('/')[1]))[0] ?? '';
}
