import { nowUs } from '@andvari/kit/clock';
import { openFoundation } from '@andvari/kit/foundation';
import { appendEvents } from '@andvari/kit/outbox';
import { serveRpc } from '@andvari/kit/rpc-server';
import { runProcess, type Scope } from '@andvari/kit/run';
import { createApp } from './app.ts';
import { type Config, readConfig } from './config.ts';
import { consumeRegistrations } from './events/consume.ts';
import { userRpc } from './rpc/server.ts';

export const migrations = new URL('../migrations/', import.meta.url);

export async function start(scope: Scope, config: Config): Promise<{ port: number; adminPort: number }> {
  const { metrics, health, db, nats, locks, relay } = await openFoundation(scope, 'user', config, {
    migrations,
    streams: ['USER'],
  });
  const app = createApp({ db, now: nowUs, append: appendEvents, wakeRelay: () => relay.wake() });
  consumeRegistrations(scope, { app, db, nats, locks, metrics });
  const { port } = await serveRpc(scope, {
    port: config.GRPC_PORT,
    services: [userRpc(app)],
    callerKey: config.CALLER_KEY,
    tlsDir: config.TLS_DIR,
    reflection: config.ENVIRONMENT !== 'production',
    metrics,
  });
  health.started();
  return { port, adminPort: health.port };
}

if (import.meta.main) await runProcess('user', (scope) => start(scope, readConfig(process.env)));
