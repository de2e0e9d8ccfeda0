import { setTimeout as pause } from 'node:timers/promises';
import { wakeable } from '../base/wakeable.ts';
import type { HeldLock, Locks } from '../db/locks.ts';
import type { Db } from '../db/types.ts';
import type { OutgoingEvent } from '../events/event.ts';
import type { Nats } from '../nats/nats.ts';
import { publishInOrder } from '../nats/publish-in-order.ts';
import type { Metrics } from '../observe/metrics.ts';
import { SpanKind, traced } from '../observe/tracing.ts';
import type { Scope } from '../process/scope.ts';
import { watchHorizon } from './horizon.ts';
import { outboxMetrics } from './metrics.ts';
import { advanceCursor, type OutboxRow, pruneOutbox, readCursor, readOutbox } from './rows.ts';

const WINDOW = 256;
/** The last position there can be. */
const LAST = 9_223_372_036_854_775_807n;
/**
 * How long to wait before looking again: while a writer has yet to commit, and while nothing happens. Whoever writes rings, in this process or another, so
 * the last of them is for what a process wrote that died before it could.
 */
const PENDING_MS = [4, 8, 16, 25];
const IDLE_MS = [100, 500, 2000, 5000];
/** Looks are no closer together than this, so that under load what many transactions wrote leaves together. */
const LOOK_EVERY_MS = 32;
/** How far it has come is noted this often while there is always more, and at once when there is not: nothing depends on it but what is published twice after a crash. */
const NOTE_EVERY_MS = 50;
const PRUNE_EVERY_MS = 10_000;
const KEEP_MS = 7 * 86_400_000;
const FLUSH_MS = 3000;

export interface RelayOptions {
  db: Db;
  nats: Nats;
  locks: Locks;
  metrics: Metrics;
  /** How long published rows stay for replay. */
  keepMs?: number;
}

export interface Relay {
  /** Something was written: look now, and keep looking until its transaction has ended. */
  wake(): void;
}

/**
 * Publishes what the outbox holds, in the order of its positions. One relay a database works, the others stand by. What is
 * published but not yet noted when a process dies is published again: the streams drop it by its id, or the inboxes do.
 *
 * At shutdown it publishes what is committed by then: open it before whatever writes, so that it closes after.
 */
export function startRelay(scope: Scope, options: RelayOptions): Relay {
  const { db, nats, locks, keepMs = KEEP_MS } = options;
  const metrics = outboxMetrics(options.metrics, db);
  const stop = new AbortController();
  const bell = wakeable();
  let flushing = false;
  let working = false;

  const relay = async ({ connection, signal }: HeldLock): Promise<void> => {
    const horizon = watchHorizon(connection);
    const read = (after: bigint) => readOutbox(connection, { after, upTo: LAST, limit: WINDOW });
    // All up to `cursor` is done; `noted` is how far the database knows, which lags where positions were never used.
    let noted = await readCursor(connection);
    let cursor = noted;
    let published = noted;
    let last: bigint | undefined;
    let quiet = 0;
    let pruneAt = Date.now() + PRUNE_EVERY_MS;
    let noteAt = 0;
    const note = async (): Promise<void> => {
      if (published === noted) return;
      noteAt = performance.now() + NOTE_EVERY_MS;
      const from = noted;
      noted = published;
      await advanceCursor(connection, from, published);
    };

    for (let lookAt = 0; !signal.aborted; lookAt = performance.now() + LOOK_EVERY_MS) {
      const early = lookAt - performance.now();
      if (early > 0.5 && !flushing) await pause(early);
      // One round trip: noting what is done, looking, and where something is expected, reading what may turn out to be final.
      const [{ head, safe }, rows] = await Promise.all([
        horizon.look(),
        quiet === 0 ? read(cursor) : undefined,
        quiet === 0 && performance.now() < noteAt ? undefined : note(),
      ]);
      if (flushing) last ??= head;
      const isMore = safe > cursor;
      if (isMore) {
        const window = rows ?? (await read(cursor));
        published = await publishUpTo(safe, window, published, { read, signal });
        cursor = safe;
        quiet = 0;
      } else if (last !== undefined && cursor >= last) {
        await note();
        return;
      }
      // Whoever writes next rings, so that having published all there was is no reason to look again at once.
      if (!isMore || (cursor === head && !flushing)) {
        const waits = head > cursor ? PENDING_MS : IDLE_MS;
        const rang = await bell.wait(waits[Math.min(quiet, waits.length - 1)] ?? 0, signal);
        quiet = rang ? 0 : quiet + 1;
      }
      if (Date.now() > pruneAt) {
        const more = await pruneOutbox(connection, keepMs);
        pruneAt = more ? 0 : Date.now() + PRUNE_EVERY_MS;
      }
    }
  };

  /** While one window is on its way, the next is read. Rows behind `safe` may have others before them that are still to appear. */
  const publishUpTo = async (
    safe: bigint,
    first: readonly OutboxRow[],
    before: bigint,
    { read, signal }: { read: (after: bigint) => Promise<readonly OutboxRow[]>; signal: AbortSignal },
  ): Promise<bigint> => {
    let end = before;
    for (let window = first; ; ) {
      const rows = window.filter(({ position }) => position <= safe);
      const final = rows.at(-1)?.position;
      if (final === undefined) return end;
      const isAll = rows.length < WINDOW;
      const [next] = await Promise.all([isAll ? [] : read(final), publishTogether(rows, signal)]);
      metrics.published.inc(rows.length);
      end = final;
      if (isAll) return end;
      window = next;
    }
  };

  const publishTogether = (rows: readonly OutgoingEvent[], signal: AbortSignal): Promise<void> =>
    traced(
      'publish outbox',
      {
        kind: SpanKind.PRODUCER,
        links: rows.map(({ headers }) => headers['traceparent']),
        attributes: {
          'messaging.system': 'nats',
          'messaging.operation.type': 'send',
          'messaging.batch.message_count': rows.length,
        },
      },
      () => publishInOrder(nats, rows, signal, scope.log, (events) => metrics.unpublishable.inc(events)),
    );

  const work = async (lock: HeldLock): Promise<void> => {
    working = true;
    try {
      await relay(lock);
    } finally {
      working = false;
      if (flushing) stop.abort();
    }
  };
  const held = locks.hold('outbox relay', stop.signal, work, bell);
  scope.defer('outbox relay', async () => {
    flushing = true;
    if (working) bell.ring();
    else stop.abort();
    const late = setTimeout(() => stop.abort(), FLUSH_MS);
    await held;
    clearTimeout(late);
  });
  return { wake: () => bell.ring() };
}
