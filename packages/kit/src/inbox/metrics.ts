import type { Db } from '../db/types.ts';
import type { Nats } from '../nats/nats.ts';
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
  const lag = metrics.gauge('consumer_lag', 'Messages of the stream that are not applied yet', names);
  const age = metrics.gauge('consumer_last_message_age_seconds', 'Since a message was last received', names);
  const outstanding = metrics.gauge('consumer_dead_letters', 'Messages set aside that nobody has dealt with', names);
  // A consumer with work in hand that it does not finish: the first sign of a message that holds up all that follow.
  const stalled = metrics.gauge('consumer_stalled_seconds', 'Since the batch in hand was begun', names);
  let lastReceivedAt = Date.now();
  let inHandSince: number | undefined;

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
    /** Asks the server, because a consumer that receives nothing does not know how far it is behind. */
    async refresh() {
      age.set(labels, (Date.now() - lastReceivedAt) / 1000);
      stalled.set(labels, inHandSince === undefined ? 0 : (Date.now() - inHandSince) / 1000);
      outstanding.set(labels, await countDeadLetters(db, durable).catch(() => Number.NaN));
      try {
        const info = await nats.jsm.consumers.info(stream, durable);
        lag.set(labels, info.num_pending + info.num_ack_pending);
      } catch {
        lag.set(labels, Number.NaN);
      }
    },
  };
}
