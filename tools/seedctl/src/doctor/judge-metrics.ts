import type { Complaint, Runbook } from './complaint.ts';
import type { Sample } from './read-metrics.ts';

interface Rule {
  readonly metric: string;
  readonly isWrong: (value: number, nowSeconds: number) => boolean;
  readonly says: (sample: Sample, nowSeconds: number) => string;
  readonly runbook: Runbook;
}

const DAY_SECONDS = 86_400;
const seconds = (value: number): string => `${Math.round(value)} s`;

/** What a single service says of itself that nobody has to watch to know it is wrong; the alerts ask the same over time. */
const rules: readonly Rule[] = [
  {
    metric: 'ledger_drift',
    isWrong: (value) => value > 0,
    says: ({ value }) => `the ledger does not add up: ${value} differences`,
    runbook: 'ledger-drift',
  },
  {
    metric: 'ledger_verified_timestamp_seconds',
    isWrong: (value, now) => value > 0 && now - value > 7200,
    says: ({ value }, now) => `the ledger was not verified for ${seconds(now - value)}`,
    runbook: 'ledger-not-verified',
  },
  {
    metric: 'engine_snapshot_age_seconds',
    isWrong: (value) => value > 300,
    says: ({ labels, value }) => `the newest snapshot of partition ${labels['partition']} is ${seconds(value)} old`,
    runbook: 'snapshot-old',
  },
  {
    metric: 'outbox_age_seconds',
    isWrong: (value) => value > 30,
    says: ({ value }) => `events wait in its outbox for ${seconds(value)}`,
    runbook: 'outbox-stuck',
  },
  {
    metric: 'consumer_stalled_seconds',
    isWrong: (value) => value > 60,
    says: ({ labels, value }) => `consumer ${labels['consumer']} does not finish its batch since ${seconds(value)}`,
    runbook: 'consumer-lag',
  },
  {
    metric: 'rpc_client_circuit_open',
    isWrong: (value) => value > 0,
    says: ({ labels }) => `it has given up calling ${labels['callee']}`,
    runbook: 'circuit-open',
  },
  {
    metric: 'nats_connected',
    isWrong: (value) => value < 1,
    says: () => 'it has no connection to NATS',
    runbook: 'nats-down',
  },
  {
    metric: 'redis_connected',
    isWrong: (value) => value < 1,
    says: () => 'it has no answer from Redis: nobody signs in, and no limit holds',
    runbook: 'redis-down',
  },
  {
    metric: 'cert_expiry_timestamp_seconds',
    isWrong: (value, now) => value - now < 14 * DAY_SECONDS,
    says: ({ value }, now) => `its certificate ends in ${Math.floor((value - now) / DAY_SECONDS)} days`,
    runbook: 'certificates',
  },
  {
    metric: 'nodejs_eventloop_lag_p99_seconds',
    isWrong: (value) => value > 0.2,
    says: ({ value }) => `its event loop lags by ${Math.round(value * 1000)} ms`,
    runbook: 'api-slow',
  },
  {
    metric: 'orders_awaiting_engine',
    isWrong: (value) => value > 0,
    says: ({ value }) => `${value} orders wait for the engine’s word for longer than they should`,
    runbook: 'order-ack-slow',
  },
];

export function judgeMetrics(service: string, samples: readonly Sample[], nowSeconds: number): Complaint[] {
  return samples.flatMap((sample) => {
    const rule = rules.find(({ metric }) => metric === sample.name);
    if (rule === undefined || !rule.isWrong(sample.value, nowSeconds)) return [];
    return [{ where: service, what: rule.says(sample, nowSeconds), runbook: rule.runbook }];
  });
}

/** Over all engines: each partition has one leader. */
export function judgeLeaders(samples: readonly Sample[]): Complaint[] {
  const leading = samples.filter(({ name }) => name === 'engine_leader');
  const partitions = Map.groupBy(leading, ({ labels }) => labels['partition'] ?? '');
  return [...partitions].flatMap(([partition, those]): Complaint[] => {
    const leaders = those.reduce((sum, { value }) => sum + value, 0);
    if (leaders === 1) return [];
    return leaders < 1
      ? [{ where: 'engine', what: `nobody leads partition ${partition}`, runbook: 'no-leader' }]
      : [{ where: 'engine', what: `partition ${partition} has ${leaders} leaders`, runbook: 'two-leaders' }];
  });
}
