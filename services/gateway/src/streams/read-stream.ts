import type { Nats } from '@andvari/kit/nats/nats';

/** One message of a stream, with the place where it lies. */
export interface StreamEvent {
  readonly sequence: number;
  readonly timeMs: number;
  readonly subject: string;
  readonly payload: Uint8Array;
}

export interface Stretch {
  stream: string;
  subject: string;
  /** Starts behind this sequence, or at this time. */
  since: number | Date;
}

const BATCH = 128;

/**
 * What a stream holds of a subject up to now, in order. It ends where the stream ended when it began, and reads only
 * as fast as it is asked, so a long past takes no memory.
 */
export async function* readStream(nats: Nats, stretch: Stretch, signal: AbortSignal): AsyncGenerator<StreamEvent> {
  const { stream, subject, since } = stretch;
  const start =
    typeof since === 'number'
      ? { deliver_policy: 'by_start_sequence' as const, opt_start_seq: since + 1 }
      : { deliver_policy: 'by_start_time' as const, opt_start_time: since.toISOString() };
  const consumer = await nats.js.consumers.get(stream, {
    ...start,
    filter_subjects: subject,
    inactive_threshold: 30_000,
  });
  try {
    // A fetch that brings nothing may only have been too slow: the end is where the server says that nothing is left.
    while ((await consumer.info()).num_pending > 0) {
      const messages = await consumer.fetch({ max_messages: BATCH, expires: 1000 });
      for await (const message of messages) {
        signal.throwIfAborted();
        const timeMs = message.info.timestampNanos / 1_000_000;
        yield { sequence: message.seq, timeMs, subject: message.subject, payload: message.data };
        if (message.info.pending === 0) return;
      }
      signal.throwIfAborted();
    }
  } finally {
    await consumer.delete().catch(() => undefined);
  }
}
