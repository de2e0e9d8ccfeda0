import { setTimeout as pause } from 'node:timers/promises';
import { backoffMs } from '../base/backoff.ts';
import type { OutgoingEvent } from '../events/event.ts';
import type { Log } from '../observe/log.ts';
import { logTrouble } from '../observe/log-trouble.ts';
import { headersFrom } from './headers.ts';
import type { Nats } from './nats.ts';

const ACK_TIMEOUT_MS = 5000;

/**
 * Publishes a window at once and returns when the streams have all of it; tries again as long as it takes.
 *
 * The order survives a lost connection: a window is handed to the client in one turn of the event loop, so what the server
 * has of it is its beginning, and the rest follows in order once a connection is up. It does not survive a stream that
 * refuses one message of a window and takes a later one: that is the stream's limits, and a case for an operator.
 */
export async function publishInOrder(
  nats: Nats,
  events: readonly OutgoingEvent[],
  signal: AbortSignal,
  log: Log,
  onRefused: (events: number) => void = () => undefined,
): Promise<void> {
  const trouble = logTrouble(log, { event: 'publish_failed', message: 'events are not published yet' });
  let rest = events;
  for (let attempt = 0; ; attempt += 1) {
    await nats.connected(signal);
    const { unpublished, refused, error } = await publishOnce(nats, rest);
    if (attempt === 0 && refused > 0) onRefused(refused);
    if (unpublished.length === 0) return trouble.recovered();
    signal.throwIfAborted();
    rest = unpublished;
    const [{ subject } = { subject: '' }] = unpublished;
    trouble.failed(error, { subject, waiting: rest.length });
    await pause(backoffMs(attempt, { firstMs: 50, maxMs: 1000 }), undefined, { signal });
  }
}

async function publishOnce(
  nats: Nats,
  events: readonly OutgoingEvent[],
): Promise<{ unpublished: readonly OutgoingEvent[]; refused: number; error: unknown }> {
  const publications = events.map((event) => ({
    subject: event.subject,
    headers: headersFrom(event.id, event.headers),
    payload: event.payload,
  }));
  const { stored, refused, error } = await nats.acks.publish(publications, ACK_TIMEOUT_MS, nats.session());
  return { unpublished: events.filter((_, index) => stored[index] !== true), refused, error };
}
