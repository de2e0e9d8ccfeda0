import { createHistogram, performance, type RecordableHistogram } from 'node:perf_hooks';
import { Gauge, type Registry } from '@prometheus-io/client';
import { togetherMs } from '../base/wakeable.ts';

/** How often the loop is looked at while it has work, and while it has next to none: each look wakes an idle process. */
const BUSY_EVERY_MS = 50;
const IDLE_EVERY_MS = 2000;
/** Of its time, below which a loop is idle. */
const IDLE_BELOW = 0.1;

const figures: Record<string, (seen: RecordableHistogram) => number> = {
  min: (seen) => seen.min,
  max: (seen) => seen.max,
  mean: (seen) => seen.mean,
  stddev: (seen) => seen.stddev,
  p50: (seen) => seen.percentile(50),
  p90: (seen) => seen.percentile(90),
  p99: (seen) => seen.percentile(99),
};

/** Under which the client measures the same. */
export const clientsEventLoopNames = [
  'nodejs_eventloop_lag_seconds',
  ...Object.keys(figures).map((figure) => `nodejs_eventloop_lag_${figure}_seconds`),
  'nodejs_eventloop_utilization_summary',
  'nodejs_eventloop_utilization_histogram',
];

/**
 * How late the event loop comes to a timer, and how much of its time it works, since the last scrape. The client's own measures look as often at an idle process as at
 * a busy one. A loop that is late has work, so lateness that lasts is seen as finely as ever; of a pause out of nothing, as much
 * as the next look finds.
 */
export function measureEventLoop(registry: Registry): void {
  const registers = [registry];
  const seen = createHistogram();
  watch(seen);
  const tellFigures: (() => void)[] = [];
  // The first of them, so that its scrape comes first and fills in the others.
  const lag: Gauge = new Gauge({
    name: 'nodejs_eventloop_lag_seconds',
    help: 'How late the event loop comes to its next turn',
    registers,
    async collect() {
      if (seen.count > 0) for (const tell of tellFigures) tell();
      seen.reset();
      const askedAt = performance.now();
      await new Promise((resolve) => setImmediate(resolve));
      lag.set((performance.now() - askedAt) / 1000);
    },
  });
  for (const [figure, of] of Object.entries(figures)) {
    const gauge = new Gauge({
      name: `nodejs_eventloop_lag_${figure}_seconds`,
      help: `How late the event loop came to a timer since the last scrape, ${figure}`,
      registers,
    });
    tellFigures.push(() => gauge.set(of(seen) / 1e9));
  }
  let before = performance.eventLoopUtilization();
  const utilization: Gauge = new Gauge({
    name: 'nodejs_eventloop_utilization_ratio',
    help: 'Of its time since the last scrape, how much the event loop has worked',
    registers,
    collect() {
      const now = performance.eventLoopUtilization();
      utilization.set(performance.eventLoopUtilization(now, before).utilization);
      before = now;
    },
  });
}

const watching: RecordableHistogram[] = [];

/** One timer a process, however many services are in it. */
function watch(seen: RecordableHistogram): void {
  watching.push(seen);
  if (watching.length === 1) look(BUSY_EVERY_MS);
}

function look(inMs: number): void {
  const before = performance.eventLoopUtilization();
  const now = performance.now();
  const waitMs = togetherMs(inMs, now);
  const dueAt = now + waitMs;
  setTimeout(() => {
    // A timer may come a fraction of a millisecond early.
    const lateNs = Math.max(1, Math.round((performance.now() - dueAt) * 1e6));
    for (const seen of watching) seen.record(lateNs);
    look(performance.eventLoopUtilization(before).utilization < IDLE_BELOW ? IDLE_EVERY_MS : BUSY_EVERY_MS);
  }, waitMs).unref();
}
