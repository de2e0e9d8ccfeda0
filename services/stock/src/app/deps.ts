import type { Db } from '@andvari/kit/db/types';
import type { Append, Commit } from '@andvari/kit/outbox/commit';
import type { TradingDays } from '../domain/trading-days.ts';
import type { FxSource } from '../ports/fx-source.ts';
import type { MarketDataProvider } from '../ports/provider.ts';
import type { Listings } from './listings.ts';

/** What the use cases are given. */
export interface Deps {
  db: Db;
  now: () => bigint;
  /** A transaction of one's own, with the news of it. */
  commit: Commit;
  /** For news that are too many to be kept until its end. */
  append: Append;
  listings: Listings;
  provider: MarketDataProvider;
  fx: FxSource;
  days: TradingDays;
  /** How many partitions the engine's commands are spread over. */
  partitions: number;
  quoteTtlMs: number;
  /** When the log of commands was made: a new one has forgotten everything. */
  logMadeAt: () => Promise<string>;
}
