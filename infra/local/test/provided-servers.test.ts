import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { composeSecrets } from '@andvari/deploy/compose';
import { services } from '@andvari/deploy/services';
import { findTool } from '@andvari/get/find-tool';
import { Secret } from '@andvari/kit/base/config';
import { type Nats, openNats } from '@andvari/kit/nats/nats';
import { openLog } from '@andvari/kit/observe/log';
import { Scope } from '@andvari/kit/process/scope';
import { plainEnv } from '@andvari/servers/child';
import { checkoutRoot, dataHome } from '@andvari/servers/data-home';
import { askNatsVersion, natsUrlFor } from '@andvari/servers/nats';
import { startPostgres } from '@andvari/servers/postgres';
import { type Program, requirePrograms } from '@andvari/servers/programs';
import { makeFolder, type Server, startServer } from '@andvari/servers/server';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { natsConfig } from '../src/compose.ts';
import type { DatabaseUrls } from '../src/databases.ts';
import { natsUsersOf } from '../src/nats-users.ts';
import { databasePermissionTests, databases, makeStreams, maySend, natsPermissionTests } from './permission-cases.ts';

/** What the chart and the compose file give NATS and PostgreSQL at their start is given to real ones: they take it, and whoever is who may do what is theirs. */
const folder = mkdtempSync(join(tmpdir(), 'andvari-provided-'));
const helm = findTool('helm');
const scope = new Scope(openLog('provided-servers', 'silent'));
const servers: Server[] = [];
let programs: Awaited<ReturnType<typeof requirePrograms>>;

beforeAll(async () => {
  chmodSync(folder, 0o755);
  programs = await requirePrograms({ home: dataHome(checkoutRoot).path });
});
afterAll(async () => {
  await scope.close();
  for (const server of servers) await server.stop({ signal: 'SIGKILL' });
  rmSync(folder, { recursive: true, force: true });
});

describe.skipIf(helm === undefined)('the trial of the chart', () => {
  const connections = new Map<string, Nats>();
  let urls: Record<string, DatabaseUrls> = {};

  beforeAll(async () => {
    const objects = renderTrial();
    const secret = objects.find(({ kind }) => kind === 'Secret')?.stringData ?? {};
    const sql = objects.find(({ data }) => data?.['databases.sql'] !== undefined)?.data?.['databases.sql'] ?? '';
    const [nats, server] = await Promise.all([
      natsOf('chart-nats', secret['nats.conf'] ?? '', secret['PASSWORD'] ?? ''),
      startPostgres({ program: programs.postgres, dataDir: join(folder, 'postgres'), settings: { fsync: 'off' } }),
    ]);
    servers.push(server);
    await initialise(programs.postgres, server.url, sql, secret);
    for (const { name } of services)
      await connectAs(name, at(nats.port, secret[`NATS_URL_${name.toUpperCase()}`]), connections);
    urls = Object.fromEntries(
      databases.map(({ name, database }) => {
        const owner = new URL(server.url);
        owner.pathname = `/${database}`;
        const url = at(server.port, secret[`POSTGRES_URL_${name.toUpperCase()}`]);
        return [database, { url, ownerUrl: owner.href }];
      }),
    );
  }, 60_000);

  databasePermissionTests(() => urls);
  natsPermissionTests(connections);
});

test('what the launcher writes for the compose file is taken by a server, and each service is a user there', async () => {
  const users = natsUsersOf(services, folder);
  const config = natsConfig('of everybody', users).replace('http: 8222\n', '');
  const nats = await natsOf('compose-nats', config, 'of everybody');
  const connections = new Map<string, Nats>();
  for (const user of users) await connectAs(user.user, natsUrlFor(nats.url, user), connections);
  expect([...connections.keys()]).toEqual(services.map(({ name }) => name));
  for (const connection of connections.values()) {
    expect(await maySend(connection, '$JS.API.INFO')).toBe(true);
    expect(await maySend(connection, '$JS.API.STREAM.DELETE.ORDER')).toBe(false);
  }
});

