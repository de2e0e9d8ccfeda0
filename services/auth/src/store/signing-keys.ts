import { dateFromUs, usFromDate } from '@andvari/kit/base/clock';
import type { Db, Tx } from '@andvari/kit/db/types';

export interface StoredKey {
  readonly keyId: string;
  /** As JSON. */
  readonly publicJwk: string;
  readonly sealedPrivateKey: Buffer;
  readonly activeFromUs: bigint;
}

/** One instance at a time looks whether a key is due and makes it; the others then find it made. */
export async function lockSigningKeys(tx: Tx): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended('signing keys', 0))`;
}

export async function listSigningKeys(db: Db | Tx): Promise<StoredKey[]> {
  const rows = await db<{ key_id: string; public_jwk: string; sealed_private_key: Buffer; active_from: Date }[]>`
    select key_id, public_jwk, sealed_private_key, active_from from signing_keys order by active_from`;
  return rows.map((row) => ({
    keyId: row.key_id,
    publicJwk: row.public_jwk,
    sealedPrivateKey: row.sealed_private_key,
    activeFromUs: usFromDate(row.active_from),
  }));
}

export async function insertSigningKey(tx: Tx, key: StoredKey, atUs: bigint): Promise<void> {
  await tx`
    insert into signing_keys (key_id, public_jwk, sealed_private_key, active_from, created_at)
    values (${key.keyId}, ${key.publicJwk}, ${key.sealedPrivateKey}, ${dateFromUs(key.activeFromUs)}, ${dateFromUs(atUs)})`;
}

export async function deleteSigningKeys(tx: Tx, keyIds: readonly string[]): Promise<void> {
  await tx`delete from signing_keys where key_id = any(${[...keyIds]}::text[])`;
}
