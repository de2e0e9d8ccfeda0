import { dateFromUs, usFromDate } from '@andvari/kit/base/clock';
import type { Db, Tx } from '@andvari/kit/db/types';
import type { Grant } from '../domain/grant.ts';

export type EndedAs = 'revoked' | 'expired' | 'replaced' | 'erased';

export async function findGrant(tx: Tx, userId: string, role: string, atUs: bigint): Promise<Grant | undefined> {
  const rows = await tx<GrantRow[]>`
    select ${columns(tx)} from role_grants
    where user_id = ${userId} and role = ${role} and ${inForce(tx, atUs)}`;
  return rows[0] === undefined ? undefined : fromRow(rows[0]);
}

/** Those whose role has the permission. */
export async function grantsWith(tx: Tx, permission: string, atUs: bigint): Promise<Grant[]> {
  const rows = await tx<GrantRow[]>`
    select ${columns(tx)} from role_grants
    where role in (select role from role_permissions where permission = ${permission}) and ${inForce(tx, atUs)}`;
  return rows.map(fromRow);
}

/** By time of granting; of one user, or of all. */
export async function listGrants(
  db: Db,
  query: { userId: string | undefined; after: string | undefined; limit: number },
  atUs: bigint,
): Promise<Grant[]> {
  const { userId, after, limit } = query;
  const rows = await db<GrantRow[]>`
    select ${columns(db)} from role_grants
    where ${inForce(db, atUs)}
      ${userId === undefined ? db`` : db`and user_id = ${userId}`}
      ${after === undefined ? db`` : db`and id > ${after}`}
    order by id limit ${limit}`;
  return rows.map(fromRow);
}

export async function insertGrant(tx: Tx, grant: Grant): Promise<void> {
  const { id, userId, role, grantedBy, reason, grantedAtUs, expiresAtUs } = grant;
  await tx`
    insert into role_grants (id, user_id, role, granted_by, reason, granted_at, expires_at)
    values (${id}, ${userId}, ${role}, ${grantedBy}, ${reason}, ${dateFromUs(grantedAtUs)},
            ${expiresAtUs === undefined ? null : dateFromUs(expiresAtUs)})`;
}

export async function endGrant(
  tx: Tx,
  id: string,
  end: { as: EndedAs; by: string; reason: string; atUs: bigint },
): Promise<void> {
  await tx`
    update role_grants set ended_at = ${dateFromUs(end.atUs)}, ended_as = ${end.as}, ended_by = ${end.by},
      end_reason = ${end.reason}
    where id = ${id} and ended_at is null`;
}

/** Ends what has run out; the caller holds the user's lock. */
export async function endExpired(tx: Tx, userId: string, atUs: bigint, by: string): Promise<{ role: string }[]> {
  return tx<{ role: string }[]>`
    update role_grants set ended_at = ${dateFromUs(atUs)}, ended_as = 'expired', ended_by = ${by}
    where user_id = ${userId} and ended_at is null and expires_at <= ${dateFromUs(atUs)}
    returning role`;
}

export async function usersWithExpired(db: Db, atUs: bigint, limit: number): Promise<string[]> {
  const rows = await db<{ user_id: string }[]>`
    select distinct user_id from role_grants
    where ended_at is null and expires_at <= ${dateFromUs(atUs)} limit ${limit}`;
  return rows.map((row) => row.user_id);
}

/** Ends all that a user has, and empties what people wrote about them. */
export async function eraseGrants(tx: Tx, userId: string, atUs: bigint, by: string): Promise<{ role: string }[]> {
  const ended = await tx<{ role: string }[]>`
    update role_grants set ended_at = ${dateFromUs(atUs)}, ended_as = 'erased', ended_by = ${by}
    where user_id = ${userId} and ended_at is null
    returning role`;
  await tx`update role_grants set reason = '', end_reason = '' where user_id = ${userId}`;
  return ended;
}

interface GrantRow {
  id: string;
  user_id: string;
  role: string;
  granted_by: string;
  reason: string;
  granted_at: Date;
  expires_at: Date | null;
}

function columns(db: Db | Tx) {
  return db`id, user_id, role, granted_by, reason, granted_at, expires_at`;
}

function inForce(db: Db | Tx, atUs: bigint) {
  return db`ended_at is null and (expires_at is null or expires_at > ${dateFromUs(atUs)})`;
}

function fromRow(row: GrantRow): Grant {
  return {
    id: row.id,
    userId: row.user_id,
    role: row.role,
    grantedBy: row.granted_by,
    reason: row.reason,
    grantedAtUs: usFromDate(row.granted_at),
    expiresAtUs: row.expires_at === null ? undefined : usFromDate(row.expires_at),
  };
}
