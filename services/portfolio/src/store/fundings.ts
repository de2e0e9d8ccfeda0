import { textArray, unquotedArray, uuidArray } from '@andvari/kit/db/pg-array';
import { isAny, microsecondsOf, on, type Queries } from '@andvari/kit/db/tables';
import type { Db, Tx } from '@andvari/kit/db/types';
import { toMicros } from '@andvari/money';
import { and, desc, eq, getColumns, sql } from 'drizzle-orm';
import type { Currency } from '../domain/asset.ts';
import { countsAgainstLimit, type FundedToday, type Funding, type FundingType } from '../domain/funding.ts';
import { moment } from './moments.ts';
import { fundings } from './schema.ts';

const { attempts: _attempts, dueAtUs: _dueAtUs, ...plain } = getColumns(fundings);

const all = (db: Queries) =>
  db
    .select({
      ...plain,
      reason: sql<string>`coalesce(${fundings.reason}, '')`,
      requestedAtUs: microsecondsOf(fundings.requestedAtUs),
      updatedAtUs: microsecondsOf(fundings.updatedAtUs),
    })
    .from(fundings);

export async function insertFunding(tx: Tx, funding: Funding): Promise<void> {
  await tx`
    insert into fundings (id, account_id, user_id, type, currency, amount, state, reason, requested_at, updated_at)
    values (${funding.id}, ${funding.accountId}, ${funding.userId}, ${funding.type}, ${funding.currency}, ${funding.amount},
      ${funding.state}, ${funding.reason}, to_timestamp(${funding.requestedAtUs}::float8 / 1e6),
      to_timestamp(${funding.updatedAtUs}::float8 / 1e6))`;
}

export async function findFunding(db: Db | Tx, id: string): Promise<Funding | undefined> {
  const [funding] = await all(on(db)).where(eq(fundings.id, id));
  return funding;
}

/** The newest first. */
export async function listFundings(
  db: Db,
  query: { accountId: string; after: { requestedAtUs: string; id: string } | undefined; limit: number },
): Promise<Funding[]> {
  const { after, limit } = query;
  const further =
    after && sql`(${fundings.requestedAtUs}, ${fundings.id}) < (${moment(after.requestedAtUs)}, ${after.id})`;
  return all(on(db))
    .where(and(eq(fundings.accountId, query.accountId), further))
    .orderBy(desc(fundings.requestedAtUs), desc(fundings.id))
    .limit(limit);
}

export async function fundedSince(
  tx: Tx,
  of: { userId: string; type: FundingType; currency: Currency; sinceUs: bigint },
): Promise<FundedToday> {
  const [row] = await tx<{ amount: bigint; transfers: number }[]>`
    select coalesce(sum(amount), 0)::bigint as amount, count(*)::int as transfers from fundings
    where user_id = ${of.userId} and requested_at >= to_timestamp(${of.sinceUs}::float8 / 1e6)
      and type = ${of.type} and currency = ${of.currency} and state = any(${COUNTED}::text[])`;
  return { amount: toMicros(row?.amount ?? 0n), transfers: row?.transfers ?? 0 };
}

/** Those under way whose turn it is, the one that has waited longest first. */
export async function fundingsInFlight(db: Db, limit: number): Promise<Funding[]> {
  return all(on(db))
    .where(sql`${fundings.state} in ('requested', 'held', 'sent') and ${fundings.dueAtUs} <= clock_timestamp()`)
    .orderBy(fundings.dueAtUs, fundings.id)
    .limit(limit);
}

/** Also of those whose next step is due later. */
export async function isAnyInFlight(db: Db): Promise<boolean> {
  const rows = await db`select 1 from fundings where state in ('requested', 'held', 'sent') limit 1`;
  return rows.length > 0;
}

export async function lockFundings(tx: Tx, ids: readonly string[]): Promise<Funding[]> {
  return all(on(tx)).where(isAny(fundings.id, ids)).orderBy(fundings.id).for('update');
}

export async function saveStates(tx: Tx, changed: readonly Funding[], atUs: bigint): Promise<void> {
  await tx`
    update fundings set state = new.state, reason = new.reason, attempts = 0, due_at = now(), updated_at = to_timestamp(${atUs}::float8 / 1e6)
    from unnest(
      ${uuidArray(changed.map(({ id }) => id))}::uuid[],
      ${unquotedArray(changed.map(({ state }) => state))}::text[],
      ${textArray(changed.map(({ reason }) => reason))}::text[]
    ) as new (id, state, reason)
    where fundings.id = new.id`;
}

/** To the end of the queue, and from the third failure on later and later, up to a bound: those that cannot go on keep nobody from going on. */
export async function postponeFundings(db: Db, ids: readonly string[], mostMs: number): Promise<void> {
  await db`
    update fundings set attempts = attempts + 1,
      due_at = clock_timestamp() + least(50 * (2 ^ least(greatest(attempts - 1, 0), 20) - 1), ${mostMs}) * (0.75 + random() / 2) * interval '1 millisecond'
    where id = any(${uuidArray(ids)}::uuid[]) and state in ('requested', 'held', 'sent')`;
}

/** What withdrawals that came to nothing held. */
export async function releaseHolds(tx: Tx, fundingIds: readonly string[]): Promise<void> {
  if (fundingIds.length === 0) return;
  await tx`
    select outcome from release_batch(${uuidArray(fundingIds)}::uuid[], ${uuidArray(fundingIds.map(() => null))}::uuid[])`;
}

const COUNTED = (['requested', 'held', 'sent', 'settled', 'returned', 'failed'] as const).filter(countsAgainstLimit);
