import { setTimeout as pause } from 'node:timers/promises';
import type { Nats } from '@andvari/kit/nats/nats';
import type { Scope } from '@andvari/kit/process/scope';
import type { EventType } from '@andvari/proto/events';
import { readStream, type StreamEvent } from '../streams/read-stream.ts';
import { endable } from './endable.ts';
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

  const handOut = ({ sequence, subject, payload }: StreamEvent): void => {
    const listening = readers.get(subject);
    if (listening === undefined) return;
    const item = type.codec.decode(payload);
    for (const queue of listening) queue.push(sequence, item);
  };
  const { last_seq: end } = (await nats.jsm.streams.info(stream)).state;
  void followEnd(scope, nats, { stream, subject: wildcard, position: end }, handOut);

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
            for await (const { sequence, payload } of readStream(nats, { stream, subject, since: start }, signal)) {
              queue.skipTo(sequence);
              yield { kind: 'item', position: sequence, item: type.codec.decode(payload) };
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

/** Follows the end of a stream for as long as the service lives; after an interruption it goes on where it was. */
async function followEnd(
  scope: Scope,
  nats: Nats,
  what: { stream: string; subject: string; position: number },
  handle: (event: StreamEvent) => void,
): Promise<void> {
  let last = what.position;
  while (!scope.signal.aborted) {
    try {
      await nats.connected(scope.signal);
      const consumer = await nats.js.consumers.get(what.stream, {
        deliver_policy: 'by_start_sequence',
        opt_start_seq: last + 1,
        filter_subjects: what.subject,
      });
      const messages = await consumer.consume({ max_messages: 500 });
      const stop = (): void => void messages.close();
      scope.signal.addEventListener('abort', stop, { once: true });
      try {
        for await (const message of messages) {
          last = message.seq;
          const timeMs = message.info.timestampNanos / 1_000_000;
          handle({ sequence: message.seq, timeMs, subject: message.subject, payload: message.data });
        }
      } finally {
        scope.signal.removeEventListener('abort', stop);
      }
    } catch (error) {
      if (scope.signal.aborted) return;
      scope.log.warn({ err: error, stream: what.stream }, 'the end of a stream could not be followed; trying again');
    }
    await pause(200, undefined, { signal: scope.signal }).catch(() => undefined);
  }
}
