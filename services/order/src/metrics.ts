import type { Metrics } from '@andvari/kit/observe/metrics';

export type OrderMetrics = ReturnType<typeof orderMetrics>;

export function orderMetrics(metrics: Metrics) {
  return {
    placed: metrics.counter('orders_placed_total', 'Orders that were taken', ['type']),
    refused: metrics.counter('orders_refused_total', 'Orders and changes that were not taken', ['reason']),
    changes: metrics.counter('order_changes_total', 'Cancels and replacements that were sent', ['change']),
    reports: metrics.counter('order_reports_total', 'Reports of the engine that were applied', ['type']),
    unexpected: metrics.counter('unexpected_reports_total', 'Reports that did not fit their order', ['why']),
    early: metrics.counter('early_reports_total', 'Reports that came before their order'),
    resent: metrics.counter('order_commands_resent_total', 'Commands sent again', ['kind']),
    recovered: metrics.counter('orders_recovered_total', 'Orders made anew from what was once told of them'),
    awaiting: metrics.gauge('orders_awaiting_engine', 'Orders the engine owes an answer for longer than it should'),
  };
}
