import type { Db, Tx } from '@andvari/kit/db/types';
import type { Checkpoint, SignedHead } from '../domain/audit-verification.ts';

/** Locked until the transaction ends: whoever appends is the only one. Undefined where somebody has deleted it. */
export async function lockHead(tx: Tx): Promise<SignedHead | undefined> {
  const [row] = await tx<HeadRow[]>`
    select sequence, hash, checkpoint_sequence, key_id, signature from audit_chain for update`;
  return row && headFrom(row);
}

export async function saveHead(tx: Tx, head: SignedHead): Promise<void> {
  const { sequence, hash, checkpointSequence, keyId, signature } = head;
  await tx`
    insert into audit_chain (sequence, hash, checkpoint_sequence, key_id, signature)
    values (${sequence}, ${Buffer.from(hash, 'hex')}, ${checkpointSequence}, ${keyId}, ${Buffer.from(signature, 'hex')})
    on conflict (only_one) do update set sequence = excluded.sequence, hash = excluded.hash,
      checkpoint_sequence = excluded.checkpoint_sequence, key_id = excluded.key_id, signature = excluded.signature`;
}

/** The end as it is noted, and as the rows have it, both of the same moment. */
export async function readHead(
  db: Db | Tx,
): Promise<{ head: SignedHead | undefined; highestRow: bigint; highestCheckpoint: bigint }> {
  const [row] = await db<(Partial<HeadRow> & { highest_row: bigint; highest_checkpoint: bigint })[]>`
    select c.sequence, c.hash, c.checkpoint_sequence, c.key_id, c.signature, r.highest_row, k.highest_checkpoint
    from (select coalesce(max(sequence), 0) as highest_row from audit_entries) r
      cross join (select coalesce(max(sequence), 0) as highest_checkpoint from audit_checkpoints) k
      left join audit_chain c on true`;
  return {
    head: isHeadRow(row) ? headFrom(row) : undefined,
    highestRow: row?.highest_row ?? 0n,
    highestCheckpoint: row?.highest_checkpoint ?? 0n,
  };
}

export async function insertCheckpoint(tx: Tx, checkpoint: Checkpoint): Promise<void> {
  const { sequence, previousSequence, hash, signedAtUs, keyId, signature } = checkpoint;
  await tx`
    insert into audit_checkpoints (sequence, previous_sequence, hash, signed_at_us, key_id, signature)
    values (${sequence}, ${previousSequence}, ${Buffer.from(hash, 'hex')}, ${signedAtUs}, ${keyId},
            ${Buffer.from(signature, 'hex')})`;
}

export async function readCheckpoints(db: Db, range: { after: bigint; upTo: bigint }): Promise<Checkpoint[]> {
  const rows = await db<CheckpointRow[]>`
    select sequence, previous_sequence, hash, signed_at_us, key_id, signature from audit_checkpoints
    where sequence > ${range.after} and sequence <= ${range.upTo} order by sequence`;
  return rows.map(checkpointFrom);
}

export async function lastCheckpointUpTo(db: Db, sequence: bigint): Promise<Checkpoint | undefined> {
  const rows = await db<CheckpointRow[]>`
    select sequence, previous_sequence, hash, signed_at_us, key_id, signature from audit_checkpoints
    where sequence <= ${sequence} order by sequence desc limit 1`;
  return rows[0] === undefined ? undefined : checkpointFrom(rows[0]);
}

interface HeadRow {
  sequence: bigint;
  hash: Buffer;
  checkpoint_sequence: bigint;
  key_id: string;
  signature: Buffer;
}

function isHeadRow(row: Partial<HeadRow> | undefined): row is HeadRow {
  return row?.hash instanceof Uint8Array;
}

interface CheckpointRow {
  sequence: bigint;
  previous_sequence: bigint;
  hash: Buffer;
  signed_at_us: bigint;
  key_id: string;
  signature: Buffer;
}

function headFrom(row: HeadRow): SignedHead {
  return {
    sequence: row.sequence,
    hash: row.hash.toString('hex'),
    checkpointSequence: row.checkpoint_sequence,
    keyId: row.key_id,
    signature: row.signature.toString('hex'),
  };
}

function checkpointFrom(row: CheckpointRow): Checkpoint {
  return {
    sequence: row.sequence,
    previousSequence: row.previous_sequence,
    hash: row.hash.toString('hex'),
    signedAtUs: row.signed_at_us,
    keyId: row.key_id,
    signature: row.signature.toString('hex'),
  };
}
