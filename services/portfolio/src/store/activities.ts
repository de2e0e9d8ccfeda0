import type { Db } from '@andvari/kit/db/types';
import type { Activity, ActivityType } from '../domain/activity.ts';

export type ActivityQuery = {
  readonly accountId: string;
  /** Empty: all. */
  readonly types: readonly ActivityType[];
  readonly symbol: string;
  /** From the first to before the second; 0 is open. */
  readonly fromUs: bigint;
  readonly toUs: bigint;
  readonly after: { readonly occurredAtUs: string; readonly id: string } | undefined;
  readonly limit: number;
};

/** The newest first. */
export async function listActivities(db: Db, query: ActivityQuery): Promise<Activity[]> {
  const { accountId, types, symbol, fromUs, toUs, after, limit } = query;
  return db<Activity[]>`
    select id, account_id as "accountId", type, coalesce(symbol, '') as symbol, coalesce(qty, 0) as qty,
      coalesce(price, 0) as price, amount, currency, journal_id as "journalId", reference, realised,
      (extract(epoch from occurred_at) * 1000000)::bigint as "occurredAtUs"
    from activities
    where account_id = ${accountId}
      ${types.length === 0 ? db`` : db`and type = any(${[...types]}::text[])`}
      ${symbol === '' ? db`` : db`and symbol = ${symbol}`}
      ${fromUs === 0n ? db`` : db`and occurred_at >= to_timestamp(${fromUs}::float8 / 1e6)`}
      ${toUs === 0n ? db`` : db`and occurred_at < to_timestamp(${toUs}::float8 / 1e6)`}
      ${after === undefined ? db`` : db`and (occurred_at, id) < (to_timestamp(${after.occurredAtUs}::float8 / 1e6), ${after.id})`}
    order by occurred_at desc, id desc limit ${limit}`;
}
