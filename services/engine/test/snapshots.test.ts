import { Secret } from '@andvari/kit/base/config';
import { type Nats, openNats } from '@andvari/kit/nats/nats';
import { testNats } from '@andvari/kit/testing/test-nats';
import { testScope } from '@andvari/kit/testing/test-scope';
import { type ObjectStore, Objm } from '@nats-io/obj';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hashBytes } from '../src/domain/bytes.ts';
import { snapshot, stateHash } from '../src/domain/snapshot.ts';
import { openSnapshots, type Snapshots } from '../src/store/snapshots.ts';
import { engine, instrument, limit, phase, run } from './flow.ts';

let server: Awaited<ReturnType<typeof testNats>>;
const scope = testScope();
let nats: Nats;
let store: ObjectStore;
let snapshots: Snapshots;

beforeAll(async () => {
  server = await testNats();
  nats = await openNats(scope, { url: new Secret(server.url), service: 'test' });
  snapshots = await openSnapshots(nats, scope.log, 2000);
  store = await new Objm(nats.js).create('engine-snapshots');
});
afterAll(async () => {
  await scope.close();
  await server.stop();
});

const TRAILER = 16;

function resealed(bytes: Uint8Array): Uint8Array {
  const sealed = bytes.slice();
  const hash = hashBytes(sealed.subarray(0, sealed.length - TRAILER));
  sealed.set(Buffer.from(hash), sealed.length - TRAILER);
  return sealed;
}

function changed(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
}

/** What may happen to the newest; the bytes in its place, or nothing where the object itself is damaged. */
const damages: [string, (name: string, bytes: Uint8Array) => Promise<unknown>][] = [
  ['one bit flipped', (name, bytes) => store.putBlob({ name }, changed(bytes, bytes.length >> 1))],
  ['another hash', (name, bytes) => store.putBlob({ name }, changed(bytes, bytes.length - 1))],
  ['cut short', (name, bytes) => store.putBlob({ name }, bytes.subarray(0, bytes.length - 40))],
  ['no bytes', (name) => store.putBlob({ name }, new Uint8Array())],
  ['of another format', (name, bytes) => store.putBlob({ name }, resealed(changed(bytes, 0)))],
  ['of a version from the future', (name, bytes) => store.putBlob({ name }, resealed(changed(bytes, 4)))],
  ['deleted', (name) => store.delete(name)],
  [
    'without its chunks',
    () => nats.jsm.streams.purge('OBJ_engine-snapshots', { filter: '$O.engine-snapshots.C.>', keep: 1 }),
  ],
];

test.each(damages)(
  'a snapshot %s is passed over for the one before it',
  async (_, damage) => {
    const partition = damages.findIndex(([, one]) => one === damage) + 1;
    const state = engine();
    run(state, instrument, phase('open'), limit(1, 'buy', 5, 100));
    const older = { bytes: snapshot(state), sequence: state.sequence, hash: stateHash(state) };
    run(state, limit(2, 'buy', 5, 101));
    const newer = snapshot(state);
    // In this order, as the last damage leaves only the chunks of what was written last.
    await snapshots.keep(partition, state.sequence, newer);
    await snapshots.keep(partition, older.sequence, older.bytes);
    expect((await snapshots.newest(partition))?.sequence).toBe(state.sequence);
    await damage(`${partition}/${state.sequence}`, newer);
    const found = await snapshots.newest(partition);
    expect(found && stateHash(found)).toBe(older.hash);
  },
  60_000,
);

test('three are kept, and the log from the oldest of them on', async () => {
  const bytes = snapshot(engine());
  const dispensable: number[] = [];
  for (const sequence of [10, 20, 30, 40]) dispensable.push(await snapshots.keep(100, sequence, bytes));
  expect(dispensable).toEqual([0, 10, 10, 20]);
  const names = (await store.list()).filter(({ name, deleted }) => name.startsWith('100/') && !deleted);
  expect(names.map(({ name }) => name).toSorted()).toEqual(['100/20', '100/30', '100/40']);
});
