import type { Db, Tx } from '@andvari/kit/db/types';

export type KeyedAnswer = { readonly operation: string; readonly fingerprint: Buffer; readonly answer: string };

/** One keyed request of a user at a time: two with the same key find each other, and limits of a day hold. */
export async function lockKeys(tx: Tx, userId: string): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`keys ${userId}`}, 0))`;
}

export async function findAnswer(tx: Tx, userId: string, key: string): Promise<KeyedAnswer | undefined> {
  const [row] = await tx<KeyedAnswer[]>`
    select operation, fingerprint, answer::text as answer from idempotency_keys where user_id = ${userId} and key = ${key}`;
  return row;
}

export async function insertAnswer(tx: Tx, userId: string, key: string, keyed: KeyedAnswer): Promise<void> {
  await tx`
    insert into idempotency_keys (user_id, key, operation, fingerprint, answer)
    values (${userId}, ${key}, ${keyed.operation}, ${keyed.fingerprint}, ${keyed.answer}::text::jsonb)`;
}

/** One small batch of what is too old to be asked again. True when there may be more. */
export async function pruneKeys(db: Db, keepDays: number): Promise<boolean> {
  const deleted = await db`
    delete from idempotency_keys where ctid = any(array(
      select ctid from idempotency_keys where created_at < now() - ${keepDays} * interval '1 day' limit 1000))`;
  return deleted.count === 1000;
}
