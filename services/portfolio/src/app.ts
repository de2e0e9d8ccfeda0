import type { Log } from '@andvari/kit/log';
import type { Wakeable } from '@andvari/kit/wakeable';
import { createAccounts } from './app/accounts.ts';
import { createAdjustments } from './app/adjustments.ts';
import { createFundings } from './app/fundings.ts';
import type { Neighbours } from './app/neighbours.ts';
import { createOperator } from './app/operator.ts';
import { createReading } from './app/reading.ts';
import { createSettlement } from './app/settlement.ts';
import { createSnapshots } from './app/snapshots.ts';
import { createTrading } from './app/trading.ts';
import { createTransfers } from './app/transfers.ts';
import { createWatch } from './app/watch.ts';
import type { Bank } from './bank.ts';
import type { FundingLimits } from './domain/funding.ts';
import type { RateSource } from './fx-rates.ts';
import type { PortfolioMetrics } from './metrics.ts';
import type { QuoteSource } from './quotes.ts';

export type App = ReturnType<typeof createApp>;

export type AppNeighbours = Neighbours & {
  bank: Bank;
  rates: RateSource;
  quotes: QuoteSource;
  limits: FundingLimits;
  lanes: number;
  fundingBell: Wakeable;
  metrics: PortfolioMetrics;
  log: Log;
};

/** The use cases, by what they are about. */
export function createApp({ limits, lanes, fundingBell, metrics, ...neighbours }: AppNeighbours) {
  const operator = createOperator(neighbours);
  return {
    accounts: createAccounts(neighbours),
    trading: createTrading({
      ...neighbours,
      lanes,
      schedule: () => operator.schedule(),
      count: (outcome) => metrics.reservations.inc({ outcome }),
    }),
    settlement: createSettlement({ ...neighbours, count: (outcome) => metrics.reports.inc({ outcome }) }),
    fundings: createFundings({
      ...neighbours,
      limits,
      wakeWorker: () => fundingBell.ring(),
      count: (type, state) => metrics.fundings.inc({ type, state }),
    }),
    transfers: createTransfers(neighbours),
    adjustments: createAdjustments(neighbours),
    operator,
    reading: createReading(neighbours),
    snapshots: createSnapshots(neighbours),
    watch: createWatch({ ...neighbours, metrics }),
  };
}
