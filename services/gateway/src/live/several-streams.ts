import { AppError } from '@andvari/kit/base/errors';
import type { Nats } from '@andvari/kit/nats/nats';
import type { StreamMessage } from '@andvari/kit/nats/read-log';
import { readStream } from '@andvari/kit/nats/read-stream';
import { createAlarm } from './alarm.ts';
import { isNews } from './is-news.ts';
import type { SharedStream } from './shared-stream.ts';

/** One of the streams that a reader reads as one. */
export interface Part<T> {
  readonly source: SharedStream;
  readonly key: string;
  /** The same events, for the server to filter the past by. */
  readonly subject: string;
  /** Undefined for what the reader need not know. */
  readonly read: (event: StreamMessage) => T | undefined;
}

/** A position has a place in each of the streams. */
export type Places = readonly number[];

export type SeveralDelivery<T> =
  | { readonly kind: 'started'; readonly position: Places }
  | { readonly kind: 'item'; readonly position: Places; readonly item: T }
  | { readonly kind: 'missed'; readonly count: number | undefined; readonly since: Places };

export interface SeveralOptions {
  nats: Nats;
  since: Places | undefined;
  maxWaiting: number;
  onMissed: (count: number) => void;
}

/**
 * Several streams as one, from a position on: first the past in the order of its times, then what comes. A reader that is too
 * slow loses the oldest half of what waits for it, and is told so with the position from which it can be had again.
 */
export async function* readSeveral<T>(
  parts: readonly Part<T>[],
  { nats, since, maxWaiting, onMissed }: SeveralOptions,
  signal: AbortSignal,
): AsyncGenerator<SeveralDelivery<T>, undefined> {
  if (since !== undefined && since.length !== parts.length) {
    throw new AppError('invalid_argument', 'since: is not a position of this subscription', { field: 'since' });
  }
  const alarm = createAlarm();
  let waiting: { at: number; event: StreamMessage }[] = [];
  let missed = 0;
  const hear = (at: number) => (event: StreamMessage) => {
    if (waiting.length >= maxWaiting) {
      const dropped = waiting.length >> 1;
      waiting = waiting.slice(dropped);
      missed += dropped;
      onMissed(dropped);
    }
    waiting.push({ at, event });
    alarm.ring();
  };
  // Listening begins before the past is looked at, so nothing falls between the two.
  const leave: (() => void)[] = [];
  signal.addEventListener('abort', alarm.ring, { once: true });
  try {
    for (const [at, { source, key }] of parts.entries()) leave.push(await source.join(key, hear(at)));
    const states = await Promise.all(parts.map(({ source }) => nats.jsm.streams.info(source.stream)));
    const edges = states.map(({ state: { first_seq: first, last_seq: last } }) => ({ first, last }));
    // A place that the stream does not have: too long ago, or from before it was made anew.
    const lost = edges.map(({ first, last }, at) => {
      const place = since?.[at];
      return place !== undefined && (place > last || place + 1 < first);
    });
    const places = edges.map(({ first, last }, at) => (lost[at] ? Math.max(first - 1, 0) : (since?.[at] ?? last)));
    if (lost.includes(true)) {
      onMissed(1);
      yield { kind: 'missed', count: undefined, since: [...places] };
    } else {
      yield { kind: 'started', position: [...places] };
    }
    const take = (at: number, event: StreamMessage): SeveralDelivery<T> | undefined => {
      // Already read from the stream while this waited here.
      if (event.sequence <= (places[at] ?? 0)) return undefined;
      places[at] = event.sequence;
      const item = isNews(event) ? parts[at]?.read(event) : undefined;
      return item === undefined ? undefined : { kind: 'item', position: [...places], item };
    };
    if (since !== undefined) {
      for await (const { at, event } of inOrderOfTime(nats, parts, places, signal)) {
        const delivery = take(at, event);
        if (delivery !== undefined) yield delivery;
      }
    }
    for (;;) {
      if (signal.aborted) return undefined;
      if (missed > 0) {
        const count = missed;
        missed = 0;
        yield { kind: 'missed', count, since: [...places] };
      }
      const first = waiting.shift();
      if (first === undefined) {
        await alarm.rung();
        continue;
      }
      const delivery = take(first.at, first.event);
      if (delivery !== undefined) yield delivery;
    }
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  } finally {
    alarm.stop();
    signal.removeEventListener('abort', alarm.ring);
    for (const left of leave) left();
  }
}

/** The past of all streams, merged by the times at which the broker took each event. */
async function* inOrderOfTime<T>(
  nats: Nats,
  parts: readonly Part<T>[],
  places: Places,
  signal: AbortSignal,
): AsyncGenerator<{ at: number; event: StreamMessage }> {
  const pasts = parts.map(({ source: { stream }, subject }, at) =>
    readStream(nats, { stream, subject, since: places[at] ?? 0 }, signal),
  );
  try {
    const heads = await Promise.all(pasts.map((past) => past.next()));
    for (;;) {
      let earliest: { at: number; event: StreamMessage } | undefined;
      for (const [at, head] of heads.entries()) {
        if (head.done === true) continue;
        if (earliest === undefined || head.value.atUs < earliest.event.atUs) earliest = { at, event: head.value };
      }
      if (earliest === undefined) return;
      const next = pasts[earliest.at]?.next();
      // Its failure is met when it is this one's turn; a reader that leaves meanwhile does not meet it at all.
      next?.catch(() => undefined);
      yield earliest;
      if (next !== undefined) heads[earliest.at] = await next;
    }
  } finally {
    await Promise.all(pasts.map((past) => past.return(undefined)));
  }
}
