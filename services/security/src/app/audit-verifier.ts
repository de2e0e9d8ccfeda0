import { AppError, invalid } from '@andvari/kit/base/errors';
import type { Db } from '@andvari/kit/db/types';
import { GENESIS } from '../domain/audit-entry.ts';
import {
  type Checkpoint,
  isBeginning,
  isProblem,
  type Problem,
  type SignedHead,
  signedText,
  type Verified,
  verifyCheckpoint,
  verifyEntry,
  verifyPersonal,
} from '../domain/audit-verification.ts';
import type { SigningKey } from '../ports/signing-key.ts';
import { lastCheckpointUpTo, readCheckpoints, readHead } from '../store/audit-chain.ts';
import { findLink, readEntries, type StoredEntry, tellsOfErasure } from '../store/audit-entries.ts';
import { isSigned, sha256 } from './audit-trail.ts';

const ROWS_AT_A_TIME = 2000;
/** What the chain calls an erasure: the subject of its event. */
export const ERASURE_ACTION = 'user.erasure.started';

export type VerifyAudit = ReturnType<typeof createAuditVerifier>;

export interface Verification {
  checked: bigint;
  checkpointsChecked: bigint;
  problem: Problem | undefined;
  /** Where to go on, when the limit and not the end was reached. */
  nextSequence: bigint | undefined;
}

/**
 * Reads the trail from one row on and finds the first that does not fit. `witness` is the last checkpoint that was
 * published: who cuts off the end of the tables and mends everything in them has not reached the stream.
 */
export function createAuditVerifier(deps: { db: Db; key: SigningKey; witness: () => Promise<Checkpoint | undefined> }) {
  const { db, key, witness } = deps;

  return async (from: bigint, limit: bigint, signal: AbortSignal): Promise<Verification> => {
    const erased = new Map<string, boolean>();
    let checked = 0n;
    let checkpointsChecked = 0n;
    const ended = (problem?: Problem, nextSequence?: bigint): Verification => {
      return { checked, checkpointsChecked, problem, nextSequence };
    };

    // First what must be in the chain, then the chain: it may grow meanwhile.
    const published = await witness();
    const { head, highestRow, highestCheckpoint } = await readHead(db);
    if (head === undefined) return ended({ sequence: highestRow, what: 'head_removed' });
    if (from > head.sequence + 1n) throw invalid('from_sequence', `the trail ends at ${head.sequence}`);
    const start = from <= 1n ? GENESIS : await findLink(db, from - 1n);
    if (start === undefined) return ended({ sequence: from - 1n, what: 'row_removed' });
    let verified: Verified = { last: start, beforeLast: undefined };
    let lastCheckpoint = (await lastCheckpointUpTo(db, start.sequence))?.sequence ?? 0n;
    const stopAt = limit > 0n && start.sequence + limit < head.sequence ? start.sequence + limit : head.sequence;

    for (;;) {
      if (signal.aborted) throw tooLong();
      const after = verified.last.sequence;
      const entries = await readEntries(db, { after, upTo: stopAt, limit: ROWS_AT_A_TIME });
      const upTo = entries.at(-1)?.sequence ?? stopAt;
      const checkpoints = new Map((await readCheckpoints(db, { after, upTo })).map((one) => [one.sequence, one]));
      for (const entry of entries) {
        const problem = (await problemOf(entry)) ?? checkpointProblem(checkpoints.get(entry.sequence));
        if (problem !== undefined) return ended(problem);
        checked += 1n;
      }
      if (entries.length < ROWS_AT_A_TIME) break;
    }

    if (stopAt < head.sequence) return ended(undefined, stopAt + 1n);
    return ended((await problemAtTheEnd(head)) ?? forgedHead(head));

    async function problemOf(entry: StoredEntry): Promise<Problem | undefined> {
      const outcome = verifyEntry(verified, entry, sha256);
      if (isProblem(outcome)) return outcome;
      const gone = entry.commitment !== '' && entry.personal === undefined;
      const problem = verifyPersonal(entry, entry.personal, gone && (await isErased(entry.personalOf)), sha256);
      if (problem === undefined) verified = outcome;
      return problem;
    }

    function checkpointProblem(checkpoint: Checkpoint | undefined): Problem | undefined {
      if (checkpoint === undefined) return undefined;
      const problem = verifyCheckpoint(checkpoint, {
        hash: verified.last.hash,
        previousSequence: lastCheckpoint,
        signature: signatureOf(checkpoint),
      });
      lastCheckpoint = checkpoint.sequence;
      checkpointsChecked += 1n;
      return problem;
    }

    async function isErased(userId: string): Promise<boolean> {
      const known = erased.get(userId) ?? (await tellsOfErasure(db, ERASURE_ACTION, `user/${userId}`));
      erased.set(userId, known);
      return known;
    }

    /** The noted end and every signed place must have been reached, and nothing may lie behind them. */
    async function problemAtTheEnd(end: SignedHead): Promise<Problem | undefined> {
      const { last } = verified;
      const signed = [highestCheckpoint, ours(published)?.sequence ?? 0n];
      if ([end.sequence, ...signed].some((sequence) => sequence > last.sequence)) {
        return { sequence: last.sequence + 1n, what: 'row_removed' };
      }
      if (last.hash !== end.hash) return { sequence: last.sequence, what: 'row_changed' };
      if (highestRow > end.sequence) return { sequence: end.sequence + 1n, what: 'row_inserted' };
      if (end.checkpointSequence !== highestCheckpoint) {
        return { sequence: end.checkpointSequence, what: 'checkpoint_removed' };
      }
      return witnessProblem(ours(published));
    }

    async function witnessProblem(seen: Checkpoint | undefined): Promise<Problem | undefined> {
      if (seen === undefined) return undefined;
      const there = await findLink(db, seen.sequence);
      if (there?.hash !== seen.hash) return { sequence: seen.sequence, what: 'checkpoint_differs' };
      const kept = await lastCheckpointUpTo(db, seen.sequence);
      return kept?.sequence === seen.sequence ? undefined : { sequence: seen.sequence, what: 'checkpoint_removed' };
    }
  };

  /** Every row fits the one before it, which anybody can make it do: up to the last checkpoint, and here, it is ours. */
  function forgedHead(end: SignedHead): Problem | undefined {
    if (isBeginning(end) || isSigned(end, key)) return undefined;
    return { sequence: end.checkpointSequence + 1n, what: 'head_forged' };
  }

  function signatureOf(checkpoint: Checkpoint) {
    return key.check(signedText(checkpoint), checkpoint.keyId, checkpoint.signature);
  }

  /** What others may have published under the same subject is no witness. */
  function ours(checkpoint: Checkpoint | undefined): Checkpoint | undefined {
    return checkpoint !== undefined && signatureOf(checkpoint) === 'right' ? checkpoint : undefined;
  }
}

function tooLong(): AppError {
  return new AppError('resource_exhausted', 'the trail is too long for one call: give a limit, and go on from there', {
    reason: 'audit_too_long',
  });
}
