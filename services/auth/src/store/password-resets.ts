import { on } from '@andvari/kit/db/tables';
import type { Db, Tx } from '@andvari/kit/db/types';
import { and, eq, gt, isNotNull, sql } from 'drizzle-orm';
import { passwordResets } from './schema.ts';

export interface PasswordReset {
  readonly tokenHash: Buffer;
  /** Undefined where nobody has the address: the row then only counts the mails asked for. */
  readonly userId: string | undefined;
  readonly emailKey: Buffer;
  readonly createdAtUs: bigint;
  readonly expiresAtUs: bigint;
}

const { tokenHash, userId, emailKey, createdAtUs, expiresAtUs } = passwordResets;

export async function insertPasswordReset(tx: Tx, reset: PasswordReset): Promise<void> {
  await on(tx)
    .insert(passwordResets)
    .values({ ...reset, userId: reset.userId ?? null });
}

export async function countPasswordResets(db: Db | Tx, ofEmail: Buffer, sinceUs: bigint): Promise<number> {
  const [row] = await on(db)
    .select({ count: sql<number>`count(*)::int` })
    .from(passwordResets)
    .where(and(eq(emailKey, ofEmail), gt(createdAtUs, sinceUs)));
  return row?.count ?? 0;
}

/** Whose password the token may change; undefined where it is none, spent or too old. */
export async function findPasswordReset(db: Db, presented: Buffer, atUs: bigint): Promise<string | undefined> {
  const [row] = await on(db)
    .select({ userId })
    .from(passwordResets)
    .where(and(eq(tokenHash, presented), isNotNull(userId), gt(expiresAtUs, atUs)));
  return row?.userId ?? undefined;
}

/** Spends the token; false where it has been spent meanwhile. */
export async function takePasswordReset(tx: Tx, presented: Buffer, atUs: bigint): Promise<boolean> {
  const taken = await on(tx)
    .delete(passwordResets)
    .where(and(eq(tokenHash, presented), gt(expiresAtUs, atUs)));
  return taken.count === 1;
}

export async function deletePasswordResets(tx: Tx, ofUser: string): Promise<void> {
  await on(tx).delete(passwordResets).where(eq(userId, ofUser));
}
