import type { Secret } from '../base/config.ts';
import { openDb } from '../db/db.ts';
import { type Locks, openLocks } from '../db/locks.ts';
import { migrate } from '../db/migrate.ts';
import type { Db } from '../db/types.ts';
import { type Nats, openNats } from '../nats/nats.ts';
import { ensureStreams, type StreamName } from '../nats/streams.ts';
import { type Metrics, openMetrics } from '../observe/metrics.ts';
import { startTracing } from '../observe/tracing.ts';
import { type Relay, startRelay } from '../outbox/relay.ts';
import { type Health, openHealth } from '../process/health.ts';
import type { Scope } from '../process/scope.ts';

/** What every service with a database stands on, in the order in which it is acquired. */
export interface Foundation {
  metrics: Metrics;
  health: Health;
  db: Db;
  nats: Nats;
  locks: Locks;
  relay: Relay;
}

export interface FoundationConfig {
  ADMIN_PORT: number;
  LISTEN_HOST: string;
  POSTGRES_URL: Secret;
  POSTGRES_CONNECTIONS: number;
  NATS_URL: Secret;
  OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined;
  TRACE_SAMPLE_RATIO: number;
}

export async function openFoundation(
  scope: Scope,
  service: string,
  config: FoundationConfig,
  /** The service's own migrations, after the kit's; and the streams it writes to or reads from. */
  needs: { migrations: URL; streams: readonly StreamName[] },
): Promise<Foundation> {
  await startTracing(scope, {
    service,
    endpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT,
    sampleRatio: config.TRACE_SAMPLE_RATIO,
  });
  const metrics = openMetrics(service);
  const health = await openHealth(scope, { port: config.ADMIN_PORT, host: config.LISTEN_HOST, metrics });

  const url = config.POSTGRES_URL;
  const [db, nats] = await Promise.all([
    openDb(scope, { url, service, maxConnections: config.POSTGRES_CONNECTIONS, metrics, health }),
    openNats(scope, { url: config.NATS_URL, service, health }),
  ]);
  await Promise.all([
    migrate(db, [kitMigrations, needs.migrations], scope.log),
    ensureStreams(nats, [...needs.streams, 'DEAD']),
  ]);

  const locks = openLocks(scope, { url, service });
  const relay = startRelay(scope, { db, nats, locks, metrics });
  return { metrics, health, db, nats, locks, relay };
}

/** Outbox, inbox and dead letters, in every service's database. */
export const kitMigrations = new URL('../../migrations/', import.meta.url);
