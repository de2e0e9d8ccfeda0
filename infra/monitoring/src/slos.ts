/** A promise to those who trade, over 28 days; what burns its budget pages somebody. */
export interface Slo {
  name: string;
  /** In words, for the alert and the dashboard. */
  promise: string;
  /** 0.999: one in a thousand may fail. */
  objective: number;
  runbook: string;
  /** The share of bad events among all over a window, as PromQL. */
  badShare: (window: string) => string;
  /** How many events a second there are: a single failure at night is no page. */
  rate: (window: string) => string;
}

export const slos: Slo[] = [
  {
    name: 'api_answers',
    promise: 'GraphQL operations are answered',
    objective: 0.999,
    runbook: 'api-errors',
    badShare: (w) =>
      ratio(
        `sum(rate(graphql_operation_duration_seconds_count{outcome="failed"}[${w}]))`,
        `sum(rate(graphql_operation_duration_seconds_count{outcome!="invalid"}[${w}]))`,
      ),
    rate: (w) => `sum(rate(graphql_operation_duration_seconds_count{outcome!="invalid"}[${w}]))`,
  },
  {
    name: 'queries_quick',
    promise: 'queries take less than 250 ms',
    objective: 0.99,
    runbook: 'api-slow',
    badShare: (w) => slowShare('graphql_operation_duration_seconds', 'kind="query"', '0.25', w),
    rate: (w) => `sum(rate(graphql_operation_duration_seconds_count{kind="query"}[${w}]))`,
  },
  {
    name: 'mutations_quick',
    promise: 'mutations take less than 500 ms',
    objective: 0.99,
    runbook: 'api-slow',
    badShare: (w) => slowShare('graphql_operation_duration_seconds', 'kind="mutation"', '0.5', w),
    rate: (w) => `sum(rate(graphql_operation_duration_seconds_count{kind="mutation"}[${w}]))`,
  },
  {
    name: 'orders_acknowledged',
    promise: 'orders are acknowledged by the engine within 100 ms',
    objective: 0.999,
    runbook: 'order-ack-slow',
    badShare: (w) => slowShare('order_place_to_ack_seconds', '', '0.1', w),
    rate: (w) => `sum(rate(order_place_to_ack_seconds_count[${w}]))`,
  },
  {
    name: 'fills_settled',
    promise: 'fills are in the ledger within 2.5 s',
    objective: 0.999,
    runbook: 'consumer-lag',
    badShare: (w) => slowShare('order_fill_to_ledger_seconds', '', '2.5', w),
    rate: (w) => `sum(rate(order_fill_to_ledger_seconds_count[${w}]))`,
  },
];

export const windows = ['5m', '30m', '1h', '2h', '6h', '1d', '3d'] as const;
export type Window = (typeof windows)[number];

/** How fast the budget may burn before somebody is told: by a page at night, or by a ticket. */
export const burnRates: { severity: 'page' | 'ticket'; factor: number; long: Window; short: Window; for: string }[] = [
  { severity: 'page', factor: 14.4, long: '1h', short: '5m', for: '2m' },
  { severity: 'page', factor: 6, long: '6h', short: '30m', for: '5m' },
  { severity: 'ticket', factor: 3, long: '1d', short: '2h', for: '15m' },
  { severity: 'ticket', factor: 1, long: '3d', short: '6h', for: '1h' },
];

export const recordOf = (slo: Slo, window: Window): string => `slo:${slo.name}:bad_share_${window}`;
export const rateRecordOf = (slo: Slo, window: Window): string => `slo:${slo.name}:events_per_second_${window}`;

function slowShare(histogram: string, matcher: string, le: string, window: string): string {
  const bucket = `sum(rate(${histogram}_bucket{${[matcher, `le="${le}"`].filter(Boolean).join(',')}}[${window}]))`;
  const count = `sum(rate(${histogram}_count${matcher === '' ? '' : `{${matcher}}`}[${window}]))`;
  return `1 - ${bucket} / ${count}`;
}

/** With no bad event ever seen there is no such series: that is a share of nothing, not the absence of a share. */
function ratio(bad: string, all: string): string {
  return `(${bad} or vector(0)) / ${all}`;
}
