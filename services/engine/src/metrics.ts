import type { Metrics } from '@andvari/kit/observe/metrics';
import { storedUpTo } from './partition/partition.ts';
import type { RunningPartition } from './partition/run-partition.ts';

/** Read when Prometheus asks, so that the hot path counts nothing twice. */
export function engineMetrics(metrics: Metrics, running: readonly RunningPartition[]): void {
  const perPartition = (name: string, help: string, value: (one: RunningPartition) => number): void => {
    metrics.gauge(name, help, ['partition'], (gauge) => {
      for (const one of running) gauge.set({ partition: one.partition.number }, value(one));
    });
  };
  perPartition('engine_leader', 'Whether this process leads the partition', ({ leadership }) =>
    leadership.isLeader() ? 1 : 0,
  );
  perPartition('engine_applied_sequence', 'The last command applied', ({ partition }) => partition.read);
  perPartition('engine_stored_sequence', 'Up to which command the reports are stored', ({ partition }) =>
    storedUpTo(partition),
  );
  perPartition('engine_commands', 'Commands applied since the log began', ({ partition }) => partition.state.commands);
  perPartition('engine_reports', 'Reports made since this process started', ({ partition }) => partition.reports);
  perPartition(
    'engine_pending_reports',
    'Reports that wait to be stored',
    ({ partition }) => partition.pendingMessages,
  );
  perPartition(
    'engine_unreadable_commands',
    'Commands set aside since this process started',
    ({ partition }) => partition.unreadable,
  );
  perPartition('engine_live_orders', 'Orders that are not terminal', ({ partition }) => partition.state.orders.live);
  perPartition(
    'engine_snapshot_age_seconds',
    'Since the last snapshot',
    ({ snapshotAt }) => (Date.now() - snapshotAt()) / 1000,
  );
}
