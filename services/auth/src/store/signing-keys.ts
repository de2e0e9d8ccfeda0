import { isAny, on } from '@andvari/kit/db/tables';
import type { Db, Tx } from '@andvari/kit/db/types';
import { signingKeys } from './schema.ts';

export type StoredKey = Readonly<Omit<typeof signingKeys.$inferSelect, 'createdAtUs'>>;

const { keyId, publicJwk, sealedPrivateKey, activeFromUs } = signingKeys;

/** One instance at a time looks whether a key is due and makes it; the others then find it made. */
export async function lockSigningKeys(tx: Tx): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended('signing keys', 0))`;
}

export async function listSigningKeys(db: Db | Tx): Promise<StoredKey[]> {
  return on(db).select({ keyId, publicJwk, sealedPrivateKey, activeFromUs }).from(signingKeys).orderBy(activeFromUs);
}

export async function insertSigningKey(tx: Tx, key: StoredKey, atUs: bigint): Promise<void> {
  await on(tx)
    .insert(signingKeys)
    .values({ ...key, createdAtUs: atUs });
}

export async function deleteSigningKeys(tx: Tx, keyIds: readonly string[]): Promise<void> {
  await on(tx).delete(signingKeys).where(isAny(keyId, keyIds));
}
