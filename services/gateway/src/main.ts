import { createServer } from 'node:http';
import { openNats } from '@andvari/kit/nats/nats';
import { ensureStreams } from '@andvari/kit/nats/streams';
import { openMetrics } from '@andvari/kit/observe/metrics';
import { startTracing } from '@andvari/kit/observe/tracing';
import { openHealth } from '@andvari/kit/process/health';
import { runProcess, type Scope } from '@andvari/kit/process/scope';
import { openRedis } from '@andvari/kit/redis/redis';
import { connectClients } from './clients.ts';
import { type Config, readConfig } from './config.ts';
import { createPersistedOperations, knownOperations } from './graphql/persisted-operations.ts';
import { createPipeline } from './graphql/pipeline.ts';
import { createAuthRoutes } from './http/auth-routes.ts';
import { trustedProxiesOf } from './http/client-address.ts';
import { createEntrance } from './http/entrance.ts';
import { createGraphiqlPage } from './http/graphiql-page.ts';
import { createGraphqlRoute } from './http/graphql-route.ts';
import { createHeldStreams } from './http/held-streams.ts';
import { listen } from './http/listen.ts';
import { mailPages } from './http/mail-pages.ts';
import { mailboxPage } from './http/mailbox-page.ts';
import { jwksPage, probesOf } from './http/pages.ts';
import { createRoutes } from './http/routes.ts';
import { openSockets } from './http/sockets.ts';
import { createStatementRoute } from './http/statement-route.ts';
import { openWebApp } from './http/web-app.ts';
import type { Authenticate } from './identity/authenticate.ts';
import { openIdentity } from './identity/identity.ts';
import { watchEventLoop } from './limits/event-loop-lag.ts';
import { createOpenConnections } from './limits/open-connections.ts';
import { createRateLimits } from './limits/rate-limits.ts';
import { type DrawTokens, openTokenBuckets } from './limits/token-buckets.ts';
import { openFeeds } from './live/feeds.ts';
import { gatewayMetrics, noMetrics } from './metrics.ts';
import { buildSchema } from './schema/schema.ts';

/** Parts that a benchmark replaces to see what each of them costs. */
export interface Outside {
  authenticate: Authenticate;
  drawTokens: DrawTokens;
  withoutMetrics: boolean;
}

export async function start(
  scope: Scope,
  config: Config,
  overrides: Partial<Outside> = {},
): Promise<{ port: number; adminPort: number }> {
  const { log } = scope;
  const development = config.ENVIRONMENT !== 'production';
  const operations = knownOperations(config);
  await startTracing(scope, {
    service: 'gateway',
    environment: config.ENVIRONMENT,
    endpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT,
    sampleRatio: config.TRACE_SAMPLE_RATIO,
  });
  const registry = openMetrics('gateway');
  const health = await openHealth(scope, { port: config.ADMIN_PORT, host: config.LISTEN_HOST, metrics: registry });
  const metrics = gatewayMetrics(overrides.withoutMetrics === true ? noMetrics : registry);

  // Neither decides over readiness: without them the gateway does less, but a gateway that is taken away does nothing.
  const [redis, nats] = await Promise.all([
    openRedis(scope, { url: config.REDIS_URL, service: 'gateway', metrics: registry }),
    openNats(scope, { url: config.NATS_URL, service: 'gateway', metrics: registry }),
  ]);
  await ensureStreams(nats, ['AUTH', 'USER', 'EXECUTIONS', 'ORDER', 'PORTFOLIO'], {
    defaults: { maxBytes: config.NATS_STREAM_MB * 1024 * 1024 },
  });
  const clients = connectClients(scope, config, registry);
  const identity = await openIdentity(scope, { config, clients, nats, redis });
  const { signingKeys, credentials } = identity;
  const authenticate = overrides.authenticate ?? identity.authenticate;
  const feeds = await openFeeds(scope, nats, clients, metrics);

  const { isBehind } = watchEventLoop(scope, config.SHED_LAG_MS);
  const limits = createRateLimits({
    draw: overrides.drawTokens ?? openTokenBuckets(redis),
    settings: {
      perUser: config.LIMIT_PER_USER,
      perApiKey: config.LIMIT_PER_API_KEY,
      perAddress: config.LIMIT_PER_ADDRESS,
      loginsPerAddress: config.LIMIT_LOGINS_PER_ADDRESS,
    },
    metrics,
    log,
  });
  const allowedOrigins = new Set(config.ALLOWED_ORIGINS);
  const trustedProxies = trustedProxiesOf(config.TRUSTED_PROXIES);
  const timeoutMs = config.REQUEST_TIMEOUT_MS;
  const pipeline = createPipeline({
    schema: buildSchema(),
    persisted: createPersistedOperations(operations, { only: config.PERSISTED_ONLY }),
    metrics,
    log,
    development,
    maxCost: config.MAX_COST,
    timeoutMs,
  });
  const connections = createOpenConnections(
    { perUser: config.MAX_CONNECTIONS_PER_USER, perAddress: config.MAX_CONNECTIONS_PER_ADDRESS },
    metrics,
  );
  const streams = createHeldStreams(credentials, scope.signal);
  const entrance = createEntrance({ authenticate, limits, allowedOrigins, metrics });
  const graphql = { pipeline, entrance, connections, clients, feeds, streams, metrics, timeoutMs };

  const webApp = openWebApp(config.WEB_DIR);
  const server = createServer(
    { requestTimeout: 15_000, headersTimeout: 10_000, keepAliveTimeout: 65_000 },
    createRoutes({
      graphql: createGraphqlRoute(graphql),
      auth: createAuthRoutes({ auth: clients.auth, authenticate, limits, allowedOrigins, timeoutMs }),
      statements: createStatementRoute({ entrance, clients, timeoutMs }),
      pages: {
        '/.well-known/jwks.json': jwksPage(signingKeys),
        // The web app has pages of its own for the links of mails.
        ...(webApp === undefined ? mailPages : {}),
        ...(config.ENVIRONMENT === 'development' ? { '/auth/mailbox': mailboxPage(clients.auth) } : {}),
      },
      graphiql: development ? createGraphiqlPage() : undefined,
      webApp,
      isProduction: !development,
      probes: probesOf(health),
      isBehind,
      allowedOrigins,
      trustedProxies,
      metrics,
      log,
    }),
  );
  const port = await listen(scope, server, { port: config.HTTP_PORT, host: config.LISTEN_HOST });
  openSockets(scope, server, {
    ...graphql,
    allowedOrigins,
    trustedProxies,
    isBehind,
    anonymousMs: config.ANONYMOUS_SOCKET_MS,
    log,
  });

  health.started();
  return { port, adminPort: health.port };
}

if (import.meta.main) await runProcess('gateway', readConfig, start);
