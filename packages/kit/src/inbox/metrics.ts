import type { Db } from '../db/types.ts';
import type { Nats } from '../nats/nats.ts';
import { figure } from '../observe/figure.ts';
import { fromZero } from '../observe/from-zero.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { BatchOutcome } from './apply-batch.ts';
import { countDeadLetters } from './dead-letters.ts';

const BATCH_BUCKETS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

export function consumerMetrics(options: { db: Db; metrics: Metrics; nats: Nats; stream: string; durable: string }) {
  const { db, metrics, nats, stream, durable } = options;
  const labels = { consumer: durable };
  const names = ['consumer'] as const;
  const handled = metrics.counter('consumer_handled_total', 'Events applied', names);
  const repeated = metrics.counter(
    'consumer_repeated_total',
    'Messages dropped because they were applied before',
    names,
  );
  const deadLetters = metrics.counter('consumer_dead_letters_total', 'Messages set aside', names);
  const differing = metrics.counter(
    'consumer_contents_differ_total',
    'Messages under an id that another was applied under; any is a finding',
    names,
  );
  for (const counter of [handled, repeated, deadLetters, differing]) fromZero(counter, [labels]);
  const batchSize = metrics.histogram('consumer_batch_size', 'Messages applied together', names, BATCH_BUCKETS);
  let consuming = false;
  let lastReceivedAt = Date.now();
  let inHandSince: number | undefined;
  // Asked when Prometheus asks, and told by whoever consumes: one that stands by knows none of it.
  const gauge = (name: string, help: string, ask: () => number | Promise<number>): void => {
    metrics.gauge(name, help, names, async (shared) => {
      if (consuming) shared.set(labels, await ask());
      else shared.remove(labels);
    });
  };
  gauge('consumer_lag', 'Messages of the stream that are not applied yet', () => figure(lagOf(nats, stream, durable)));
  gauge('consumer_last_message_age_seconds', 'Since a message was last received', () => secondsSince(lastReceivedAt));
  gauge('consumer_dead_letters', 'Messages set aside that nobody has dealt with', () =>
    figure(countDeadLetters(db, durable)),
  );
  // A consumer with work in hand that it does not finish: the first sign of a message that holds up all that follow.
  gauge('consumer_stalled_seconds', 'Since the batch in hand was begun', () =>
    inHandSince === undefined ? 0 : secondsSince(inHandSince),
  );

  return {
    received() {
      lastReceivedAt = Date.now();
      inHandSince ??= lastReceivedAt;
    },
    applied(outcome: BatchOutcome) {
      inHandSince = undefined;
      handled.inc(labels, outcome.applied);
      repeated.inc(labels, outcome.repeated);
      deadLetters.inc(labels, outcome.setAside);
      differing.inc(labels, outcome.differing);
      batchSize.observe(labels, outcome.applied + outcome.repeated + outcome.setAside);
    },
    consuming(now: boolean) {
      consuming = now;
    },
  };
}

const secondsSince = (atMs: number): number => (Date.now() - atMs) / 1000;

/** Asked of the server, because a consumer that receives nothing does not know how far it is behind. */
async function lagOf(nats: Nats, stream: string, durable: string): Promise<number> {
  const info = await nats.jsm.consumers.info(stream, durable);
  return info.num_pending + info.num_ack_pending;
}
