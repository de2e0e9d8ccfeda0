import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { databaseUser } from '@andvari/servers/data-home';
import { until } from '@andvari/servers/until';
import { afterEach, expect, test } from 'vitest';
import { isReady } from '../src/readiness.ts';
import { runningLauncher } from '../src/run-state.ts';
import { type FakeSystem, fakeSystem, logOf } from './fake-system.ts';

const asRoot = process.getuid?.() === 0;
let system: FakeSystem;

afterEach(async () => {
  system.run('down');
  await until(() => system.alive().length === 0 || undefined, {
    deadlineMs: 20_000,
    what: () => `Something is left:\n${system.alive().join('\n')}`,
  });
  system.remove();
});

test('up starts everything, each service with its surroundings; Ctrl-C ends all of it and says so', async () => {
  system = await fakeSystem();
  const launcher = system.up();
  await launcher.ready();
  const [alpha, beta] = system.services;
  const env = await envOf(alpha?.adminPort);
  expect(env.GRPC_PORT).toBe(String(alpha?.port));
  expect(env.POSTGRES_URL).toMatch(/^postgres:\/\/alpha_db_service:[\w-]+@127\.0\.0\.1:\d+\/alpha_db$/);
  expect(env.NATS_URL).toMatch(/^nats:\/\/andvari:/);
  expect(env.REDIS_URL).toBeUndefined();
  expect(env.ENVIRONMENT).toBe('development');
  const neighbour = await envOf(beta?.adminPort);
  expect(neighbour.POSTGRES_URL).toBeUndefined();
  expect(neighbour.ALPHA_ADDR).toBe(`127.0.0.1:${alpha?.port}`);
  // Only the two of them know the key between them, and there is none that all have.
  expect(neighbour.CALLEES).toMatch(/^alpha=[\w-]{43}$/);
  expect(env.CALLERS?.split(',')).toContain(`beta=${neighbour.CALLEES?.slice('alpha='.length)}`);
  expect(neighbour.CALLERS).toBeUndefined();
  expect([env.CALLER_KEY, neighbour.CALLER_KEY]).toEqual([undefined, undefined]);
  expect(launcher.output()).toMatch(/alpha +serving port=\d+/);
  expect(launcher.output()).toMatch(/stop +Ctrl-C, or make down/);

  launcher.signal('SIGINT');
  launcher.signal('SIGINT');
  expect(await launcher.exit).toBe(0);
  expect(logOf(system, 'alpha')).toContain('leaving');
  expect(system.alive()).toEqual([]);
  expect(system.state()).toBeUndefined();
});

test('passwords are in files of their owner, in no log and on no command line', async () => {
  system = await fakeSystem(['alpha']);
  const launcher = system.up();
  await launcher.ready();
  const urls = join(system.home, 'run/urls.json');
  expect(statSync(urls).mode & 0o777).toBe(0o600);
  const passwords = [...readFileSync(urls, 'utf8').matchAll(/:\/\/\w*:([\w-]+)@/g)].map(([, password]) => password);
  expect(passwords.length).toBe(4);
  const logs = ['postgres', 'nats', 'redis', 'alpha'].map((name) => logOf(system, name));
  const seen = [launcher.output(), ...logs, ...system.alive()].join('\n');
  for (const password of passwords) expect(seen).not.toContain(password);
});

test('a second up recognises the first, reports it and leaves it alone', async () => {
  system = await fakeSystem();
  const launcher = system.up();
  await launcher.ready();
  const start = performance.now();
  const second = system.run('up');
  expect(second.code).toBe(0);
  expect(performance.now() - start).toBeLessThan(5000);
  expect(second.output).toContain(`running already (pid ${launcher.pid})`);
  expect(second.output).toMatch(/beta +ready/);
  expect(runningLauncher(system.home)).toBe(launcher.pid);
});

test('detached: status sees it, down stops it, data survives, reset removes it', async () => {
  system = await fakeSystem();
  const up = system.run('up', '--detach');
  expect(up.output).toContain('make down stops it');
  expect(up.output).not.toContain('Ctrl-C');
  expect(up.code).toBe(0);
  const status = system.run('status');
  expect(status.code).toBe(0);
  expect(status.output).toMatch(/postgres +ready +\d+ +\d+ +\d+\.\d+/);
  expect(status.output).toMatch(/alpha +ready/);

  for (const name of ['postgres', 'nats', 'redis']) {
    const pid = system.state()?.parts.find((part) => part.name === name)?.pid ?? 0;
    process.kill(pid, 'SIGSTOP');
    const hung = system.run('status');
    process.kill(pid, 'SIGCONT');
    expect({ code: hung.code, output: hung.output }).toEqual({
      code: 3,
      output: expect.stringMatching(`${name} +not ready`),
    });
  }

  expect(system.run('down').output).toContain('Stopped.');
  expect(system.alive()).toEqual([]);
  expect(system.run('status')).toMatchObject({ code: 3, output: expect.stringContaining('Nothing is running') });

  expect(system.run('reset').code).toBe(1);
  const reset = system.run('reset', '--yes');
  expect(reset.output).toMatch(/Removed .*postgres-\d+/);
  expect(reset.output).not.toContain('programs,');
});

