import { fromZero } from '@andvari/kit/observe/from-zero';
import type { Metrics } from '@andvari/kit/observe/metrics';
import { misfits } from './domain/life.ts';

export type OrderMetrics = ReturnType<typeof orderMetrics>;

export function orderMetrics(metrics: Metrics) {
  return {
    placed: metrics.counter('orders_placed_total', 'Orders that were taken', ['type']),
    refused: metrics.counter('orders_refused_total', 'Orders and changes that were not taken', ['reason']),
    changes: metrics.counter('order_changes_total', 'Cancels and replacements that were sent', ['change']),
    reports: metrics.counter('order_reports_total', 'Reports of the engine that were applied', ['type']),
    unexpected: fromZero(
      metrics.counter('unexpected_reports_total', 'Reports that did not fit their order', ['why']),
      misfits.map((why) => ({ why })),
    ),
    early: metrics.counter('early_reports_total', 'Reports that came before their order'),
    resent: metrics.counter('order_commands_resent_total', 'Commands sent again', ['kind']),
    recovered: metrics.counter('orders_recovered_total', 'Orders made anew from what was once told of them'),
    ended: metrics.counter('orders_total', 'Orders that have ended, by how and why', ['status', 'reason']),
    placeToAck: metrics.latency(
      'order_place_to_ack_seconds',
      'From taking an order to the engine having it in its log',
      [],
      LATENCIES,
    ),
    ackToFill: metrics.latency(
      'order_ack_to_fill_seconds',
      'From the engine having an order in its log to its first fill',
      [],
      WAITS,
    ),
    awaiting: metrics.gauge('orders_awaiting_engine', 'Orders the engine owes an answer for longer than it should'),
  };
}

/** In seconds; 0.1 is what is promised. */
const LATENCIES = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
/** An order may rest for as long as the market likes. */
const WAITS = [0.005, 0.025, 0.1, 0.5, 1, 10, 60, 600, 3600, 28_800];
