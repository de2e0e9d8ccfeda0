import { dateFromUs, usFromDate } from '@andvari/kit/base/clock';
import type { Db, Tx } from '@andvari/kit/db/types';
import { noFailures, type Throttle } from '../domain/lockout.ts';

/** In the order of the keys; a key without a row has not failed. */
export async function findThrottles(db: Db | Tx, keys: readonly Buffer[]): Promise<Throttle[]> {
  const rows = await db<ThrottleRow[]>`
    select key, failures, last_failed_at, locked_until from throttles where key = any(${db.array([...keys])}::bytea[])`;
  return inOrder(keys, rows);
}

/** Held until the transaction ends, always in the same order, so that two failures never wait for each other. */
export async function lockThrottles(tx: Tx, keys: readonly Buffer[], atUs: bigint): Promise<Throttle[]> {
  const sorted = keys.toSorted((a, b) => Buffer.compare(a, b));
  const rows = await tx<ThrottleRow[]>`
    insert into throttles as t (key, failures, last_failed_at)
    select key, 0, ${dateFromUs(atUs)} from unnest(${tx.array(sorted)}::bytea[]) with ordinality as k (key, place)
    order by place
    on conflict (key) do update set failures = t.failures
    returning key, failures, last_failed_at, locked_until`;
  return inOrder(keys, rows);
}

export async function saveThrottles(tx: Tx, keys: readonly Buffer[], throttles: readonly Throttle[]): Promise<void> {
  await tx`
    update throttles t set failures = new.failures, last_failed_at = new.last_failed_at, locked_until = new.locked_until
    from unnest(
      ${tx.array([...keys])}::bytea[],
      ${throttles.map(({ failures }) => failures)}::int[],
      ${tx.array(throttles.map(({ lastFailedAtUs }) => dateFromUs(lastFailedAtUs)))}::timestamptz[],
      ${tx.array(throttles.map(({ lockedUntilUs }) => dateFromUs(lockedUntilUs)))}::timestamptz[]
    ) as new (key, failures, last_failed_at, locked_until)
    where t.key = new.key`;
}

export async function deleteThrottles(tx: Tx, keys: readonly Buffer[]): Promise<void> {
  await tx`delete from throttles where key = any(${tx.array([...keys])}::bytea[])`;
}

interface ThrottleRow {
  key: Buffer;
  failures: number;
  last_failed_at: Date;
  locked_until: Date | null;
}

function inOrder(keys: readonly Buffer[], rows: readonly ThrottleRow[]): Throttle[] {
  const byKey = new Map(rows.map((row) => [row.key.toString('hex'), fromRow(row)]));
  return keys.map((key) => byKey.get(key.toString('hex')) ?? noFailures);
}

function fromRow(row: ThrottleRow): Throttle {
  return {
    failures: row.failures,
    lastFailedAtUs: usFromDate(row.last_failed_at),
    lockedUntilUs: row.locked_until === null ? 0n : usFromDate(row.locked_until),
  };
}
