import { dateFromUs } from '@andvari/kit/base/clock';
import type { Db, Tx } from '@andvari/kit/db/types';

export interface PasswordReset {
  readonly tokenHash: Buffer;
  /** Undefined where nobody has the address: the row then only counts the letters asked for. */
  readonly userId: string | undefined;
  readonly emailKey: Buffer;
  readonly createdAtUs: bigint;
  readonly expiresAtUs: bigint;
}

export async function insertPasswordReset(tx: Tx, reset: PasswordReset): Promise<void> {
  await tx`
    insert into password_resets (token_hash, user_id, email_key, created_at, expires_at)
    values (${reset.tokenHash}, ${reset.userId ?? null}, ${reset.emailKey}, ${dateFromUs(reset.createdAtUs)},
      ${dateFromUs(reset.expiresAtUs)})`;
}

export async function countPasswordResets(db: Db | Tx, emailKey: Buffer, sinceUs: bigint): Promise<number> {
  const [row] = await db<{ count: number }[]>`
    select count(*)::int as count from password_resets
    where email_key = ${emailKey} and created_at > ${dateFromUs(sinceUs)}`;
  return row?.count ?? 0;
}

/** Whose password the token may change; undefined where it is none, spent or too old. */
export async function findPasswordReset(db: Db, tokenHash: Buffer, atUs: bigint): Promise<string | undefined> {
  const [row] = await db<{ user_id: string }[]>`
    select user_id from password_resets
    where token_hash = ${tokenHash} and user_id is not null and expires_at > ${dateFromUs(atUs)}`;
  return row?.user_id;
}

/** Spends the token; false where it has been spent meanwhile. */
export async function takePasswordReset(tx: Tx, tokenHash: Buffer, atUs: bigint): Promise<boolean> {
  const taken = await tx`
    delete from password_resets where token_hash = ${tokenHash} and expires_at > ${dateFromUs(atUs)}`;
  return taken.count === 1;
}

export async function deletePasswordResets(tx: Tx, userId: string): Promise<void> {
  await tx`delete from password_resets where user_id = ${userId}`;
}
