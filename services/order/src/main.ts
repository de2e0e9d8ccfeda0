import { nowUs } from '@andvari/kit/base/clock';
import { runProcess, type Scope } from '@andvari/kit/process/scope';
import { type Foundation, openFoundation } from '@andvari/kit/service/foundation';
import { EngineServiceService } from '@andvari/proto/engine/v1/engine';
import { PortfolioServiceService } from '@andvari/proto/portfolio/v1/portfolio';
import { StockServiceService } from '@andvari/proto/stock/v1/stock';
import { createApp as createRealApp } from './app/app.ts';
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

/** The world outside, which a test replaces. */
export interface Outside {
  now: () => bigint;
  portfolio: Portfolio;
  engine: Engine;
  stock: Stock;
  isQuiet: () => Promise<boolean>;
  /** For a test that puts something between two effects. */
  createApp: typeof createRealApp;
}

/** Reservations of the same moment share a statement and a commit in the ledger. */
const GATHER_MS = 20;

const streams = ['ORDER', 'COMMANDS', 'EXECUTIONS', 'MARKET'] as const;

export async function start(
  scope: Scope,
  config: Config,
  overrides: Partial<Outside> = {},
): Promise<{ port: number; adminPort: number }> {
  const kit = await openFoundation(scope, 'order', config, { migrations, streams, plans: 'by_key' });
  const { nats, metrics } = kit;
  const outside = outsideOf(config, kit, overrides);
  const view = createMarketView();
  const createApp = overrides.createApp ?? createRealApp;
  const app = createApp({
    ...kit,
    ...outside,
    now: overrides.now ?? nowUs,
    commands: createCommands(config.ENGINE_PARTITIONS),
    market: view,
    placedOrders: placedOrdersOf(nats),
    collars: { marketPpm: BigInt(config.MARKET_COLLAR_PPM), limitPpm: BigInt(config.LIMIT_COLLAR_PPM) },
    houseAccountId: config.HOUSE_ACCOUNT_ID,
    isQuiet: overrides.isQuiet ?? quietSystem(nats, outside.engine, reportsConsumer),
    resubmitAfterMs: config.RESUBMIT_AFTER_MS,
    recoverAfterMs: config.RECOVER_AFTER_MS,
    metrics: orderMetrics(metrics),
    log: scope.log,
  });
  const refresh = () => refreshMarket(outside.stock, view);
  followMarket(scope, { nats, view, refresh, everyMs: config.INSTRUMENT_REFRESH_MS });
  consumeReports(kit, app);
  kit.job({ name: 'resubmission', everyMs: config.RESUBMIT_SWEEP_MS, run: () => app.resubmission.sweep() });
  kit.job({ name: 'recovery', everyMs: config.RESUBMIT_SWEEP_MS, run: () => app.recovery.sweep() });
  return kit.serve(orderRpc(app, { development: config.ENVIRONMENT !== 'production' }));
}

function outsideOf(config: Config, kit: Foundation, { portfolio, engine, stock }: Partial<Outside>) {
  const connected = {
    portfolio: () =>
      kit.connect(PortfolioServiceService, config.PORTFOLIO_ADDR, {
        idempotent: [
          'reserve',
          'reserveGroup',
          'release',
          'getAccount',
          'getBuyingPower',
          'listHoldings',
          'getReservation',
          'estimateFees',
        ],
        gatherMs: GATHER_MS,
      }),
    engine: () =>
      kit.connect(EngineServiceService, config.ENGINE_ADDR, { idempotent: ['getBook', 'getOrder', 'getStats'] }),
    stock: () =>
      kit.connect(StockServiceService, config.STOCK_ADDR, {
        idempotent: ['listInstruments', 'getQuotes', 'getClock', 'getFxRates'],
      }),
  };
  return {
    portfolio: portfolio ?? portfolioService(connected.portfolio()),
    engine: engine ?? engineService(connected.engine()),
    stock: stock ?? stockService(connected.stock()),
  };
}

if (import.meta.main) await runProcess('order', readConfig, start);
