import { nowUs } from '@andvari/kit/clock';
import { openFoundation } from '@andvari/kit/foundation';
import { appendEvents } from '@andvari/kit/outbox';
import { serveRpc } from '@andvari/kit/rpc-server';
import { runProcess, type Scope } from '@andvari/kit/run';
import { wakeable } from '@andvari/kit/wakeable';
import { type App, createApp } from './app.ts';
import { type Bank, instantBank } from './bank.ts';
import { type Config, readConfig } from './config.ts';
import { consumedStreams, consumeEvents } from './events/consume.ts';
import { builtInRates, type RateSource } from './fx-rates.ts';
import { portfolioMetrics } from './metrics.ts';
import { noQuotes, type QuoteSource } from './quotes.ts';
import { portfolioRpc } from './rpc/server.ts';
import { startJob } from './start-job.ts';
import { seedHouse } from './store/accounts.ts';

export const migrations = new URL('../migrations/', import.meta.url);

const COUNT_EVERY_MS = 15_000;

/** What a test puts in the place of the world outside. */
export interface StartOptions {
  now?: () => bigint;
  bank?: Bank;
  rates?: RateSource;
  quotes?: QuoteSource;
}

export async function start(
  scope: Scope,
  config: Config,
  options: StartOptions = {},
): Promise<{ port: number; adminPort: number; app: App }> {
  const streams = ['PORTFOLIO', ...consumedStreams] as const;
  const { metrics, health, db, nats, locks, relay } = await openFoundation(scope, 'portfolio', config, {
    migrations,
    streams,
  });
  await seedHouse(db, { accountId: config.HOUSE_ACCOUNT_ID, userId: config.HOUSE_USER_ID });
  const fundingBell = wakeable();
  const app = createApp({
    db,
    now: options.now ?? nowUs,
    append: appendEvents,
    wakeRelay: () => relay.wake(),
    bank: options.bank ?? instantBank,
    rates: options.rates ?? builtInRates,
    quotes: options.quotes ?? noQuotes,
    limits: {
      perTransfer: config.FUNDING_LIMIT_PER_TRANSFER,
      perDay: config.FUNDING_LIMIT_PER_DAY,
      transfersPerDay: config.FUNDING_TRANSFERS_PER_DAY,
    },
    lanes: config.RESERVE_LANES,
    fundingBell,
    metrics: portfolioMetrics(metrics),
    log: scope.log,
  });
  consumeEvents(scope, { app, db, nats, locks, metrics });
  const job = (name: string, everyMs: number, work: (signal: AbortSignal) => Promise<unknown>) =>
    startJob(scope, { name, locks, everyMs, run: async (signal) => (await work(signal), false) });
  startJob(scope, {
    name: 'fundings',
    locks,
    everyMs: config.FUNDING_SWEEP_MS,
    run: () => app.fundings.work(),
    bell: fundingBell,
  });
  job('snapshots', config.SNAPSHOT_CHECK_MS, (signal) => app.snapshots.take(signal));
  job('verification', config.VERIFY_EVERY_MS, () => app.watch.verify());
  job('reservation count', COUNT_EVERY_MS, () => app.watch.countReservations());
  const { port } = await serveRpc(scope, {
    port: config.GRPC_PORT,
    services: [portfolioRpc(app)],
    callerKey: config.CALLER_KEY,
    tlsDir: config.TLS_DIR,
    reflection: config.ENVIRONMENT !== 'production',
    metrics,
  });
  health.started();
  return { port, adminPort: health.port, app };
}

if (import.meta.main) await runProcess('portfolio', (scope) => start(scope, readConfig(process.env)));
