import type { Db, Tx } from '@andvari/kit/db/types';
import type { Link } from '../domain/audit-entry.ts';
import type { Checkpoint } from '../domain/audit-verification.ts';

/** The end of the chain, and the last checkpoint's place. */
export interface Head extends Link {
  readonly checkpointSequence: bigint;
}

/** Locked until the transaction ends: whoever appends is the only one. */
export async function lockHead(tx: Tx): Promise<Head> {
  const rows = await tx<HeadRow[]>`select sequence, hash, checkpoint_sequence from audit_chain for update`;
  return headFrom(rows[0]);
}

export async function moveHead(tx: Tx, head: Head): Promise<void> {
  await tx`
    update audit_chain set sequence = ${head.sequence}, hash = ${Buffer.from(head.hash, 'hex')},
      checkpoint_sequence = ${head.checkpointSequence}`;
}

/** The end as it is noted, and as the rows have it, both of the same moment. */
export async function readHead(db: Db): Promise<Head & { highestRow: bigint; highestCheckpoint: bigint }> {
  const [row] = await db<(HeadRow & { highest_row: bigint; highest_checkpoint: bigint })[]>`
    select sequence, hash, checkpoint_sequence,
      coalesce((select max(e.sequence) from audit_entries e), 0) as highest_row,
      coalesce((select max(c.sequence) from audit_checkpoints c), 0) as highest_checkpoint
    from audit_chain`;
  return {
    ...headFrom(row),
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
}

interface CheckpointRow {
  sequence: bigint;
  previous_sequence: bigint;
  hash: Buffer;
  signed_at_us: bigint;
  key_id: string;
  signature: Buffer;
}

function headFrom(row: HeadRow | undefined): Head {
  if (row === undefined) throw new Error('audit_chain has lost its row');
  return { sequence: row.sequence, hash: row.hash.toString('hex'), checkpointSequence: row.checkpoint_sequence };
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
