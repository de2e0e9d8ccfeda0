import { hash as digest, randomBytes } from 'node:crypto';
import { AppError } from '@andvari/kit/base/errors';
import { transaction } from '@andvari/kit/db/db';
import type { Db, Tx } from '@andvari/kit/db/types';
import type { OutgoingEvent } from '@andvari/kit/events/event';
import type { Append, Commit } from '@andvari/kit/outbox/commit';
import { type Action, type Entry, entryAfter, GENESIS, type KeptPersonal, type Link } from '../domain/audit-entry.ts';
import {
  type Checkpoint,
  type Head,
  headText,
  isBeginning,
  type SignedHead,
  signedText,
} from '../domain/audit-verification.ts';
import { checkpointSignedEvent } from '../messages/events.ts';
import type { SigningKey } from '../ports/signing-key.ts';
import { insertCheckpoint, lockHead, readHead, saveHead } from '../store/audit-chain.ts';
import {
  type AuditQuery,
  erasePersonal,
  findErased,
  findLink,
  insertEntries,
  insertPersonal,
  queryEntries,
  type StoredEntry,
} from '../store/audit-entries.ts';

export type AuditTrail = ReturnType<typeof createAuditTrail>;

export interface AuditDeps {
  db: Db;
  now: () => bigint;
  commit: Commit;
  append: Append;
  key: SigningKey;
  /** A checkpoint is signed when so many rows have been added since the last. */
  checkpointRows: number;
}

/** Appends to the audit trail and reads from it; audit-verifier.ts checks it. */
export function createAuditTrail({ db, now, commit, append, key, checkpointRows }: AuditDeps) {
  return {
    /** Adds actions at the end of the chain, in their order, in the transaction that noted their events as received. */
    async record(tx: Tx, actions: readonly Action[]): Promise<void> {
      if (actions.length === 0) return;
      const head = await trustedHead(tx);
      const { entries, kept } = chained(head, await withoutErased(tx, actions));
      await insertEntries(tx, entries);
      await insertPersonal(tx, kept);
      const last = entries.at(-1) ?? head;
      const due = last.sequence - head.checkpointSequence >= BigInt(checkpointRows);
      if (due) await append(tx, [await sign(tx, last, head)]);
      const checkpointSequence = due ? last.sequence : head.checkpointSequence;
      await moveHead(tx, { sequence: last.sequence, hash: last.hash, checkpointSequence });
    },

    /** Signs what was added since the last checkpoint, however little. False when there is nothing. */
    signTail(): Promise<boolean> {
      return commit(async (tx, say) => {
        const head = await trustedHead(tx);
        if (head.sequence === head.checkpointSequence) return false;
        say(await sign(tx, head, head));
        await moveHead(tx, { ...head, checkpointSequence: head.sequence });
        return true;
      });
    },

    /** Takes the trail as it stands for ours: for a trail of before heads were signed, and after a finding was looked into. */
    adoptHead(): Promise<void> {
      return transaction(db, async (tx) => {
        await lockHead(tx);
        const { head, highestRow, highestCheckpoint } = await readHead(tx);
        const last = head ?? (await findLink(tx, highestRow)) ?? GENESIS;
        const checkpointSequence = head?.checkpointSequence ?? highestCheckpoint;
        await moveHead(tx, { sequence: last.sequence, hash: last.hash, checkpointSequence });
      });
    },

    /** The chain stays as it is: it holds only commitments to what is deleted here. */
    eraseUsers(tx: Tx, userIds: readonly string[]): Promise<void> {
      return erasePersonal(tx, userIds);
    },

    query(query: AuditQuery): Promise<StoredEntry[]> {
      return queryEntries(db, query);
    },
  };

  /** What was forged is not built upon: a signature over it would make it ours. The events wait until somebody has looked. */
  async function trustedHead(tx: Tx): Promise<Head> {
    const head = await lockHead(tx);
    if (head !== undefined && (isBeginning(head) || isSigned(head, key))) return head;
    throw new AppError('unavailable', 'the end of the audit trail is not as it was left', {
      reason: 'audit_head_forged',
    });
  }

  async function moveHead(tx: Tx, { sequence, hash, checkpointSequence }: Head): Promise<void> {
    const head = { sequence, hash, checkpointSequence };
    await saveHead(tx, { ...head, keyId: key.id, signature: key.sign(headText(head, key.id)) });
  }

  async function sign(tx: Tx, { sequence, hash }: Link, { checkpointSequence }: Head): Promise<OutgoingEvent> {
    const unsigned = { sequence, hash, previousSequence: checkpointSequence, signedAtUs: now(), keyId: key.id };
    const checkpoint: Checkpoint = { ...unsigned, signature: key.sign(signedText(unsigned)) };
    await insertCheckpoint(tx, checkpoint);
    return checkpointSignedEvent(checkpoint);
  }
}

export function isSigned(head: SignedHead, key: SigningKey): boolean {
  return key.check(headText(head, head.keyId), head.keyId, head.signature) === 'right';
}

export function sha256(text: string): string {
  return digest('sha256', text, 'hex');
}

function chained(head: Link, actions: readonly Action[]) {
  const salts = randomBytes(SALT_BYTES * actions.length);
  const entries: Entry[] = [];
  const kept: (KeptPersonal & { sequence: bigint })[] = [];
  let last = head;
  actions.forEach((action, index) => {
    const salt = salts.toString('hex', index * SALT_BYTES, (index + 1) * SALT_BYTES);
    const entry = entryAfter(last, action, salt, sha256);
    entries.push(entry);
    if (action.personal !== undefined) kept.push({ ...action.personal, salt, sequence: entry.sequence });
    last = entry;
  });
  return { entries, kept };
}

const SALT_BYTES = 16;

/** News of an erased user comes late where its stream is slower than the one that told of the erasure. */
async function withoutErased(tx: Tx, actions: readonly Action[]): Promise<readonly Action[]> {
  const users = actions.flatMap(({ personal }) => (personal === undefined ? [] : [personal.ofUser]));
  const erased = await findErased(tx, [...new Set(users)]);
  if (erased.size === 0) return actions;
  return actions.map((action) =>
    action.personal !== undefined && erased.has(action.personal.ofUser) ? { ...action, personal: undefined } : action,
  );
}
