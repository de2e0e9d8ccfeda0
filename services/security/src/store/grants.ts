import { on } from '@andvari/kit/db/tables';
import type { Db, Tx } from '@andvari/kit/db/types';
import { and, eq, getColumns, gt, inArray, isNull, lte, or } from 'drizzle-orm';
import type { Grant } from '../domain/grant.ts';
import { roleGrants, rolePermissions } from './schema.ts';

export type EndedAs = NonNullable<(typeof roleGrants.$inferSelect)['endedAs']>;

const { endedAtUs, endedAs: _as, endedBy: _by, endReason: _reason, ...columns } = getColumns(roleGrants);
const { id, userId, role, expiresAtUs } = columns;

export async function findGrant(tx: Tx, ofUser: string, ofRole: string, atUs: bigint): Promise<Grant | undefined> {
  const [row] = await on(tx)
    .select(columns)
    .from(roleGrants)
    .where(and(eq(userId, ofUser), eq(role, ofRole), isInForce(atUs)));
  return row && fromRow(row);
}

/** Those whose role has the permission. */
export async function grantsWith(tx: Tx, permission: string, atUs: bigint): Promise<Grant[]> {
  const db = on(tx);
  const granting = db
    .select({ role: rolePermissions.role })
    .from(rolePermissions)
    .where(eq(rolePermissions.permission, permission));
  const rows = await db
    .select(columns)
    .from(roleGrants)
    .where(and(inArray(role, granting), isInForce(atUs)));
  return rows.map(fromRow);
}

/** By time of granting; of one user, or of all. */
export async function listGrants(
  db: Db,
  query: { userId: string | undefined; after: string | undefined; limit: number },
  atUs: bigint,
): Promise<Grant[]> {
  const rows = await on(db)
    .select(columns)
    .from(roleGrants)
    .where(
      and(
        isInForce(atUs),
        query.userId === undefined ? undefined : eq(userId, query.userId),
        query.after === undefined ? undefined : gt(id, query.after),
      ),
    )
    .orderBy(id)
    .limit(query.limit);
  return rows.map(fromRow);
}

export async function insertGrant(tx: Tx, grant: Grant): Promise<void> {
  await on(tx)
    .insert(roleGrants)
    .values({ ...grant, expiresAtUs: grant.expiresAtUs ?? null });
}

export async function endGrant(
  tx: Tx,
  ended: string,
  end: { as: EndedAs; by: string; reason: string; atUs: bigint },
): Promise<void> {
  await on(tx)
    .update(roleGrants)
    .set({ endedAtUs: end.atUs, endedAs: end.as, endedBy: end.by, endReason: end.reason })
    .where(and(eq(id, ended), isNull(endedAtUs)));
}

/** Ends what has run out; the caller holds the user's lock. */
export async function endExpired(tx: Tx, ofUser: string, atUs: bigint, by: string): Promise<{ role: string }[]> {
  return on(tx)
    .update(roleGrants)
    .set({ endedAtUs: atUs, endedAs: 'expired', endedBy: by })
    .where(and(eq(userId, ofUser), isNull(endedAtUs), lte(expiresAtUs, atUs)))
    .returning({ role });
}

export async function usersWithExpired(db: Db, atUs: bigint, limit: number): Promise<string[]> {
  const rows = await on(db)
    .selectDistinct({ userId })
    .from(roleGrants)
    .where(and(isNull(endedAtUs), lte(expiresAtUs, atUs)))
    .limit(limit);
  return rows.map((row) => row.userId);
}

/** Ends all that a user has, and empties what people wrote about them. */
export async function eraseGrants(tx: Tx, ofUser: string, atUs: bigint, by: string): Promise<{ role: string }[]> {
  const db = on(tx);
  const ended = await db
    .update(roleGrants)
    .set({ endedAtUs: atUs, endedAs: 'erased', endedBy: by })
    .where(and(eq(userId, ofUser), isNull(endedAtUs)))
    .returning({ role });
  await db.update(roleGrants).set({ reason: '', endReason: '' }).where(eq(userId, ofUser));
  return ended;
}

function isInForce(atUs: bigint) {
  return and(isNull(endedAtUs), or(isNull(expiresAtUs), gt(expiresAtUs, atUs)));
}

function fromRow(row: Omit<Grant, 'expiresAtUs'> & { expiresAtUs: bigint | null }): Grant {
  return { ...row, expiresAtUs: row.expiresAtUs ?? undefined };
}