test('after kill -9 of the launcher nothing is left, and the next up starts on the same data', async () => {
  system = await fakeSystem();
  const first = system.up();
  await first.ready();
  const urls = readFileSync(join(system.home, 'run/urls.json'), 'utf8');
  first.signal('SIGKILL');
  await until(() => system.alive().length === 0 || undefined, { deadlineMs: 15_000, what: 'Its children outlive it' });
  const second = system.up();
  await second.ready();
  expect(readFileSync(join(system.home, 'run/urls.json'), 'utf8').replaceAll(/:\d+/g, '')).toBe(
    urls.replaceAll(/:\d+/g, ''),
  );
});

test('a stale postmaster.pid with the number of a live stranger does not stop the start, nor the stranger', async () => {
  system = await fakeSystem(['alpha']);
  const first = system.up();
  await first.ready();
  first.signal('SIGINT');
  await first.exit;
  const folder = readFileSync(join(system.home, 'logs/postgres.log'), 'utf8');
  expect(folder).toContain('shut down');
  const cluster = join(system.home, `postgres-${versionOf(first.output())}`, 'cluster');
  writeFileSync(join(cluster, 'postmaster.pid'), `${process.pid}\n${cluster}\n`);
  writeFileSync(join(system.home, 'nats', 'server.pid'), String(process.pid));
  await system.up().ready();
});

test('a taken port is named with its holder, and nothing is left running', async () => {
  system = await fakeSystem();
  const port = system.services[1]?.adminPort ?? 0;
  const stranger = createServer();
  await new Promise<void>((resolve) => stranger.listen(port, '127.0.0.1', resolve));
  const refused = system.run('up');
  expect(refused.code).toBe(1);
  expect(refused.output).toContain(`${port} (beta) is used by pid ${process.pid}`);
  expect(refused.output).toContain('PORTS=free');

  const moved = system.up('--ports', 'free');
  await moved.ready();
  await new Promise((resolve) => stranger.close(resolve));
  const { parts = [] } = system.state() ?? {};
  expect(parts.find(({ name }) => name === 'beta')?.adminPort).not.toBe(port);
  // From there on any connection may have one before the service listens on it.
  const chosen = parts.flatMap(({ kind, ...part }) => (kind === 'service' ? [part.port, part.adminPort] : []));
  expect(chosen.filter((each = 0) => each >= 32_000)).toEqual([]);
});

test('a service that dies is shown with its last words and started again', async () => {
  system = await fakeSystem();
  const launcher = system.up();
  await launcher.ready();
  await crash(system.services[1]?.adminPort);
  await launcher.says('beta is back.');
  expect(launcher.output()).toContain('beta died: exit code 1');
  expect(launcher.output()).toContain('boom in beta');
});

test('with --once the first death ends everything, exit code 1', async () => {
  system = await fakeSystem();
  const launcher = system.up('--once');
  await launcher.ready();
  await crash(system.services[0]?.adminPort);
  expect(await launcher.exit).toBe(1);
  expect(system.alive()).toEqual([]);
});

test('a service that refuses its configuration is not tried again: up fails with its words', async () => {
  system = await fakeSystem(['alpha']);
  const main = join(system.root, 'services/alpha/src/main.ts');
  writeFileSync(main, "console.error('  GRPC_PORT: should be a port number'); process.exit(78);\n");
  const failed = system.run('up');
  expect(failed.code).toBe(1);
  expect(failed.output).toContain('GRPC_PORT: should be a port number');
  expect(failed.output).not.toContain('started again');
});

test('infrastructure that dies is started again on its data', async () => {
  system = await fakeSystem(['alpha']);
  const launcher = system.up();
  await launcher.ready();
  const nats = system.state()?.parts.find(({ name }) => name === 'nats');
  process.kill(nats?.pid ?? 0, 'SIGKILL');
  await launcher.says('NATS died');
  await until(
    () => {
      const now = system.state()?.parts.find(({ name }) => name === 'nats');
      return (now?.state === 'ready' && now.pid !== nats?.pid && now.port === nats?.port) || undefined;
    },
    { deadlineMs: 10_000, what: 'NATS does not come back' },
  );
});

