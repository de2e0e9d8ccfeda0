import type { RawEvent } from '../events/event.ts';
import type { Scope } from '../process/scope.ts';
import { headersOf } from './headers.ts';
import type { Nats } from './nats.ts';

const MAX_WAITING = 1024;

/**
 * Listens to a subject that nobody keeps: quotes, books, and the first word of events that a consumer reads for good.
 * May miss messages: while the connection is away, and the oldest of them when the handler cannot keep up.
 */
export function subscribeLive(
  scope: Scope,
  nats: Nats,
  subject: string,
  handle: (event: RawEvent) => void | Promise<void>,
  options: { maxWaiting?: number } = {},
): { dropped(): number; stop(): void } {
  const { maxWaiting = MAX_WAITING } = options;
  let waiting: RawEvent[] = [];
  let working = false;
  let dropped = 0;

  const work = async (): Promise<void> => {
    working = true;
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      try {
        await handle(next);
      } catch (error) {
        scope.log.error(
          { event: 'live_message_failed', err: error, subject: next.subject },
          'a live message could not be handled',
        );
      }
    }
    working = false;
  };

  const subscription = nats.connection.subscribe(subject, {
    callback: (error, message) => {
      if (error !== null) {
        scope.log.error({ event: 'live_subscription_ended', err: error, subject }, 'the live subscription ended');
        return;
      }
      waiting.push({ subject: message.subject, headers: headersOf(message), payload: message.data });
      if (waiting.length > maxWaiting) {
        waiting = waiting.slice(waiting.length >> 1);
        dropped += maxWaiting + 1 - waiting.length;
        scope.log.warn(
          { event: 'live_messages_dropped', subject, dropped },
          'live messages come faster than they are handled; dropped the oldest',
        );
      }
      if (!working) void work();
    },
  });
  const stop = () => subscription.unsubscribe();
  scope.defer(`live ${subject}`, stop);
  return { dropped: () => dropped, stop };
}
