import { dateFromUs, usFromDate } from '@andvari/kit/base/clock';
import { on } from '@andvari/kit/db/tables';
import type { Db, Tx } from '@andvari/kit/db/types';
import { eq, sql } from 'drizzle-orm';
import type { Role } from '../domain/grant.ts';
import { roleHolders } from './schema.ts';

/** What a user may do at a moment, and until when that stays so. */
export interface Rights {
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
  readonly rolesVersion: bigint;
  /** When the next grant runs out. */
  readonly validUntilUs: bigint | undefined;
}

/** One statement, so that the version and the roles are of the same moment. */
export async function readRights(db: Db | Tx, userId: string, atUs: bigint): Promise<Rights> {
  const [row] = await db<{ roles: string[]; permissions: string[]; version: bigint; valid_until: Date | null }[]>`
    with held as (
      select role, expires_at from role_grants
      where user_id = ${userId} and ended_at is null and (expires_at is null or expires_at > ${dateFromUs(atUs)})
      union all
      select name, null from roles where is_default
    )
    select array(select distinct role from held order by role) as roles,
      array(select distinct permission from role_permissions join held using (role) order by permission) as permissions,
      coalesce((select roles_version from role_holders where user_id = ${userId}), 1) as version,
      (select min(expires_at) from held) as valid_until`;
  if (row === undefined) throw new Error('PostgreSQL answered nothing');
  return {
    roles: row.roles,
    permissions: row.permissions,
    rolesVersion: row.version,
    validUntilUs: row.valid_until === null ? undefined : usFromDate(row.valid_until),
  };
}

export async function listRoles(db: Db | Tx): Promise<Role[]> {
  return db<Role[]>`
    select name, description, is_default as "isDefault",
      array(select permission from role_permissions where role = name order by permission) as permissions
    from roles order by name`;
}

/** The user's row, made when it is missing, locked until the transaction ends. */
export async function lockHolder(tx: Tx, userId: string): Promise<void> {
  await on(tx)
    .insert(roleHolders)
    .values({ userId })
    .onConflictDoUpdate({ target: roleHolders.userId, set: { rolesVersion: roleHolders.rolesVersion } });
}

/** Who takes away or shortens a right to grant waits here, so that two cannot each take the other for the last one. */
export async function lockGranting(tx: Tx): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtext('security.granting'))`;
}

export async function bumpRolesVersion(tx: Tx, userId: string): Promise<bigint> {
  const { rolesVersion } = roleHolders;
  const [row] = await on(tx)
    .update(roleHolders)
    .set({ rolesVersion: sql`${rolesVersion} + 1` })
    .where(eq(roleHolders.userId, userId))
    .returning({ rolesVersion });
  if (row === undefined) throw new Error('the holder was not locked');
  return row.rolesVersion;
}
