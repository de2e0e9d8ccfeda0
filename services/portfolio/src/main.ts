import { nowUs } from '@andvari/kit/base/clock';
import { wakeable } from '@andvari/kit/base/wakeable';
import { startJob } from '@andvari/kit/db/jobs';
import { appendEvents } from '@andvari/kit/outbox/append';
import { runProcess, type Scope } from '@andvari/kit/process/scope';
import { serveRpc } from '@andvari/kit/rpc/server';
import { openFoundation } from '@andvari/kit/service/foundation';
import { type App, createApp } from './app/app.ts';
import { type Config, readConfig } from './config.ts';
import { consumedStreams, consumeEvents } from './consumers/consume.ts';
import { portfolioMetrics } from './metrics.ts';
import { type Bank, instantBank } from './ports/bank.ts';
import { builtInRates, type RateSource } from './ports/fx-rates.ts';
import { noQuotes, type QuoteSource } from './ports/quotes.ts';
import { portfolioRpc } from './rpc/server.ts';
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
  const job = (name: string, everyMs: number, run: (signal: AbortSignal) => Promise<unknown>) =>
    startJob(scope, { name, locks, everyMs, run });
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
    host: config.LISTEN_HOST,
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
