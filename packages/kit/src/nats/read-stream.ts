import type { Nats } from './nats.ts';
import { type StreamMessage, type Stretch, startOf, streamMessage } from './read-log.ts';

const BATCH = 128;

/**
 * What a stream holds of a subject up to now, in order. It ends where the stream ended when it began, and reads only
 * as fast as it is asked, so a long past takes no memory. Whatever breaks a fetch is thrown.
 */
export async function* readStream(
  nats: Nats,
  { stream, subject, since }: Stretch,
  signal?: AbortSignal,
): AsyncGenerator<StreamMessage> {
  const consumer = await nats.js.consumers.get(stream, {
    ...startOf(since),
    filter_subjects: subject,
    inactive_threshold: 30_000,
  });
  try {
    // A fetch that brings nothing may only have been too slow: the end is where the server says that nothing is left.
    while ((await consumer.info()).num_pending > 0) {
      const messages = await consumer.fetch({ max_messages: BATCH, expires: 1000 });
      for await (const message of messages) {
        signal?.throwIfAborted();
        yield streamMessage(message);
        if (message.info.pending === 0) return;
      }
      signal?.throwIfAborted();
    }
  } finally {
    await consumer.delete().catch(() => undefined);
  }
}
