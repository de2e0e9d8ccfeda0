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
import { clientsEventLoopNames, measureEventLoop } from './event-loop.ts';
import { recordedTraceId } from './tracing.ts';

/** One registry a service, so that several services in one process stay apart. */
export interface Metrics {
  counter<L extends string = string>(
    name: string,
    help: string,
    labels?: readonly L[],
    collect?: (counter: Counter<L>) => void,
  ): Counter<L>;
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
  /** A histogram of seconds whose buckets point to a recorded trace each, where one was: its exemplar. */
  latency<L extends string = never>(
    name: string,
    help: string,
    labels?: readonly L[],
    buckets?: readonly number[],
  ): Latency<L>;
  /** The text that Prometheus scrapes, and its content type: OpenMetrics for whoever accepts it, because only that has exemplars. */
  scrape(accept?: string): Promise<{ contentType: string; body: string }>;
}

export interface Latency<L extends string = never> {
  /** Of the trace that `traceparent` names, or else of the one around. */
  observe(labels: Readonly<Record<L, string>>, seconds: number, traceparent?: string): void;
}

/** From a tenth of a millisecond to ten seconds: calls inside one system. */
export const callBuckets = [
  0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10,
] as const;

export function openMetrics(service: string, options: { runtime?: boolean } = {}): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  if (options.runtime !== false) collectRuntime(registry);
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

  /** One at a time: which format it is stands in the registry. */
  let underWay: Promise<unknown> = Promise.resolve();

  return {
    counter<L extends string>(
      name: string,
      help: string,
      labels: readonly L[] = [],
      collect?: (counter: Counter<L>) => void,
    ) {
      const configuration: CounterConfiguration<L> = { name, help, labelNames: [...labels], registers };
      if (collect !== undefined) configuration.collect = () => collect(counter);
      const counter: Counter<L> = once(name, () => new Counter(configuration));
      return counter;
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
        await Promise.all(parts.map(async (collectPart) => collectPart()));
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
    latency<L extends string = never>(
      name: string,
      help: string,
      labels: readonly L[] = [],
      buckets: readonly number[] = callBuckets,
    ): Latency<L> {
      const histogram = once(name, () => {
        const made = new Histogram<string>({
          name,
          help,
          labelNames: [...labels],
          buckets: [...buckets],
          registers: [],
          enableExemplars: true,
        });
        // Not by its constructor, which refuses where the last scrape was for the format without exemplars.
        registry.registerMetric(made);
        return made;
      });
      return {
        observe(values, seconds, traceparent) {
          const traceId = recordedTraceId(traceparent);
          const seen = { labels: values, value: seconds };
          histogram.observe(traceId === undefined ? seen : { ...seen, exemplarLabels: { trace_id: traceId } });
        },
      };
    },
    scrape(accept = '') {
      const isOpen = accept.includes('application/openmetrics-text');
      const scraped = underWay.then(() => textOf(registry, isOpen));
      underWay = scraped.catch(() => undefined);
      return scraped;
    },
  };
}

/** A day. */
const NEVER_MS = 86_400_000;

/** Event-loop lag, heap, handles and garbage collection of the process. */
function collectRuntime(registry: Registry): void {
  // The client's own measures of the event loop wake the process thirty times a second; ours replace them.
  collectDefaultMetrics({
    register: registry,
    eventLoopMonitoringPrecision: NEVER_MS,
    eventLoopUtilizationTimeout: NEVER_MS,
  });
  for (const name of clientsEventLoopNames) registry.removeSingleMetric(name);
  measureEventLoop(registry);
}

/** In OpenMetrics a counter is called without its suffix, and its samples with it: the registry renames it and does not undo that. */
async function textOf(registry: Registry, isOpen: boolean): Promise<{ contentType: string; body: string }> {
  const named = registry.getMetricsAsArray().map((metric) => ({ metric, name: metric.name }));
  registry.setContentType(isOpen ? Registry.OPENMETRICS_CONTENT_TYPE : Registry.PROMETHEUS_CONTENT_TYPE);
  try {
    return { contentType: registry.contentType, body: await registry.metrics() };
  } finally {
    for (const { metric, name } of named) metric.name = name;
  }
}
