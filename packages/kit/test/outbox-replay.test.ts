import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { REPLAYED } from '../src/events/replayed.ts';
import { startRelay } from '../src/outbox/relay.ts';
import { replayOutbox } from '../src/outbox/replay.ts';
import { eventually } from '../src/testing/eventually.ts';
import { testScope } from '../src/testing/test-scope.ts';
import { openWorld, type World } from './events-fixture.ts';

describe('a replay of the outbox', () => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld();
  });
  afterEach(() => world.close());

  test('what a stream has lost is published again, and nothing that was never published', async () => {
    const relaying = testScope();
    startRelay(relaying, world);
    await world.append('ada', 5);
    await eventually(async () => expect(await world.stored()).toHaveLength(5));
    await relaying.close();
    await world.append('ada', 1, 6);
    await world.nats.jsm.streams.purge(world.stream);
    const parts = { ...world, log: world.scope.log, signal: world.scope.signal };
    expect(await replayOutbox(parts, { from: 2n, to: 4n })).toBe(3);
    expect(await world.stored()).toEqual(['ada 2', 'ada 3', 'ada 4']);
    // Within the two minutes in which the stream knows the first publication, and the replay before.
    expect(await replayOutbox(parts)).toBe(5);
    expect(await world.stored()).toHaveLength(8);
    expect(await replayOutbox(parts, { since: new Date(Date.now() + 60_000) })).toBe(0);
    expect(await replayOutbox(parts, { subjectPrefix: 'elsewhere.' })).toBe(0);
    // ada 2, from the first replay and from the second: one event, published under names of its own.
    const [first, again] = await Promise.all(
      [6, 10].map((seq) => world.nats.jsm.streams.getMessage(world.stream, { seq })),
    );
    expect(again?.header.get('ce-id')).toBe(first?.header.get('ce-id'));
    expect(again?.header.get('Nats-Msg-Id')).not.toBe(first?.header.get('Nats-Msg-Id'));
    expect(again?.header.get(REPLAYED)).not.toBe('');
  });

  test('what is published again can be told by its subject and by when it was written', async () => {
    const relaying = testScope();
    startRelay(relaying, world);
    for (const key of ['ada', 'adam', 'bob']) await world.append(key, 1);
    await eventually(async () => expect(await world.stored()).toHaveLength(3));
    await relaying.close();
    await world.db`update outbox set created_at = timestamptz '2026-01-01' + position * interval '1 hour'`;
    await world.nats.jsm.streams.purge(world.stream);
    const parts = { ...world, log: world.scope.log, signal: world.scope.signal };
    const prefix = (key: string) => world.event(key, 1).subject;
    expect(await replayOutbox(parts, { subjectPrefix: prefix('ada') })).toBe(2);
    expect(await replayOutbox(parts, { subjectPrefix: prefix('bob') })).toBe(1);
    expect(await replayOutbox(parts, { since: new Date('2026-01-01T02:00Z') })).toBe(2);
    expect(await replayOutbox(parts, { since: new Date('2026-01-01T02:00:00.001Z') })).toBe(1);
    expect(await replayOutbox(parts, { exceptPrefix: prefix('ada') })).toBe(1);
    expect(await world.stored()).toEqual(['ada 1', 'adam 1', 'bob 1', 'adam 1', 'bob 1', 'bob 1', 'bob 1']);
  });
});
