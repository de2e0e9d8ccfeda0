import { AckPolicy, type ConsumerConfig, DeliverPolicy, type JsMsg } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import type { Nats } from './nats.ts';
import { receive } from './receive.ts';

/** One message of a stream, with its place there. */
export interface StreamMessage {
  readonly sequence: number;
  /** When the stream took it. */
  readonly atUs: number;
  readonly subject: string;
  readonly payload: Uint8Array;
  /** Empty where there is none of that name. */
  readonly header: (name: string) => string;
}

export interface Stretch {
  readonly stream: string;
  readonly subject: string;
  /** Begins behind this sequence, at this time, or with the last message of each subject. */
  readonly since: number | Date | 'last_of_each_subject';
  /** How many messages may be here or on their way. */
  readonly maxWaiting?: number;
}

const MAX_WAITING = 500;
const IDLE_MS = 30_000;

/**
 * Hands over every message of a stretch in the stream's order, as it arrives. Ends when `signal` aborts or the connection is
 * lost, and fails when a message is missing or `take` throws: the caller starts again from where it is, so nothing is
 * acknowledged here.
 */
export async function readLog(
  nats: Nats,
  stretch: Stretch,
  signal: AbortSignal,
  take: (message: StreamMessage) => void,
): Promise<void> {
  const { stream, maxWaiting = MAX_WAITING } = stretch;
  const over = AbortSignal.any([signal, nats.session()]);
  const { name } = await nats.jsm.consumers.add(stream, readerOf(stretch));
  const consumer = await nats.js.consumers.get(stream, name);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // It may break before anybody waits for it.
  promise.catch(() => undefined);
  const messages = await receive(consumer, {
    maxWaiting,
    take: (message) => {
      if (!over.aborted) take(streamMessage(message));
    },
    end: reject,
  });
  const stop = (): void => resolve();
  over.addEventListener('abort', stop, { once: true });
  if (over.aborted) stop();
  try {
    await promise;
  } finally {
    over.removeEventListener('abort', stop);
    await messages.close();
    if (!nats.session().aborted) await nats.jsm.consumers.delete(stream, name).catch(() => undefined);
  }
}

function readerOf({ subject, since }: Stretch): Partial<ConsumerConfig> {
  return {
    ack_policy: AckPolicy.None,
    filter_subject: subject,
    inactive_threshold: nanos(IDLE_MS),
    mem_storage: true,
    num_replicas: 1,
    ...startOf(since),
  };
}

export function startOf(since: Stretch['since']): Partial<ConsumerConfig> {
  if (since === 'last_of_each_subject') return { deliver_policy: DeliverPolicy.LastPerSubject };
  return typeof since === 'number'
    ? { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: since + 1 }
    : { deliver_policy: DeliverPolicy.StartTime, opt_start_time: since.toISOString() };
}

export function streamMessage(message: JsMsg): StreamMessage {
  return {
    sequence: message.seq,
    // Nanoseconds do not fit a number exactly; microseconds do.
    atUs: Math.trunc(message.info.timestampNanos / 1000),
    subject: message.subject,
    payload: message.data,
    header: (name) => message.headers?.get(name) ?? '',
  };
}
