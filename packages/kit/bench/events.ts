import { profileUpdated } from '@andvari/proto/events';
import type { TestInfra } from '@andvari/servers/test-infra';
import { Secret } from '../src/base/config.ts';
import { transaction } from '../src/db/db.ts';
import { openLocks } from '../src/db/locks.ts';
import { newEvent, type OutgoingEvent } from '../src/events/event.ts';
import { startConsumer } from '../src/inbox/consumer.ts';
import { eventsOf } from '../src/inbox/handlers.ts';
import { openNats } from '../src/nats/nats.ts';
import { publishInOrder } from '../src/nats/publish-in-order.ts';
import { ensureStream, streamConfig } from '../src/nats/streams.ts';
import { openMetrics } from '../src/observe/metrics.ts';
import { appendEvents } from '../src/outbox/append.ts';
import { startRelay } from '../src/outbox/relay.ts';
import { eventually } from '../src/testing/eventually.ts';
import { testDatabase } from '../src/testing/test-database.ts';
import { testScope } from '../src/testing/test-scope.ts';

type Servers = Pick<TestInfra, 'postgresUrl' | 'natsUrl'>;

const BATCH = 250;

/** Events a second from a full outbox to acknowledged by the stream, and from an application's memory into the outbox. */
export async function measureOutbox(
  servers: Servers,
  events = 10_000,
): Promise<{ eventsPerSecond: number; appendedPerSecond: number }> {
  const world = await openWorld(servers, 'outbox');
  const appendingFrom = performance.now();
  for (let first = 0; first < events; first += BATCH) {
    await transaction(world.db, (tx) => appendEvents(tx, world.events(first, BATCH)));
  }
  const appendedPerSecond = perSecond(events, appendingFrom);

  const drainingFrom = performance.now();
  startRelay(world.scope, world);
  await eventually(async () => {
    const [cursor] = await world.db<{ position: bigint }[]>`select position from outbox_cursor`;
    if (cursor?.position !== BigInt(events)) throw new Error('not drained yet');
  });
  const eventsPerSecond = perSecond(events, drainingFrom);
  await world.close();
  return { eventsPerSecond, appendedPerSecond };
}

/** Events a second from a full stream into a table, each with its inbox row, by one set-based statement a batch. */
export async function measureConsumer(servers: Servers, events = 20_000): Promise<{ eventsPerSecond: number }> {
  const world = await openWorld(servers, 'consumer');
  await world.db`create table effects (user_id text not null, version bigint not null)`;
  for (let first = 0; first < events; first += BATCH) {
    await publishInOrder(world.nats, world.events(first, BATCH), world.scope.signal, world.scope.log);
  }

  const done = Promise.withResolvers<void>();
  let applied = 0;
  const startedAt = performance.now();
  startConsumer(world.scope, {
    ...world,
    durable: 'effects',
    handler: eventsOf(world.type, async (batch, tx) => {
      await tx`
        insert into effects (user_id, version)
        select * from unnest(${batch.map(({ message }) => message.userId)}::text[],
                             ${batch.map(({ message }) => `${message.version}`)}::bigint[])`;
      applied += batch.length;
      if (applied >= events) done.resolve();
    }),
  });
  await done.promise;
  const eventsPerSecond = perSecond(events, startedAt);
  await world.close();
  return { eventsPerSecond };
}

async function openWorld({ postgresUrl, natsUrl }: Servers, name: string) {
  const scope = testScope();
  const database = await testDatabase(postgresUrl, [new URL('../migrations/', import.meta.url)]);
  const nats = await openNats(scope, { url: new Secret(natsUrl), service: 'bench' });
  const locks = openLocks(scope, { url: new Secret(database.url), service: 'bench' });
  const root = `bench_${name}_${Math.trunc(performance.now())}`;
  const type = { ...profileUpdated, stream: root.toUpperCase(), subject: `${root}.updated.{user_id}` };
  await ensureStream(nats, { ...streamConfig('USER'), name: type.stream, subjects: [`${root}.>`] });
  return {
    scope,
    db: database.db,
    nats,
    locks,
    metrics: openMetrics('bench', { runtime: false }),
    type,
    stream: type.stream,
    events: (first: number, count: number): OutgoingEvent[] =>
      Array.from({ length: count }, (_, index) =>
        newEvent(
          type,
          {
            userId: `user-${(first + index) % 100}`,
            changedFields: ['name', 'country'],
            version: BigInt(first + index),
          },
          { source: 'bench' },
        ),
      ),
    async close() {
      await scope.close();
      await database.drop();
    },
  };
}

function perSecond(count: number, startedAt: number): number {
  return Math.round((count * 1000) / (performance.now() - startedAt));
}
