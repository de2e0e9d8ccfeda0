import { createHash } from 'node:crypto';
import type { Tx } from '@andvari/kit/db/types';
import { findAnswer, insertAnswer, lockKeys } from '../store/idempotency-keys.ts';
import { refusal } from './refusals.ts';

export type Keyed = {
  /** Whose keys they are. */
  readonly userId: string;
  readonly key: string;
  readonly operation: string;
  /** All that makes it the same request again. */
  readonly request: Readonly<Record<string, string | bigint>>;
};

/**
 * Does the work the first time a key is used and keeps its answer; asked again it answers as it did, and the same key with
 * another request is refused. It takes the first lock of its transaction. Work that fails keeps nothing, so it may be tried again.
 */
export async function withIdempotencyKey<Answer extends Readonly<Record<string, string>>>(
  tx: Tx,
  { userId, key, operation, request }: Keyed,
  work: () => Promise<Answer>,
): Promise<{ answer: Answer; repeated: boolean }> {
  await lockKeys(tx, userId);
  const fingerprint = createHash('sha256').update(JSON.stringify(request, written)).digest();
  const before = await findAnswer(tx, userId, key);
  if (before !== undefined) {
    if (before.operation !== operation || !before.fingerprint.equals(fingerprint))
      throw refusal('idempotency_key_reused');
    // The operation wrote it.
    return { answer: JSON.parse(before.answer) as Answer, repeated: true };
  }
  const answer = await work();
  await insertAnswer(tx, userId, key, { operation, fingerprint, answer: JSON.stringify(answer) });
  return { answer, repeated: false };
}

function written(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
