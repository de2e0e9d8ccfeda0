import { nowUs } from '@andvari/kit/base/clock';
import { wakeable } from '@andvari/kit/base/wakeable';
import { growHeapBy } from '@andvari/kit/process/heap';
import { runProcess, type Scope } from '@andvari/kit/process/scope';
import { type Foundation, openFoundation } from '@andvari/kit/service/foundation';
import { OrderServiceService } from '@andvari/proto/order/v1/order';
import { StockServiceService } from '@andvari/proto/stock/v1/stock';
import { type App, createApp } from './app/app.ts';
import { type Config, readConfig } from './config.ts';
import { consumedStreams, consumeEvents } from './consumers/consume.ts';
import { readKept } from './consumers/read-report.ts';
import { portfolioMetrics } from './metrics.ts';
import { type Bank, instantBank } from './ports/bank.ts';
import { builtInRates, type RateSource, stockRates } from './ports/fx-rates.ts';
import { anySymbol, type IsListed, stockSymbols } from './ports/listed-symbols.ts';
import { type FenceOrder, orderFence } from './ports/orders.ts';
import { liveQuotes, type QuoteSource } from './ports/quotes.ts';
import { portfolioRpc } from './rpc/server.ts';
import { seedHouse } from './store/accounts.ts';

export const migrations = new URL('../migrations/', import.meta.url);

/** Of what waits for the database much outlives the young heap and is garbage soon after: see docs/decisions/0070. */
export const heapGrowthPercent = 80;

const COUNT_EVERY_MS = 15_000;
/** What waits for orders to end is looked at so often. */
const ACTIONS_EVERY_MS = 1000;

/** The world outside, which a test replaces. */
export interface Outside {
  now: () => bigint;
  bank: Bank;
  rates: RateSource;
  quotes: QuoteSource;
  isListed: IsListed;
  fence: FenceOrder;
}

export async function start(
  scope: Scope,
  config: Config,
  overrides: Partial<Outside> = {},
): Promise<{ port: number; adminPort: number; app: App }> {
  const streams = ['PORTFOLIO', ...consumedStreams] as const;
  const kit = await openFoundation(scope, 'portfolio', config, { migrations, streams });
  await seedHouse(kit.db, { accountId: config.HOUSE_ACCOUNT_ID, userId: config.HOUSE_USER_ID });
  const fundingBell = wakeable();
  const actionBell = wakeable();
  const outside = outsideOf(config, kit);
  const app = createApp({
    ...kit,
    now: overrides.now ?? nowUs,
    bank: overrides.bank ?? instantBank,
    rates: overrides.rates ?? outside.rates,
    quotes: overrides.quotes ?? liveQuotes(scope, kit.nats),
    isListed: overrides.isListed ?? outside.isListed,
    fence: overrides.fence ?? outside.fence,
    houseAccountId: config.HOUSE_ACCOUNT_ID,
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
    metrics: portfolioMetrics(kit.metrics),
    log: scope.log,
  });
  const { fundings, corporateActions, reports, orphans, snapshots, monitor } = app;
  const earlyEveryMs = Math.max(20, config.EARLY_REPORT_WAIT_MS / 10);
  consumeEvents(kit, app);
  kit.job({ name: 'fundings', everyMs: config.FUNDING_SWEEP_MS, run: () => fundings.work(), bell: fundingBell });
  kit.job({
    name: 'corporate actions',
    everyMs: ACTIONS_EVERY_MS,
    run: (signal) => corporateActions.work(signal),
    bell: actionBell,
  });
  kit.job({ name: 'early reports', everyMs: earlyEveryMs, run: () => reports.giveUpOnEarly() });
  if (orphans !== undefined) {
    kit.job({ name: 'orphan reservations', everyMs: config.ORPHAN_SWEEP_MS, run: () => orphans.sweep() });
  }
  kit.job({ name: 'snapshots', everyMs: config.SNAPSHOT_CHECK_MS, run: (signal) => snapshots.take(signal) });
  kit.job({ name: 'verification', everyMs: config.VERIFY_EVERY_MS, run: (signal) => monitor.verify(signal) });
  kit.job({ name: 'reservation count', everyMs: COUNT_EVERY_MS, run: () => monitor.countReservations() });
  return { ...(await kit.serve(portfolioRpc(app, { development: config.ENVIRONMENT !== 'production' }))), app };
}

/** Those whose addresses are given; without, rates are built in, any symbol will do and nobody's orders are asked after. */
function outsideOf({ STOCK_ADDR, ORDER_ADDR }: Config, kit: Foundation) {
  const stock =
    STOCK_ADDR === undefined
      ? undefined
      : kit.connect(StockServiceService, STOCK_ADDR, { idempotent: ['getFxRates', 'getInstruments'] });
  const fence =
    ORDER_ADDR === undefined
      ? undefined
      : orderFence(kit.connect(OrderServiceService, ORDER_ADDR, { idempotent: ['fenceOrder'] }));
  return {
    rates: stock === undefined ? builtInRates : stockRates(stock),
    isListed: stock === undefined ? anySymbol : stockSymbols(stock),
    fence,
  };
}

if (import.meta.main) {
  growHeapBy(heapGrowthPercent);
  await runProcess('portfolio', readConfig, start);
}
