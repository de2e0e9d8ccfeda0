import { AckPolicy, type Consumer, DeliverPolicy, type JsMsg } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { wakeable } from '../base/wakeable.ts';
import type { Nats } from '../nats/nats.ts';
import { receive } from '../nats/receive.ts';
import { createConsumer } from '../nats/streams.ts';
import type { InboxPosition } from './rows.ts';

const ACK_WAIT_MS = 30_000;
const KEEP_ALIVE_MS = 10_000;

export interface DeliveryOptions {
  stream: string;
  durable: string;
  filterSubject?: string | undefined;
  /** Where the consumer stands by its own record. */
  position: InboxPosition | undefined;
  /** Whether a message is the one that a position names; by default it goes by the ce-id. */
  isPosition?: (eventId: string, ceId: string | undefined, payload: Uint8Array, sequence: number) => boolean;
  /** How many messages may be here or on their way, unacknowledged. */
  maxWaiting: number;
}

/** The messages of a stream in its order, without gaps, from one position on. */
export interface Delivery {
  /** Waits for messages, and takes up to `limit` of those that are here. Nothing once it has ended. */
  take(limit: number): Promise<JsMsg[]>;
  /** To be told when messages taken are done with. */
  done(messages: readonly JsMsg[]): void;
  close(): Promise<void>;
}

/**
 * Opens a fresh durable right behind the position. The server's own record of acknowledgements is never continued: what it
 * considers under way from an earlier life, or from before a lost connection, would come back only after 30 seconds
 * and behind younger messages. Whatever breaks the sequence ends this delivery (docs/decisions/0011).
 */
export async function openDelivery(nats: Nats, signal: AbortSignal, options: DeliveryOptions): Promise<Delivery> {
  const { stream, durable, filterSubject, maxWaiting } = options;
  const over = AbortSignal.any([signal, nats.session()]);
  over.throwIfAborted();
  const start = await startAfter(nats, stream, options);
  await createConsumer(nats, stream, {
    durable_name: durable,
    // Messages are done with in their order, so the last one's acknowledgement is that of all.
    ack_policy: AckPolicy.All,
    ack_wait: nanos(ACK_WAIT_MS),
    max_deliver: -1,
    max_ack_pending: maxWaiting,
    ...(filterSubject === undefined ? {} : { filter_subject: filterSubject }),
    ...start,
  });
  const consumer = await nats.js.consumers.get(stream, durable);
  return deliver(consumer, over, maxWaiting);
}

async function deliver(consumer: Consumer, over: AbortSignal, maxWaiting: number): Promise<Delivery> {
  const bell = wakeable();
  const ended = new AbortController();
  const inHand = new Set<JsMsg>();
  let waiting: JsMsg[] = [];
  let lastSequence = 0;

  const take = (message: JsMsg): void => {
    const { streamSequence } = message.info;
    if (streamSequence <= lastSequence) {
      // Sent again because we took too long: it waits here still, or its acknowledgement was too late.
      if (![...inHand, ...waiting].some((other) => other.seq === streamSequence)) message.ack();
      return;
    }
    lastSequence = streamSequence;
    waiting.push(message);
    bell.ring();
  };

  const messages = await receive(consumer, { maxWaiting, take, end: (why) => ended.abort(why) });
  const keepAlive = setInterval(() => {
    for (const message of [...inHand, ...waiting]) message.working();
  }, KEEP_ALIVE_MS);
  const signal = AbortSignal.any([over, ended.signal]);

  return {
    async take(limit) {
      while (waiting.length === 0 && !signal.aborted) await bell.wait(60_000, signal);
      if (signal.aborted) return [];
      const taken = waiting.slice(0, limit);
      waiting = waiting.slice(limit);
      for (const message of taken) inHand.add(message);
      return taken;
    },
    done(taken) {
      taken.at(-1)?.ack();
      for (const message of taken) inHand.delete(message);
    },
    async close() {
      clearInterval(keepAlive);
      waiting = [];
      await messages.close();
    },
  };
}

/**
 * Right behind our position, if the message there is the one we remember. A stream that lost its tail in a power failure,
 * or was made anew, numbers other messages so: then from the beginning, and the inbox drops what was applied.
 */
async function startAfter({ jsm }: Nats, stream: string, options: DeliveryOptions) {
  const { position, isPosition = (eventId, ceId, _, sequence) => eventId === eventIdOf(ceId, stream, sequence) } =
    options;
  if (position !== undefined) {
    const there = await jsm.streams.getMessage(stream, { seq: position.sequence });
    if (there !== null && isPosition(position.eventId, there.header.get('ce-id'), there.data, position.sequence)) {
      return { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: position.sequence + 1 };
    }
  }
  return { deliver_policy: DeliverPolicy.All };
}

/** The id by which an inbox knows a message; one that names none, or none that could be kept, is known by its place. */
export function eventIdOf(ceId: string | undefined, stream: string, sequence: number): string {
  return ceId !== undefined && KEEPABLE.test(ceId) ? ceId : `${stream}:${sequence}`;
}

/** PostgreSQL keeps no NUL in a text, and no key of several kilobytes in an index. */
const KEEPABLE = /^[^\p{Cc}]{1,200}$/u;
