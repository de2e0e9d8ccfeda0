import type { Caller } from '@andvari/proto/common/v1/common';
import type { EventType } from '@andvari/proto/events';
import { headers } from '@nats-io/transport-node';
import { nowUs } from '../base/clock.ts';
import { Secret } from '../base/config.ts';
import { noCaller, withContext } from '../base/context.ts';
import type { Db } from '../db/types.ts';
import type { OutgoingEvent } from '../events/event.ts';
import { type Nats, openNats } from '../nats/nats.ts';
import { ensureStreams, type StreamName } from '../nats/streams.ts';
import { openMetrics } from '../observe/metrics.ts';
import { newTraceparent } from '../observe/tracing.ts';
import type { Scope } from '../process/scope.ts';
import { connectRpc, type RpcClient } from '../rpc/client.ts';
import type { Definition } from '../rpc/types.ts';
import { kitMigrations } from '../service/foundation.ts';
import { infraUrls } from './infra-urls.ts';
import { testDatabase } from './test-database.ts';
import { testNats } from './test-nats.ts';
import { testScope } from './test-scope.ts';

const CALLER_KEY = 'a key that only tests use, 32 characters and more';

export interface TestServiceOptions<Config, Started> {
  readConfig: (env: NodeJS.ProcessEnv) => Config;
  start: (scope: Scope, config: Config) => Promise<Started>;
  /** Absent where the service has no database of its own. */
  migrations?: URL;
  /** Streams that the test itself writes to or reads. */
  streams: readonly StreamName[];
  env?: Record<string, string>;
}

export interface TestService<Started> {
  /** What `start` answered. */
  started: Started;
  /** A look behind the service's back. */
  db: Db;
  nats: Nats;
  env: Record<string, string>;
  /** The service's methods, called on behalf of a user with these scopes, or by another service. */
  client<D extends Definition>(definition: D, caller: Partial<Caller>): RpcClient<D>;
  /** Puts an event into its stream, as the relay of another service would. */
  publish(...events: readonly OutgoingEvent[]): Promise<void>;
  /** Every event of a type that is in its stream, in order. */
  published<T>(type: EventType<T>): Promise<T[]>;
  /** Stops the service alone and starts it again on what it left. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** A whole service on free ports with a database and a NATS of its own, and what a test needs to talk to it. */
export async function testService<Config, Started extends { port: number }>(
  options: TestServiceOptions<Config, Started>,
): Promise<TestService<Started>> {
  const [database, natsServer] = await Promise.all([
    testDatabase(infraUrls().postgresUrl, options.migrations === undefined ? [] : [kitMigrations, options.migrations]),
    testNats(),
  ]);
  const env = {
    ENVIRONMENT: 'test',
    GRPC_PORT: '0',
    ADMIN_PORT: '0',
    POSTGRES_URL: options.migrations === undefined ? database.url : database.serviceUrl,
    NATS_URL: natsServer.url,
    REDIS_URL: infraUrls().redisUrl,
    CALLER_KEY,
    ...options.env,
  };
  const own = testScope();
  const nats = await openNats(own, { url: new Secret(natsServer.url), service: 'test' });
  await ensureStreams(nats, options.streams);
  const metrics = openMetrics('test', { runtime: false });

  let scope = testScope();
  let restarted = Promise.resolve();
  const service: TestService<Started> = {
    started: await options.start(scope, options.readConfig(env)),
    db: database.db,
    nats,
    env,
    client(definition, given) {
      const isPerson = given.userId !== undefined && given.userId !== '' && (given.apiKeyId ?? '') === '';
      const caller: Caller = {
        ...noCaller(given.userId === undefined ? 'test' : 'gateway'),
        // Whoever a test is about has just signed in, unless it says otherwise.
        ...(isPerson ? { authenticatedAtUs: nowUs() } : {}),
        ...given,
      };
      const clients = new Map<number, RpcClient<typeof definition>>();
      const connected = () => {
        const { port } = service.started;
        const known = clients.get(port);
        if (known !== undefined) return known;
        const client = connectRpc(own, definition, {
          address: `127.0.0.1:${port}`,
          service: caller.service,
          callerKey: new Secret(CALLER_KEY),
          metrics,
          idempotent: [],
          timeoutMs: PATIENCE_MS,
        });
        clients.set(port, client);
        return client;
      };
      return new Proxy({} as RpcClient<typeof definition>, {
        get: (_, method: string) => (request: never) => callAs(caller, () => connected()[method]?.(request)),
      });
    },
    async publish(...events) {
      for (const { id, subject, headers: plain, payload } of events) {
        const sent = headers();
        for (const [name, value] of Object.entries(plain)) sent.set(name, value);
        await nats.js.publish(subject, payload, { msgID: id, headers: sent });
      }
    },
    async published<T>(type: EventType<T>) {
      const { state } = await nats.jsm.streams.info(type.stream);
      const found: T[] = [];
      for (let seq = Math.max(state.first_seq, 1); seq <= state.last_seq; seq += 1) {
        const message = await nats.jsm.streams.getMessage(type.stream, { seq });
        if (message?.header.get('ce-type') === type.type) found.push(type.codec.decode(message.data));
      }
      return found;
    },
    restart() {
      restarted = restarted.then(async () => {
        await scope.close();
        scope = testScope();
        service.started = await options.start(scope, options.readConfig(env));
      });
      return restarted;
    },
    async close() {
      // What a restart under way is about to start would stay behind.
      await restarted.catch(() => undefined);
      await scope.close();
      await own.close();
      await database.drop();
      await natsServer.stop();
    },
  };
  return service;
}

/** How long an answer takes is the machine's business: where none comes, the test's own time runs out. */
const PATIENCE_MS = 60_000;

function callAs<T>(caller: Caller, work: () => T): T {
  const context = {
    requestId: 'test',
    caller,
    deadline: Date.now() + PATIENCE_MS,
    signal: new AbortController().signal,
    traceparent: newTraceparent(),
  };
  return withContext(context, work);
}
