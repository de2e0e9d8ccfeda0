import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callerPairs, OPERATOR_TOOL, type Service, services } from '@andvari/deploy/services';
import { Secret } from '@andvari/kit/base/config';
import { connectDb } from '@andvari/kit/db/db';
import type { Db } from '@andvari/kit/db/types';
import { openMetrics } from '@andvari/kit/observe/metrics';
import { connectRpc, type RpcClient } from '@andvari/kit/rpc/client';
import type { Definition } from '@andvari/kit/rpc/types';
import { eventually } from '@andvari/kit/testing/eventually';
import { type TestNats, testNats } from '@andvari/kit/testing/test-nats';
import { type TestRedis, testRedis } from '@andvari/kit/testing/test-redis';
import { testScope } from '@andvari/kit/testing/test-scope';
import { createDatabases, migrateDatabases } from '@andvari/local/databases';
import { natsUrlsOf, natsUsersOf } from '@andvari/local/nats-users';
import { assignPorts } from '@andvari/local/ports';
import { callerKeyName, environmentOf, mainOf, type Surroundings } from '@andvari/local/service-environment';
import type { SystemPlaces } from '@andvari/seedctl/system';
import type { Verified } from '@andvari/seedctl/verify/verify-system';
import { type Child, startChild } from '@andvari/servers/child';
import { checkoutRoot } from '@andvari/servers/data-home';
import { keepSecret } from '@andvari/servers/keep-secret';
import { ownPort } from '@andvari/servers/own-port';
import { startTestPostgres } from '@andvari/servers/test-infra';
import { Browser } from './browser.ts';
import { verify } from './verify.ts';
import { Witness } from './witness.ts';

/** The real system: every service a process of its own, on free ports, with a PostgreSQL, a NATS and a Redis of its own. */
export interface System {
  /** Where the gateway listens. */
  url: string;
  browser(headers?: Record<string, string>): Browser;
  witness: Witness;
  redis: Pick<TestRedis, 'kill' | 'restart'>;
  nats: Pick<TestNats, 'url' | 'kill' | 'restart'>;
  /** A service's methods, called as another service would: as the test itself, or in a name and with a key that are given. */
  client<D extends Definition>(name: string, definition: D, as?: { service: string; key: string }): RpcClient<D>;
  /** What a service answers to whoever scrapes it. */
  metrics(name: string): Promise<string>;
  /** What a service is told at its start. */
  environment(name: string): NodeJS.ProcessEnv;
  /** Its PostgreSQL, as who may do everything there. */
  postgresUrl: string;
  /** The names of its databases. */
  databases: readonly string[];
  /** A database, as the role that owns its tables. */
  database(name: string): Db;
  /** Where all of it is, as seedctl is told in a file. */
  places(): SystemPlaces;
  /** Whether all that its parts say of orders, money and the audit trail agrees. */
  verify(lookAgainMs?: readonly number[]): Promise<Verified>;
  stop(name: string, signal?: NodeJS.Signals): Promise<void>;
  start(name: string): Promise<void>;
  /** Such as SIGSTOP: a process that stands still answers nobody and has lost nothing. */
  signal(name: string, signal: NodeJS.Signals): void;
  /** One more over the same services, with settings of its own; returns where it listens. */
  anotherGateway(settings?: Record<string, string>): Promise<string>;
  /** One more process of a service, which goes by a name of its own. */
  standby(name: string): Promise<string>;
  /**
   * One more process of a service beside the one that there is, of another file where it is given. From now on it is what is
   * meant by the service's name; what stops the one before it is returned, and says how it ended.
   */
  replace(name: string, main?: string): Promise<() => Promise<string>>;
  /** Brings the databases to the schema of a checkout. */
  migrate(root: string): Promise<void>;
  /** Where a service is called now. */
  portOf(name: string): number;
  /**
   * Ends everything, and fails when the parts of a market do not agree, a log has said what is confidential or an answer
   * what is none of people's business: so every file that has a system has these tests, over all that happened in it and
   * all that its processes ever wrote, down to their last words.
   */
  close(): Promise<void>;
}

/** Who users are and what they may do. */
export const identityServices = ['auth', 'security', 'user', 'gateway'];

/** All there is: with a market, orders and a ledger. */
export const tradingServices = [...identityServices, 'stock', 'engine', 'portfolio', 'order'];

/** For whoever asks more in a minute than a person would. */
export const unlimited = { LIMIT_PER_USER: '1000000', LIMIT_PER_ADDRESS: '1000000' };

/** What a test calls itself where it calls a service as another would. */
const TEST = 'e2e';

