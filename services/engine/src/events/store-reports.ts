import type { OutgoingEvent } from '@andvari/kit/events/event';
import type { Nats } from '@andvari/kit/nats/nats';
import { publishInOrder } from '@andvari/kit/nats/publish-in-order';
import type { Log } from '@andvari/kit/observe/log';
import type { StoredMessage } from '../messages/encode-report.ts';

/** Publishes messages in their order and returns when the streams have them all. */
export function storeReports(
  nats: Nats,
  messages: readonly StoredMessage[],
  signal: AbortSignal,
  log: Log,
): Promise<void> {
  return publishInOrder(nats, messages.map(outgoing), signal, log);
}

function outgoing({ subject, id, type, atUs, payload, headers }: StoredMessage): OutgoingEvent {
  return {
    id,
    subject,
    headers: {
      'ce-id': id,
      'ce-type': type,
      'ce-source': 'engine',
      'ce-time': isoOf(atUs),
      ...headers,
    },
    payload,
  };
}

/** Reports of one batch mostly share their millisecond, and formatting a date costs more than the rest of the header. */
let lastMs = -1;
let lastIso = '';

function isoOf(atUs: number): string {
  const ms = Math.trunc(atUs / 1000);
  if (ms !== lastMs) {
    lastMs = ms;
    lastIso = new Date(ms).toISOString();
  }
  return lastIso;
}
