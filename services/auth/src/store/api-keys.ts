import { on, statement } from '@andvari/kit/db/tables';
import type { Db, Tx } from '@andvari/kit/db/types';
import type { Cursor } from '@andvari/kit/handler/page';
import { and, desc, eq, getColumns, type InferColumnsDataTypes, isNull, lt, sql } from 'drizzle-orm';
import type { ApiKey } from '../domain/api-key.ts';
import { apiKeys } from './schema.ts';

const { revokedAtUs, secretHash, ...columns } = getColumns(apiKeys);
const { id, userId, lastUsedAtUs } = columns;

export async function insertApiKey(tx: Tx, key: ApiKey, hash: Buffer): Promise<void> {
  const expiresAtUs = key.expiresAtUs === 0n ? null : key.expiresAtUs;
  await on(tx)
    .insert(apiKeys)
    .values({ ...key, secretHash: hash, expiresAtUs, lastUsedAtUs: null });
}

export async function countApiKeys(tx: Tx, ofUser: string): Promise<number> {
  const [row] = await on(tx)
    .select({ count: sql<number>`count(*)::int` })
    .from(apiKeys)
    .where(and(eq(userId, ofUser), isNull(revokedAtUs)));
  return row?.count ?? 0;
}

const find = statement({ id }, (db, asked) =>
  db
    .select({ key: columns, secretHash })
    .from(apiKeys)
    .where(and(eq(id, asked.id), isNull(revokedAtUs))),
);

/** One that was not revoked, with the hash of its secret. */
export async function findApiKey(db: Db, asked: string): Promise<{ key: ApiKey; secretHash: Buffer } | undefined> {
  const [row] = await find(db, { id: asked });
  return row && { ...row, key: fromRow(row.key) };
}

export async function noteApiKeyUse(db: Db, used: string, atUs: bigint): Promise<void> {
  const newest = sql`greatest(${lastUsedAtUs}, ${sql.param(atUs, lastUsedAtUs)})`;
  await on(db).update(apiKeys).set({ lastUsedAtUs: newest }).where(eq(id, used));
}

export async function listApiKeys(
  db: Db,
  ofUser: string,
  { first, after }: { first: number; after: Cursor | undefined },
): Promise<ApiKey[]> {
  const rows = await on(db)
    .select(columns)
    .from(apiKeys)
    .where(and(eq(userId, ofUser), isNull(revokedAtUs), after === undefined ? undefined : lt(id, String(after[0]))))
    .orderBy(desc(id))
    .limit(first + 1);
  return rows.map(fromRow);
}

/** Revokes one or all of a user's keys, and says which. */
export async function revokeApiKeys(tx: Tx, ofUser: string, only: string | undefined, atUs: bigint): Promise<string[]> {
  const rows = await on(tx)
    .update(apiKeys)
    .set({ revokedAtUs: atUs })
    .where(and(eq(userId, ofUser), isNull(revokedAtUs), only === undefined ? undefined : eq(id, only)))
    .returning({ id });
  return rows.map((row) => row.id);
}

function fromRow(row: InferColumnsDataTypes<typeof columns>): ApiKey {
  return { ...row, expiresAtUs: row.expiresAtUs ?? 0n, lastUsedAtUs: row.lastUsedAtUs ?? 0n };
}