export interface SystemOptions {
  /** Files that are started instead of a service's own, by its name. */
  mains?: Readonly<Record<string, string>>;
  /** Whose PostgreSQL it is to use; it has one of its own where it is left out. */
  postgresUrl?: string;
  /** The checkout that services and migrations are of, where it is another than this. */
  root?: string;
  /** Puts something between a service and what it is told of: answers with what it is told instead. */
  rewire?: (name: string, env: NodeJS.ProcessEnv, portOf: System['portOf']) => Promise<NodeJS.ProcessEnv>;
}

export async function startSystem(
  names: readonly string[],
  env: Record<string, string> = {},
  { mains = {}, postgresUrl, root = checkoutRoot, rewire }: SystemOptions = {},
): Promise<System> {
  const home = mkdtempSync(join(tmpdir(), 'andvari-e2e-'));
  const witness = new Witness();
  const scope = testScope();
  const table = await assignPorts(
    services.filter(({ name }) => names.includes(name)),
    'free',
  );
  const databases = table.flatMap(({ database }) => (database === undefined ? [] : [database]));
  const natsUsers = natsUsersOf(table, home);
  const [postgres, nats, redis] = await Promise.all([ownDatabase(postgresUrl), testNats(natsUsers), testRedis()]);
  const created = await createDatabases(postgres.postgresUrl, databases, home);
  await migrateDatabases(root, table, created);
  const around: Surroundings = {
    databases: created,
    natsUrl: natsUrlsOf(nats.url, natsUsers),
    redisUrl: redis.url,
    all: table,
    compileCache: join(checkoutRoot, '.data', 'compile-cache'),
    tools: [{ name: TEST, calls: table.map(({ name }) => name) }],
    secret: (name) => keepSecret(join(home, name), 32),
  };
  for (const name of new Set(table.flatMap(({ secrets }) => secrets))) witness.keep(around.secret(name));
  for (const pair of callerPairs([...table, ...(around.tools ?? [])])) witness.keep(around.secret(callerKeyName(pair)));
  for (const { password } of natsUsers) witness.keep(password);
  for (const url of [...Object.values(created).flatMap((urls) => Object.values(urls)), nats.url, redis.url])
    witness.keep(new URL(url).password);

  const children = new Map<string, Child>();
  const stopped = new Set<string>();
  const logs = new Map(table.map(({ name }) => [name, '']));
  const written: Promise<unknown>[] = [];
  const portOf = (name: string): number => serviceNamed(name).port;
  const start = async (
    service: Service,
    name: string = service.name,
    main = mains[name] ?? mainOf(root, service),
    settings: Record<string, string> = {},
  ): Promise<void> => {
    const told = environmentOf(service, around);
    const child = await startChild({
      command: process.execPath,
      args: [main],
      env: {
        ...(rewire === undefined ? told : await rewire(service.name, told, portOf)),
        // Everything that could be logged is.
        LOG_LEVEL: 'trace',
        // Each person speaks as from an address of their own.
        TRUSTED_PROXIES: '127.0.0.1,::1,::ffff:127.0.0.1',
        ...env,
        ...settings,
      },
      stopSignal: 'SIGKILL',
      output: 'pipe',
    });
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      stream.setEncoding('utf8').on('data', (text: string) => logs.set(name, (logs.get(name) ?? '') + text));
      written.push(once(stream, 'close'));
    }
    children.set(name, child);
    stopped.delete(name);
    await eventually(async () => {
      if (child.hasExited()) return;
      const answer = await fetch(`http://127.0.0.1:${service.adminPort}/readyz`);
      if (!answer.ok) throw new Error(`${name}: ${await answer.text()}`);
    });
    if (child.hasExited()) throw new Error(`${name} ended: ${logs.get(name)?.slice(-3000)}`);
  };
  const serviceNamed = (name: string): Service => {
    const found = table.find((service) => service.name === name);
    if (found === undefined) throw new Error(`${name} is not part of this system`);
    return found;
  };
  const startAnother = async (name: string, main?: string, settings?: Record<string, string>) => {
    const [port, adminPort] = [await ownPort(), await ownPort()];
    const other = `${name} on ${port}`;
    await start({ ...serviceNamed(name), port, adminPort }, other, main, settings);
    return { name: other, port, adminPort };
  };

  await Promise.all(table.map((service) => start(service)));
  const metrics = openMetrics('e2e', { runtime: false });
  const url = `http://127.0.0.1:${serviceNamed('gateway').port}`;
  const client: System['client'] = (name, definition, as) => {
    const { service, key } = as ?? {
      service: TEST,
      key: around.secret(callerKeyName({ issuer: TEST, audience: name })),
    };
    const address = `127.0.0.1:${serviceNamed(name).port}`;
    const callees = new Map([[name, new Secret(key)]]);
    return connectRpc(scope, definition, { address, service, callees, metrics, idempotent: [] });
  };
  const ownerUrl = (name: string): string => created[name]?.ownerUrl ?? '';
  const database = (name: string): Db => {
    const db = connectDb(ownerUrl(name), { maxConnections: 2 });
    scope.defer(`database ${name}`, () => db.end({ timeout: 1 }));
    return db;
  };
  const verifyAll: System['verify'] = (lookAgainMs) =>
    verify({
      ordersUrl: ownerUrl('order_db'),
      ledgerUrl: ownerUrl('portfolio_db'),
      natsUrl: nats.url,
      client,
      lookAgainMs,
    });
  const hasWholeMarket = (): boolean => tradingServices.every((name) => children.has(name) && !stopped.has(name));
  return {
    url,
    browser: (headers) => new Browser(url, witness, headers),
    witness,
    redis,
    nats,
    postgresUrl: postgres.postgresUrl,
    databases,
    client,
    database,
    places: () => ({
      environment: 'test',
      gateway: url,
      nats: nats.url,
      databases: Object.fromEntries(databases.map((name) => [name, ownerUrl(name)])),
      services: Object.fromEntries(
        table.map(({ name, port, adminPort }) => [
          name,
          { address: `127.0.0.1:${port}`, admin: `http://127.0.0.1:${adminPort}` },
        ]),
      ),
      keys: Object.fromEntries(
        OPERATOR_TOOL.calls.map((audience) => {
          return [audience, around.secret(callerKeyName({ issuer: OPERATOR_TOOL.name, audience }))];
        }),
      ),
    }),
    verify: verifyAll,
    async metrics(name) {
      const answer = await fetch(`http://127.0.0.1:${serviceNamed(name).adminPort}/metrics`);
      return answer.text();
    },
    environment: (name) => environmentOf(serviceNamed(name), around),
    async stop(name, signal = 'SIGTERM') {
      stopped.add(name);
      await children.get(name)?.stop({ signal, graceMs: 11_000 });
    },
    start: (name) => start(serviceNamed(name)),
    portOf,
    migrate: (from) => migrateDatabases(from, table, created),
    async replace(name, main) {
      const before = children.get(name);
      // The new one goes by another name until it is ready, lest its predecessor pass for it.
      const other = await startAnother(name, main);
      const after = children.get(other.name);
      Object.assign(serviceNamed(name), { port: other.port, adminPort: other.adminPort });
      if (after !== undefined) children.set(name, after);
      children.delete(other.name);
      return async () => {
        await before?.stop({ signal: 'SIGTERM', graceMs: 11_000 });
        return before?.exited ?? 'was not there';
      };
    },
    standby: async (name) => (await startAnother(name)).name,
    signal(name, signal) {
      const child = children.get(name);
      if (child !== undefined) process.kill(child.pid, signal);
    },
    anotherGateway: async (settings) => `http://127.0.0.1:${(await startAnother('gateway', undefined, settings)).port}`,
    async close() {
      const disagreements = hasWholeMarket() ? (await verifyAll()).differences : [];
      const fallen = [...children].filter(([name, child]) => child.hasExited() && !stopped.has(name));
      await Promise.all([...children.values()].map((child) => child.stop({ signal: 'SIGTERM', graceMs: 11_000 })));
      await Promise.all(written);
      await scope.close();
      await Promise.all([postgres.stop(), nats.stop(), redis.stop()]);
      rmSync(home, { recursive: true, force: true });
      for (const [name] of fallen) throw new Error(`${name} ended by itself: ${logs.get(name)?.slice(-3000)}`);
      requireDiscretion(witness, logs);
      if (disagreements.length > 0)
        throw new Error(`the parts do not agree: ${JSON.stringify(disagreements, null, 2)}`);
    },
  };
}

function requireDiscretion(witness: Witness, logs: ReadonlyMap<string, string>): void {
  const { confidential, answers } = witness.seen;
  if (confidential === 0 || answers === 0) throw new Error('the witness has seen nothing, so it can say nothing');
  const complaints = [...logs].flatMap(([name, log]) => {
    if (!log.includes('"level":"info"')) return [`${name} has no log to look through`];
    // What a service may do at NATS is a table: deploy/nats-permissions.ts.
    if (log.includes('Permissions Violation')) return [`NATS refuses ${name}: ${lineOf(log, 'Permissions Violation')}`];
    return witness.leaksIn(log).map((value) => `${name} logged ${value}: ${lineOf(log, value)}`);
  });
  complaints.push(...witness.indiscretions());
  if (complaints.length > 0) throw new Error(complaints.join('\n'));
}

function lineOf(log: string, value: string): string {
  return log.split('\n').find((line) => line.includes(value)) ?? '';
}

/** Somebody else's is stopped by them. */
async function ownDatabase(given: string | undefined): Promise<Awaited<ReturnType<typeof startTestPostgres>>> {
  return given === undefined ? startTestPostgres() : { postgresUrl: given, stop: async () => undefined };
}
