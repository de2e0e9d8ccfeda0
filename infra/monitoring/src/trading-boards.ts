import { type Board, quantiles, rate } from './panels.ts';

/** What becomes of orders and of money. */
export const tradingBoards: Board[] = [
  {
    uid: 'pipeline',
    title: 'Trading pipeline',
    description: 'Place, acknowledge, fill, settle: where an order spends its time.',
    rows: [
      {
        title: 'From click to ledger',
        panels: [
          {
            title: 'Place to acknowledgement',
            description: 'From the order’s row to the engine’s word. Promised: 100 ms.',
            runbook: 'order-ack-slow',
            unit: 's',
            limit: 0.1,
            queries: quantiles('order_place_to_ack_seconds'),
          },
          {
            title: 'Fill to ledger',
            description: 'From the engine’s report to the posted journal. Promised: 2.5 s.',
            runbook: 'consumer-lag',
            unit: 's',
            limit: 2.5,
            queries: quantiles('order_fill_to_ledger_seconds'),
          },
          {
            title: 'Orders taken',
            description: 'A second, by type.',
            runbook: 'order-ack-slow',
            unit: 'reqps',
            queries: [{ expr: rate('orders_placed_total', 'type'), legend: '{{type}}' }],
          },
          {
            title: 'Refused orders by reason',
            description: 'What clients are told. A new peak is a new client, or our mistake.',
            runbook: 'api-errors',
            unit: 'reqps',
            queries: [
              {
                expr: 'sum by (reason) (rate(orders_refused_total[$__rate_interval]))',
                legend: '{{reason}}',
              },
            ],
          },
          {
            title: 'Waiting for the engine',
            description: 'Orders that the engine owes an answer for longer than it should. Normally none.',
            runbook: 'order-ack-slow',
            unit: 'none',
            limit: 1,
            queries: [{ expr: 'max(orders_awaiting_engine)', legend: 'orders' }],
          },
          {
            title: 'Reports that did not fit',
            description: 'Recorded and counted, never thrown away. Normally none.',
            runbook: 'unexpected-reports',
            unit: 'none',
            queries: [{ expr: rate('unexpected_reports_total'), legend: 'reports' }],
          },
        ],
      },
    ],
  },
  {
    uid: 'engine',
    title: 'Engine',
    description: 'The matching engine, partition by partition.',
    rows: [
      {
        title: 'Partitions',
        panels: [
          {
            title: 'Leaders',
            description: 'Exactly one a partition.',
            runbook: 'no-leader',
            unit: 'none',
            queries: [{ expr: 'sum by (partition) (engine_leader)', legend: 'partition {{partition}}' }],
          },
          {
            title: 'Commands and reports',
            description: 'Read and written, a second.',
            runbook: 'no-leader',
            unit: 'ops',
            queries: [
              { expr: rate('engine_commands_total'), legend: 'commands' },
              { expr: rate('engine_reports_total'), legend: 'reports' },
            ],
          },
          {
            title: 'Age of the newest snapshot',
            description: 'A start replays what came after it. Below five minutes.',
            runbook: 'snapshot-old',
            unit: 's',
            limit: 300,
            queries: [{ expr: 'max by (partition) (engine_snapshot_age_seconds)', legend: 'partition {{partition}}' }],
          },
          {
            title: 'Resting orders',
            description: 'In all books, stops and auctions.',
            runbook: 'no-leader',
            unit: 'none',
            queries: [{ expr: 'max by (partition) (engine_live_orders)', legend: 'partition {{partition}}' }],
          },
          {
            title: 'Time of a command',
            description: 'From its bytes to those of its reports. Microseconds; one in 64 is timed.',
            runbook: 'order-ack-slow',
            unit: 's',
            limit: 0.001,
            queries: quantiles('engine_match_seconds'),
          },
          {
            title: 'Orders in the book',
            description: 'Of the ten symbols that have the most.',
            runbook: 'scale-out',
            unit: 'none',
            queries: [{ expr: 'topk(10, max by (symbol) (engine_book_orders))', legend: '{{symbol}}' }],
          },
        ],
      },
    ],
  },
  {
    uid: 'ledger',
    title: 'Ledger',
    description: 'Money: reserved, settled, verified.',
    rows: [
      {
        title: 'Work',
        panels: [
          {
            title: 'Reservations',
            description: 'Asked for, by outcome.',
            runbook: 'postgres-down',
            unit: 'reqps',
            queries: [{ expr: rate('portfolio_reservations_total', 'outcome'), legend: '{{outcome}}' }],
          },
          {
            title: 'Reports settled',
            description: 'By outcome. `repeated` is harmless.',
            runbook: 'consumer-lag',
            unit: 'reqps',
            queries: [{ expr: rate('portfolio_reports_total', 'outcome'), legend: '{{outcome}}' }],
          },
          {
            title: 'Fundings',
            description: 'Deposits and withdrawals, by state.',
            runbook: 'api-errors',
            unit: 'reqps',
            queries: [{ expr: rate('portfolio_fundings_total', 'state'), legend: '{{state}}' }],
          },
        ],
      },
      {
        title: 'Correctness',
        panels: [
          {
            title: 'Differences found',
            description: 'By the verification that recomputes everything. 0, always.',
            runbook: 'ledger-drift',
            unit: 'none',
            limit: 1,
            queries: [{ expr: 'max(ledger_drift)', legend: 'differences' }],
          },
          {
            title: 'Time since the last verification',
            description: 'It runs by itself every hour.',
            runbook: 'ledger-not-verified',
            unit: 's',
            limit: 7200,
            queries: [{ expr: 'time() - max(ledger_verified_timestamp_seconds)', legend: 'age' }],
          },
          {
            title: 'Open reservations',
            description: 'By what they are for. One that stays belongs to no order any more.',
            runbook: 'ledger-drift',
            unit: 'none',
            queries: [{ expr: 'max by (purpose) (ledger_reservations_open)', legend: '{{purpose}}' }],
          },
        ],
      },
    ],
  },
  {
    uid: 'business',
    title: 'Business',
    description: 'Orders, volume, people.',
    rows: [
      {
        title: 'Trading',
        panels: [
          {
            title: 'Orders a minute',
            description: 'Taken, by type.',
            runbook: 'order-ack-slow',
            unit: 'opm',
            queries: [{ expr: '60 * sum by (type) (rate(orders_placed_total[$__rate_interval]))', legend: '{{type}}' }],
          },
          {
            title: 'Legs settled a minute',
            description: 'Each trade has two.',
            runbook: 'consumer-lag',
            unit: 'opm',
            queries: [{ expr: '60 * sum(rate(portfolio_reports_total[$__rate_interval]))', legend: 'legs' }],
          },
        ],
      },
      {
        title: 'People',
        panels: [
          {
            title: 'Sign-ins a minute',
            description: 'By outcome.',
            runbook: 'login-flood',
            unit: 'opm',
            queries: [
              { expr: '60 * sum by (outcome) (rate(auth_logins_total[$__rate_interval]))', legend: '{{outcome}}' },
            ],
          },
          {
            title: 'Live readers',
            description: 'Open subscriptions.',
            runbook: 'api-slow',
            unit: 'none',
            queries: [{ expr: 'sum(subscriptions)', legend: 'subscriptions' }],
          },
        ],
      },
    ],
  },
];
