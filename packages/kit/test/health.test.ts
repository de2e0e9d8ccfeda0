import { networkInterfaces } from 'node:os';
import { expect, test } from 'vitest';
import { openMetrics } from '../src/observe/metrics.ts';
import { type Health, openHealth } from '../src/process/health.ts';
import type { Scope } from '../src/process/scope.ts';
import { eventually } from '../src/testing/eventually.ts';
import { ownScope, rejection } from './echo-service.ts';

const answers = (): Promise<unknown> => Promise.resolve();
const fails = (): Promise<unknown> => Promise.reject(new Error('refused'));
const hangs = (): Promise<unknown> => new Promise(() => undefined);

test.each<[string, (health: Health, scope: Scope) => unknown, { live: number; ready: string }]>([
  ['a process that starts', () => undefined, { live: 200, ready: '503 starting\n' }],
  ['a process that has started', (health) => health.started(), { live: 200, ready: '200 ready\n' }],
  [
    'started, and all it needs answers',
    (health) => need(health, { postgres: answers }),
    { live: 200, ready: '200 ready\n' },
  ],
  [
    'something it needs fails',
    (health) => need(health, { postgres: fails, redis: answers }),
    { live: 200, ready: '503 postgres: refused\n' },
  ],
  [
    'something it needs does not answer',
    (health) => need(health, { nats: hangs }),
    { live: 200, ready: '503 nats: took longer than 1000 ms\n' },
  ],
  [
    'two things it needs fail',
    (health) => need(health, { a: fails, b: fails }),
    { live: 200, ready: '503 a: refused\nb: refused\n' },
  ],
])('%s', async (_, arrange, expected) => {
  const { health, get, scope } = await opened();
  arrange(health, scope);
  expect({ live: (await get('/livez')).status, ready: await told(get('/readyz')) }).toEqual(expected);
});

test('a need that fails does not hide that it is starting', async () => {
  const { health, get } = await opened();
  health.check('postgres', fails);
  expect(await told(get('/readyz'))).toBe('503 starting\npostgres: refused\n');
});

test('not ready as soon as the shutdown begins, live to the last, then gone', async () => {
  const { health, get, scope } = await opened();
  health.started();
  const gate = Promise.withResolvers<void>();
  scope.defer('something slow', () => gate.promise);
  const closed = scope.close();
  expect(await told(get('/readyz'))).toBe('503 shutting down\n');
  expect((await get('/livez')).status).toBe(200);
  gate.resolve();
  await closed;
  await eventually(async () => {
    expect((await rejection(get('/livez'))).cause).toMatchObject({ code: 'ECONNREFUSED' });
  });
});

test('serves the metrics, and nothing else', async () => {
  const { get } = await opened();
  const metrics = await get('/metrics');
  expect(metrics.headers.get('content-type')).toContain('text/plain');
  expect(await metrics.text()).toContain('things_total{service="x"} 1');
  expect((await get('/metrics?x=1')).status).toBe(200);
  expect((await get('/')).status).toBe(404);
});

test('metrics that cannot be collected do not bring it down', async () => {
  const { get, metrics } = await opened();
  metrics.gauge('broken', 'Broken', [], () => Promise.reject(new Error('no')));
  expect((await get('/metrics')).status).toBe(500);
  expect((await get('/livez')).status).toBe(200);
});

test('is on this machine alone, unless it is told otherwise', async () => {
  const elsewhere = Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.family === 'IPv4' && !one.internal)?.address;
  const metrics = openMetrics('z', { runtime: false });
  const health = await openHealth(ownScope(), { port: 0, metrics });
  expect((await fetch(`http://127.0.0.1:${health.port}/livez`)).status).toBe(200);
  // All of 127.0.0.0/8 is this machine, but only the one address is listened on.
  for (const other of ['127.0.0.2', ...(elsewhere === undefined ? [] : [elsewhere])]) {
    await expect(fetch(`http://${other}:${health.port}/livez`)).rejects.toThrow();
  }
});

test('a port that is taken stops the start', async () => {
  const { health } = await opened();
  await expect(
    openHealth(ownScope(), { port: health.port, host: '127.0.0.1', metrics: openMetrics('y', { runtime: false }) }),
  ).rejects.toThrow('EADDRINUSE');
});

async function opened() {
  const scope = ownScope();
  const metrics = openMetrics('x', { runtime: false });
  metrics.counter('things_total', 'Things').inc();
  const health = await openHealth(scope, { port: 0, host: '127.0.0.1', metrics });
  const get = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${health.port}${path}`);
  return { scope, health, metrics, get };
}

function need(health: Health, checks: Record<string, () => Promise<unknown>>): void {
  for (const [name, check] of Object.entries(checks)) health.check(name, check);
  health.started();
}

async function told(answer: Promise<Response>): Promise<string> {
  const response = await answer;
  return `${response.status} ${await response.text()}`;
}
