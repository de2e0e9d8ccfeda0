import type { Nats } from '@andvari/kit/nats/nats';
import { auditCheckpointSigned } from '@andvari/proto/events';
import type { Checkpoint } from '../domain/audit-verification.ts';

/** The last checkpoint that left this database, as the stream has it; nothing once it is too old for the stream. */
export async function publishedCheckpoint({ jsm }: Nats): Promise<Checkpoint | undefined> {
  const { stream, subject, codec } = auditCheckpointSigned;
  const stored = await jsm.streams.getMessage(stream, { last_by_subj: subject });
  if (stored === null) return undefined;
  const { hash, signature, ...fields } = codec.decode(stored.data);
  return { ...fields, hash: hex(hash), signature: hex(signature) };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
