import type { Db, Tx } from '@andvari/kit/db/types';
import type { OutgoingEvent } from '@andvari/kit/events/event';
import type { Log } from '@andvari/kit/observe/log';
import type { Collars } from '../domain/judge-order.ts';
import type { Commands } from '../messages/commands.ts';
import type { OrderMetrics } from '../metrics.ts';
import type { Engine } from '../ports/engine.ts';
import type { PlacedOrders } from '../ports/placed-orders.ts';
import type { Portfolio } from '../ports/portfolio.ts';
import type { MarketView } from './market-view.ts';

/** What every use case is given. */
export interface Deps {
  db: Db;
  now: () => bigint;
  /** Writes events into the outbox, in the transaction that made them true. */
  append: (tx: Tx, events: readonly OutgoingEvent[]) => Promise<void>;
  /** Called after a commit that wrote events. */
  wakeRelay: () => void;
  commands: Commands;
  market: MarketView;
  portfolio: Portfolio;
  engine: Engine;
  placedOrders: PlacedOrders;
  collars: Collars;
  metrics: OrderMetrics;
  log: Log;
}
