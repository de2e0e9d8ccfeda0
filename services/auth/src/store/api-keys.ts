import { dateFromUs, usFromDate } from '@andvari/kit/base/clock';
import type { Db, Tx } from '@andvari/kit/db/types';
import type { Cursor } from '@andvari/kit/handler/page';
import type { ApiKey } from '../domain/api-key.ts';

export async function insertApiKey(tx: Tx, key: ApiKey, secretHash: Buffer): Promise<void> {
  await tx`
    insert into api_keys (id, user_id, name, secret_hash, scopes, daily_notional_cap, created_at, expires_at)
    values (${key.id}, ${key.userId}, ${key.name}, ${secretHash}, ${[...key.scopes]}::text[], ${key.dailyNotionalCap},
      ${dateFromUs(key.createdAtUs)}, ${key.expiresAtUs === 0n ? null : dateFromUs(key.expiresAtUs)})`;
}

export async function countApiKeys(tx: Tx, userId: string): Promise<number> {
  const [row] = await tx<{ count: number }[]>`
    select count(*)::int as count from api_keys where user_id = ${userId} and revoked_at is null`;
  return row?.count ?? 0;
}

/** One that was not revoked, with the hash of its secret. */
export async function findApiKey(db: Db, id: string): Promise<{ key: ApiKey; secretHash: Buffer } | undefined> {
  const [row] = await db<(ApiKeyRow & { secret_hash: Buffer })[]>`
    select ${columns(db)}, secret_hash from api_keys where id = ${id} and revoked_at is null`;
  return row && { key: fromRow(row), secretHash: row.secret_hash };
}

export async function noteApiKeyUse(db: Db, id: string, atUs: bigint): Promise<void> {
  await db`update api_keys set last_used_at = greatest(last_used_at, ${dateFromUs(atUs)}) where id = ${id}`;
}

export async function listApiKeys(
  db: Db,
  userId: string,
  { first, after }: { first: number; after: Cursor | undefined },
): Promise<ApiKey[]> {
  const rows = await db<ApiKeyRow[]>`
    select ${columns(db)} from api_keys where user_id = ${userId} and revoked_at is null
      ${after === undefined ? db`` : db`and id < ${String(after[0])}::uuid`}
    order by id desc limit ${first + 1}`;
  return rows.map(fromRow);
}

/** Revokes one or all of a user's keys, and says which. */
export async function revokeApiKeys(tx: Tx, userId: string, only: string | undefined, atUs: bigint): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    update api_keys set revoked_at = ${dateFromUs(atUs)}
    where user_id = ${userId} and revoked_at is null ${only === undefined ? tx`` : tx`and id = ${only}`}
    returning id`;
  return rows.map((row) => row.id);
}

interface ApiKeyRow {
  id: string;
  user_id: string;
  name: string;
  scopes: string[];
  daily_notional_cap: bigint;
  created_at: Date;
  expires_at: Date | null;
  last_used_at: Date | null;
}

function columns(db: Db | Tx) {
  return db`id, user_id, name, scopes, daily_notional_cap, created_at, expires_at, last_used_at`;
}

function fromRow(row: ApiKeyRow): ApiKey {
  return {
    id: row.id,
    userId: row.user_id,
    name: row.name,
    scopes: row.scopes,
    createdAtUs: usFromDate(row.created_at),
    expiresAtUs: row.expires_at === null ? 0n : usFromDate(row.expires_at),
    lastUsedAtUs: row.last_used_at === null ? 0n : usFromDate(row.last_used_at),
    dailyNotionalCap: row.daily_notional_cap,
  };
}
