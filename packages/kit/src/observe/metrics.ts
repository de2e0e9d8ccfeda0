import {
  Counter,
  type CounterConfiguration,
  collectDefaultMetrics,
  Gauge,
  type GaugeConfiguration,
  Histogram,
  type HistogramConfiguration,
  Registry,
} from '@prometheus-io/client';
import { build } from '../base/build.ts';

/** One registry a service, so that several services in one process stay apart. */
export interface Metrics {
  counter<L extends string = string>(name: string, help: string, labels?: readonly L[]): Counter<L>;
  gauge<L extends string = string>(
    name: string,
    help: string,
    labels?: readonly L[],
    collect?: (gauge: Gauge<L>) => void | Promise<void>,
  ): Gauge<L>;
  histogram<L extends string = string>(
    name: string,
    help: string,
    labels?: readonly L[],
    buckets?: readonly number[],
  ): Histogram<L>;
  /** The text that Prometheus scrapes, and its content type. */
  scrape(): Promise<{ contentType: string; body: string }>;
}

/** From a tenth of a millisecond to ten seconds: calls inside one system. */
export const callBuckets = [
  0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10,
] as const;

export function openMetrics(service: string, options: { runtime?: boolean } = {}): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  // Event-loop lag, heap, handles and garbage collection of the process. The lag is sampled by a timer, which wakes an
  // idle process as often as this says.
  if (options.runtime !== false) collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 50 });
  const registers = [registry];
  const { version, commit } = build;
  new Gauge({
    name: 'andvari_build_info',
    help: 'Which build this is',
    labelNames: ['version', 'commit'],
    registers,
  }).set({ version, commit }, 1);

  /** A part that is opened twice, two RPC clients say, shares the metric that the first one made. */
  const once = <M>(name: string, make: () => M): M => (registry.getSingleMetric(name) as M | undefined) ?? make();
  // Each of them has its own part of a shared gauge to fill in at a scrape.
  const collectors = new Map<string, (() => void | Promise<void>)[]>();

  return {
    counter<L extends string>(name: string, help: string, labels: readonly L[] = []) {
      const configuration: CounterConfiguration<L> = { name, help, labelNames: [...labels], registers };
      return once(name, () => new Counter(configuration));
    },
    gauge<L extends string>(
      name: string,
      help: string,
      labels: readonly L[] = [],
      collect?: (gauge: Gauge<L>) => void | Promise<void>,
    ) {
      const parts = collectors.get(name) ?? [];
      collectors.set(name, parts);
      const configuration: GaugeConfiguration<L> = { name, help, labelNames: [...labels], registers };
      configuration.collect = async () => {
        for (const collectPart of parts) await collectPart();
      };
      const gauge = once(name, () => new Gauge(configuration));
      if (collect !== undefined) parts.push(() => collect(gauge));
      return gauge;
    },
    histogram<L extends string>(
      name: string,
      help: string,
      labels: readonly L[] = [],
      buckets: readonly number[] = callBuckets,
    ) {
      const configuration: HistogramConfiguration<L> = {
        name,
        help,
        labelNames: [...labels],
        buckets: [...buckets],
        registers,
      };
      return once(name, () => new Histogram(configuration));
    },
    async scrape() {
      return { contentType: registry.contentType, body: await registry.metrics() };
    },
  };
}
