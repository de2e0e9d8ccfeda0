import { nowUs } from '@andvari/kit/base/clock';
import { startJob } from '@andvari/kit/db/jobs';
import { appendEvents } from '@andvari/kit/outbox/append';
import { runProcess, type Scope } from '@andvari/kit/process/scope';
import { connectRpc } from '@andvari/kit/rpc/client';
import { serveRpc } from '@andvari/kit/rpc/server';
import { type Foundation, openFoundation } from '@andvari/kit/service/foundation';
import { EngineServiceService } from '@andvari/proto/engine/v1/engine';
import { PortfolioServiceService } from '@andvari/proto/portfolio/v1/portfolio';
import { StockServiceService } from '@andvari/proto/stock/v1/stock';
import { createApp } from './app/app.ts';
import { createMarketView } from './app/market-view.ts';
import { refreshMarket } from './app/refresh-market.ts';
import { type Config, readConfig } from './config.ts';
import { consumeReports, reportsConsumer } from './consumers/consume.ts';
import { followMarket } from './consumers/follow-market.ts';
import { createCommands } from './messages/commands.ts';
import { orderMetrics } from './metrics.ts';
import { type Engine, engineService } from './ports/engine.ts';
import { placedOrdersOf } from './ports/placed-orders.ts';
import { type Portfolio, portfolioService } from './ports/portfolio.ts';
import { quietSystem } from './ports/quiet.ts';
import { type Stock, stockService } from './ports/stock.ts';
import { orderRpc } from './rpc/server.ts';

export const migrations = new URL('../migrations/', import.meta.url);

/** What a test puts in the place of neighbours that are not there. */
export interface StartOptions {
  now?: () => bigint;
  portfolio?: Portfolio;
  engine?: Engine;
  stock?: Stock;
  isQuiet?: () => Promise<boolean>;
}

const streams = ['ORDER', 'COMMANDS', 'EXECUTIONS', 'MARKET'] as const;

export async function start(
  scope: Scope,
  config: Config,
  options: StartOptions = {},
): Promise<{ port: number; adminPort: number }> {
  const kit = await openFoundation(scope, 'order', config, { migrations, streams });
  const { metrics, health, db, nats, locks, relay } = kit;
  const neighbours = neighboursOf(scope, config, kit, options);
  const view = createMarketView();
  const app = createApp({
    db,
    now: options.now ?? nowUs,
    append: appendEvents,
    wakeRelay: () => relay.wake(),
    commands: createCommands(config.ENGINE_PARTITIONS),
    market: view,
    portfolio: neighbours.portfolio,
    engine: neighbours.engine,
    placedOrders: placedOrdersOf(nats),
    collars: { marketPpm: BigInt(config.MARKET_COLLAR_PPM), limitPpm: BigInt(config.LIMIT_COLLAR_PPM) },
    houseAccountId: config.HOUSE_ACCOUNT_ID,
    isQuiet: options.isQuiet ?? quietSystem(nats, neighbours.engine, reportsConsumer),
    resubmitAfterMs: config.RESUBMIT_AFTER_MS,
    recoverAfterMs: config.RECOVER_AFTER_MS,
    metrics: orderMetrics(metrics),
    log: scope.log,
  });
  followMarket(scope, {
    nats,
    view,
    refresh: () => refreshMarket(neighbours.stock, view),
    everyMs: config.INSTRUMENT_REFRESH_MS,
  });
  consumeReports(scope, { app, db, nats, locks, metrics });
  const job = (name: string, everyMs: number, run: () => Promise<unknown>) =>
    startJob(scope, { name, locks, everyMs, run });
  job('resubmission', config.RESUBMIT_SWEEP_MS, () => app.resubmission.sweep());
  job('recovery', config.RESUBMIT_SWEEP_MS, () => app.recovery.sweep());
  const { port } = await serveRpc(scope, {
    port: config.GRPC_PORT,
    services: [orderRpc(app)],
    callerKey: config.CALLER_KEY,
    tlsDir: config.TLS_DIR,
    reflection: config.ENVIRONMENT !== 'production',
    metrics,
  });
  health.started();
  return { port, adminPort: health.port };
}

function neighboursOf(scope: Scope, config: Config, { metrics }: Foundation, options: StartOptions) {
  const connection = { service: 'order', callerKey: config.CALLER_KEY, metrics, tlsDir: config.TLS_DIR };
  const portfolio = () =>
    connectRpc(scope, PortfolioServiceService, {
      ...connection,
      address: config.PORTFOLIO_ADDR,
      idempotent: ['reserve', 'release', 'getAccount', 'getBuyingPower', 'listHoldings', 'listFeeSchedules'],
    });
  const engine = () =>
    connectRpc(scope, EngineServiceService, {
      ...connection,
      address: config.ENGINE_ADDR,
      idempotent: ['getBook', 'getOrder', 'getStats'],
    });
  const stock = () =>
    connectRpc(scope, StockServiceService, {
      ...connection,
      address: config.STOCK_ADDR,
      idempotent: ['listInstruments', 'getQuotes', 'getClock'],
    });
  return {
    portfolio: options.portfolio ?? portfolioService(portfolio()),
    engine: options.engine ?? engineService(engine()),
    stock: options.stock ?? stockService(stock()),
  };
}

if (import.meta.main) await runProcess('order', (scope) => start(scope, readConfig(process.env)));
