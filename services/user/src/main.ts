import { nowUs } from '@andvari/kit/base/clock';
import { wakeable } from '@andvari/kit/base/wakeable';
import { runProcess, type Scope } from '@andvari/kit/process/scope';
import { type Foundation, openFoundation } from '@andvari/kit/service/foundation';
import { OrderServiceService } from '@andvari/proto/order/v1/order';
import { PortfolioServiceService } from '@andvari/proto/portfolio/v1/portfolio';
import { createApp } from './app/app.ts';
import { type Config, readConfig } from './config.ts';
import { consumedStreams, consumeEvents } from './consumers/consume.ts';
import { accountObstacle } from './ports/obstacles.ts';
import { readTemplates } from './ports/templates.ts';
import { userRpc } from './rpc/server.ts';

export const migrations = new URL('../migrations/', import.meta.url);
const templates = new URL('../templates/', import.meta.url);

type Obstacle = (userId: string) => Promise<string | undefined>;

/** The world outside, which a test replaces. */
export interface Outside {
  now: () => bigint;
  obstacles: readonly Obstacle[];
}

export async function start(
  scope: Scope,
  config: Config,
  overrides: Partial<Outside> = {},
): Promise<{ port: number; adminPort: number }> {
  const kit = await openFoundation(scope, 'user', config, { migrations, streams: consumedStreams });
  const deletionBell = wakeable();
  const app = createApp({
    ...kit,
    now: overrides.now ?? nowUs,
    template: readTemplates(templates),
    obstacles: overrides.obstacles ?? obstaclesOf(config, kit),
    services: config.DELETION_SERVICES,
    log: scope.log,
    wakeWorker: () => deletionBell.ring(),
  });
  consumeEvents(kit, app);
  kit.job({
    name: 'deletions',
    everyMs: config.DELETION_SWEEP_MS,
    run: () => app.deletions.sweep(),
    bell: deletionBell,
  });
  return kit.serve(userRpc(app, { development: config.ENVIRONMENT !== 'production' }));
}

/** Those whose addresses are given; outside production that may be nobody, and then nothing stands in the way. */
function obstaclesOf({ PORTFOLIO_ADDR, ORDER_ADDR }: Config, kit: Foundation): Obstacle[] {
  if (PORTFOLIO_ADDR === undefined) return [];
  const portfolio = kit.connect(PortfolioServiceService, PORTFOLIO_ADDR, {
    idempotent: ['listAccounts', 'listHoldings'],
  });
  const order =
    ORDER_ADDR === undefined ? undefined : kit.connect(OrderServiceService, ORDER_ADDR, { idempotent: ['listOrders'] });
  return [accountObstacle(portfolio, order)];
}

if (import.meta.main) await runProcess('user', readConfig, start);