test('a system that is up outlives a server that dies again and again', { timeout: 90_000 }, async () => {
  system = await fakeSystem(['alpha']);
  const launcher = system.up();
  await launcher.ready();
  const nats = () => system.state()?.parts.find(({ name }) => name === 'nats');
  await until(() => system.state()?.phase === 'ready' || undefined, {
    deadlineMs: 10_000,
    what: 'It does not get ready',
  });
  for (let deaths = 0; deaths < 6; deaths += 1) {
    const before = nats()?.pid ?? 0;
    process.kill(before, 'SIGKILL');
    await until(() => (nats()?.state === 'ready' && nats()?.pid !== before) || undefined, {
      deadlineMs: 20_000,
      what: () => `NATS does not come back after death ${deaths + 1}:\n${launcher.output()}`,
    });
  }
  expect(await isReady(system.services[0]?.adminPort ?? 0)).toBe(true);
  expect(launcher.output()).not.toContain('Stopping');
});

test('topology single: all services in one process', async () => {
  system = await fakeSystem();
  const launcher = system.up('--topology', 'single');
  await launcher.ready();
  for (const { adminPort } of system.services) expect(await isReady(adminPort)).toBe(true);
  const pids = system
    .state()
    ?.parts.filter(({ kind }) => kind === 'service')
    .map(({ pid }) => pid);
  expect(new Set(pids).size).toBe(1);
  expect((await envOf(system.services[1]?.adminPort)).ADMIN_PORT).toBe(String(system.services[1]?.adminPort));
});

test('stopped in the middle of the start, it leaves nothing', async () => {
  system = await fakeSystem();
  rmSync(join(system.home, 'run'), { recursive: true, force: true });
  const launcher = system.up();
  await until(() => system.alive().some((line) => line.includes('nats-server')) || undefined, {
    deadlineMs: 10_000,
    everyMs: 5,
    what: 'NATS does not start',
  });
  launcher.signal('SIGTERM');
  expect(await launcher.exit).toBe(0);
  expect(system.alive()).toEqual([]);
});

test('a wrong option is refused in plain words', async () => {
  system = await fakeSystem([]);
  const refused = system.run('up', '--nonsense');
  expect(refused.code).toBe(2);
  expect(refused.output).toContain("Unknown option '--nonsense'");
  expect(refused.output).not.toContain('    at ');
  expect(system.run('up', '--ports', 'some').output).toContain('--ports is "some"; it can be fixed, free.');
});

test.runIf(asRoot)('an ordinary user needs nothing of root', async () => {
  const user = { name: 'nobody', uid: 65_534, gid: 65_534 };
  system = await fakeSystem(['alpha'], { user });
  const launcher = system.up();
  await launcher.ready();
  const owners = system.alive().map((line) => statSync(`/proc/${line.split(' ')[0]}`).uid);
  expect(new Set(owners)).toEqual(new Set([user.uid]));
  launcher.signal('SIGINT');
  expect(await launcher.exit).toBe(0);
  expect(system.run('reset', '--yes').code).toBe(0);
});

test.runIf(asRoot)(
  'root in a checkout that the database user cannot enter: the data goes elsewhere, and says so',
  async () => {
    const closed = mkdtempSync(join(tmpdir(), 'andvari-closed-'));
    mkdirSync(join(closed, 'checkout'));
    system = await fakeSystem(['alpha'], { root: join(closed, 'checkout') });
    expect(system.home).toMatch(/^\/var\/tmp\/andvari-/);
    const launcher = system.up();
    await launcher.ready();
    expect(launcher.output()).toContain(`Data goes to ${system.home}`);
    const postgres = system.state()?.parts.find(({ name }) => name === 'postgres');
    expect(statSync(`/proc/${postgres?.pid}`).uid).toBe(databaseUser()?.uid);
    launcher.signal('SIGINT');
    expect(await launcher.exit).toBe(0);
    rmSync(closed, { recursive: true });
  },
);

async function envOf(adminPort: number | undefined): Promise<Record<string, string | undefined>> {
  const response = await fetch(`http://127.0.0.1:${adminPort}/env`);
  return (await response.json()) as Record<string, string | undefined>;
}

async function crash(adminPort: number | undefined): Promise<void> {
  await fetch(`http://127.0.0.1:${adminPort}/crash`).catch(() => {});
}

function versionOf(output: string): string {
  return /PostgreSQL (\d+)/.exec(output)?.[1] ?? '';
}
