import { setTimeout as pause } from 'node:timers/promises';
import type { Nats } from '@andvari/kit/nats/nats';
import type { Scope } from '@andvari/kit/process/scope';
import type { StreamEvent } from '../streams/read-stream.ts';

/** The end of a stream, read by one consumer for all readers of this gateway, as long as there are any. */
export interface FollowedStream {
  readonly stream: string;
  /** Every event of `key` that comes after this has resolved is heard, some perhaps that came shortly before. */
  join(key: string, hear: (event: StreamEvent) => void): Promise<() => void>;
  readonly readers: number;
}

export interface Following {
  stream: string;
  /** Of all events: `exec.>`. */
  subject: string;
  /** Whose an event is, by its subject. */
  keyOf: (subject: string) => string;
}

/** How long nobody has to listen before the consumer goes: a page that is reloaded should not cost a new one. */
const IDLE_MS = 10_000;

export function followStream(scope: Scope, nats: Nats, { stream, subject, keyOf }: Following): FollowedStream {
  const listening = new Map<string, Set<(event: StreamEvent) => void>>();
  let readers = 0;
  let following: { ready: Promise<void>; stop: AbortController } | undefined;
  let idle: NodeJS.Timeout | undefined;

  const begin = (): Promise<void> => {
    clearTimeout(idle);
    if (following !== undefined) return following.ready;
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, scope.signal]);
    const ready = nats.jsm.streams.info(stream).then(({ state }) => {
      void followEnd(scope, nats, { stream, subject, position: state.last_seq, signal }, (event) => {
        const told = listening.get(keyOf(event.subject));
        if (told !== undefined) for (const hear of told) hear(event);
      });
    });
    following = { ready, stop };
    ready.catch(() => (following = undefined));
    return ready;
  };

  const end = (): void => {
    if (readers > 0) return;
    idle = setTimeout(() => {
      if (readers > 0) return;
      following?.stop.abort();
      following = undefined;
    }, IDLE_MS).unref();
  };
  scope.defer(`readers of ${stream}`, () => clearTimeout(idle));

  return {
    stream,
    async join(key, hear) {
      const told = listening.get(key) ?? new Set();
      told.add(hear);
      listening.set(key, told);
      readers += 1;
      const leave = (): void => {
        readers -= 1;
        told.delete(hear);
        if (told.size === 0 && listening.get(key) === told) listening.delete(key);
        end();
      };
      try {
        await begin();
        return leave;
      } catch (error) {
        leave();
        throw error;
      }
    },
    get readers() {
      return readers;
    },
  };
}

/** After an interruption it goes on where it was. */
async function followEnd(
  scope: Scope,
  nats: Nats,
  what: { stream: string; subject: string; position: number; signal: AbortSignal },
  handle: (event: StreamEvent) => void,
): Promise<void> {
  const { stream, subject, position, signal } = what;
  let last = position;
  while (!signal.aborted) {
    try {
      await nats.connected(signal);
      const consumer = await nats.js.consumers.get(stream, {
        deliver_policy: 'by_start_sequence',
        opt_start_seq: last + 1,
        filter_subjects: subject,
      });
      const messages = await consumer.consume({ max_messages: 500 });
      const stop = (): void => void messages.close();
      signal.addEventListener('abort', stop, { once: true });
      try {
        for await (const message of messages) {
          last = message.seq;
          const timeMs = message.info.timestampNanos / 1_000_000;
          handle({ sequence: message.seq, timeMs, subject: message.subject, payload: message.data });
        }
      } finally {
        signal.removeEventListener('abort', stop);
      }
    } catch (error) {
      if (signal.aborted) return;
      scope.log.warn({ err: error, stream }, 'the end of a stream could not be followed; trying again');
    }
    await pause(200, undefined, { signal }).catch(() => undefined);
  }
}
