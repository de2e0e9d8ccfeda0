import { afterEach, describe, expect, test } from 'vitest';
import { transaction } from '../src/db/db.ts';
import { isEvent } from '../src/events/event.ts';
import { startConsumer } from '../src/inbox/consumer.ts';
import { publishInOrder } from '../src/nats/publish-in-order.ts';
import { appendEvents } from '../src/outbox/append.ts';
import { startRelay } from '../src/outbox/relay.ts';
import { eventually } from '../src/testing/eventually.ts';
import { ownNats, ownPostgres } from '../src/testing/own-servers.ts';
import { openWorld, type World, type WorldOptions } from './events-fixture.ts';

describe('from the outbox to the inbox', () => {
  let world: World | undefined;
  const cleanups: (() => Promise<void>)[] = [];
  afterEach(async () => {
    await world?.close();
    for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  });

  /** Outbox, relay, stream, consumer; `effects` is what arrived, in the order of arrival. */
  const openPath = async (options: WorldOptions = {}) => {
    const opened = await openWorld(options);
    world = opened;
    await opened.db`create table effects (place bigserial, key text, version bigint)`;
    const relay = startRelay(opened.scope, opened);
    startConsumer(opened.scope, {
      ...opened,
      durable: 'effects',
      batch: 32,
      handler: {
        types: [opened.type],
        handle: async (events, tx) => {
          const messages = events.flatMap((event) => (isEvent(event, opened.type) ? [event.message] : []));
          await tx`insert into effects (key, version)
            select * from unnest(${messages.map(({ userId }) => userId)}::text[],
                                 ${messages.map(({ version }) => `${version}`)}::bigint[])`;
        },
      },
    });
    const effects = async () => {
      const rows = await opened.db<{ version: bigint }[]>`select version from effects order by place`;
      return rows.map(({ version }) => Number(version));
    };
    return { ...opened, relay, effects };
  };
  test('NATS is killed twice in the middle: nothing lost, nothing doubled, order kept', async () => {
    const nats = await ownNats();
    cleanups.push(() => nats.remove());
    const path = await openPath({ natsUrl: nats.url });
    let written = 0;
    const writing = appendAll(path, 300, (version) => {
      written = version;
      if (version % 25 === 0) path.relay.wake();
    });
    for (const moment of [60, 180]) {
      await eventually(() => expect(written).toBeGreaterThan(moment));
      await nats.kill();
      await nats.start();
    }
    await writing;
    await eventually(async () => expect(await path.effects()).toHaveLength(300));
    expect(await path.effects()).toEqual(sequence(300));
  });

  test('NATS is killed with a window on its way: the stream gets the rest of it, in order', async () => {
    const nats = await ownNats();
    cleanups.push(() => nats.remove());
    const opened = await openWorld({ natsUrl: nats.url });
    world = opened;
    const window = sequence(5000).map((version) => opened.event('ada', version));
    const publishing = publishInOrder(opened.nats, window, opened.scope.signal, opened.scope.log);
    await nats.kill();
    await nats.start();
    await publishing;
    expect(await opened.stored()).toEqual(sequence(5000).map((version) => `ada ${version}`));
  });

  test('PostgreSQL is killed in the middle: nothing lost, nothing doubled, order kept', async () => {
    const postgres = await ownPostgres();
    cleanups.push(() => postgres.remove());
    const path = await openPath({ postgresUrl: postgres.url });
    let written = 0;
    const writing = appendAll(path, 200, (version) => {
      written = version;
    });
    await eventually(() => expect(written).toBeGreaterThan(50));
    await postgres.kill();
    await postgres.start();
    await writing;
    await eventually(async () => expect(await path.effects()).toHaveLength(200));
    expect(await path.effects()).toEqual(sequence(200));
  });

  test('a pool of one connection is enough for all of it at once', async () => {
    const path = await openPath({ maxConnections: 1 });
    await Promise.all(sequence(20).map((version) => path.append('ada', 1, version)));
    await path.metrics.scrape();
    await eventually(async () => expect((await path.effects()).toSorted((a, b) => a - b)).toEqual(sequence(20)));
  });

  test('at shutdown everything committed is published', async () => {
    const path = await openPath();
    await path.append('ada', 2000);
    await path.scope.close();
    world = undefined;
    const again = await openWorld();
    const { state } = await again.nats.jsm.streams.info(path.stream);
    expect(state.messages).toBe(2000);
    await again.close();
  });
});

/** Appends 1 to `count`, each in its own transaction, whatever is away meanwhile. */
async function appendAll({ db, event }: World, count: number, done: (version: number) => void): Promise<void> {
  for (let version = 1; version <= count; version += 1) {
    const outgoing = event('ada', version);
    await eventually(() =>
      transaction(db, async (tx) => {
        // A commit whose answer was lost is not repeated.
        const [known] = await tx`select from outbox where id = ${outgoing.id}`;
        if (known === undefined) await appendEvents(tx, [outgoing]);
      }),
    );
    done(version);
  }
}

function sequence(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}
