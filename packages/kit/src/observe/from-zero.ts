import type { Counter, LabelValues } from '@prometheus-io/client';

/**
 * Lets a counter stand at 0 for each of these from the start. Prometheus sees no increase where a series begins, so an alert
 * on the increase would miss the first event of its kind: often the only one.
 */
export function fromZero<L extends string>(counter: Counter<L>, series: readonly LabelValues<L>[]): Counter<L> {
  for (const labels of series) counter.inc(labels, 0);
  return counter;
}
