import { afterwards, transaction } from '../db/db.ts';
import type { Db, Tx } from '../db/types.ts';
import type { OutgoingEvent } from '../events/event.ts';
import { appendEvents } from './append.ts';
import type { Relay } from './relay.ts';

/** Writes events into the outbox, in the transaction that made them true; they leave once it has ended. */
export type Append = (tx: Tx, events: readonly OutgoingEvent[]) => Promise<void>;

/** Notes what goes into the outbox at the end of the transaction. */
export type Say = (...events: OutgoingEvent[]) => void;

/** One transaction with the news of it: what `say` was given goes into the outbox after the change. */
export type Commit = <T>(work: (tx: Tx, say: Say) => Promise<T>) => Promise<T>;

/** The two ways of changing something and telling of it: a transaction of one's own, or that of whoever calls. */
export interface Outbox {
  commit: Commit;
  append: Append;
}

export function openOutbox(db: Db, relay: Pick<Relay, 'wake'>): Outbox {
  const append: Append = async (tx, events) => {
    await appendEvents(tx, events);
    // Woken before the commit, the relay would look again and again for what is not there yet.
    if (events.length > 0) afterwards(tx, () => relay.wake());
  };
  return { append, commit: committer(db, appendEvents, () => relay.wake()) };
}

/** `append` and `wake` are arguments for tests that look between the two. */
export function committer(db: Db, append: Append, wake: () => void): Commit {
  return async (work) => {
    const events: OutgoingEvent[] = [];
    const result = await transaction(db, async (tx) => {
      const done = await work(tx, (...more) => void events.push(...more));
      await append(tx, events);
      return done;
    });
    if (events.length > 0) wake();
    return result;
  };
}
