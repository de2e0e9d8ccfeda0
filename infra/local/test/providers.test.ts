import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { checkoutRoot, dataHome } from '@andvari/servers/data-home';
import { freePort, isPortFree } from '@andvari/servers/free-port';
import { askNatsVersion, startNats } from '@andvari/servers/nats';
import { askVersion, sharedBuffersMb, startPostgres } from '@andvari/servers/postgres';
import type { ProgramName } from '@andvari/servers/program-name';
import { findPrograms, missingMessage, type Program, requirePrograms } from '@andvari/servers/programs';
import { askRedisVersion, startRedis } from '@andvari/servers/redis';
import { endLeftover } from '@andvari/servers/running';
import { startTestInfra } from '@andvari/servers/test-infra';
import { until } from '@andvari/servers/until';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDatabases } from '../src/databases.ts';
import { type Provided, provideInfra } from '../src/infra.ts';
import { processesNaming } from './fake-system.ts';

const home = dataHome(checkoutRoot).path;
let programs: Record<ProgramName, Program>;
let folder: string;

beforeAll(async () => {
  programs = await requirePrograms({ home });
  folder = mkdtempSync(join(tmpdir(), 'andvari-providers-'));
  chmodSync(folder, 0o755);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('PostgreSQL keeps what was committed, and its settings are those of a database that matters', async () => {
  const dataDir = join(folder, 'postgres');
  const first = await startPostgres({ program: programs.postgres, dataDir });
  const sql = postgres(first.url, { max: 1 });
  await sql`create table kept (n bigint)`;
  await sql`insert into kept values (42)`;
  const settings = await sql`select name, setting from pg_settings
    where name in ('fsync', 'full_page_writes', 'synchronous_commit', 'max_connections', 'listen_addresses')
    order by name`;
  expect(settings.map(({ name, setting }) => `${String(name)}=${String(setting)}`)).toEqual([
    'fsync=on',
    'full_page_writes=on',
    'listen_addresses=127.0.0.1',
    'max_connections=200',
    'synchronous_commit=on',
  ]);
  await sql.end();
  process.kill(first.pid, 'SIGKILL');
  await first.exited;
  const second = await startPostgres({ program: programs.postgres, dataDir });
  const again = postgres(second.url, { max: 1 });
  expect(await again`select n::int from kept`).toMatchObject([{ n: 42 }]);
  await again.end();
  await second.stop();
});

test('databases are closed to the roles of their neighbours, and creating them again changes nothing', async () => {
  const server = await startPostgres({ program: programs.postgres, dataDir: join(folder, 'postgres') });
  const urls = await createDatabases(server.url, ['one_db', 'two_db'], folder);
  const { url = '', ownerUrl = '' } = urls.one_db ?? {};
  for (const own of [url, ownerUrl]) {
    expect(await askVersion(own)).toBe(server.version);
    const trespass = new URL(own);
    trespass.pathname = '/two_db';
    expect(await askVersion(trespass.href)).toBeUndefined();
  }
  expect(await createDatabases(server.url, ['one_db', 'two_db'], folder)).toEqual(urls);
  await server.stop();
});

test('NATS and Redis refuse who does not know the password', async () => {
  const nats = await startNats({ program: programs.nats, dataDir: join(folder, 'nats') });
  const redis = await startRedis({ program: programs.redis, dataDir: join(folder, 'redis') });
  expect(await askNatsVersion(nats.url)).toBe(nats.version);
  expect(await askRedisVersion(redis.url)).toBe(redis.version);
  expect(await askNatsVersion(`nats://127.0.0.1:${nats.port}`)).toBeUndefined();
  expect(await askRedisVersion(`redis://127.0.0.1:${redis.port}`)).toBeUndefined();
  expect(statSync(join(folder, 'nats/server.conf')).mode & 0o777).toBe(0o600);
  await Promise.all([nats.stop(), redis.stop()]);
  expect(await isPortFree(nats.port)).toBe(true);
});

test('a server that cannot start says its last words', async () => {
  const broken = startPostgres({
    program: programs.postgres,
    dataDir: join(folder, 'broken'),
    settings: { max_connections: 'many' },
  });
  await expect(broken).rejects.toThrow(/max_connections/);
});

test('what is missing is named together with the command that gets it', () => {
  const message = missingMessage(['nats', 'redis'], ['no network'], 'or give NATS_URL');
  expect(message).toContain('Missing: NATS, Redis.');
  expect(message).toContain('sudo apt-get install -y nats-server redis-server');
  expect(message).toContain('or give NATS_URL');
  expect(message).toContain('no network');
});

test('a leftover is ended only when its command line is the expected one', async () => {
  const stranger = spawn('sleep', ['60']);
  await endLeftover(stranger.pid ?? 0, ['nats-server'], 'SIGTERM');
  expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
  await endLeftover(stranger.pid ?? 0, ['sleep', '60'], 'SIGTERM');
  await until(() => stranger.signalCode ?? undefined, { deadlineMs: 2000, what: 'sleep goes on' });
});

test.each([
  [512, 128],
  [2048, 128],
  [4096, 256],
  [16_384, 1024],
  [262_144, 1024],
])('on a machine of %i MB PostgreSQL keeps up to %i MB of pages', (memoryMb, sharedMb) => {
  expect(sharedBuffersMb(memoryMb * 2 ** 20)).toBe(sharedMb);
});

describe('infrastructure given by URL', () => {
  test('is used as it is and not stopped; a wrong URL is refused by name', async () => {
    const own = await startTestInfra();
    process.env.NATS_URL = own.natsUrl;
    try {
      const provided: Provided[] = [];
      const ask = () =>
        provideInfra({
          root: checkoutRoot,
          home,
          names: ['nats'],
          report: () => {},
          onProvided: (one) => void provided.push(one),
        });
      await ask();
      expect(provided).toMatchObject([{ name: 'nats', url: own.natsUrl, choice: 'given by NATS_URL' }]);
      await provided[0]?.stop();
      expect(await askNatsVersion(own.natsUrl)).toBeDefined();
      process.env.NATS_URL = `nats://127.0.0.1:${await freePort()}`;
      await expect(ask()).rejects.toThrow(/NATS_URL is set, but no NATS/);
    } finally {
      delete process.env.NATS_URL;
      await own.stop();
    }
  });
});

describe('test infrastructure', () => {
  test('starts in under three seconds, empty each time, and leaves nothing', async () => {
    const start = performance.now();
    const infra = await startTestInfra();
    expect(performance.now() - start).toBeLessThan(3000);
    const other = await startTestInfra();
    expect(other.postgresUrl).not.toBe(infra.postgresUrl);
    await Promise.all([infra.stop(), other.stop()]);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith(`andvari-test-${process.pid}-`))).toEqual([]);
  });

  test('dies with the process that asked for it, even by kill -9', async () => {
    const script = `
      const { startTestInfra } = await import(${JSON.stringify(resolve(checkoutRoot, 'packages/servers/src/test-infra.ts'))});
      await startTestInfra();
      console.log('up');
      setInterval(() => {}, 1000);`;
    const user = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await new Promise((done) => user.stdout?.once('data', done));
    const mark = `andvari-test-${user.pid}-`;
    expect(processesNaming(mark).length).toBeGreaterThanOrEqual(3);
    user.kill('SIGKILL');
    await until(() => processesNaming(mark).length === 0 || undefined, { deadlineMs: 10_000, what: 'They live on' });
  });
});

describe('private copies', () => {
  test('run, though nothing of them is installed', { timeout: 180_000 }, async () => {
    const copies = await requirePrograms({ home, only: 'private' });
    for (const program of Object.values(copies)) expect(program.bin).toContain(join(home, 'programs'));
    const infra = await startTestInfra({ only: 'private' });
    expect(await askVersion(infra.postgresUrl)).toBe(copies.postgres.version);
    expect(await askNatsVersion(infra.natsUrl)).toBe(copies.nats.version);
    await infra.stop();
  });

  test('come from an empty folder, and leave apt of the machine alone', { timeout: 180_000 }, async () => {
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    const lists = statSync('/var/lib/apt/lists').mtimeMs;
    const status = readFileSync('/var/lib/dpkg/status', 'utf8');
    const { found, trouble } = await findPrograms(['nats'], { home: empty, only: 'private' });
    expect(trouble).toEqual([]);
    expect(found.nats?.version).toMatch(/^\d+\.\d+/);
    expect(statSync('/var/lib/apt/lists').mtimeMs).toBe(lists);
    expect(readFileSync('/var/lib/dpkg/status', 'utf8')).toBe(status);
  });
});
