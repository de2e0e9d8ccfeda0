import type { Nats } from '../nats/nats.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { BatchOutcome } from './apply-batch.ts';

const BATCH_BUCKETS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

export function consumerMetrics(options: { metrics: Metrics; nats: Nats; stream: string; durable: string }) {
  const { metrics, nats, stream, durable } = options;
  const labels = { consumer: durable };
  const names = ['consumer'] as const;
  const handled = metrics.counter('consumer_handled_total', 'Events applied', names);
  const repeated = metrics.counter(
    'consumer_repeated_total',
    'Messages dropped because they were applied before',
    names,
  );
  const deadLetters = metrics.counter('consumer_dead_letters_total', 'Messages set aside', names);
  const batchSize = metrics.histogram('consumer_batch_size', 'Messages applied together', names, BATCH_BUCKETS);
  const lag = metrics.gauge('consumer_lag', 'Messages of the stream that are not applied yet', names);
  const age = metrics.gauge('consumer_last_message_age_seconds', 'Since a message was last received', names);
  let lastReceivedAt = Date.now();

  return {
    received() {
      lastReceivedAt = Date.now();
    },
    applied(outcome: BatchOutcome) {
      handled.inc(labels, outcome.applied);
      repeated.inc(labels, outcome.repeated);
      deadLetters.inc(labels, outcome.setAside);
      batchSize.observe(labels, outcome.applied + outcome.repeated + outcome.setAside);
    },
    /** Asks the server, because a consumer that receives nothing does not know how far it is behind. */
    async refresh() {
      age.set(labels, (Date.now() - lastReceivedAt) / 1000);
      try {
        const info = await nats.jsm.consumers.info(stream, durable);
        lag.set(labels, info.num_pending + info.num_ack_pending);
      } catch {
        lag.set(labels, Number.NaN);
      }
    },
  };
}
