import type { Metrics } from '@andvari/kit/observe/metrics';

export type StockMetrics = ReturnType<typeof stockMetrics>;

export function stockMetrics(metrics: Metrics) {
  return {
    upstream: metrics.counter('stock_upstream_requests_total', 'Calls to providers of market data', [
      'provider',
      'outcome',
    ]),
    ticks: metrics.counter('stock_ticks_total', 'Quotes sent out live'),
  };
}
