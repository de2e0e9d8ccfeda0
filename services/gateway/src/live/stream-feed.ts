import { followStream } from '@andvari/kit/nats/follow-stream';
import type { Nats } from '@andvari/kit/nats/nats';
import type { StreamMessage } from '@andvari/kit/nats/read-log';
import { readStream } from '@andvari/kit/nats/read-stream';
import type { Scope } from '@andvari/kit/process/scope';
import type { EventType } from '@andvari/proto/events';
import { endable } from './endable.ts';
import { isNews } from './is-news.ts';
import { BoundedQueue, type Delivery } from './queue.ts';

/**
 * The events of one type as they come, for any number of readers, each of whom may start in the past. One consumer a
 * gateway reads the stream's end and hands each event to the readers of its subject.
 */
export interface StreamFeed<T> {
  /** Events of `subject` behind the position `since`, or from now on. Ends when `signal` aborts. */
  read(subject: string, options: { since?: number | undefined; signal: AbortSignal }): AsyncIterable<Delivery<T>>;
  readonly readers: number;
}

export interface FeedOptions {
  nats: Nats;
  /** Events that one reader may lie behind before it is told that it missed some. */
  maxWaiting: number;
  onMissed: (count: number) => void;
}

export async function openStreamFeed<T>(
  scope: Scope,
  type: EventType<T>,
  options: FeedOptions,
): Promise<StreamFeed<T>> {
  const { nats, maxWaiting, onMissed } = options;
  const { stream } = type;
  const readers = new Map<string, Set<BoundedQueue<T>>>();
  const wildcard = type.subject.replaceAll(/\{\w+\}/g, '*');

  const handOut = (message: StreamMessage): void => {
    const { sequence, subject, payload } = message;
    const listening = readers.get(subject);
    if (listening === undefined || !isNews(message)) return;
    const item = type.codec.decode(payload);
    for (const queue of listening) queue.push(sequence, item);
  };
  const { last_seq: end } = (await nats.jsm.streams.info(stream)).state;
  void followStream(scope, nats, { stream, subject: wildcard, since: end }, handOut);

  const join = (subject: string, queue: BoundedQueue<T>): (() => void) => {
    const listening = readers.get(subject) ?? new Set();
    listening.add(queue);
    readers.set(subject, listening);
    return () => {
      listening.delete(queue);
      if (listening.size === 0 && readers.get(subject) === listening) readers.delete(subject);
    };
  };

  return {
    get readers() {
      let count = 0;
      for (const listening of readers.values()) count += listening.size;
      return count;
    },

    read(subject, { since, signal: outer }) {
      const deliveries = async function* (signal: AbortSignal): AsyncGenerator<Delivery<T>> {
        // Listening begins before the past is looked at, so nothing falls between the two.
        const queue = new BoundedQueue<T>({ max: maxWaiting, onMissed });
        const leave = join(subject, queue);
        const close = (): void => queue.close();
        signal.addEventListener('abort', close, { once: true });
        if (signal.aborted) close();
        try {
          const { first_seq: first, last_seq: last } = (await nats.jsm.streams.info(stream)).state;
          // A position that the stream does not have: too long ago, or from before it was made anew.
          const isLost = since !== undefined && (since > last || since + 1 < first);
          const start = isLost ? Math.max(first - 1, 0) : (since ?? last);
          queue.skipTo(start);
          if (isLost) {
            onMissed(1);
            yield { kind: 'missed', count: undefined, since: start };
          } else {
            yield { kind: 'started', position: start };
          }
          if (since !== undefined) {
            for await (const message of readStream(nats, { stream, subject, since: start }, signal)) {
              const { sequence, payload } = message;
              queue.skipTo(sequence);
              if (isNews(message)) yield { kind: 'item', position: sequence, item: type.codec.decode(payload) };
            }
          }
          for (let next = await queue.next(); next !== undefined; next = await queue.next()) yield next;
        } catch (error) {
          if (!signal.aborted) throw error;
        } finally {
          signal.removeEventListener('abort', close);
          leave();
        }
      };
      return endable(outer, deliveries);
    },
  };
}
