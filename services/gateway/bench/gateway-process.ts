import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { noCaller, withContext } from '@andvari/kit/base/context';
import { openLog } from '@andvari/kit/observe/log';
import { openMetrics } from '@andvari/kit/observe/metrics';
import { newTraceparent } from '@andvari/kit/observe/tracing';
import { Scope } from '@andvari/kit/process/scope';
import { createYoga } from 'graphql-yoga';
import { connectClients } from '../src/clients.ts';
import { readConfig } from '../src/config.ts';
import { rightsOf, type SignedIn } from '../src/identity/viewer.ts';
import type { Quotes } from '../src/live/quotes.ts';
import { type Outside, start } from '../src/main.ts';
import { buildSchema } from '../src/schema/schema.ts';
import { CALLER_KEY, userIdOf } from '../test/fake-service.ts';
import { memberPermissions } from '../test/fake-services.ts';
import type { GatewayOrder, GatewayReady, Variant } from './messages.ts';

/** One variant of the gateway in a process of its own, told what to be by its parent. */
const order = JSON.parse(process.argv[2] ?? '') as GatewayOrder;
const scope = new Scope(openLog('bench', 'warn'));
const config = readConfig({
  ENVIRONMENT: 'production',
  HTTP_PORT: '0',
  ADMIN_PORT: '0',
  CALLER_KEY,
  NATS_URL: order.natsUrl,
  REDIS_URL: order.redisUrl,
  AUTH_ADDR: order.auth,
  SECURITY_ADDR: order.security,
  USER_ADDR: order.user,
  ...(order.stock === undefined ? {} : { STOCK_ADDR: order.stock }),
  LIMIT_PER_USER: '100000000',
  LIMIT_PER_ADDRESS: '100000000',
  LIMIT_LOGINS_PER_ADDRESS: '100000000',
  MAX_CONNECTIONS_PER_ADDRESS: '2000',
  ...(order.variant === 'tracing' ? { OTEL_EXPORTER_OTLP_ENDPOINT: order.traceUrl } : {}),
});

const someone: SignedIn = {
  kind: 'session',
  userId: userIdOf('bench-0'),
  sessionId: 's',
  apiKeyId: '',
  authenticatedAtUs: undefined,
  rights: rightsOf(memberPermissions, 1n),
  untilMs: Number.POSITIVE_INFINITY,
};

const overrides: Record<Exclude<Variant, 'bare'>, Partial<Outside>> = {
  full: {},
  tracing: {},
  no_auth: { authenticate: () => someone },
  no_limits: { drawTokens: async () => ({ allowed: true, limit: 1, remaining: 1, resetMs: 0 }) },
  no_metrics: { withoutMetrics: true },
};

/** Every quote is asked for. */
const noMemory: Pick<Quotes, 'fresh' | 'lookUp'> = {
  fresh: () => undefined,
  async lookUp(symbols, ask) {
    const told = new Map((await ask([...symbols])).map((quote) => [quote.symbol, quote]));
    return symbols.map((symbol) => told.get(symbol));
  },
};

const { port } = order.variant === 'bare' ? await bareYoga() : await start(scope, config, overrides[order.variant]);
const ready: GatewayReady = { port };
process.send?.(ready);
// Nobody is left to measure for.
process.once('disconnect', () => process.exit());

/** The same resolvers and clients behind yoga with nothing of ours before it. */
async function bareYoga(): Promise<{ port: number }> {
  const clients = connectClients(scope, config, openMetrics('bare'));
  const { signal } = new AbortController();
  const yoga = createYoga({
    schema: buildSchema(),
    logging: false,
    context: () => ({ viewer: someone, clients, feeds: { quotes: noMemory }, signal: () => signal }),
  });
  const server = createServer((request, response) => {
    const context = {
      requestId: '',
      caller: { ...noCaller('gateway'), userId: someone.userId },
      deadline: Date.now() + 10_000,
      signal,
      traceparent: newTraceparent(),
    };
    void withContext(context, () => yoga(request, response));
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  return { port: (server.address() as AddressInfo).port };
}
