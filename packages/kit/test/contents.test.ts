import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { OutgoingEvent } from '../src/events/event.ts';
import { startConsumer } from '../src/inbox/consumer.ts';
import { listDeadLetters, requeueDeadLetters } from '../src/inbox/dead-letters.ts';
import { eachEvent, on } from '../src/inbox/handlers.ts';
import { publishInOrder } from '../src/nats/publish-in-order.ts';
import { ensureStreams } from '../src/nats/streams.ts';
import { startRelay } from '../src/outbox/relay.ts';
import { Scope } from '../src/process/scope.ts';
import { eventually } from '../src/testing/eventually.ts';
import { openWorld, type World } from './events-fixture.ts';

describe('a consumer that goes by contents', () => {
  let world: World;
  let consuming: Scope;
  beforeEach(async () => {
    world = await openWorld();
    await world.db`create table effects (place bigserial, version bigint)`;
    consuming = start();
  });
  afterEach(async () => {
    await consuming.close();
    await world.close();
  });

  const start = (byContents = true): Scope => {
    const scope = new Scope(world.scope.log);
    const handler = eachEvent(
      on(world.type, async ({ message }, tx) => {
        if (message.version < 0n) throw new Error('a bug');
        await tx`insert into effects (version) values (${message.version})`;
      }),
    );
    startConsumer(scope, { ...world, durable: 'effects', byContents, handler });
    return scope;
  };
  /** The message of that version under this id, as a message of its own. */
  const called = (id: string, version: number): OutgoingEvent => {
    const event = world.event('ada', version);
    return { ...event, headers: { ...event.headers, 'ce-id': id } };
  };
  const publish = (...events: OutgoingEvent[]) =>
    publishInOrder(world.nats, events, world.scope.signal, world.scope.log);
  const effects = async (): Promise<bigint[]> =>
    (await world.db<{ version: bigint }[]>`select version from effects order by place`).map(({ version }) => version);
  const letters = async (): Promise<string[]> =>
    (await listDeadLetters(world.db)).map(
      ({ eventId, error }) => `${eventId.slice(0, 1)} ${/\((\w+)\)/.exec(error)?.[1]}`,
    );
  const said = async (effect: bigint[], aside: string[]): Promise<void> => {
    await eventually(async () => expect(await effects()).toEqual(effect));
    await eventually(async () => expect(await letters()).toEqual(aside));
    await eventually(async () => expect(await counted()).toBe(aside.length));
  };
  const counted = async (): Promise<number> =>
    Number(/^consumer_contents_differ_total\{[^}]*\} (\d+)/m.exec((await world.metrics.scrape()).body)?.[1] ?? 0);

  test('drops the same again, and sets aside what has its id', async () => {
    await publish(called('a', 1), called('b', 2));
    await said([1n, 2n], []);
    await publish(called('a', 1), called('a', 3), called('b', 2), called('c', 4));
    await said([1n, 2n, 4n], ['a contents_differ']);
  });

  test('tells them apart in one batch as well', async () => {
    await consuming.close();
    await publish(called('a', 1), called('a', 2), called('a', 1), called('b', 3));
    consuming = start();
    await said([1n, 3n], ['a contents_differ']);
  });

  test('sets each aside once, however often it comes, and asked for again it is refused again', async () => {
    // Where the letters are told of: without it the relay would wait for it.
    await ensureStreams(world.nats, ['DEAD']);
    startRelay(world.scope, world);
    await publish(called('a', 1), called('a', 2), called('a', 2), called('b', 3));
    await said([1n, 3n], ['a contents_differ']);
    const before = await listDeadLetters(world.db);
    await requeueDeadLetters(
      world.db,
      before.map(({ id }) => id),
    );
    await eventually(async () => {
      expect(await listDeadLetters(world.db)).toMatchObject([{ id: before[0]?.id, attempts: 1, requeued: false }]);
    });
    expect(await letters()).toEqual(['a contents_differ']);
    expect(await effects()).toEqual([1n, 3n]);
  });

  test('what could not be applied keeps its id, and another under it is a finding', async () => {
    await publish(called('a', -1), called('a', 2));
    await eventually(async () => expect(await letters()).toEqual(['a undefined', 'a contents_differ']));
    expect(await effects()).toEqual([]);
  });

  test('knows nothing of what was applied before it went by contents, and drops it by its id', async () => {
    await consuming.close();
    consuming = start(false);
    await publish(called('a', 1));
    await said([1n], []);
    await consuming.close();
    const [at] = await world.db`select event_id from inbox_positions`;
    expect(at).toEqual({ event_id: 'a' });
    consuming = start();
    await publish(called('a', 2), called('b', 3));
    await said([1n, 3n], []);
  });
});
