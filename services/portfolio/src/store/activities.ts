import { bigintArray, textArray, uuidArray } from '@andvari/kit/db/pg-array';
import { isAny, microsecondsOf, on } from '@andvari/kit/db/tables';
import type { Db, Tx } from '@andvari/kit/db/types';
import { and, asc, desc, eq, getColumns, gte, lt, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Activity, ActivityType } from '../domain/activity.ts';
import type { Currency } from '../domain/asset.ts';
import type { MoneyLine } from '../domain/posting.ts';
import { moment } from './moments.ts';
import { activities } from './schema.ts';

export type ActivityQuery = {
  readonly accountId: string;
  /** Empty: all. */
  readonly types: readonly ActivityType[];
  readonly symbol: string;
  /** From the first to before the second; 0 is open. */
  readonly fromUs: bigint;
  readonly toUs: bigint;
  readonly after: { readonly occurredAtUs: string; readonly id: string } | undefined;
  /** The newest come first without it. */
  readonly oldestFirst: boolean;
  readonly limit: number;
};

const { inKind: _inKind, ...plain } = getColumns(activities);
const columns = {
  ...plain,
  symbol: sql<string>`coalesce(${activities.symbol}, '')`,
  orderId: sql<string>`coalesce(${activities.orderId}::text, '')`,
  qty: sql<bigint>`coalesce(${activities.qty}, 0)`,
  price: sql<bigint>`coalesce(${activities.price}, 0)`,
  occurredAtUs: microsecondsOf(plain.occurredAtUs),
};

export async function listActivities(db: Db, query: ActivityQuery): Promise<Activity[]> {
  const { types, symbol, fromUs, toUs, after, oldestFirst, limit } = query;
  const { id, accountId, type, occurredAtUs } = activities;
  const further = oldestFirst ? sql.raw('>') : sql.raw('<');
  const order = oldestFirst ? asc : desc;
  return on(db)
    .select(columns)
    .from(activities)
    .where(
      and(
        eq(accountId, query.accountId),
        types.length === 0 ? undefined : isAny(type, types),
        symbol === '' ? undefined : eq(activities.symbol, symbol),
        fromUs === 0n ? undefined : gte(occurredAtUs, moment(fromUs)),
        toUs === 0n ? undefined : lt(occurredAtUs, moment(toUs)),
        after && sql`(${occurredAtUs}, ${id}) ${further} (${moment(after.occurredAtUs)}, ${after.id})`,
      ),
    )
    .orderBy(order(occurredAtUs), order(id))
    .limit(limit);
}

/**
 * The cash that there was before a moment: what the ledger says there is, less what has happened since. So it costs as much as is
 * younger than the moment, which is little of the months that are asked for.
 */
export async function cashBefore(db: Db, accountId: string, atUs: bigint): Promise<bigint> {
  const [row] = await db<{ cash: bigint }[]>`
    select (coalesce(sum(money.posted), 0) - (
      select coalesce(sum(amount), 0) from activities
        where account_id = ${accountId} and occurred_at >= to_timestamp(${atUs}::float8 / 1e6)))::bigint as cash
      from accounts left join ledger_accounts money on money.account_id = accounts.id and money.asset = accounts.currency
      where accounts.id = ${accountId}`;
  return row?.cash ?? 0n;
}

/** Which spans have any activity, by where they begin; each ends where the next begins, and the last bound begins none. */
export async function listActiveSpans(db: Db, accountId: string, boundsUs: readonly bigint[]): Promise<bigint[]> {
  const rows = await db<{ start: bigint }[]>`
    select start from unnest(${bigintArray(boundsUs.slice(0, -1))}::bigint[], ${bigintArray(boundsUs.slice(1))}::bigint[]) as span (start, stop)
      where exists (
        select from activities where account_id = ${accountId}
          and occurred_at >= to_timestamp(start::float8 / 1e6) and occurred_at < to_timestamp(stop::float8 / 1e6))
      order by start`;
  return rows.map(({ start }) => start);
}

/** A client's lines of journals of money. A transfer between two accounts is a journal of two lines, each with an id of its own. */
export async function insertMoneyLines(tx: Tx, rows: readonly MoneyLine[]): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    insert into activities (account_id, occurred_at, id, type, amount, currency, journal_id, reference)
      select account_id, to_timestamp(at_us::float8 / 1e6), id, type, amount, currency, journal_id, reference
        from unnest(
          ${uuidArray(rows.map(() => uuidv7()))}::uuid[],
          ${uuidArray(rows.map(({ accountId }) => accountId))}::uuid[],
          ${bigintArray(rows.map(({ journal }) => journal.occurredAt))}::bigint[],
          ${uuidArray(rows.map(({ journalId }) => journalId))}::uuid[],
          ${textArray(rows.map(({ type }) => type))}::text[],
          ${bigintArray(rows.map(({ amount }) => amount))}::bigint[],
          ${textArray(rows.map(({ currency }) => currency))}::text[],
          ${textArray(rows.map(({ journal }) => journal.reference))}::text[]
        ) as new (id, account_id, at_us, journal_id, type, amount, currency, reference)`;
}

/** A line of shares that came or went without a trade. */
export type ShareLine = {
  readonly accountId: string;
  readonly journalId: string;
  readonly type: ActivityType;
  readonly symbol: string;
  readonly qty: bigint;
  readonly price: bigint;
  /** What they were worth, where they count as brought or taken. */
  readonly inKind: bigint;
  readonly currency: Currency;
  readonly reference: string;
  readonly at: bigint;
};

export async function insertShareLine(tx: Tx, line: ShareLine): Promise<void> {
  await tx`
    insert into activities (account_id, occurred_at, id, type, symbol, qty, price, amount, in_kind, currency, journal_id, reference)
    values (${line.accountId}, to_timestamp(${line.at}::float8 / 1e6), ${line.journalId}, ${line.type}, ${line.symbol}, ${line.qty},
      ${line.price}, 0, ${line.inKind}, ${line.currency}, ${line.journalId}, ${line.reference})`;
}

/** A line of what a company did: shares that were counted anew, money that was paid. */
export type ActionLine = Omit<ShareLine, 'inKind'> & { readonly amount: bigint; readonly realised: bigint };

export async function insertActionLine(tx: Tx, line: ActionLine): Promise<void> {
  await tx`
    insert into activities (account_id, occurred_at, id, type, symbol, qty, price, amount, realised, currency, journal_id, reference)
    values (${line.accountId}, to_timestamp(${line.at}::float8 / 1e6), ${line.journalId}, ${line.type}, ${line.symbol}, ${line.qty},
      ${line.price}, ${line.amount}, ${line.realised}, ${line.currency}, ${line.journalId}, ${line.reference})`;
}
