import { commitmentTo, type Entry, hashOf, type KeptPersonal, type Link, type Sha256 } from './audit-entry.ts';

/** The first thing that does not fit. */
export interface Problem {
  readonly sequence: bigint;
  readonly what: ProblemKind;
}

export const problems = {
  row_changed: 'the row is not what it was when it was written',
  row_removed: 'a row is missing here',
  row_inserted: 'this row was put in later',
  personal_part_changed: 'the address or user agent is not what was recorded',
  personal_part_removed: 'the address or user agent is gone although the user was not erased',
  checkpoint_differs: 'some row since the checkpoint before this one was rewritten: the hash is not the signed one',
  checkpoint_forged: 'the signature of this checkpoint is wrong',
  checkpoint_removed: 'a checkpoint before this one is missing',
  head_removed: 'the end of the trail is not noted any more',
  head_forged: 'a row from here on was not written by us: the signature of the end of the trail is wrong',
  checkpoint_of_unknown_key: 'this checkpoint was signed with a key that is not configured',
} as const;
export type ProblemKind = keyof typeof problems;

/** Everything up to `last` fits; the link before it helps to tell an inserted row from a changed one. */
export interface Verified {
  readonly last: Link;
  readonly beforeLast: Link | undefined;
}

export function verifyEntry(verified: Verified, entry: Entry, sha256: Sha256): Verified | Problem {
  const { last } = verified;
  if (entry.sequence > last.sequence + 1n) return { sequence: last.sequence + 1n, what: 'row_removed' };
  if (entry.previousHash === last.hash && entry.hash === hashOf(entry, sha256)) {
    return { last: { sequence: entry.sequence, hash: entry.hash }, beforeLast: last };
  }
  return diagnose(verified, entry, sha256);
}

export function isProblem(outcome: Verified | Problem): outcome is Problem {
  return 'what' in outcome;
}

/** A row that fits at another place, or behind another row, was not touched itself: its neighbour was. */
function diagnose({ last, beforeLast }: Verified, entry: Entry, sha256: Sha256): Problem {
  const fitsAt = (sequence: bigint) => hashOf({ ...entry, sequence }, sha256) === entry.hash;
  if (fitsAt(entry.sequence - 1n) && (beforeLast === undefined || entry.previousHash === beforeLast.hash)) {
    return { sequence: last.sequence, what: 'row_inserted' };
  }
  if (fitsAt(entry.sequence + 1n)) return { sequence: entry.sequence, what: 'row_removed' };
  // Its own hash is right and the one it remembers is not that of the row before: that one was rewritten with its hash.
  if (fitsAt(entry.sequence) && last.sequence > 0n) return { sequence: last.sequence, what: 'row_changed' };
  return { sequence: entry.sequence, what: 'row_changed' };
}

/** `isErased` says whether the chain itself tells of the erasure of that user. */
export function verifyPersonal(
  entry: Entry,
  kept: KeptPersonal | undefined,
  isErased: boolean,
  sha256: Sha256,
): Problem | undefined {
  const { sequence, commitment, personalOf } = entry;
  if (kept !== undefined) {
    const same = commitment !== '' && kept.ofUser === personalOf && commitmentTo(kept, sha256) === commitment;
    return same ? undefined : { sequence, what: 'personal_part_changed' };
  }
  return commitment === '' || isErased ? undefined : { sequence, what: 'personal_part_removed' };
}

/** A signed statement that the chain had this hash at this place. */
export interface Checkpoint extends Link {
  /** The checkpoint before this one; 0 for the first. */
  readonly previousSequence: bigint;
  readonly signedAtUs: bigint;
  /** Names the public key. */
  readonly keyId: string;
  /** Hex. */
  readonly signature: string;
}

export function signedText(checkpoint: Omit<Checkpoint, 'signature'>): string {
  const { sequence, hash, previousSequence, signedAtUs, keyId } = checkpoint;
  return JSON.stringify([
    'andvari.audit.checkpoint.1',
    `${sequence}`,
    hash,
    `${previousSequence}`,
    `${signedAtUs}`,
    keyId,
  ]);
}

/** The end of the chain, and the last checkpoint's place. */
export interface Head extends Link {
  readonly checkpointSequence: bigint;
}

/** Signed with every append, and kept only until the next: a checkpoint of everything up to now. */
export interface SignedHead extends Head {
  readonly keyId: string;
  /** Hex. */
  readonly signature: string;
}

export function headText({ sequence, hash, checkpointSequence }: Head, keyId: string): string {
  return JSON.stringify(['andvari.audit.head.1', `${sequence}`, hash, `${checkpointSequence}`, keyId]);
}

/** A trail without a row has nothing that could be forged. */
export function isBeginning({ sequence, keyId }: SignedHead): boolean {
  return sequence === 0n && keyId === '';
}

export type SignatureAnswer = 'right' | 'wrong' | 'unknown_key';

/** `hash` is the chain's at the checkpoint's place, `previous` the last checkpoint found before it. */
export function verifyCheckpoint(
  checkpoint: Checkpoint,
  found: { hash: string; previousSequence: bigint; signature: SignatureAnswer },
): Problem | undefined {
  const { sequence } = checkpoint;
  if (found.signature === 'unknown_key') return { sequence, what: 'checkpoint_of_unknown_key' };
  if (found.signature === 'wrong') return { sequence, what: 'checkpoint_forged' };
  if (checkpoint.previousSequence !== found.previousSequence) return { sequence, what: 'checkpoint_removed' };
  if (checkpoint.hash !== found.hash) return { sequence, what: 'checkpoint_differs' };
  return undefined;
}
