import type { Db } from '@andvari/kit/db/types';
import type { Append, Commit } from '@andvari/kit/outbox/commit';

/** What every use case is given. */
export type Deps = {
  db: Db;
  now: () => bigint;
  /** A transaction of one's own, with the news of it. */
  commit: Commit;
  /** For a change inside the transaction of a consumer. */
  append: Append;
};
