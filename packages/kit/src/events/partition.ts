/**
 * Which partition a key belongs to. Everyone who writes or reads a partitioned subject must agree, for ever, so this
 * function never changes: FNV-1a over the key's UTF-8 bytes.
 */
export function partitionOf(key: string, partitions: number): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(key, 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0) % partitions;
}

/** Reports are spread over this many partitions of accounts, so that they can be settled side by side. */
export const ACCOUNT_PARTITIONS = 16;

/** By the last byte of the id, as the ledger shards the accounts that its clients share: partitions never wait for each other. */
export function accountPartitionOf(accountId: string): number {
  return Number.parseInt(accountId.slice(-2), 16) % ACCOUNT_PARTITIONS;
}
