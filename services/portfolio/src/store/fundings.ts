import { texts, words } from '@andvari/kit/db/pg-array';
import type { Db, Tx } from '@andvari/kit/db/types';
import { toMicros } from '@andvari/money';
import type { Currency } from '../domain/asset.ts';
import {
  countsAgainstLimit,
  type FundedToday,
  type Funding,
  type FundingState,
  type FundingType,
} from '../domain/funding.ts';

export async function insertFunding(tx: Tx, funding: Funding): Promise<void> {
  await tx`
    insert into fundings (id, account_id, user_id, type, currency, amount, state, reason, requested_at, updated_at)
    values (${funding.id}, ${funding.accountId}, ${funding.userId}, ${funding.type}, ${funding.currency}, ${funding.amount},
      ${funding.state}, ${funding.reason}, to_timestamp(${funding.requestedAtUs}::float8 / 1e6),
      to_timestamp(${funding.updatedAtUs}::float8 / 1e6))`;
}

export async function findFunding(db: Db | Tx, id: string): Promise<Funding | undefined> {
  const [row] = await db<FundingRow[]>`select ${columns(db)} from fundings where id = ${id}`;
  return row === undefined ? undefined : fromRow(row);
}

/** The newest first. */
export async function listFundings(
  db: Db,
  query: { accountId: string; after: { requestedAtUs: string; id: string } | undefined; limit: number },
): Promise<Funding[]> {
  const { accountId, after, limit } = query;
  const rows = await db<FundingRow[]>`
    select ${columns(db)} from fundings
    where account_id = ${accountId}
      ${after === undefined ? db`` : db`and (requested_at, id) < (to_timestamp(${after.requestedAtUs}::float8 / 1e6), ${after.id})`}
    order by requested_at desc, id desc limit ${limit}`;
  return rows.map(fromRow);
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
  const rows = await db<FundingRow[]>`
    select ${columns(db)} from fundings
    where state in ('requested', 'held', 'sent') and due_at <= clock_timestamp()
    order by due_at, id limit ${limit}`;
  return rows.map(fromRow);
}

export async function lockFundings(tx: Tx, ids: readonly string[]): Promise<Funding[]> {
  const rows = await tx<FundingRow[]>`
    select ${columns(tx)} from fundings where id = any(${[...ids]}::uuid[]) order by id for update`;
  return rows.map(fromRow);
}

export async function saveStates(tx: Tx, fundings: readonly Funding[], atUs: bigint): Promise<void> {
  await tx`
    update fundings set state = new.state, reason = new.reason, attempts = 0, due_at = now(), updated_at = to_timestamp(${atUs}::float8 / 1e6)
    from unnest(
      ${words(fundings.map(({ id }) => id))}::uuid[],
      ${words(fundings.map(({ state }) => state))}::text[],
      ${texts(fundings.map(({ reason }) => reason))}::text[]
    ) as new (id, state, reason)
    where fundings.id = new.id`;
}

/** To the end of the queue, and from the third failure on later and later, up to a bound: those that cannot go on keep nobody from going on. */
export async function postponeFundings(db: Db, ids: readonly string[], mostMs: number): Promise<void> {
  await db`
    update fundings set attempts = attempts + 1,
      due_at = clock_timestamp() + least(50 * (2 ^ least(greatest(attempts - 1, 0), 20) - 1), ${mostMs}) * (0.75 + random() / 2) * interval '1 millisecond'
    where id = any(${words(ids)}::uuid[]) and state in ('requested', 'held', 'sent')`;
}

/** What withdrawals that came to nothing held. */
export async function releaseHolds(tx: Tx, fundingIds: readonly string[]): Promise<void> {
  if (fundingIds.length === 0) return;
  await tx`
    select outcome from release_batch(${words(fundingIds)}::uuid[], ${words(fundingIds.map(() => null))}::uuid[])`;
}

const COUNTED = (['requested', 'held', 'sent', 'settled', 'returned', 'failed'] as const).filter(countsAgainstLimit);

type FundingRow = {
  id: string;
  account_id: string;
  user_id: string;
  type: FundingType;
  currency: Currency;
  amount: bigint;
  state: FundingState;
  reason: string | null;
  requested_us: bigint;
  updated_us: bigint;
};

function columns(db: Db | Tx) {
  return db`id, account_id, user_id, type, currency, amount, state, reason,
    (extract(epoch from requested_at) * 1000000)::bigint as requested_us,
    (extract(epoch from updated_at) * 1000000)::bigint as updated_us`;
}

function fromRow(row: FundingRow): Funding {
  return {
    id: row.id,
    accountId: row.account_id,
    userId: row.user_id,
    type: row.type,
    currency: row.currency,
    amount: toMicros(row.amount),
    state: row.state,
    reason: row.reason ?? '',
    requestedAtUs: row.requested_us,
    updatedAtUs: row.updated_us,
  };
}
