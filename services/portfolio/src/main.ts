import { nowUs } from '@andvari/kit/base/clock';
import { wakeable } from '@andvari/kit/base/wakeable';
import { startJob } from '@andvari/kit/db/jobs';
import { appendEvents } from '@andvari/kit/outbox/append';
import { runProcess, type Scope } from '@andvari/kit/process/scope';
import { connectRpc } from '@andvari/kit/rpc/client';
import { serveRpc } from '@andvari/kit/rpc/server';
import { openFoundation } from '@andvari/kit/service/foundation';
import { OrderServiceService } from '@andvari/proto/order/v1/order';
import { StockServiceService } from '@andvari/proto/stock/v1/stock';
import { type App, createApp } from './app/app.ts';
import { type Config, readConfig } from './config.ts';
import { consumedStreams, consumeEvents } from './consumers/consume.ts';
import { readKept } from './consumers/read-report.ts';
import { portfolioMetrics } from './metrics.ts';
import { type Bank, instantBank } from './ports/bank.ts';
import { builtInRates, type RateSource, stockRates } from './ports/fx-rates.ts';
import { type FenceOrder, orderFence } from './ports/orders.ts';
import { liveQuotes, type QuoteSource } from './ports/quotes.ts';
import { portfolioRpc } from './rpc/server.ts';
import { seedHouse } from './store/accounts.ts';

export const migrations = new URL('../migrations/', import.meta.url);

const COUNT_EVERY_MS = 15_000;
/** What waits for orders to end is looked at so often. */
const ACTIONS_EVERY_MS = 1000;

/** What a test puts in the place of the world outside. */
export interface StartOptions {
  now?: () => bigint;
  bank?: Bank;
  rates?: RateSource;
  quotes?: QuoteSource;
  fence?: FenceOrder;
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
  const actionBell = wakeable();
  const connection = { service: 'portfolio', callerKey: config.CALLER_KEY, metrics, tlsDir: config.TLS_DIR };
  const stock =
    config.STOCK_ADDR === undefined
      ? undefined
      : connectRpc(scope, StockServiceService, {
          ...connection,
          address: config.STOCK_ADDR,
          idempotent: ['getFxRates'],
        });
  const order =
    config.ORDER_ADDR === undefined
      ? undefined
      : connectRpc(scope, OrderServiceService, {
          ...connection,
          address: config.ORDER_ADDR,
          idempotent: ['fenceOrder'],
        });
  const app = createApp({
    db,
    now: options.now ?? nowUs,
    append: appendEvents,
    wakeRelay: () => relay.wake(),
    bank: options.bank ?? instantBank,
    rates: options.rates ?? (stock === undefined ? builtInRates : stockRates(stock)),
    quotes: options.quotes ?? liveQuotes(scope, nats),
    fence: options.fence ?? (order === undefined ? undefined : orderFence(order)),
    orphanAfterMs: config.ORPHAN_AFTER_MS,
    earlyWaitMs: config.EARLY_REPORT_WAIT_MS,
    read: readKept,
    limits: {
      perTransfer: config.FUNDING_LIMIT_PER_TRANSFER,
      perDay: config.FUNDING_LIMIT_PER_DAY,
      transfersPerDay: config.FUNDING_TRANSFERS_PER_DAY,
    },
    exchangeLimits: {
      perTransfer: config.EXCHANGE_LIMIT_PER_TRANSFER,
      perDay: config.EXCHANGE_LIMIT_PER_DAY,
      transfersPerDay: config.EXCHANGES_PER_DAY,
    },
    spread: BigInt(config.EXCHANGE_SPREAD_PPM),
    lanes: config.RESERVE_LANES,
    fundingBell,
    actionBell,
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
  startJob(scope, {
    name: 'corporate actions',
    locks,
    everyMs: ACTIONS_EVERY_MS,
    run: (signal) => app.corporateActions.work(signal),
    bell: actionBell,
  });
  job('early reports', Math.max(20, config.EARLY_REPORT_WAIT_MS / 10), () => app.settlement.giveUpOnEarly());
  const { orphans } = app;
  if (orphans !== undefined) job('orphan reservations', config.ORPHAN_SWEEP_MS, () => orphans.sweep());
  job('snapshots', config.SNAPSHOT_CHECK_MS, (signal) => app.snapshots.take(signal));
  job('verification', config.VERIFY_EVERY_MS, () => app.watch.verify());
  job('reservation count', COUNT_EVERY_MS, () => app.watch.countReservations());
  const { port } = await serveRpc(scope, {
    port: config.GRPC_PORT,
    host: config.LISTEN_HOST,
    services: [portfolioRpc(app)],
    callerKey: config.CALLER_KEY,
    callers: config.CALLERS,
    tlsDir: config.TLS_DIR,
    reflection: config.ENVIRONMENT !== 'production',
    metrics,
  });
  health.started();
  return { port, adminPort: health.port, app };
}

if (import.meta.main) await runProcess('portfolio', readConfig, start);
