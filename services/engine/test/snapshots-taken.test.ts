import { eventually } from '@andvari/kit/testing/eventually';
import { type TestService, testService } from '@andvari/kit/testing/test-service';
import { EngineServiceService } from '@andvari/proto/engine/v1/engine';
import { Objm } from '@nats-io/obj';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../src/config.ts';
import { start } from '../src/main.ts';
import { limit, opening } from './commands.ts';

let engine: TestService<Awaited<ReturnType<typeof start>>>;

beforeAll(async () => {
  engine = await testService({
    readConfig,
    start,
    streams: ['COMMANDS', 'EXECUTIONS', 'PORTFOLIO', 'DEAD'],
    env: { MARKET_MAKER: 'false', LEASE_MS: '300', SNAPSHOT_EVERY_MS: '300' },
  });
});
afterAll(() => engine.close());

let orders = 0;

async function snapshotAfterAnOrder(): Promise<number> {
  orders += 1;
  await engine.publish(limit('TIME', { order: `order ${orders}` }));
  const { state } = await engine.nats.jsm.streams.info('COMMANDS');
  return eventually(async () => {
    const { partitions } = await engine.client(EngineServiceService, {}).getStats({});
    expect(partitions[0]?.snapshotSeq).toBe(BigInt(state.last_seq));
    return state.last_seq;
  });
}

test('few commands are in a snapshot after a while, and those before the oldest one kept are purged', async () => {
  await engine.publish(...opening('TIME'));
  const taken: number[] = [];
  for (let more = 0; more < 4; more += 1) taken.push(await snapshotAfterAnOrder());
  const snapshots = await new Objm(engine.nats.js).create('engine-snapshots');
  const kept = (await snapshots.list()).filter(({ deleted }) => !deleted).map(({ name }) => name);
  expect(kept.toSorted()).toEqual(taken.slice(-3).map((sequence) => `0/${sequence}`));
  await eventually(async () => {
    const { state } = await engine.nats.jsm.streams.info('COMMANDS');
    expect(state.first_seq).toBe(taken.at(-3));
  });
});

test('without commands there is nothing new to keep', async () => {
  const before = await snapshotAfterAnOrder();
  const [stats] = (await engine.client(EngineServiceService, {}).getStats({})).partitions;
  const from = performance.now();
  await eventually(async () => {
    const { partitions } = await engine.client(EngineServiceService, {}).getStats({});
    expect(partitions[0]).toMatchObject({ snapshotSeq: BigInt(before), snapshotAtUs: stats?.snapshotAtUs });
    expect(performance.now() - from).toBeGreaterThan(1000);
  });
});
