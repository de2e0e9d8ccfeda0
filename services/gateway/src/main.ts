import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openHealth } from '@andvari/kit/health';
import { openMetrics } from '@andvari/kit/metrics';
import { connectRpc } from '@andvari/kit/rpc-client';
import { runProcess, type Scope } from '@andvari/kit/run';
import { startTracing } from '@andvari/kit/tracing';
import { UserServiceService } from '@andvari/proto/user/v1/user';
import { type Config, readConfig } from './config.ts';
import { createGraphql } from './http/graphql.ts';

export async function start(scope: Scope, config: Config): Promise<{ port: number; adminPort: number }> {
  await startTracing(scope, {
    service: 'gateway',
    endpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT,
    sampleRatio: config.TRACE_SAMPLE_RATIO,
  });
  const metrics = openMetrics('gateway');
  const health = await openHealth(scope, { port: config.ADMIN_PORT, metrics });
  const user = connectRpc(scope, UserServiceService, {
    address: config.USER_ADDR,
    service: 'gateway',
    callerKey: config.CALLER_KEY,
    tlsDir: config.TLS_DIR,
    metrics,
    idempotent: ['getProfile', 'batchGetProfiles'],
  });

  const graphql = createGraphql({ user, development: config.ENVIRONMENT !== 'production' });
  // yoga answers its own failures; nothing comes back to wait for.
  const server = createServer((request, response) => void graphql(request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.HTTP_PORT, resolve);
  });
  scope.defer('http server', async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    await closed;
  });

  health.started();
  return { port: (server.address() as AddressInfo).port, adminPort: health.port };
}

if (import.meta.main) await runProcess('gateway', (scope) => start(scope, readConfig(process.env)));
