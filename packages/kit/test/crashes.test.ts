import { createInterface } from 'node:readline';
import { type Child, plainEnv, startChild } from '@andvari/servers/child';
import { nanos } from '@nats-io/transport-node';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { transaction } from '../src/db/db.ts';
import { isEvent } from '../src/events/event.ts';
import { startConsumer } from '../src/inbox/consumer.ts';
import { listDeadLetters, requeueDeadLetters, setAside } from '../src/inbox/dead-letters.ts';
import { noteEvent } from '../src/inbox/rows.ts';
import { publishInOrder } from '../src/nats/publish-in-order.ts';
import { startRelay } from '../src/outbox/relay.ts';
import { eventually } from '../src/testing/eventually.ts';
import { openWorld, type World } from './events-fixture.ts';

const COUNT = 300;
const all = Array.from({ length: COUNT }, (_, index) => `ada ${index + 1}`);

describe('a process that is killed', () => {
  let world: World;
  let child: Child | undefined;
  beforeEach(async () => {
    world = await openWorld();
    await world.db`create table effects (place bigserial, key text, version bigint)`;
  });
  afterEach(async () => {
    await child?.stop();
    await world.close();
  });

  /** Runs the process until it says that it is there, and kills it. */
  const killAt = async (moment: string): Promise<void> => {
    const program = new URL('fixtures/crashing-process.ts', import.meta.url).pathname;
    const { databaseUrl, natsUrl, stream, type } = world;
    child = await startChild({
      command: process.execPath,
      args: [program, moment, databaseUrl, natsUrl, stream, type.subject],
      env: plainEnv(),
      stopSignal: 'SIGKILL',
      output: 'pipe',
    });
    if (child.stdout === null) throw new Error('no stdout');
    for await (const line of createInterface(child.stdout)) {
      if (line === moment) break;
    }
    await child.stop();
    expect(await child.exited).toBe('SIGKILL');
  };
  const consume = () =>
    startConsumer(world.scope, {
      ...world,
      durable: 'effects',
      handler: {
        types: [world.type],
        async handle(events, tx) {
          for (const event of events) {
            if (!isEvent(event, world.type)) continue;
            await tx`insert into effects (key, version) values (${event.message.userId}, ${event.message.version})`;
          }
        },
      },
    });
  const effects = async (): Promise<string[]> => {
    const rows = await world.db<{ key: string; version: bigint }[]>`select key, version from effects order by place`;
    return rows.map(({ key, version }) => `${key} ${version}`);
  };
  const publish = () =>
    publishInOrder(
      world.nats,
      all.map((_, index) => world.event('ada', index + 1)),
      world.scope.signal,
      world.scope.log,
    );

  test('a relay between publishing and noting it: the stream has each event once, in order', async () => {
    await world.append('ada', COUNT);
    await killAt('published, not noted');
    const [cursor] = await world.db<{ position: bigint }[]>`select position from outbox_cursor`;
    expect(cursor?.position).toBe(0n);
    expect((await world.stored()).length).toBeGreaterThanOrEqual(256);
    startRelay(world.scope, world);
    await eventually(async () => {
      const [now] = await world.db<{ position: bigint }[]>`select position from outbox_cursor`;
      expect(now?.position).toBe(BigInt(COUNT));
    });
    expect(await world.stored()).toEqual(all);
  });

  test('a relay so long ago that the stream has forgotten: the stream has doubles, the effects are single', async () => {
    await world.nats.jsm.streams.update(world.stream, { duplicate_window: nanos(100) });
    await world.append('ada', COUNT);
    await killAt('published, not noted');
    const [row] = await world.db<{ id: string }[]>`select id from outbox where position = 256`;
    await eventually(async () => {
      const probe = await world.nats.js.publish(world.event('probe', 0).subject, '', { msgID: row?.id ?? '' });
      expect(probe.duplicate).toBe(false);
    });
    startRelay(world.scope, world);
    await eventually(async () => {
      const { state } = await world.nats.jsm.streams.info(world.stream);
      expect(state.messages).toBeGreaterThanOrEqual(COUNT + 255);
    });
    await world.append('last', 1);
    consume();
    await eventually(async () => expect(await effects()).toEqual([...all, 'last 1']));
  });

  test('a consumer before its commit: nothing of the batch is there, and the next one applies it', async () => {
    await publish();
    await killAt('applied, not committed');
    expect(await effects()).toEqual([]);
    consume();
    await eventually(async () => expect(await effects()).toEqual(all));
  });

  test('a consumer after its commit: the batch is there, and the next one applies only the rest', async () => {
    await publish();
    await killAt('committed, not acknowledged');
    const applied = await effects();
    expect(applied.length).toBeGreaterThan(0);
    consume();
    await eventually(async () => expect(await effects()).toEqual(all));
  });

  test('a consumer that applies a dead letter, before its commit: the letter is there, and the next one applies it once', async () => {
    const { id: eventId, subject, headers, payload } = world.event('ada', 1);
    await transaction(world.db, async (tx) => {
      await noteEvent(tx, 'effects', eventId);
      await setAside(
        tx,
        { consumer: 'effects', eventId, subject, headers, payload, deliveries: 1 },
        new Error('a bug'),
      );
    });
    const [letter] = await listDeadLetters(world.db);
    await requeueDeadLetters(world.db, [letter?.id ?? '']);
    await killAt('applied, not committed');
    expect(await effects()).toEqual([]);
    expect(await listDeadLetters(world.db)).toMatchObject([{ id: letter?.id, requeued: true, attempts: 0 }]);
    consume();
    await eventually(async () => expect(await effects()).toEqual(['ada 1']));
    expect(await listDeadLetters(world.db)).toEqual([]);
  });

  test('a consumer after its commit whose place is lost too: the inbox knows what was applied', async () => {
    await publish();
    await killAt('committed, not acknowledged');
    expect((await effects()).length).toBeGreaterThan(0);
    await world.db`delete from inbox_positions`;
    consume();
    await eventually(async () => expect(await effects()).toEqual(all));
    const [repeated] = await world.db<{ count: number }[]>`select count(*)::int from inbox`;
    expect(repeated?.count).toBe(COUNT);
  });
});
