import type { Nats } from '@andvari/kit/nats/nats';
import { AckPolicy, DeliverPolicy } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import type { LoggedMessage } from '../messages/logged-message.ts';

const PULL = 4000;
const PULL_EXPIRES_MS = 5000;

/**
 * Hands over every message behind `after`, in the stream's order, as it arrives. Ends when `signal` aborts, and fails when
 * the connection is lost or a message is missing: the caller starts again from where it is, so nothing is acknowledged here.
 */
export async function readLog(
  nats: Nats,
  from: { stream: string; filter: string; after: number },
  signal: AbortSignal,
  take: (message: LoggedMessage) => void,
): Promise<void> {
  const over = AbortSignal.any([signal, nats.session()]);
  const { name } = await nats.jsm.consumers.add(from.stream, {
    ack_policy: AckPolicy.None,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: from.after + 1,
    filter_subject: from.filter,
    inactive_threshold: nanos(30_000),
    mem_storage: true,
    num_replicas: 1,
  });
  const consumer = await nats.js.consumers.get(from.stream, name);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let expected = 1;
  const messages = await consumer.consume({
    max_messages: PULL,
    expires: PULL_EXPIRES_MS,
    callback: (message) => {
      if (over.aborted) return;
      const { deliverySequence, streamSequence, timestampNanos } = message.info;
      if (deliverySequence !== expected) {
        reject(new Error(`a message is missing before ${streamSequence}`));
        return;
      }
      expected += 1;
      try {
        // Nanoseconds do not fit a number exactly; microseconds do.
        const atUs = Math.trunc(timestampNanos / 1000);
        take({ sequence: streamSequence, atUs, subject: message.subject, payload: message.data });
      } catch (error) {
        reject(error);
      }
    },
  });
  void (async () => {
    for await (const { type } of messages.status()) {
      if (FATAL.has(type)) reject(new Error(`the delivery broke: ${type.replaceAll('_', ' ')}`));
    }
  })();
  const stop = (): void => resolve();
  over.addEventListener('abort', stop, { once: true });
  if (over.aborted) stop();
  try {
    await promise;
  } finally {
    over.removeEventListener('abort', stop);
    await messages.close();
    if (!nats.session().aborted) await nats.jsm.consumers.delete(from.stream, name).catch(() => undefined);
  }
}

const FATAL: ReadonlySet<string> = new Set([
  'heartbeats_missed',
  'consumer_not_found',
  'consumer_deleted',
  'stream_not_found',
  'no_responders',
]);
