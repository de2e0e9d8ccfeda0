import type { Secret } from '../base/config.ts';
import { connectDb, openDb, type Plans } from '../db/db.ts';
import { type Job, startJob } from '../db/jobs.ts';
import { type Locks, openLocks } from '../db/locks.ts';
import { grantRows, migrate } from '../db/migrate.ts';
import type { Db } from '../db/types.ts';
import { type ConsumerOptions, startConsumer } from '../inbox/consumer.ts';
import { type Nats, openNats } from '../nats/nats.ts';
import { ensureStreams, type StreamName } from '../nats/streams.ts';
import type { Log } from '../observe/log.ts';
import { type Metrics, openMetrics } from '../observe/metrics.ts';
import { startTracing } from '../observe/tracing.ts';
import { type Outbox, openOutbox } from '../outbox/commit.ts';
import { type Relay, startRelay } from '../outbox/relay.ts';
import { type Health, openHealth } from '../process/health.ts';
import { Migrated, type Scope } from '../process/scope.ts';
import { callerKeysFrom } from '../rpc/caller-keys.ts';
import { connectRpc, type RpcClient } from '../rpc/client.ts';
import { type Served, serveRpc } from '../rpc/server.ts';
import type { Definition } from '../rpc/types.ts';

/** What every service with a database stands on, in the order in which it is acquired, and the sentences of its main. */
export interface Foundation extends Outbox {
  metrics: Metrics;
  health: Health;
  db: Db;
  nats: Nats;
  locks: Locks;
  relay: Relay;
  /** Applies the messages of a stream, each once. */
  consume(consumer: Omit<ConsumerOptions, keyof Shared>): void;
  /** Does something again and again, on one instance at a time. */
  job(job: Omit<Job, 'locks' | 'metrics'>): void;
  /** Another service as functions; methods named idempotent may be sent again. */
  connect<D extends Definition>(
    definition: D,
    address: string,
    options: { idempotent: readonly (keyof D)[]; timeoutMs?: number; gatherMs?: number },
  ): RpcClient<D>;
  /** The last sentence: from here on the service is ready. */
  serve(...services: Served[]): Promise<{ port: number; adminPort: number }>;
}

/** What every consumer gets. */
type Shared = Pick<ConsumerOptions, 'db' | 'nats' | 'locks' | 'metrics'>;

export interface FoundationConfig {
  ENVIRONMENT: string;
  LISTEN_HOST: string;
  GRPC_PORT: number;
  ADMIN_PORT: number;
  CALLER_KEY?: Secret | undefined;
  CALLERS?: ReadonlyMap<string, Secret> | undefined;
  CALLEES?: ReadonlyMap<string, Secret> | undefined;
  TLS_DIR?: string | undefined;
  POSTGRES_URL: Secret;
  POSTGRES_OWNER_URL?: Secret | undefined;
  POSTGRES_CONNECTIONS: number;
  NATS_URL: Secret;
  NATS_STREAM_MB: number;
  OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined;
  TRACE_SAMPLE_RATIO: number;
}

export async function openFoundation(
  scope: Scope,
  service: string,
  config: FoundationConfig,
  /** The service's own migrations, after the kit's; and the streams it writes to or reads from. */
  needs: { migrations: URL; streams: readonly StreamName[]; plans?: Plans },
): Promise<Foundation> {
  await startTracing(scope, {
    service,
    environment: config.ENVIRONMENT,
    endpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT,
    sampleRatio: config.TRACE_SAMPLE_RATIO,
  });
  const metrics = openMetrics(service);
  const health = await openHealth(scope, { port: config.ADMIN_PORT, host: config.LISTEN_HOST, metrics });

  const url = config.POSTGRES_URL;
  const [db, nats] = await Promise.all([
    openDb(scope, { url, service, maxConnections: config.POSTGRES_CONNECTIONS, metrics, health, plans: needs.plans }),
    openNats(scope, { url: config.NATS_URL, service, metrics }),
  ]);
  await Promise.all([
    migrateAsOwner(db, config, [kitMigrations, needs.migrations], scope.log),
    ensureStreams(nats, [...needs.streams, 'DEAD'], { defaults: { maxBytes: config.NATS_STREAM_MB * 1024 * 1024 } }),
  ]);
  if (scope.migrateOnly) throw new Migrated();

  const locks = openLocks(scope, { url, service, metrics });
  const relay = startRelay(scope, { db, nats, locks, metrics });
  const shared = { db, nats, locks, metrics };
  const keys = callerKeysFrom(config);
  const { TLS_DIR: tlsDir } = config;
  return {
    ...shared,
    health,
    relay,
    ...openOutbox(db, relay),
    consume: (consumer) => startConsumer(scope, { ...shared, ...consumer }),
    job: (job) => startJob(scope, { locks, metrics, ...job }),
    connect: (definition, address, options) =>
      connectRpc(scope, definition, { address, service, ...keys, tlsDir, metrics, ...options }),
    async serve(...services) {
      const { port } = await serveRpc(scope, {
        port: config.GRPC_PORT,
        host: config.LISTEN_HOST,
        services,
        ...keys,
        tlsDir,
        reflection: config.ENVIRONMENT !== 'production',
        metrics,
      });
      health.started();
      return { port, adminPort: health.port };
    },
  };
}

/** As the role that owns the tables, where there is one besides the one that the service runs as. */
async function migrateAsOwner(db: Db, config: FoundationConfig, folders: readonly URL[], log: Log): Promise<void> {
  const { POSTGRES_OWNER_URL: ownerUrl, POSTGRES_URL: url } = config;
  if (ownerUrl === undefined) return migrate(db, folders, log);
  const owner = connectDb(ownerUrl.reveal(), { service: 'migrations', maxConnections: 2 });
  try {
    await migrate(owner, folders, log);
    await grantRows(owner, decodeURIComponent(new URL(url.reveal()).username));
  } finally {
    await owner.end({ timeout: 5 });
  }
}

/** Outbox, inbox and dead letters, in every service's database. */
export const kitMigrations = new URL('../../migrations/', import.meta.url);
