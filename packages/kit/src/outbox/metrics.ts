import type { Db } from '../db/types.ts';
import type { Metrics } from '../observe/metrics.ts';
import { within } from '../process/scope.ts';

/** Counting further than this tells nobody anything. */
const DEPTH_LIMIT = 100_000;

/** Asked of the database when Prometheus asks, so that they are true whichever process relays, and when none does. */
export function outboxMetrics(metrics: Metrics, db: Db) {
  metrics.gauge('outbox_depth', 'Events that wait to be published', [], async (gauge) => {
    gauge.set(await figure(depth(db)));
  });
  metrics.gauge('outbox_age_seconds', 'Age of the oldest event that waits to be published', [], async (gauge) => {
    gauge.set(await figure(age(db)));
  });
  return {
    published: metrics.counter('outbox_published_total', 'Events that a stream has acknowledged'),
    unpublishable: metrics.counter(
      'outbox_unpublishable_total',
      'Events that a stream has refused: those behind them wait',
    ),
  };
}

const depth = async (db: Db) =>
  await db<{ figure: number }[]>`
  select count(*)::int as figure from (
    select from outbox where position > (select position from outbox_cursor) limit ${DEPTH_LIMIT}
  ) waiting`;

const age = async (db: Db) =>
  await db<{ figure: number }[]>`
  select extract(epoch from now() - created_at)::float8 as figure from outbox
  where position > (select position from outbox_cursor) order by position limit 1`;

/** A scrape waits no longer for the database. */
const PATIENCE_MS = 500;

/** Not a number while the database is away or slow: the other metrics are wanted most of all then. */
async function figure(asked: Promise<{ figure: number }[]>): Promise<number> {
  try {
    return (await within(asked, PATIENCE_MS))[0]?.figure ?? 0;
  } catch {
    return Number.NaN;
  }
}
