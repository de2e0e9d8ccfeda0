import { nowUs } from '@andvari/kit/base/clock';
import { startJob } from '@andvari/kit/db/jobs';
import { appendEvents } from '@andvari/kit/outbox/append';
import { runProcess, type Scope } from '@andvari/kit/process/scope';
import { connectRpc } from '@andvari/kit/rpc/client';
import { serveRpc } from '@andvari/kit/rpc/server';
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

/** What a test puts in the place of neighbours that are not there. */
export interface StartOptions {
  obstacles?: readonly Obstacle[];
  now?: () => bigint;
}

export async function start(
  scope: Scope,
  config: Config,
  options: StartOptions = {},
): Promise<{ port: number; adminPort: number }> {
  const kit = await openFoundation(scope, 'user', config, { migrations, streams: consumedStreams });
  const { metrics, health, db, nats, locks, relay } = kit;
  const app = createApp({
    db,
    now: options.now ?? nowUs,
    append: appendEvents,
    wakeRelay: () => relay.wake(),
    template: readTemplates(templates),
    obstacles: options.obstacles ?? obstaclesOf(scope, config, kit),
    services: config.DELETION_SERVICES,
    log: scope.log,
  });
  consumeEvents(scope, { app, db, nats, locks, metrics });
  startJob(scope, {
    name: 'deletions',
    locks,
    everyMs: config.DELETION_SWEEP_MS,
    run: () => app.deletions.sweep(),
  });
  const { port } = await serveRpc(scope, {
    port: config.GRPC_PORT,
    host: config.LISTEN_HOST,
    services: [userRpc(app)],
    callerKey: config.CALLER_KEY,
    tlsDir: config.TLS_DIR,
    reflection: config.ENVIRONMENT !== 'production',
    metrics,
  });
  health.started();
  return { port, adminPort: health.port };
}

/** Those whose addresses are given; outside production that may be nobody, and then nothing stands in the way. */
function obstaclesOf(scope: Scope, config: Config, { metrics }: Foundation): Obstacle[] {
  const { PORTFOLIO_ADDR, ORDER_ADDR, CALLER_KEY: callerKey, TLS_DIR: tlsDir } = config;
  if (PORTFOLIO_ADDR === undefined) return [];
  const connection = { service: 'user', callerKey, metrics, tlsDir };
  const portfolio = connectRpc(scope, PortfolioServiceService, {
    ...connection,
    address: PORTFOLIO_ADDR,
    idempotent: ['listAccounts', 'listHoldings'],
  });
  const order =
    ORDER_ADDR === undefined
      ? undefined
      : connectRpc(scope, OrderServiceService, { ...connection, address: ORDER_ADDR, idempotent: ['listOrders'] });
  return [accountObstacle(portfolio, order)];
}

if (import.meta.main) await runProcess('user', (scope) => start(scope, readConfig(process.env)));
