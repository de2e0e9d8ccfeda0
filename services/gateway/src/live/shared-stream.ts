import { followStream } from '@andvari/kit/nats/follow-stream';
import type { Nats } from '@andvari/kit/nats/nats';
import type { StreamMessage } from '@andvari/kit/nats/read-log';
import type { Scope } from '@andvari/kit/process/scope';

/** The end of a stream, read by one consumer for all readers of this gateway, as long as there are any. */
export interface SharedStream {
  readonly stream: string;
  /** Every event of `key` that comes after this has resolved is heard, some perhaps that came shortly before. */
  join(key: string, hear: (event: StreamMessage) => void): Promise<() => void>;
  readonly readers: number;
}

export interface Shared {
  stream: string;
  /** Of all events: `exec.>`. */
  subject: string;
  /** Whose an event is, by its subject. */
  keyOf: (subject: string) => string;
}

/** How long nobody has to listen before the consumer goes: a page that is reloaded should not cost a new one. */
const IDLE_MS = 10_000;

export function shareStream(scope: Scope, nats: Nats, { stream, subject, keyOf }: Shared): SharedStream {
  const listening = new Map<string, Set<(event: StreamMessage) => void>>();
  let readers = 0;
  let following: { ready: Promise<void>; stop: AbortController } | undefined;
  let idle: NodeJS.Timeout | undefined;

  const begin = (): Promise<void> => {
    clearTimeout(idle);
    if (following !== undefined) return following.ready;
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, scope.signal]);
    const ready = nats.jsm.streams.info(stream).then(({ state }) => {
      void followStream({ signal, log: scope.log }, nats, { stream, subject, since: state.last_seq }, (event) => {
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
