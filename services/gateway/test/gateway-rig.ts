import { randomInt } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { Secret } from '@andvari/kit/base/config';
import { newEvent } from '@andvari/kit/events/event';
import { type Nats, openNats } from '@andvari/kit/nats/nats';
import { ensureStreams } from '@andvari/kit/nats/streams';
import type { Scope } from '@andvari/kit/process/scope';
import { infraUrls } from '@andvari/kit/testing/infra-urls';
import { testNats } from '@andvari/kit/testing/test-nats';
import { testScope } from '@andvari/kit/testing/test-scope';
import { type EventType, rolesChanged } from '@andvari/proto/events';

import { readConfig } from '../src/config.ts';
import { start } from '../src/main.ts';
import { CALLER_KEY } from './fake-service.ts';
import { type FakeWorld, fakeWorld, servicesOf } from './fake-services.ts';
import { type TestTokens, testTokens } from './test-tokens.ts';

export interface GraphqlAnswer {
  status: number;
  headers: Headers;
  data: unknown;
  errors: { message: string; path?: (string | number)[]; extensions: Record<string, string> }[];
}

export interface Ask {
  query: string;
  variables?: Record<string, unknown>;
  operationName?: string;
  token?: string;
  headers?: Record<string, string>;
}

export interface GatewayRig extends FakeWorld {
  url: string;
  adminUrl: string;
  tokens: TestTokens;
  /** Behind a cable that can be cut. */
  redis: { cut(): void; mend(): void };
  nats: Nats;
  /** As from an address of its own, so that tests do not count against each other. */
  ask(request: Ask): Promise<GraphqlAnswer>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  publish<T extends object>(type: EventType<T>, message: T): Promise<void>;
  /** As the security service tells of a role. */
  publishRoles(userId: string, rolesVersion?: bigint, change?: 'granted' | 'revoked'): Promise<void>;
  /** A second gateway over the same services. */
  another(env?: Record<string, string>): Promise<{ url: string; close(): Promise<void> }>;
  close(): Promise<void>;
}

/** For what is told over NATS: longer than that ever takes, and far shorter than what a gateway remembers. */
export const SOON = { timeoutMs: 10_000 };

/** A whole gateway on a free port, with real NATS and Redis and services that are plain functions. */
export async function gatewayRig(env: Record<string, string> = {}): Promise<GatewayRig> {
  const tokens = await testTokens();
  const world = fakeWorld(tokens);
  const natsServer = await testNats();
  const redisCable = await cable(infraUrls().redisUrl);
  await Promise.all(servicesOf(world).map((service) => service.start()));
  const own = testScope();
  const nats = await openNats(own, { url: new Secret(natsServer.url), service: 'test' });
  await ensureStreams(nats, ['AUTH', 'SECURITY', 'USER']);
  const scopes: Scope[] = [];

  const open = async (more: Record<string, string>) => {
    const scope = testScope();
    scopes.push(scope);
    const given = { ...env, ...more };
    // Whether somebody has built the web app here is none of a test's business.
    const app = 'WEB_DIR' in given ? {} : { WEB_DIR: join(import.meta.dirname, 'no-web-app') };
    const started = await start(scope, {
      ...readConfig({
        ENVIRONMENT: 'test',
        HTTP_PORT: '0',
        ADMIN_PORT: '0',
        CALLER_KEY,
        NATS_URL: natsServer.url,
        REDIS_URL: redisCable.url,
        AUTH_ADDR: world.auth.address,
        SECURITY_ADDR: world.security.address,
        USER_ADDR: world.user.address,
        STOCK_ADDR: world.stock.address,
        PORTFOLIO_ADDR: world.portfolio.address,
        ORDER_ADDR: world.order.address,
        ENGINE_ADDR: world.engine.address,
        TRUSTED_PROXIES: '127.0.0.1,::1',
        // The gateway shares its event loop with its test and all who stand in for services; shedding.test.ts says how it sheds.
        SHED_LAG_MS: '30000',
        ...given,
      }),
      ...app,
    });
    return { ...started, scope };
  };
  const { port, adminPort } = await open({});
  const url = `http://127.0.0.1:${port}`;

  const post = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': randomAddress(), ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });

  const publish: GatewayRig['publish'] = async (type, message) => {
    const event = newEvent(type, message, { source: 'test' });
    await nats.js.publish(event.subject, event.payload, { msgID: event.id });
  };

  return {
    ...world,
    url,
    adminUrl: `http://127.0.0.1:${adminPort}`,
    tokens,
    redis: redisCable,
    nats,
    post,
    async ask({ query, variables, operationName, token, headers = {} }) {
      const bearer = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const response = await post('/graphql', { query, variables, operationName }, { ...bearer, ...headers });
      const { data, errors = [] } = (await response.json()) as Pick<GraphqlAnswer, 'data'> & {
        errors?: GraphqlAnswer['errors'];
      };
      return { status: response.status, headers: response.headers, data, errors };
    },
    publish,
    publishRoles: (userId, rolesVersion = 2n, change = 'granted') =>
      publish(rolesChanged, { userId, rolesVersion, change, role: 'admin', changedBy: 'test', reason: '' }),
    async another(more = {}) {
      const second = await open(more);
      return { url: `http://127.0.0.1:${second.port}`, close: async () => void (await second.scope.close()) };
    },
    async close() {
      for (const scope of scopes) await scope.close();
      await own.close();
      await Promise.all(servicesOf(world).map((service) => service.stop()));
      redisCable.close();
      await natsServer.stop();
    },
  };
}

export function randomAddress(): string {
  return `10.${randomInt(256)}.${randomInt(256)}.${randomInt(256)}`;
}

/** Passes bytes on to a server until it is cut; then connections break and new ones are refused. */
async function cable(target: string): Promise<{ url: string; cut(): void; mend(): void; close(): void }> {
  const { hostname, port, username, password } = new URL(target);
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    const far = connect(Number(port), hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    isCut = true;
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `redis://${username}:${password}@127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    mend: () => void (isCut = false),
    close() {
      cut();
      server.close();
    },
  };
}
