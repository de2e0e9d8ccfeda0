import { transaction } from '@andvari/kit/db/db';
import type { Db, Tx } from '@andvari/kit/db/types';
import type { OutgoingEvent } from '@andvari/kit/events/event';
import type { Policy } from '../domain/policy.ts';
import type { AuthMetrics } from '../metrics.ts';
import type { MailTokens } from '../ports/mail-tokens.ts';
import type { Passwords } from '../ports/passwords.ts';
import type { SigningKeys } from './signing-keys.ts';

export interface Journal {
  db: Db;
  /** Writes events into the outbox, in the transaction that made them true. */
  append: (tx: Tx, events: readonly OutgoingEvent[]) => Promise<void>;
  /** Called after a commit that wrote events, so that they leave at once. */
  wakeRelay: () => void;
}

export interface Deps extends Journal {
  /** Microseconds since the epoch. */
  now: () => bigint;
  passwords: Passwords;
  signingKeys: SigningKeys;
  mailTokens: MailTokens;
  /** Where the links of mails lead. */
  publicUrl: string;
  policy: Policy;
  metrics: AuthMetrics;
}

/** One transaction with the news of it; what `say` was given goes into the outbox after the change. */
export async function record<T>(
  { db, append, wakeRelay }: Journal,
  work: (tx: Tx, say: (...events: OutgoingEvent[]) => void) => Promise<T>,
): Promise<T> {
  const events: OutgoingEvent[] = [];
  const result = await transaction(db, async (tx) => {
    const done = await work(tx, (...more) => void events.push(...more));
    await append(tx, events);
    return done;
  });
  if (events.length > 0) wakeRelay();
  return result;
}
