import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import { exitCodes } from '../src/process/scope.ts';
import { eventually } from '../src/testing/eventually.ts';
import { ownPostgres, ownRedis } from '../src/testing/own-servers.ts';
import { rejection } from './echo-service.ts';
import { type Probe, startProbe } from './probe.ts';

const healthy = () => ({ POSTGRES_URL: inject('postgresUrl'), REDIS_URL: inject('redisUrl') });

test('wrong configuration: one message names every wrong variable, exit code 78, nothing started', async () => {
  const probe = await startProbe({
    POSTGRES_URL: 'mysql://db',
    GRPC_PORT: 'x',
    CALLER_KEY: 'short',
    LOG_LEVEL: 'loud',
  });
  expect((await probe.exited).code).toBe(exitCodes.badConfiguration);
  expect(exitCodes.badConfiguration).toBe(78);
  expect(probe.stderr().trimEnd().split('\n')).toEqual([
    'The configuration is wrong; nothing was started.',
    '  LOG_LEVEL: should be one of trace, debug, info, warn, error, silent',
    '  GRPC_PORT: should be a port number from 0 to 65535',
    '  CALLER_KEY: should be a secret of at least 32 characters',
    '  POSTGRES_URL: should be a URL like postgres://user:password@host:port',
    '  REDIS_URL: missing; should be a URL like redis://user:password@host:port',
  ]);
  expect(probe.log()).toEqual([]);
});

test('--check-config says whether the configuration is right, and starts nothing', async () => {
  const right = await startProbe(healthy(), '--check-config');
  expect((await right.exited).code).toBe(exitCodes.ok);
  expect(right.stderr()).toBe('');
  const wrong = await startProbe({ ...healthy(), CALLER_KEY: 'short' }, '--check-config');
  expect((await wrong.exited).code).toBe(exitCodes.badConfiguration);
  expect(wrong.stderr()).toContain('CALLER_KEY: should be a secret');
});

test('what turns out to be wrong only at the start is named as well, with the same exit code', async () => {
  const probe = await startProbe({ ...healthy(), CALLER_KEY: '', CALLEES: `echo=${'k'.repeat(43)}` });
  expect((await probe.exited).code).toBe(exitCodes.badConfiguration);
  const failed = probe.log().find(({ event }) => event === 'start_failed');
  expect(failed).toMatchObject({ err: { message: expect.stringContaining('CALLERS: missing') } });
});

test('what a process has compiled to start is kept, though it is killed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'andvari-compiled-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const probe = await startProbe({ ...healthy(), NODE_COMPILE_CACHE: folder });
  await ready(probe);
  await eventually(() => expect(globSync('**', { cwd: folder }).length).toBeGreaterThan(50));
  probe.signal('SIGKILL');
  await probe.exited;
});

test('SIGTERM under load: every call that was taken on is answered, and the process ends well', async () => {
  const probe = await startProbe(healthy());
  await ready(probe);
  let answered = 0;
  let stopping = false;
  const load = Array.from({ length: 32 }, async () => {
    for (;;) {
      try {
        await probe.client.ask({ text: '0.02' });
        answered += 1;
      } catch (error) {
        // New calls are turned away only once the shutdown has begun.
        expect(stopping).toBe(true);
        expect(error).toMatchObject({ code: 'unavailable' });
        return;
      }
    }
  });
  await eventually(() => expect(answered).toBeGreaterThan(200));
  stopping = true;
  probe.signal('SIGTERM');
  const { code, afterMs } = await probe.exited;
  await Promise.all(load);
  expect(code).toBe(0);
  expect(afterMs).toBeLessThan(10_000);
  expect(entry(probe, 'calls')).toMatchObject({ begun: answered, answered });
  expect(entry(probe, 'stopped')).toMatchObject({ failed: [] });
});

test('a call that is half done when SIGTERM comes is finished first, and the service says it is not ready', async () => {
  const probe = await startProbe(healthy());
  await ready(probe);
  const call = probe.client.ask({ text: '1' });
  await underWay(probe);
  probe.signal('SIGTERM');
  await eventually(async () => expect(await probe.get('/readyz')).toEqual({ status: 503, text: 'shutting down\n' }));
  expect((await probe.get('/livez')).status).toBe(200);
  expect(await call).toEqual({ text: '1' });
  expect((await probe.exited).code).toBe(0);
});

