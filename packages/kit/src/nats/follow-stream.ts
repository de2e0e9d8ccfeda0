import { setTimeout as pause } from 'node:timers/promises';
import { backoffMs } from '../base/backoff.ts';
import type { Scope } from '../process/scope.ts';
import type { Nats } from './nats.ts';
import { readLog, type StreamMessage, type Stretch } from './read-log.ts';

/**
 * Reads a stretch of a stream and whatever comes behind it, until the signal aborts; after an interruption it goes on where it
 * was. A message for which `take` throws is passed over, once it has been told of.
 */
export async function followStream(
  { signal, log }: Pick<Scope, 'signal' | 'log'>,
  nats: Nats,
  stretch: Stretch,
  take: (message: StreamMessage) => void,
): Promise<void> {
  const { stream } = stretch;
  let { since } = stretch;
  for (let failures = 0; !signal.aborted; failures += 1) {
    try {
      await nats.connected(signal);
      await readLog(nats, { ...stretch, since }, signal, (message) => {
        failures = 0;
        // What is last of its subject may have changed meanwhile, so that is asked for anew.
        if (since !== 'last_of_each_subject') since = message.sequence;
        take(message);
      });
    } catch (error) {
      if (signal.aborted) return;
      log.warn({ event: 'stream_not_followed', err: error, stream }, 'a stream could not be followed; trying again');
    }
    await pause(backoffMs(failures, { firstMs: 200, maxMs: 2000 }), undefined, { signal }).catch(() => undefined);
  }
}
