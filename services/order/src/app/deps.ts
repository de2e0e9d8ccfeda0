import type { Db } from '@andvari/kit/db/types';
import type { Log } from '@andvari/kit/observe/log';
import type { Commit } from '@andvari/kit/outbox/commit';
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
  /** A transaction of one's own, with the news of it. */
  commit: Commit;
  commands: Commands;
  market: MarketView;
  portfolio: Portfolio;
  engine: Engine;
  placedOrders: PlacedOrders;
  collars: Collars;
  metrics: OrderMetrics;
  log: Log;
}
