import { v7 as uuidv7 } from 'uuid';
import type { Db } from '../db/types.ts';
import { REPLAYED } from '../events/replayed.ts';
import type { Nats } from '../nats/nats.ts';
import { publishInOrder } from '../nats/publish-in-order.ts';
import type { Log } from '../observe/log.ts';
import { readCursor, readOutbox } from './rows.ts';

const WINDOW = 256;

export interface ReplayRange {
  /** The first and the last position; by default all that was published and is still kept. */
  from?: bigint;
  to?: bigint;
  /** Only what was written at or after this moment. */
  since?: Date;
  /** Only subjects that begin so: `user.profile.`. */
  subjectPrefix?: string;
  /** No subjects that begin so. */
  exceptPrefix?: string;
}

/**
 * Publishes again what a stream has lost or a new consumer never saw, with the events' own ids, so that whoever applied
 * them drops them. Only what the relay has published before: the rest is on its way anyhow. Answers how many it were.
 */
export async function replayOutbox(
  parts: { db: Db; nats: Nats; log: Log; signal: AbortSignal },
  range: ReplayRange = {},
): Promise<number> {
  const { db, nats, log, signal } = parts;
  const published = await readCursor(db);
  const upTo = range.to !== undefined && range.to < published ? range.to : published;
  // The stream may still remember the first publication: this run's messages have ids of their own, the same if it tries again.
  const run = uuidv7();
  let count = 0;
  let after = (range.from ?? 1n) - 1n;
  for (;;) {
    signal.throwIfAborted();
    const rows = await readOutbox(db, { after, upTo, limit: WINDOW });
    const last = rows.at(-1);
    if (last === undefined) return count;
    const wanted = rows.filter(
      ({ subject, createdAt }) =>
        subject.startsWith(range.subjectPrefix ?? '') &&
        (range.exceptPrefix === undefined || !subject.startsWith(range.exceptPrefix)) &&
        (range.since === undefined || createdAt >= range.since),
    );
    const again = wanted.map(({ id, subject, headers, payload }) => ({
      id: `${id}.${run}`,
      subject,
      headers: { ...headers, [REPLAYED]: run },
      payload,
    }));
    if (again.length > 0) await publishInOrder(nats, again, signal, log);
    count += again.length;
    after = last.position;
  }
}
