import type { Nats } from '@andvari/kit/nats';

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
    if ((await consumer.info(true)).num_pending === 0) return;
    for (;;) {
      const messages = await consumer.fetch({ max_messages: BATCH, expires: 1000 });
      let left: number | undefined;
      for await (const message of messages) {
        signal.throwIfAborted();
        left = message.info.pending;
        const timeMs = message.info.timestampNanos / 1_000_000;
        yield { sequence: message.seq, timeMs, subject: message.subject, payload: message.data };
        if (left === 0) return;
      }
      if (left === undefined) return;
    }
  } finally {
    await consumer.delete().catch(() => undefined);
  }
}
