import { type EventType, profileUpdated } from '@andvari/proto/events';
import type { ProfileUpdated } from '@andvari/proto/user/v1/events';
import { inject } from 'vitest';
import { Secret } from '../src/base/config.ts';
import { transaction } from '../src/db/db.ts';
import { type Locks, openLocks } from '../src/db/locks.ts';
import type { Db } from '../src/db/types.ts';
import { newEvent, type OutgoingEvent } from '../src/events/event.ts';
import { type Nats, openNats } from '../src/nats/nats.ts';
import { ensureStream, streamConfig } from '../src/nats/streams.ts';
import { type Metrics, openMetrics } from '../src/observe/metrics.ts';
import { appendEvents } from '../src/outbox/append.ts';
import type { Scope } from '../src/process/scope.ts';
import { testDatabase } from '../src/testing/test-database.ts';
import { testScope } from '../src/testing/test-scope.ts';

/** A database, a stream and an event type of the test's own, and the parts of the kit between them. */
export interface World {
  scope: Scope;
  databaseUrl: string;
  natsUrl: string;
  db: Db;
  nats: Nats;
  locks: Locks;
  metrics: Metrics;
  stream: string;
  type: EventType<ProfileUpdated>;
  event: (key: string, version: number | bigint) => OutgoingEvent;
  /** One transaction that appends events `version` 1 to `count`, all of one key. */
  append: (key: string, count: number, first?: number) => Promise<void>;
  /** What the stream holds, in its order, as `key version`. */
  stored: () => Promise<string[]>;
  close: () => Promise<void>;
}

export interface WorldOptions {
  maxConnections?: number;
  postgresUrl?: string;
  natsUrl?: string;
}

let worlds = 0;

export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const natsUrl = options.natsUrl ?? inject('natsUrl');
  const scope = testScope();
  const database = await testDatabase(
    options.postgresUrl ?? inject('postgresUrl'),
    [new URL('../migrations/', import.meta.url)],
    { maxConnections: options.maxConnections ?? 4 },
  );
  const { db } = database;
  const nats = await openNats(scope, { url: new Secret(natsUrl), service: 'test' });
  const locks = openLocks(scope, { url: new Secret(database.url), service: 'test' });
  worlds += 1;
  const root = `test_${process.pid}_${worlds}`;
  const stream = root.toUpperCase();
  const type = { ...profileUpdated, stream, subject: `${root}.updated.{user_id}` };
  await ensureStream(nats, { ...streamConfig('USER'), name: stream, subjects: [`${root}.>`] });
  const event = (userId: string, version: number | bigint) =>
    newEvent(type, { userId, changedFields: [], version: BigInt(version) }, { source: 'test' });
  return {
    scope,
    databaseUrl: database.url,
    natsUrl,
    db,
    nats,
    locks,
    metrics: openMetrics('test', { runtime: false }),
    stream,
    type,
    event,
    append: (key, count, first = 1) =>
      transaction(db, (tx) =>
        appendEvents(
          tx,
          Array.from({ length: count }, (_, index) => event(key, first + index)),
        ),
      ),
    stored: () => storedIn(nats, stream, type),
    async close() {
      await scope.close();
      await database.drop();
    },
  };
}

async function storedIn(nats: Nats, stream: string, type: EventType<ProfileUpdated>): Promise<string[]> {
  const { state } = await nats.jsm.streams.info(stream);
  const found: string[] = [];
  if (state.messages === 0) return found;
  const reader = await nats.js.consumers.get(stream, {});
  for await (const message of await reader.fetch({ max_messages: state.messages, expires: 5000 })) {
    const { userId, version } = type.codec.decode(message.data);
    found.push(`${userId} ${version}`);
  }
  return found;
}
