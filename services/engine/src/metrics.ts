import type { Metrics } from '@andvari/kit/observe/metrics';
import { bookOrders } from './domain/queries.ts';
import { storedUpTo } from './partition/partition.ts';
import type { RunningPartition } from './partition/run-partition.ts';

/** From what a processor's cache gives to what keeps everybody waiting. */
const MATCH_SECONDS = [0.000005, 0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.01, 0.1];

/** How long a command takes from its bytes to those of its reports. */
export function matchTimes(metrics: Metrics): (seconds: number) => void {
  const times = metrics.histogram('engine_match_seconds', 'To apply a command; one in 64 is timed', [], MATCH_SECONDS);
  return (seconds) => times.observe(seconds);
}

/** Read when Prometheus asks, so that the hot path counts nothing twice. */
export function engineMetrics(metrics: Metrics, running: readonly RunningPartition[]): void {
  const perPartition = (name: string, help: string, value: (one: RunningPartition) => number): void => {
    metrics.gauge(name, help, ['partition'], (gauge) => {
      for (const one of running) gauge.set({ partition: one.partition.number }, value(one));
    });
  };
  /** Of what only grows: set anew from the partition's own count, which begins again with its process. */
  const countedPerPartition = (name: string, help: string, value: (one: RunningPartition) => number): void => {
    metrics.counter(name, help, ['partition'], (counter) => {
      counter.reset();
      for (const one of running) counter.inc({ partition: one.partition.number }, value(one));
    });
  };
  perPartition('engine_leader', 'Whether this process leads the partition', ({ leadership }) =>
    leadership.isLeader() ? 1 : 0,
  );
  perPartition('engine_applied_sequence', 'The last command applied', ({ partition }) => partition.read);
  perPartition('engine_stored_sequence', 'Up to which command the reports are stored', ({ partition }) =>
    storedUpTo(partition),
  );
  countedPerPartition(
    'engine_commands_total',
    'Commands applied since the log began',
    ({ partition }) => partition.state.commands,
  );
  countedPerPartition(
    'engine_reports_total',
    'Reports made since this process started',
    ({ partition }) => partition.reports,
  );
  perPartition(
    'engine_pending_reports',
    'Reports that wait to be stored',
    ({ partition }) => partition.pendingMessages,
  );
  countedPerPartition(
    'engine_unreadable_commands_total',
    'Commands set aside since this process started',
    ({ partition }) => partition.unreadable,
  );
  perPartition('engine_live_orders', 'Orders that are not terminal', ({ partition }) => partition.state.orders.live);
  metrics.gauge('engine_book_orders', 'Orders that stand in the book of a symbol', ['symbol'], (gauge) => {
    for (const { partition } of running) {
      for (const { symbol, orders } of bookOrders(partition.state)) gauge.set({ symbol }, orders);
    }
  });
  perPartition(
    'engine_snapshot_age_seconds',
    'Since the last snapshot',
    ({ snapshotAt }) => (Date.now() - snapshotAt()) / 1000,
  );
}
