import type { Db, Tx } from '@andvari/kit/db/types';
import type { OutgoingEvent } from '@andvari/kit/events/event';

/** What every use case is given. */
export interface Deps {
  db: Db;
  now: () => bigint;
  /** Writes events into the outbox, in the transaction that made them true. */
  append: (tx: Tx, events: readonly OutgoingEvent[]) => Promise<void>;
  /** Called after a commit that wrote events, or inside the transaction of a consumer, so that they leave at once. */
  wakeRelay: () => void;
}
