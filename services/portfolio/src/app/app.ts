import type { Wakeable } from '@andvari/kit/base/wakeable';
import type { Log } from '@andvari/kit/observe/log';
import type { ExchangeLimits } from '../domain/exchange.ts';
import type { FundingLimits } from '../domain/funding.ts';
import type { PortfolioMetrics } from '../metrics.ts';
import type { Bank } from '../ports/bank.ts';
import type { RateSource } from '../ports/fx-rates.ts';
import type { IsListed } from '../ports/listed-symbols.ts';
import type { FenceOrder } from '../ports/orders.ts';
import type { QuoteSource } from '../ports/quotes.ts';
import { createAccounts } from './accounts.ts';
import { createAdjustments } from './adjustments.ts';
import { createReportIntake, type IncomingReport } from './apply-reports.ts';
import { createCorporateActions } from './corporate-actions.ts';
import { createDeadLetters } from './dead-letters.ts';
import type { Deps } from './deps.ts';
import { createFeeSchedules } from './fee-schedules.ts';
import { createFundings } from './fundings.ts';
import { createImporting } from './importing.ts';
import { createInstruments } from './instruments.ts';
import { createLedgerMonitor } from './ledger-monitor.ts';
import { createOrphans } from './orphans.ts';
import { createReading } from './reading.ts';
import { createSnapshots } from './snapshots.ts';
import { createTrading } from './trading.ts';
import { createTransfers } from './transfers.ts';

export type App = ReturnType<typeof createApp>;

export type AppDeps = Deps & {
  bank: Bank;
  rates: RateSource;
  quotes: QuoteSource;
  isListed: IsListed;
  limits: FundingLimits;
  exchangeLimits: ExchangeLimits;
  spread: bigint;
  lanes: number;
  fundingBell: Wakeable;
  actionBell: Wakeable;
  fence: FenceOrder | undefined;
  houseAccountId: string;
  orphanAfterMs: number;
  earlyWaitMs: number;
  read: (report: Uint8Array) => readonly IncomingReport[];
  metrics: PortfolioMetrics;
  log: Log;
};

/** The use cases, by what they are about. */
export function createApp({
  limits,
  lanes,
  fundingBell,
  actionBell,
  fence,
  orphanAfterMs,
  earlyWaitMs,
  metrics,
  ...deps
}: AppDeps) {
  const feeSchedules = createFeeSchedules(deps);
  const instruments = createInstruments(deps);
  const corporateActions = createCorporateActions({ ...deps, bell: actionBell });
  const trading = createTrading({
    ...deps,
    lanes,
    schedule: () => feeSchedules.current(),
    instruments,
    isSplitPending: (accountId, symbol) => corporateActions.isSplitPending(accountId, symbol),
    count: (outcome) => metrics.reservations.inc({ outcome }),
  });
  const release = (of: { orderId: string; accountId: string }): Promise<bigint> => trading.release(of);
  return {
    accounts: createAccounts(deps),
    trading,
    corporateActions,
    orphans:
      fence &&
      createOrphans({
        ...deps,
        fence,
        release,
        afterMs: orphanAfterMs,
        count: (outcome) => metrics.orphans.inc({ outcome }),
      }),
    reports: createReportIntake({
      ...deps,
      earlyWaitMs,
      count: (outcome) => metrics.reports.inc({ outcome }),
      countFinding: (reason) => metrics.refusedReports.inc({ reason }),
      observeSettled: (us) => metrics.fillToLedger.observe({}, Number(us) / 1e6),
    }),
    deadLetters: createDeadLetters(deps),
    fundings: createFundings({
      ...deps,
      limits,
      wakeWorker: () => fundingBell.ring(),
      count: (type, state) => metrics.fundings.inc({ type, state }),
      countFailure: (step) => metrics.failedSteps.inc({ step }),
    }),
    transfers: createTransfers(deps),
    adjustments: createAdjustments({ ...deps, requireListed: (symbol) => instruments.requireListed(symbol) }),
    feeSchedules,
    instruments,
    importing: createImporting(deps),
    reading: createReading(deps),
    snapshots: createSnapshots(deps),
    monitor: createLedgerMonitor({ ...deps, metrics }),
  };
}
