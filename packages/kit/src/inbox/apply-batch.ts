import { setTimeout as pause } from 'node:timers/promises';
import { backoffMs } from '../base/backoff.ts';
import { AppError, isAppError, retryable } from '../base/errors.ts';
import { transaction } from '../db/db.ts';
import { isTransient, sqlState } from '../db/errors.ts';
import type { Db, Tx } from '../db/types.ts';
import { decodeEvent, type RawEvent, typesByName } from '../events/event.ts';
import type { Log } from '../observe/log.ts';
import { logTrouble } from '../observe/log-trouble.ts';
import { SpanKind, traced } from '../observe/tracing.ts';
import { setAside } from './dead-letters.ts';
import type { Handler } from './handlers.ts';
import { findContents, type InboxPosition, type Known, noteEvent, receiveOnce } from './rows.ts';

/** A message as the stream delivered it. */
export interface Delivered extends RawEvent, Known {
  /** Where a consumer stands that has taken it. */
  readonly position: InboxPosition;
  readonly deliveries: number;
}

export interface BatchOutcome {
  applied: number;
  repeated: number;
  setAside: number;
  /** Of those set aside, the ones whose id was another message's before. */
  differing: number;
}

export interface ApplyOptions {
  db: Db;
  consumer: string;
  /** For spans. */
  stream?: string;
  handler: Handler;
  log: Log;
  /** Once it aborts, nothing is tried again: what is not applied stays where it is. */
  signal: AbortSignal;
}

/**
 * Applies a batch in one transaction with its inbox rows. What cannot be done now is tried again, in place, so that the
 * order is kept. What fails for good is halved, each half in a transaction of its own, down to the message at fault;
 * that one becomes a dead letter and the others go on, all in their order.
 */
