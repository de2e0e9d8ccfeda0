import { jetstream } from '@nats-io/jetstream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { followStream } from '../src/nats/follow-stream.ts';
import type { Nats } from '../src/nats/nats.ts';
import { publishInOrder } from '../src/nats/publish-in-order.ts';
import { readLog, type StreamMessage } from '../src/nats/read-log.ts';
import { readStream } from '../src/nats/read-stream.ts';
import { eventually } from '../src/testing/eventually.ts';
import { openWorld, type World } from './events-fixture.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const publish = (...events: readonly [key: string, version: number][]) =>
  publishInOrder(
    world.nats,
    events.map(([key, version]) => world.event(key, version)),
    world.scope.signal,
    world.scope.log,
  );
const all = () => ({ stream: world.stream, subject: '>', since: 0 });
const nameOf = ({ payload }: StreamMessage) => {
  const { userId, version } = world.type.codec.decode(payload);
  return `${userId} ${version}`;
};

/** As the server does with one that it forgets: whoever reads has to notice. */
async function deleteReaders(): Promise<void> {
  for await (const { name } of world.nats.jsm.consumers.list(world.stream)) {
    await world.nats.jsm.consumers.delete(world.stream, name);
  }
}

describe('following a stream', () => {
  test('goes on behind the last message when its consumer is gone: each once, in order', async () => {
    const seen: string[] = [];
    void followStream(world.scope, world.nats, all(), (message) => void seen.push(nameOf(message)));
    await publish(['ada', 1], ['ada', 2]);
    await eventually(() => expect(seen).toEqual(['ada 1', 'ada 2']));
    await deleteReaders();
    await publish(['ada', 3], ['bob', 1]);
    await eventually(() => expect(seen).toEqual(['ada 1', 'ada 2', 'ada 3', 'bob 1']));
  });

  test('passes over what cannot be taken', async () => {
    const seen: string[] = [];
    void followStream(world.scope, world.nats, all(), (message) => {
      seen.push(nameOf(message));
      if (seen.length === 2) throw new Error('unreadable');
    });
    await publish(['ada', 1], ['ada', 2], ['ada', 3]);
    await eventually(() => expect(seen).toEqual(['ada 1', 'ada 2', 'ada 3']));
  });

  test('by the last of each subject begins with those, and again after an interruption', async () => {
    await publish(['ada', 1], ['bob', 1], ['ada', 2]);
    const seen: string[] = [];
    const stretch = { ...all(), since: 'last_of_each_subject' } as const;
    void followStream(world.scope, world.nats, stretch, (message) => void seen.push(nameOf(message)));
    await eventually(() => expect(seen).toEqual(['bob 1', 'ada 2']));
    await deleteReaders();
    await eventually(() => expect(seen).toEqual(['bob 1', 'ada 2', 'bob 1', 'ada 2']));
  });

  test('begins behind a position, and tells headers and the time of the stream', async () => {
    await publish(['ada', 1], ['ada', 2]);
    const seen: StreamMessage[] = [];
    void followStream(world.scope, world.nats, { ...all(), since: 1 }, (message) => void seen.push(message));
    await eventually(() => expect(seen).toHaveLength(1));
    const [second] = seen;
    expect(second && { sequence: second.sequence, type: second.header('ce-type'), other: second.header('x') }).toEqual({
      sequence: 2,
      type: world.type.type,
      other: '',
    });
    const stored = await world.nats.jsm.streams.getMessage(world.stream, { seq: 2 });
    expect(Math.trunc((second?.atUs ?? 0) / 1000)).toBe(stored?.time.getTime());
  });
});

test('where nobody answers for the streams any more, a reader hears so at its first question', async () => {
  const reading = readLog(withoutJetStream(world.nats), all(), world.scope.signal, () => undefined);
  await expect(reading).rejects.toThrow('no responders');
});

describe('reading what a stream holds', () => {
  test('ends where the stream ends', async () => {
    await publish(['ada', 1], ['bob', 1], ['ada', 2]);
    const seen: string[] = [];
    for await (const message of readStream(world.nats, all())) seen.push(nameOf(message));
    expect(seen).toEqual(['ada 1', 'bob 1', 'ada 2']);
  });

  test('of a subject that nobody used ends at once', async () => {
    await publish(['ada', 1]);
    const nothing = { ...all(), subject: world.type.subject.replace('{user_id}', 'nobody') };
    const seen: string[] = [];
    for await (const message of readStream(world.nats, nothing)) seen.push(nameOf(message));
    expect(seen).toEqual([]);
  });
});

/** As if JetStream had been turned off, by a full disk say, between the making of a consumer and the first question. */
function withoutJetStream(real: Nats): Nats {
  const gone = jetstream(real.connection, { domain: 'gone' }).consumers;
  const get = async (stream: string, name: string) =>
    gone.getConsumerFromInfo(await real.jsm.consumers.info(stream, name));
  const consumers: typeof gone = Object.create(gone, { get: { value: get } });
  const js: typeof real.js = Object.create(real.js, { consumers: { value: consumers } });
  return { ...real, js };
}
