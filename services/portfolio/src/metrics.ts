import { fromZero } from '@andvari/kit/observe/from-zero';
import type { Metrics } from '@andvari/kit/observe/metrics';
import { reportFaults } from './domain/settlement.ts';

export type PortfolioMetrics = ReturnType<typeof portfolioMetrics>;

export function portfolioMetrics(metrics: Metrics) {
  return {
    reservations: metrics.counter('portfolio_reservations_total', 'Reservations asked for', ['outcome']),
    reports: metrics.counter('portfolio_reports_total', 'Execution reports that concern the ledger', ['outcome']),
    refusedReports: fromZero(
      metrics.counter(
        'portfolio_refused_reports_total',
        'Execution reports that our books contradict; any is a finding',
        ['reason'],
      ),
      reportFaults.map((reason) => ({ reason })),
    ),
    failedSteps: metrics.counter('portfolio_funding_failures_total', 'Steps of fundings that could not be taken', [
      'step',
    ]),
    fundings: metrics.counter('portfolio_fundings_total', 'Steps of deposits and withdrawals', ['type', 'state']),
    orphans: metrics.counter('portfolio_orphan_reservations_total', 'Reservations whose order was asked after', [
      'outcome',
    ]),
    fillToLedger: metrics.latency(
      'order_fill_to_ledger_seconds',
      'From the engine’s log to the journal of the fill',
      [],
      LATENCIES,
    ),
    drift: metrics.gauge('ledger_drift', 'Differences that the last verification found; anything but 0 is a fault'),
    verifiedAt: metrics.gauge('ledger_verified_timestamp_seconds', 'When a verification last came to its end'),
    verificationSeconds: metrics.gauge(
      'ledger_verification_seconds',
      'How long the last verification worked, its rests left out',
    ),
    outstanding: metrics.gauge('ledger_reservations_open', 'Reservations that hold something', ['purpose']),
    oldest: metrics.gauge('ledger_reservation_oldest_seconds', 'Age of the oldest of them', ['purpose']),
  };
}

/** In seconds; 2.5 is what is promised. */
const LATENCIES = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 30];
