import { type Board, quantile, quantiles, rate } from './panels.ts';
import { recordOf, slos } from './slos.ts';

/** Is it up, and what does it cost: the same questions for every service. */
export const systemBoards: Board[] = [
  {
    uid: 'overview',
    title: 'Overview',
    description: 'Is everything well? The promises, what burns their budgets, and the signs that come first.',
    rows: [
      {
        title: 'Promises (share that was not kept, last hour)',
        panels: slos.map((slo) => ({
          kind: 'stat',
          title: slo.promise,
          description: `Promised for ${slo.objective * 100} %. Red: the budget of 28 days burns 14.4 times too fast.`,
          runbook: slo.runbook,
          unit: 'percentunit',
          limit: 14.4 * (1 - slo.objective),
          queries: [{ expr: recordOf(slo, '1h'), legend: slo.name }],
        })),
      },
      {
        title: 'Right now',
        panels: [
          {
            kind: 'stat',
            title: 'Ledger differences',
            description: 'What does not add up. 0, always.',
            runbook: 'ledger-drift',
            unit: 'none',
            queries: [{ expr: 'max(ledger_drift)', legend: 'differences' }],
          },
          {
            kind: 'stat',
            title: 'Dead letters',
            description: 'Messages set aside and not dealt with. Normally 0.',
            runbook: 'dead-letters',
            unit: 'none',
            queries: [{ expr: 'sum(consumer_dead_letters)', legend: 'messages' }],
          },
          {
            kind: 'stat',
            title: 'Targets down',
            description: 'Processes that do not answer their scrape. Normally 0.',
            runbook: 'target-down',
            unit: 'none',
            queries: [{ expr: 'count(up{job="andvari"} == 0) or vector(0)', legend: 'down' }],
          },
          {
            kind: 'stat',
            title: 'Open circuits',
            description: 'Neighbours that somebody has given up calling. Normally 0.',
            runbook: 'circuit-open',
            unit: 'none',
            queries: [{ expr: 'sum(rpc_client_circuit_open)', legend: 'circuits' }],
          },
          {
            kind: 'stat',
            title: 'Oldest event in an outbox',
            description: 'How long news waits before it is published. Normally below 1 s.',
            runbook: 'outbox-stuck',
            unit: 's',
            limit: 30,
            queries: [{ expr: 'max(outbox_age_seconds)', legend: 'age' }],
          },
          {
            kind: 'stat',
            title: 'Furthest behind',
            description: 'The consumer with the most messages before it. Normally below 100.',
            runbook: 'consumer-lag',
            unit: 'none',
            limit: 1000,
            queries: [{ expr: 'max(consumer_lag)', legend: 'messages' }],
          },
        ],
      },
      {
        title: 'Traffic',
        panels: [
          {
            title: 'GraphQL operations',
            description: 'By what became of them. `failed` is ours, `refused` and `invalid` are the caller’s.',
            runbook: 'api-errors',
            unit: 'reqps',
            queries: [{ expr: rate('graphql_operation_duration_seconds_count', 'outcome'), legend: '{{outcome}}' }],
          },
          {
            title: 'Time of a query and of a mutation (p99)',
            description: 'Promised: 250 ms and 500 ms.',
            runbook: 'api-slow',
            unit: 's',
            limit: 0.5,
            queries: [{ expr: quantile(0.99, 'graphql_operation_duration_seconds', 'kind'), legend: '{{kind}}' }],
          },
          {
            title: 'Orders',
            description: 'Taken, by type.',
            runbook: 'order-ack-slow',
            unit: 'reqps',
            queries: [{ expr: rate('orders_placed_total', 'type'), legend: '{{type}}' }],
          },
        ],
      },
    ],
  },
  {
    uid: 'gateway',
    title: 'Gateway',
    description: 'What clients ask, what it costs, who is refused.',
    rows: [
      {
        title: 'Operations',
        panels: [
          {
            title: 'Operations by kind',
            description: 'Queries, mutations, subscriptions a second.',
            runbook: 'api-slow',
            unit: 'reqps',
            queries: [{ expr: rate('graphql_operation_duration_seconds_count', 'kind'), legend: '{{kind}}' }],
          },
          {
            title: 'Time by percentile',
            description: 'Of all operations.',
            runbook: 'api-slow',
            unit: 's',
            queries: quantiles('graphql_operation_duration_seconds'),
          },
          {
            title: 'Refused before they were asked',
            description: 'By limits, load shedding and the checks of form. A flood shows here first.',
            runbook: 'login-flood',
            unit: 'reqps',
            queries: [{ expr: rate('requests_refused_total', 'limit'), legend: '{{limit}}' }],
          },
        ],
      },
      {
        title: 'Streams and neighbours',
        panels: [
          {
            title: 'Open subscriptions',
            description: 'By transport. Each reader is bounded; a slow one misses and is told so.',
            runbook: 'api-slow',
            unit: 'none',
            queries: [{ expr: 'sum by (transport) (subscriptions)', legend: '{{transport}}' }],
          },
          {
            title: 'Calls to services (p99)',
            description: 'As the gateway sees them.',
            runbook: 'circuit-open',
            unit: 's',
            queries: [
              {
                expr: quantile(0.99, 'rpc_client_duration_seconds', 'method', '{service="gateway"}'),
                legend: '{{method}}',
              },
            ],
          },
          {
            title: 'HTTP routes (p99)',
            description: 'Sign-in and refresh take an argon2 hash each; everything else is quick.',
            runbook: 'api-slow',
            unit: 's',
            queries: [{ expr: quantile(0.99, 'http_route_duration_seconds', 'route'), legend: '{{route}}' }],
          },
        ],
      },
    ],
  },
  {
    uid: 'events',
    title: 'Events',
    description: 'Outboxes, streams, consumers, dead letters.',
    rows: [
      {
        title: 'Out',
        panels: [
          {
            title: 'Published',
            description: 'Events a second, by service.',
            runbook: 'outbox-stuck',
            unit: 'ops',
            queries: [{ expr: rate('outbox_published_total', 'service'), legend: '{{service}}' }],
          },
          {
            title: 'Oldest in the outbox',
            description: 'Normally below a second.',
            runbook: 'outbox-stuck',
            unit: 's',
            limit: 30,
            queries: [{ expr: 'max by (service) (outbox_age_seconds)', legend: '{{service}}' }],
          },
          {
            title: 'Waiting in the outbox',
            description: 'Rows that are not published yet.',
            runbook: 'outbox-stuck',
            unit: 'none',
            queries: [{ expr: 'max by (service) (outbox_depth)', legend: '{{service}}' }],
          },
        ],
      },
      {
        title: 'In',
        panels: [
          {
            title: 'Handled',
            description: 'Messages a second.',
            runbook: 'consumer-lag',
            unit: 'ops',
            queries: [
              { expr: rate('consumer_handled_total', 'service, consumer'), legend: '{{service}} {{consumer}}' },
            ],
          },
          {
            title: 'Lag',
            description: 'Messages of the stream that are still to come.',
            runbook: 'consumer-lag',
            unit: 'none',
            limit: 1000,
            queries: [{ expr: 'max by (service, consumer) (consumer_lag)', legend: '{{service}} {{consumer}}' }],
          },
          {
            title: 'Dead letters',
            description: 'Set aside, to be looked at, applied again or dropped.',
            runbook: 'dead-letters',
            unit: 'none',
            limit: 1,
            queries: [
              { expr: 'max by (service, consumer) (consumer_dead_letters)', legend: '{{service}} {{consumer}}' },
            ],
          },
        ],
      },
    ],
  },
  {
    uid: 'node',
    title: 'Node runtime',
    description: 'Processor, memory and event loop of every process.',
    rows: [
      {
        title: 'Processes',
        panels: [
          {
            title: 'Processor',
            description: 'Cores in use.',
            runbook: 'scale-out',
            unit: 'none',
            queries: [{ expr: rate('process_cpu_seconds_total', 'service'), legend: '{{service}}' }],
          },
          {
            title: 'Resident memory',
            description: 'Stays flat under steady load.',
            runbook: 'scale-out',
            unit: 'bytes',
            queries: [{ expr: 'max by (service) (process_resident_memory_bytes)', legend: '{{service}}' }],
          },
          {
            title: 'Event loop lag (p99)',
            description: 'Above 200 ms everything waits.',
            runbook: 'api-slow',
            unit: 's',
            limit: 0.2,
            queries: [{ expr: 'max by (service) (nodejs_eventloop_lag_p99_seconds)', legend: '{{service}}' }],
          },
          {
            title: 'Garbage collection',
            description: 'Share of the time.',
            runbook: 'scale-out',
            unit: 'percentunit',
            queries: [{ expr: rate('nodejs_gc_duration_seconds_sum', 'service'), legend: '{{service}}' }],
          },
          {
            title: 'Heap',
            description: 'What lives in it.',
            runbook: 'scale-out',
            unit: 'bytes',
            queries: [{ expr: 'max by (service) (nodejs_heap_size_used_bytes)', legend: '{{service}}' }],
          },
        ],
      },
    ],
  },
  {
    uid: 'infrastructure',
    title: 'Infrastructure',
    description: 'PostgreSQL, NATS and Redis as the services see them.',
    rows: [
      {
        title: 'PostgreSQL',
        panels: [
          {
            title: 'Connections',
            description: 'Of each service’s pool.',
            runbook: 'postgres-down',
            unit: 'none',
            queries: [{ expr: 'sum by (service, state) (db_pool_connections)', legend: '{{service}} {{state}}' }],
          },
          {
            title: 'Transactions (p99)',
            description: 'From begin to commit.',
            runbook: 'postgres-down',
            unit: 's',
            queries: [{ expr: quantile(0.99, 'db_transaction_seconds', 'service'), legend: '{{service}}' }],
          },
        ],
      },
      {
        title: 'NATS',
        panels: [
          {
            title: 'Connected',
            description: '1, for every service.',
            runbook: 'nats-down',
            unit: 'none',
            queries: [{ expr: 'min by (service) (nats_connected)', legend: '{{service}}' }],
          },
        ],
      },
      {
        title: 'Redis',
        panels: [
          {
            title: 'Answers',
            description: '1, for the gateway and for stock.',
            runbook: 'redis-down',
            unit: 'none',
            queries: [{ expr: 'min by (service) (redis_connected)', legend: '{{service}}' }],
          },
        ],
      },
    ],
  },
];
