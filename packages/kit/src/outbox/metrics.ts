import type { Db } from '../db/types.ts';
import { figure } from '../observe/figure.ts';
import type { Metrics } from '../observe/metrics.ts';

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

const depth = (db: Db) =>
  firstOf(db<{ figure: number }[]>`
  select count(*)::int as figure from (
    select from outbox where position > (select position from outbox_cursor) limit ${DEPTH_LIMIT}
  ) waiting`);

const age = (db: Db) =>
  firstOf(db<{ figure: number }[]>`
  select extract(epoch from now() - created_at)::float8 as figure from outbox
  where position > (select position from outbox_cursor) order by position limit 1`);

async function firstOf(asked: PromiseLike<{ figure: number }[]>): Promise<number> {
  return (await asked)[0]?.figure ?? 0;
}
