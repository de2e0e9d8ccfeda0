import { transaction } from '../db/db.ts';
import type { Db, Tx } from '../db/types.ts';
import { decodeEvent, typesByName } from '../events/event.ts';
import type { Log } from '../observe/log.ts';
import { logTrouble } from '../observe/log-trouble.ts';
import { contentsDiffer, worthRetrying } from './apply-batch.ts';
import { type DeadLetter, findRequeued, noteFailedAgain, takeRequeued } from './dead-letters.ts';
import type { Handler } from './handlers.ts';
import { findContents, noteEvent } from './rows.ts';

export interface LetterOptions {
  db: Db;
  consumer: string;
  handler: Handler;
  log: Log;
  signal: AbortSignal;
  /** Of consumers that tell messages of one id apart. */
  contentsOf?: ((payload: Uint8Array) => string) | undefined;
}

/**
 * Applies the letters of a consumer that somebody has asked for, where they lie: with its own handler, under the id that the message had, each in a
 * transaction with the end of its letter. So it happens once, whoever dies when, and nothing is published in another's name. What
 * cannot be done now is left for the next time, and the answer is false; what fails for good stays, and says how often it has.
 */
export function letterApplier(options: LetterOptions): () => Promise<boolean> {
  const { db, consumer, handler, log, signal, contentsOf } = options;
  const types = typesByName(handler.types);
  const trouble = logTrouble(log, { event: 'letter_waits', message: 'dead letters cannot be applied now' });

  const apply = (id: string): Promise<DeadLetter | undefined> =>
    transaction(db, async (tx) => {
      const letter = await takeRequeued(tx, id);
      if (letter === undefined) return undefined;
      await requireOwnId(tx, letter);
      // It is there, unless it is older than an inbox remembers.
      await noteEvent(tx, consumer, letter.eventId);
      await handler.handle([decodeEvent(letter, types)], tx);
      return letter;
    });

  /** The id of a message that came under that of another still belongs to the other. */
  const requireOwnId = async (tx: Tx, { headers, payload, eventId }: DeadLetter): Promise<void> => {
    if (contentsOf === undefined) return;
    const id = headers['ce-id'] ?? eventId;
    const known = (await findContents(tx, consumer, [id])).get(id);
    if (known !== undefined && known !== contentsOf(payload)) throw contentsDiffer();
  };

  /** False when nothing can be applied now. */
  const settle = async (id: string): Promise<boolean> => {
    try {
      const letter = await apply(id);
      trouble.recovered();
      if (letter === undefined) return true;
      const { subject, eventId } = letter;
      log.info({ event: 'dead_letter_applied', subject, eventId }, 'a dead letter was applied');
    } catch (error) {
      if (signal.aborted) return false;
      if (worthRetrying(error)) {
        trouble.failed(error, { letter: id });
        return false;
      }
      await noteFailedAgain(db, id, error);
      log.error({ event: 'dead_letter_failed_again', err: error, letter: id }, 'a dead letter failed again');
    }
    return true;
  };

  return async () => {
    for (let ids = await findRequeued(db, consumer); ids.length > 0; ids = await findRequeued(db, consumer)) {
      for (const id of ids) if (signal.aborted || !(await settle(id))) return false;
    }
    return true;
  };
}
