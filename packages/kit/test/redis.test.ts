import { expect, inject, onTestFinished, test } from 'vitest';
import { Secret } from '../src/base/config.ts';
import { openMetrics } from '../src/observe/metrics.ts';
import { openHealth } from '../src/process/health.ts';
import { Scope } from '../src/process/scope.ts';
import { openRedis } from '../src/redis/redis.ts';
import { capturedLog } from '../src/testing/captured-log.ts';
import { eventually } from '../src/testing/eventually.ts';
import { ownRedis } from '../src/testing/own-servers.ts';
import { rejection } from './echo-service.ts';

test('is there at once where Redis is, and pipelines what is asked in one turn', async () => {
  const { scope, lines } = logged();
  const redis = await openRedis(scope, { url: new Secret(inject('redisUrl')), service: 'probe' });
  const names = Array.from({ length: 100 }, (_, i) => `kit-test:${i}`);
  await Promise.all(names.map((name) => redis.set(name, name, 'EX', 60)));
  expect(await Promise.all(names.map((name) => redis.get(name)))).toEqual(names);
  expect(await redis.client('GETNAME')).toBe('probe');
  await scope.close();
  expect(lines()).toEqual([]);
  await rejection(redis.ping());
});

test('away later: commands fail at once, the service is not ready, and all is well when it is back', async () => {
  const server = await ownRedis();
  onTestFinished(() => server.remove());
  const { scope, lines } = logged();
  const metrics = openMetrics('x', { runtime: false });
  const answers = async () => /^redis_connected\{.*\} (\d)$/m.exec((await metrics.scrape()).body)?.[1];
  const health = await openHealth(scope, { port: 0, host: '127.0.0.1', metrics });
  const redis = await openRedis(scope, { url: new Secret(server.url), service: 'probe', health, metrics });
  health.started();
  expect(await health.problems()).toEqual([]);
  expect(await answers()).toBe('1');

  await server.kill();
  // Not by waiting for the time that a command may take.
  expect((await rejection(redis.get('x'))).message).not.toMatch(/timed out/i);
  expect(await health.problems()).toEqual([expect.stringMatching(/^redis: /)]);
  expect(await answers()).toBe('0');

  await server.start();
  await eventually(async () => expect(await health.problems()).toEqual([]));
  expect(await redis.set('x', '1')).toBe('OK');
  expect(await answers()).toBe('1');
  // Said once each, however often it was tried in between.
  expect(lines().map(({ event }) => event)).toEqual(['ready', 'redis_lost', 'redis_back']);
  await scope.close();
});

function logged() {
  const { log, lines } = capturedLog();
  return { scope: new Scope(log), lines };
}