export function batchApplier(options: ApplyOptions): (batch: readonly Delivered[]) => Promise<BatchOutcome> {
  const { db, consumer, stream = '', handler, log, signal } = options;
  const types = typesByName(handler.types);
  const trouble = logTrouble(log, { event: 'apply_failed', message: 'messages cannot be applied now; trying again' });

  const apply = async (batch: readonly Delivered[]): Promise<BatchOutcome> => {
    try {
      return await persistently(() => applyOnce(batch), batch.length);
    } catch (error) {
      if (signal.aborted) throw error;
      const [only, ...others] = batch;
      if (only === undefined) return NOTHING;
      if (others.length === 0) return persistently(() => giveUpOn(only, error), 1);
      const half = batch.length >> 1;
      return sum(await apply(batch.slice(0, half)), await apply(batch.slice(half)));
    }
  };

  const applyOnce = (batch: readonly Delivered[]): Promise<BatchOutcome> =>
    traced(
      `process ${consumer}`,
      {
        kind: SpanKind.CONSUMER,
        links: batch.map(({ headers }) => headers['traceparent']),
        attributes: {
          'messaging.system': 'nats',
          'messaging.operation.type': 'process',
          'messaging.destination.name': stream,
          'messaging.consumer.group.name': consumer,
          'messaging.batch.message_count': batch.length,
        },
      },
      () => applyTogether(batch),
    );

  const applyTogether = async (batch: readonly Delivered[]): Promise<BatchOutcome> => {
    const events = batch.map((delivered) => ({ delivered, event: decodeEvent(delivered, types) }));
    return transaction(db, async (tx) => {
      const { fresh, differing } = await receive(tx, batch);
      const unseen = events.filter(({ delivered }) => fresh.has(delivered)).map(({ event }) => event);
      if (unseen.length > 0) await handler.handle(unseen, tx);
      const aside = await setAsideDiffering(tx, differing);
      const repeated = batch.length - unseen.length - aside;
      return { applied: unseen.length, repeated, setAside: aside, differing: aside };
    });
  };

  const giveUpOn = (delivered: Delivered, error: unknown): Promise<BatchOutcome> =>
    transaction(db, async (tx) => {
      const { fresh, differing } = await receive(tx, [delivered]);
      const aside = await setAsideDiffering(tx, differing);
      if (fresh.size === 0) return { applied: 0, repeated: 1 - aside, setAside: aside, differing: aside };
      await putAside(tx, delivered, error);
      return { applied: 0, repeated: 0, setAside: 1, differing: 0 };
    });

  /** What is new of a batch, and what has the id of another message. A repetition inside the batch is one as well: the first takes the id. */
  const receive = async (tx: Tx, batch: readonly Delivered[]) => {
    const { position } = batch[batch.length - 1] as Delivered;
    const ids = await receiveOnce(tx, consumer, batch, position);
    const fresh = new Set(batch.filter(({ eventId }) => ids.delete(eventId)));
    const known = batch.filter((delivered) => !fresh.has(delivered) && delivered.contents !== undefined);
    if (known.length === 0) return { fresh, differing: [] };
    const before = await findContents(
      tx,
      consumer,
      known.map(({ eventId }) => eventId),
    );
    const differing = known.filter(({ eventId, contents }) => (before.get(eventId) ?? contents) !== contents);
    return { fresh, differing };
  };

  /** Once each, however often they are delivered: they are known by their contents as well. Answers with how many there were. */
  const setAsideDiffering = async (tx: Tx, differing: readonly Delivered[]): Promise<number> => {
    let aside = 0;
    for (const delivered of differing) {
      const eventId = `${delivered.eventId}#${delivered.contents}`;
      if (!(await noteEvent(tx, consumer, eventId))) continue;
      await putAside(tx, { ...delivered, eventId }, contentsDiffer());
      aside += 1;
    }
    return aside;
  };

  const putAside = async (tx: Tx, delivered: Delivered, error: unknown): Promise<void> => {
    await setAside(tx, { ...delivered, consumer }, error);
    const { subject, eventId } = delivered;
    log.error({ event: 'dead_letter', err: error, subject, eventId }, 'a message became a dead letter');
  };

  const persistently = async <T>(work: () => Promise<T>, messages: number): Promise<T> => {
    for (let attempt = 0; ; attempt += 1) {
      try {
        const result = await work();
        trouble.recovered();
        return result;
      } catch (error) {
        if (signal.aborted || !worthRetrying(error)) throw error;
        trouble.failed(error, { messages, attempt });
        await pause(backoffMs(attempt, { firstMs: 25, maxMs: 1500 }), undefined, { signal }).catch(() => undefined);
        if (signal.aborted) throw error;
      }
    }
  };

  return apply;
}

/** Not the message's fault: setting it aside would lose it to an outage, or all of them to a schema that is not there yet. */
export function worthRetrying(error: unknown): boolean {
  if (isAppError(error)) return retryable[error.code];
  const state = sqlState(error) ?? '';
  return isTransient(error) || LOCK_OR_STATEMENT_TIMEOUT.has(state) || OUR_SCHEMA.has(state.slice(0, 2));
}

const LOCK_OR_STATEMENT_TIMEOUT: ReadonlySet<string> = new Set(['55P03', '57014', '25P03']);
/** Syntax, missing tables and rights; a database or schema that does not exist; a login refused. */
const OUR_SCHEMA: ReadonlySet<string> = new Set(['42', '3D', '3F', '28']);

export function contentsDiffer(): AppError {
  return new AppError('failed_precondition', 'another message was applied under this id', {
    reason: 'contents_differ',
  });
}

const NOTHING: BatchOutcome = { applied: 0, repeated: 0, setAside: 0, differing: 0 };

function sum(a: BatchOutcome, b: BatchOutcome): BatchOutcome {
  return {
    applied: a.applied + b.applied,
    repeated: a.repeated + b.repeated,
    setAside: a.setAside + b.setAside,
    differing: a.differing + b.differing,
  };
}
