import { randomUUID } from 'node:crypto';
import { openNats } from '@andvari/kit/nats/nats';
import { ensureStreams } from '@andvari/kit/nats/streams';
import { openMetrics } from '@andvari/kit/observe/metrics';
import { startTracing } from '@andvari/kit/observe/tracing';
import { openHealth } from '@andvari/kit/process/health';
import { runProcess, type Scope } from '@andvari/kit/process/scope';
import { callerKeysFrom } from '@andvari/kit/rpc/caller-keys';
import { serveRpc } from '@andvari/kit/rpc/server';
import { type Config, readConfig } from './config.ts';
import { logEpoch } from './events/log-epoch.ts';
import { publishLive } from './live/publish-live.ts';
import { builtInPrices, marketPrices, type ReferencePrices } from './maker/reference-prices.ts';
import { runMaker } from './maker/run-maker.ts';
import { engineMetrics, matchTimes } from './metrics.ts';
import { createPartition } from './partition/partition.ts';
import { type RunningPartition, runPartition } from './partition/run-partition.ts';
import { engineRpc } from './rpc/server.ts';
import { openInventories } from './store/inventories.ts';
import { openLeases } from './store/lease.ts';
import { openSnapshots } from './store/snapshots.ts';

/** The world outside, which a test replaces. */
export interface Outside {
  /** What the house holds its quotes against. */
  prices: ReferencePrices;
}

export async function start(
  scope: Scope,
  config: Config,
  overrides: Partial<Outside> = {},
): Promise<{ port: number; adminPort: number; running: RunningPartition[] }> {
  await startTracing(scope, {
    service: 'engine',
    environment: config.ENVIRONMENT,
    endpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT,
    sampleRatio: config.TRACE_SAMPLE_RATIO,
  });
  const metrics = openMetrics('engine');
  const health = await openHealth(scope, { port: config.ADMIN_PORT, host: config.LISTEN_HOST, metrics });
  const nats = await openNats(scope, { url: config.NATS_URL, service: 'engine', health, metrics });
  await ensureStreams(nats, ['COMMANDS', 'EXECUTIONS', 'PORTFOLIO', 'DEAD'], {
    defaults: { maxBytes: config.NATS_STREAM_MB * 1024 * 1024 },
  });

  const [leases, snapshots, epoch] = await Promise.all([
    openLeases(nats),
    openSnapshots(nats, scope.log),
    logEpoch(nats),
  ]);
  const owner = randomUUID();
  const onMatch = matchTimes(metrics);
  const running = await Promise.all(
    config.ENGINE_OWNED.map((number) =>
      runPartition(scope, createPartition(number, epoch), {
        nats,
        leases,
        snapshots,
        owner,
        leaseMs: config.LEASE_MS,
        snapshotEveryCommands: config.SNAPSHOT_EVERY_COMMANDS,
        snapshotEveryMs: config.SNAPSHOT_EVERY_MS,
        onMatch,
      }),
    ),
  );
  engineMetrics(metrics, running);
  for (const { partition, leadership } of running) publishLive(scope, nats, partition, leadership.isLeader);

  if (config.MARKET_MAKER) {
    const prices =
      overrides.prices ?? (config.REFERENCE_PRICES === 'market' ? marketPrices(nats) : builtInPrices(Date.now));
    const inventories = await openInventories(nats);
    const house = { accountId: config.HOUSE_ACCOUNT_ID, userId: config.HOUSE_USER_ID };
    for (const one of running) {
      runMaker(scope, {
        nats,
        running: one,
        partitions: config.ENGINE_PARTITIONS,
        prices,
        staleMs: config.REFERENCE_STALE_MS,
        inventories,
        house,
        settings: houseSettings,
      });
    }
  }

  const { port } = await serveRpc(scope, {
    port: config.GRPC_PORT,
    host: config.LISTEN_HOST,
    services: [engineRpc(running, config.ENGINE_PARTITIONS)],
    ...callerKeysFrom(config),
    tlsDir: config.TLS_DIR,
    reflection: config.ENVIRONMENT !== 'production',
    metrics,
  });
  await Promise.all(running.map(({ caughtUp }) => caughtUp));
  health.started();
  return { port, adminPort: health.port, running };
}

/** Five levels a side around the reference, from 100 shares on; the house leans against what it holds up to 10,000. */
const houseSettings = {
  levels: 5,
  halfSpreadPpm: 250,
  stepPpm: 250,
  baseQty: 100_000_000,
  maxInventory: 10_000_000_000,
  skewPpm: 2000,
};

if (import.meta.main) await runProcess('engine', readConfig, start);