test('what the compose file of the whole system gives NATS and PostgreSQL is taken by them', async () => {
  const secrets = Object.fromEntries(composeSecrets.map((name) => [name, `p${randomBytes(32).toString('base64url')}`]));
  const [nats, database] = await Promise.all([
    natsOf('system-nats', written('nats.conf').replace('http: 8222\n', ''), secrets['NATS_PASSWORD'] ?? '', secrets),
    startPostgres({ program: programs.postgres, dataDir: join(folder, 'system-postgres'), settings: { fsync: 'off' } }),
  ]);
  servers.push(database);
  const connections = new Map<string, Nats>();
  for (const { name } of services) {
    const password = secrets[`NATS_PASSWORD_${name.toUpperCase()}`] ?? '';
    await connectAs(name, natsUrlFor(nats.url, { user: name, password }), connections);
    expect(await maySend(connections.get(name), '$JS.API.STREAM.DELETE.ORDER')).toBe(false);
  }
  await initialise(programs.postgres, database.url, written('databases.sql'), secrets);
  for (const one of databases) {
    const url = new URL(database.url);
    url.username = `${one.database}_service`;
    url.password = secrets[`PASSWORD_${one.name.toUpperCase()}`] ?? '';
    for (const { database: asked } of databases) {
      url.pathname = `/${asked}`;
      expect(await isLetIn(url.href), `${one.name} at ${asked}`).toBe(asked === one.database);
    }
  }
});

test.skipIf(helm === undefined)('a refusal of a server is seen: it does not take what it cannot read', async () => {
  await expect(natsOf('broken-nats', 'authorization { users: [{ user: a }', 'x')).rejects.toThrow(/ended at start/);
});

interface Rendered {
  kind: string;
  stringData?: Record<string, string>;
  data?: Record<string, string>;
}

function renderTrial(): Rendered[] {
  const chart = join(checkoutRoot, 'deploy/helm');
  const values = join(chart, 'values/trial.yaml');
  const { stdout, stderr, status } = spawnSync(
    helm ?? '',
    ['template', 'andvari', join(chart, 'andvari'), '-f', values, '--kube-version', '1.35'],
    { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  if (status !== 0) throw new Error(stderr);
  return parseAllDocuments(stdout)
    .map((document) => document.toJS() as Rendered | null)
    .filter((object) => object !== null);
}

/** Where its files lie is another place here, and so is where it listens; all else is as it is written. */
async function natsOf(
  name: string,
  config: string,
  password: string,
  env: Record<string, string> = {},
): Promise<Server> {
  const dataDir = join(folder, name);
  makeFolder(dataDir);
  const file = join(dataDir, 'nats.conf');
  writeFileSync(file, config.replace('"/data"', JSON.stringify(dataDir)));
  const url = (port: number): string => `nats://andvari:${encodeURIComponent(password)}@127.0.0.1:${port}`;
  const server = await startServer({
    name: 'NATS',
    program: { ...programs.nats, env: { ...programs.nats.env, ...env } },
    dataDir,
    port: undefined,
    stopSignal: 'SIGTERM',
    args: (port) => ['--config', file, '--addr', '127.0.0.1', '--port', String(port)],
    url,
    answers: (port) => askNatsVersion(url(port)),
  });
  servers.push(server);
  await makeStreams(await openNats(scope, { url: new Secret(server.url), service: 'all' }));
  return server;
}

async function connectAs(service: string, url: string, connections: Map<string, Nats>): Promise<void> {
  connections.set(service, await openNats(scope, { url: new Secret(url), service }));
}

/** As the image of PostgreSQL runs what it finds for its first start: by psql, with the passwords in its environment. */
async function initialise(program: Program, url: string, sql: string, secret: Record<string, string>): Promise<void> {
  const passwords = Object.fromEntries(Object.entries(secret).filter(([name]) => name.startsWith('PASSWORD')));
  const psql = spawn(join(dirname(program.bin), 'psql'), ['--no-psqlrc', '--set=ON_ERROR_STOP=1', '--quiet', url], {
    env: plainEnv({ ...program.env, ...passwords }),
  });
  let said = '';
  psql.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  psql.stdin.end(sql);
  const [code] = (await once(psql, 'exit')) as [number | null];
  expect(code, said).toBe(0);
}

function written(name: string): string {
  return readFileSync(join(checkoutRoot, 'infra/compose', name), 'utf8');
}

async function isLetIn(url: string): Promise<boolean> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await sql`select 1`;
    return true;
  } catch (error) {
    if (error instanceof postgres.PostgresError && error.code === '42501') return false;
    throw error;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** The same, where it is here. */
function at(port: number, url = ''): string {
  const here = new URL(url);
  here.hostname = '127.0.0.1';
  here.port = String(port);
  return here.href;
}
