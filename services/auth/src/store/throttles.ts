import { dateFromUs } from '@andvari/kit/base/clock';
import { isAny, on, statement, unnested } from '@andvari/kit/db/tables';
import type { Db, Tx } from '@andvari/kit/db/types';
import { sql } from 'drizzle-orm';
import { noFailures, type Throttle } from '../domain/lockout.ts';
import { throttles } from './schema.ts';

const find = statement({ keys: [throttles.key] }, (db, { keys }) =>
  db.select().from(throttles).where(isAny(throttles.key, keys)),
);

/** In the order of the keys; a key without a row has not failed. */
export async function findThrottles(db: Db | Tx, keys: readonly Buffer[]): Promise<Throttle[]> {
  return inOrder(keys, await find(db, { keys }));
}

const lock = statement({ fresh: throttles }, (db, { fresh }) =>
  db
    .insert(throttles)
    .select(unnested(throttles, fresh, sql`order by new.key`))
    .onConflictDoUpdate({ target: throttles.key, set: { failures: throttles.failures } })
    .returning(),
);

/** Held until the transaction ends, always in the same order, so that two failures never wait for each other. */
export async function lockThrottles(tx: Tx, keys: readonly Buffer[], atUs: bigint): Promise<Throttle[]> {
  const fresh = keys.map((key) => ({ key, failures: 0, lastFailedAtUs: atUs }));
  return inOrder(keys, await lock(tx, { fresh }));
}

export async function saveThrottles(tx: Tx, keys: readonly Buffer[], changed: readonly Throttle[]): Promise<void> {
  await tx`
    update throttles t set failures = new.failures, last_failed_at = new.last_failed_at, locked_until = new.locked_until
    from unnest(
      ${tx.array([...keys])}::bytea[],
      ${changed.map(({ failures }) => failures)}::int[],
      ${tx.array(changed.map(({ lastFailedAtUs }) => dateFromUs(lastFailedAtUs)))}::timestamptz[],
      ${tx.array(changed.map(({ lockedUntilUs }) => dateFromUs(lockedUntilUs)))}::timestamptz[]
    ) as new (key, failures, last_failed_at, locked_until)
    where t.key = new.key`;
}

export async function deleteThrottles(tx: Tx, keys: readonly Buffer[]): Promise<void> {
  await on(tx).delete(throttles).where(isAny(throttles.key, keys));
}

function inOrder(keys: readonly Buffer[], rows: readonly (typeof throttles.$inferSelect)[]): Throttle[] {
  const byKey = new Map(rows.map((row) => [row.key.toString('hex'), row]));
  return keys.map((key) => {
    const row = byKey.get(key.toString('hex'));
    if (row === undefined) return noFailures;
    return { failures: row.failures, lastFailedAtUs: row.lastFailedAtUs, lockedUntilUs: row.lockedUntilUs ?? 0n };
  });
}
