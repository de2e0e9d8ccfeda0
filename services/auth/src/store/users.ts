import { dateFromUs } from '@andvari/kit/base/clock';
import type { Db, Tx } from '@andvari/kit/db/types';

export interface User {
  readonly userId: string;
  readonly email: string;
  readonly passwordHash: string;
  readonly rolesVersion: bigint;
}

export async function findUserByEmail(db: Db | Tx, email: string): Promise<User | undefined> {
  const rows = await db<UserRow[]>`select ${columns(db)} from users where email = ${email}`;
  return rows[0] && fromRow(rows[0]);
}

export async function findUser(db: Db | Tx, userId: string): Promise<User | undefined> {
  const rows = await db<UserRow[]>`select ${columns(db)} from users where user_id = ${userId}`;
  return rows[0] && fromRow(rows[0]);
}

/** Holds password and existence as they are until the transaction ends; others may hold it as well. */
export async function shareUser(tx: Tx, userId: string): Promise<User | undefined> {
  const rows = await tx<UserRow[]>`select ${columns(tx)} from users where user_id = ${userId} for share`;
  return rows[0] && fromRow(rows[0]);
}

/** Nobody else may sign in, change the password or add to what the user has until the transaction ends. */
export async function lockUser(tx: Tx, userId: string): Promise<User | undefined> {
  const rows = await tx<UserRow[]>`select ${columns(tx)} from users where user_id = ${userId} for update`;
  return rows[0] && fromRow(rows[0]);
}

/** False where somebody else has proved the same address before. */
export async function insertUser(
  tx: Tx,
  user: Pick<User, 'userId' | 'email' | 'passwordHash'>,
  atUs: bigint,
): Promise<boolean> {
  const inserted = await tx`
    insert into users (user_id, email, password_hash, created_at, password_changed_at)
    values (${user.userId}, ${user.email}, ${user.passwordHash}, ${dateFromUs(atUs)}, ${dateFromUs(atUs)})
    on conflict do nothing`;
  return inserted.count === 1;
}

export async function setPassword(tx: Tx, userId: string, passwordHash: string, atUs: bigint): Promise<void> {
  await tx`
    update users set password_hash = ${passwordHash}, password_changed_at = ${dateFromUs(atUs)}
    where user_id = ${userId}`;
}

/** The same password under today's parameters, unless it was changed meanwhile. */
export async function replaceHash(db: Db, userId: string, before: string, after: string): Promise<void> {
  await db`update users set password_hash = ${after} where user_id = ${userId} and password_hash = ${before}`;
}

/** News may come twice or late; a version only grows. */
export async function raiseRolesVersion(tx: Tx, userId: string, rolesVersion: bigint): Promise<void> {
  await tx`
    update users set roles_version = ${rolesVersion} where user_id = ${userId} and roles_version < ${rolesVersion}`;
}

/** With sessions, tokens, keys, known clients and resets: they hang on the user. */
export async function deleteUser(tx: Tx, userId: string): Promise<void> {
  await tx`delete from users where user_id = ${userId}`;
}

interface UserRow {
  user_id: string;
  email: string;
  password_hash: string;
  roles_version: bigint;
}

function columns(db: Db | Tx) {
  return db`user_id, email, password_hash, roles_version`;
}

function fromRow(row: UserRow): User {
  return {
    userId: row.user_id,
    email: row.email,
    passwordHash: row.password_hash,
    rolesVersion: row.roles_version,
  };
}
