import type { Db, Tx } from '@andvari/kit/db/types';
import type { OutgoingEvent } from '@andvari/kit/events/event';
import type { Log } from '@andvari/kit/observe/log';
import type { TradingDays } from '../domain/trading-days.ts';
import type { FxSource } from '../ports/fx-source.ts';
import type { MarketDataProvider } from '../ports/provider.ts';
import type { Listings } from './listings.ts';

/** What the use cases are given. */
export interface Deps {
  db: Db;
  log: Log;
  now: () => bigint;
  /** Writes events into the outbox, in the transaction that made them true. */
  append: (tx: Tx, events: readonly OutgoingEvent[]) => Promise<void>;
  wakeRelay: () => void;
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
