import { bigintArray, textArray } from '@andvari/kit/db/pg-array';
import type { Db } from '@andvari/kit/db/types';
import type { Price } from '@andvari/money';
import type { Timeframe } from '../domain/period.ts';

/** An account at a moment, and what its owner had ever brought and taken by then. */
export type Snapshot = {
  readonly atUs: bigint;
  readonly equity: bigint;
  readonly brought: bigint;
  readonly taken: bigint;
};

export async function listSnapshots(
  db: Db,
  query: { accountId: string; timeframe: Timeframe; fromUs: bigint; toUs: bigint; limit: number },
): Promise<Snapshot[]> {
  const { accountId, timeframe, fromUs, toUs, limit } = query;
  return db<Snapshot[]>`
    select (extract(epoch from at) * 1000000)::bigint as "atUs", cash + market_value as equity, brought, taken
    from snapshots
    where account_id = ${accountId} and timeframe = ${timeframe}
      and at between to_timestamp(${fromUs}::float8 / 1e6) and to_timestamp(${toUs}::float8 / 1e6)
    order by at limit ${limit}`;
}

/** The next accounts that may be worth a snapshot, in the order of their ids: those that are open. */
export async function accountsAfter(db: Db, after: string, limit: number): Promise<string[]> {
  const rows = await db<{ id: string }[]>`
    select id from accounts where id > ${after} and status <> 'closed' and kind <> 'house' order by id limit ${limit}`;
  return rows.map(({ id }) => id);
}

/**
 * One statement for many accounts, from rows that are kept up to date: nothing is added up from history. A symbol without a quote
 * counts at cost. What was taken before stays as it was, so this may be done again.
 */
export async function takeSnapshots(
  db: Db,
  of: { accountIds: readonly string[]; timeframe: Timeframe; atUs: bigint; quotes: ReadonlyMap<string, Price> },
): Promise<number> {
  const { accountIds, timeframe, atUs, quotes } = of;
  const taken = await db`
    insert into snapshots (account_id, timeframe, at, cash, market_value, brought, taken)
    select account.id, ${timeframe}, to_timestamp(${atUs}::float8 / 1e6), coalesce(cash.posted, 0), coalesce(held.value, 0),
      coalesce(flow.brought, 0), coalesce(flow.taken, 0)
    from unnest(${[...accountIds]}::uuid[]) asked (id)
    join accounts account on account.id = asked.id
    left join ledger_accounts cash on cash.account_id = account.id and cash.asset = account.currency
    left join account_flows flow on flow.account_id = account.id
    left join lateral (
      select sum(coalesce(half_even(quote.price::numeric * position.qty, 1000000), position.cost))::bigint as value
      from positions position
      left join unnest(${textArray([...quotes.keys()])}::text[], ${bigintArray([...quotes.values()])}::bigint[]) quote (symbol, price)
        on quote.symbol = position.symbol
      where position.account_id = account.id and position.qty > 0
    ) held on true
    order by account.id
    on conflict do nothing`;
  return taken.count;
}

/** One small batch of what is older. True when there may be more. */
export async function pruneSnapshots(db: Db, timeframe: Timeframe, beforeUs: bigint): Promise<boolean> {
  const deleted = await db`
    delete from snapshots where ctid = any(array(
      select ctid from snapshots
      where timeframe = ${timeframe} and at < to_timestamp(${beforeUs}::float8 / 1e6) limit 5000))`;
  return deleted.count === 5000;
}
