import { hash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { JsMsg } from '@nats-io/jetstream';
import { backoffMs } from '../base/backoff.ts';
import { wakeable } from '../base/wakeable.ts';
import type { HeldLock, Locks } from '../db/locks.ts';
import type { Db } from '../db/types.ts';
import { headersOf } from '../nats/headers.ts';
import type { Nats } from '../nats/nats.ts';
import { logTrouble } from '../observe/log-trouble.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { Scope } from '../process/scope.ts';
import { batchApplier, type Delivered } from './apply-batch.ts';
import { letterApplier } from './apply-letters.ts';
import { eventIdOf, openDelivery } from './delivery.ts';
import type { Handler } from './handlers.ts';
import { consumerMetrics } from './metrics.ts';
import { findPosition, INBOX_KEEP_MS, type Known, pruneInbox } from './rows.ts';

const BATCH = 256;
const MAX_WAITING = 1024;
/** Letters that could not be applied just now are tried again soon; whoever asks for one rings. */
const LETTERS_AGAIN_MS = 2000;
const LETTERS_EVERY_MS = 30_000;
const PRUNE_EVERY_MS = 60_000;

export interface ConsumerOptions {
  db: Db;
  nats: Nats;
  locks: Locks;
  metrics: Metrics;
  stream: string;
  /** The consumer's name, in the stream and in the inbox: it stays the same for ever. */
  durable: string;
  filterSubject?: string;
  /** The most messages in one transaction. */
  batch?: number;
  /**
   * How long it rests after a batch that was far from full. A message alone is not delayed, the next waits for that long at most, and many small
   * transactions become few. None by default.
   */
  restMs?: number;
  /** The same id with other contents does not pass for a repetition: it is a finding, and becomes a dead letter. */
  byContents?: boolean;
  handler: Handler;
}

/**
 * Applies the messages of a stream, each once, in the stream's order: whatever has arrived while one batch was applied is
 * the next. One process consumes, others with the same durable stand by. At shutdown it finishes the batch in hand.
 */
export function startConsumer(scope: Scope, options: ConsumerOptions): void {
  const { db, locks, stream, durable, batch: most = BATCH, restMs = 0, byContents = false } = options;
  const know: Know = (ceId, payload, sequence) => ({
    eventId: eventIdOf(ceId, stream, sequence),
    contents: byContents ? contentsOf(payload) : undefined,
  });
  const log = scope.log.child({ consumer: durable });
  const metrics = consumerMetrics(options);
  const trouble = logTrouble(log, { event: 'delivery_failed', message: 'the delivery failed; starting again' });

  const letterBell = wakeable();
  const work = async ({ signal }: HeldLock): Promise<void> => {
    const parts = { db, consumer: durable, handler: options.handler, log, signal };
    // A handler may remember what it did last: batches and letters take turns.
    const turns = oneAtATime();
    const applyBatch = batchApplier({ ...parts, stream });
    const apply: typeof applyBatch = (batch) => turns.next(() => applyBatch(batch));
    const applyLetters = letterApplier({ ...parts, contentsOf: byContents ? contentsOf : undefined });
    const letters = (async () => {
      while (!signal.aborted) {
        const done = await turns.next(applyLetters).catch(() => false);
        await letterBell.wait(done ? LETTERS_EVERY_MS : LETTERS_AGAIN_MS, signal);
      }
    })();
    metrics.consuming(true);
    const pruning = setInterval(() => void prune(db, signal).catch(() => undefined), PRUNE_EVERY_MS);
    try {
      for (let failures = 0; !signal.aborted; failures += 1) {
        const startedAt = Date.now();
        try {
          await consume(signal, apply);
        } catch (error) {
          if (signal.aborted) return;
          trouble.failed(error, { stream });
        }
        if (Date.now() - startedAt > 5000) failures = 0;
        await pause(backoffMs(failures, { firstMs: 20, maxMs: 1500 }), undefined, { signal }).catch(() => undefined);
      }
    } finally {
      metrics.consuming(false);
      clearInterval(pruning);
      await letters;
      await turns.next(async () => undefined);
    }
  };
  const consuming = locks.hold(`consumer ${durable}`, scope.signal, work, letterBell);
  scope.defer(`consumer ${durable}`, () => consuming);

  const consume = async (signal: AbortSignal, apply: ReturnType<typeof batchApplier>): Promise<void> => {
    await options.nats.connected(signal);
    const delivery = await openDelivery(options.nats, signal, {
      isPosition: (eventId, ceId, payload, sequence) => {
        const known = know(ceId, payload, sequence);
        // Before it went by contents as well, a consumer stood at the id alone.
        return eventId === placeOf(known) || eventId === known.eventId;
      },
      stream,
      durable,
      filterSubject: options.filterSubject,
      position: await findPosition(db, durable),
      maxWaiting: MAX_WAITING,
    });
    try {
      for (;;) {
        const messages = await delivery.take(most);
        if (messages.length === 0) return;
        trouble.recovered();
        metrics.received();
        metrics.applied(await apply(messages.map((message) => deliveredFrom(message, know))));
        delivery.done(messages);
        if (restMs > 0 && isFarFromFull(messages.length, most)) {
          await pause(restMs, undefined, { signal }).catch(() => undefined);
        }
      }
    } finally {
      await delivery.close();
    }
  };
}

export function isFarFromFull(messages: number, most: number): boolean {
  return messages < most / 2;
}

function deliveredFrom(message: JsMsg, know: Know): Delivered {
  const headers = headersOf(message);
  const known = know(headers['ce-id'], message.data, message.seq);
  return {
    ...known,
    subject: message.subject,
    headers,
    payload: message.data,
    position: { sequence: message.seq, eventId: placeOf(known) },
    deliveries: message.info.deliveryCount,
  };
}

type Know = (ceId: string | undefined, payload: Uint8Array, sequence: number) => Known;

/** What tells the message at a place of the stream from any other. */
function placeOf({ eventId, contents }: Known): string {
  return contents === undefined ? eventId : `${eventId}#${contents}`;
}

/** 90 bits of a digest: enough to tell two messages of one id apart, short enough to be kept with every row. */
function contentsOf(payload: Uint8Array): string {
  return hash('sha256', payload, 'base64url').slice(0, 15);
}

/** Work that is done in the order in which it was asked for. */
function oneAtATime() {
  let last: Promise<unknown> = Promise.resolve();
  return {
    next<T>(work: () => Promise<T>): Promise<T> {
      const done = last.then(work);
      last = done.catch(() => undefined);
      return done;
    },
  };
}

async function prune(db: Db, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && (await pruneInbox(db, INBOX_KEEP_MS))) await pause(100, undefined, { signal });
}