test('a call that never ends is cut off; the process is gone within ten seconds', async () => {
  const probe = await startProbe(healthy());
  await ready(probe);
  const call = rejection(probe.client.tell({ text: '' }));
  await underWay(probe);
  probe.signal('SIGTERM');
  const { code, afterMs } = await probe.exited;
  expect(code).toBe(0);
  expect(afterMs).toBeLessThan(10_000);
  expect(await call).toMatchObject({ code: 'unavailable' });
});

test('a second signal does not wait', async () => {
  const probe = await startProbe(healthy());
  await ready(probe);
  const call = rejection(probe.client.tell({ text: '' }));
  await underWay(probe);
  probe.signal('SIGTERM');
  await eventually(() => expect(entry(probe, 'shutting down')).toBeDefined());
  probe.signal('SIGTERM');
  expect(await probe.exited).toMatchObject({ code: 1, afterMs: expect.toSatisfy((ms: number) => ms < 2000) as number });
  await call;
});

test('what it needs is down at the start: it waits and says so, and starts when it appears', async () => {
  const [postgres, redis] = await Promise.all([ownPostgres(), ownRedis()]);
  for (const server of [postgres, redis]) {
    onTestFinished(() => server.remove());
    await server.kill();
  }
  const probe = await startProbe({ POSTGRES_URL: postgres.url, REDIS_URL: redis.url });
  await eventually(() => expect(entry(probe, 'waiting for PostgreSQL')).toMatchObject({ level: 'warn' }));
  await expectState(probe, { live: 200, ready: 503, because: 'starting' });

  await postgres.start();
  await eventually(() => expect(entry(probe, 'PostgreSQL answers')).toBeDefined());
  await eventually(() => expect(entry(probe, 'waiting for Redis')).toMatchObject({ level: 'warn' }));
  await expectState(probe, { live: 200, ready: 503, because: 'starting' });

  await redis.start();
  await ready(probe);
  expect(await probe.client.ask({ text: '0' })).toEqual({ text: '0' });

  // Down later: not ready, never not live, and well again by itself.
  for (const [server, name] of [
    [postgres, 'postgres'],
    [redis, 'redis'],
  ] as const) {
    await server.kill();
    await expectState(probe, { live: 200, ready: 503, because: name });
    await server.start();
    await ready(probe);
    expect(await probe.client.ask({ text: '0' })).toEqual({ text: '0' });
  }
  // Nobody prints a password while it waits.
  for (const { url } of [postgres, redis]) expect(JSON.stringify(probe.log())).not.toContain(new URL(url).password);
});

test('SIGTERM while it waits ends it at once', async () => {
  const probe = await startProbe({ ...healthy(), POSTGRES_URL: 'postgres://nobody:x@127.0.0.1:1/none' });
  await eventually(() => expect(entry(probe, 'waiting for PostgreSQL')).toBeDefined());
  probe.signal('SIGTERM');
  const { code, afterMs } = await probe.exited;
  expect(code).toBe(0);
  expect(afterMs).toBeLessThan(3000);
});

test('a healthy start has nothing to warn of', async () => {
  const probe = await startProbe(healthy());
  await ready(probe);
  expect(probe.log().map(({ event }) => event)).toEqual(['ready']);
  expect((await probe.get('/metrics')).text).toContain('rpc_server_calls{service="probe"} 0');
  probe.signal('SIGINT');
  expect((await probe.exited).code).toBe(0);
});

async function ready(probe: Probe): Promise<void> {
  await eventually(async () => expect(await probe.get('/readyz')).toEqual({ status: 200, text: 'ready\n' }));
}

async function expectState(probe: Probe, expected: { live: number; ready: number; because: string }): Promise<void> {
  await eventually(async () => {
    const { status, text } = await probe.get('/readyz');
    expect({ live: (await probe.get('/livez')).status, ready: status }).toEqual({
      live: expected.live,
      ready: expected.ready,
    });
    expect(text).toContain(expected.because);
  });
}

async function underWay(probe: Probe): Promise<void> {
  await eventually(async () => expect((await probe.get('/metrics')).text).toMatch(/rpc_server_calls\{.*\} 1/));
}

function entry(probe: Probe, msg: string): Record<string, unknown> | undefined {
  return probe.log().find((line) => line['msg'] === msg);
}
