import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { dataHome } from '@andvari/local/data-home';
import { freePort } from '@andvari/local/free-port';
import { keepSecret } from '@andvari/local/keep-secret';
import { createCluster, startPostgres } from '@andvari/local/postgres';
import { requirePrograms } from '@andvari/local/programs';
import { startRedis } from '@andvari/local/redis';
import { onTestFinished } from 'vitest';

/** A server of the test's own that is down until it is started, and whose address is known before. */
export interface PrivateServer {
  url: string;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export async function privateServers(): Promise<{ postgres: PrivateServer; redis: PrivateServer }> {
  const programs = await requirePrograms({ home: dataHome().path });
  const folder = mkdtempSync('/var/tmp/andvari-kit-');
  // PostgreSQL may have to run as somebody else.
  chmodSync(folder, 0o711);
  const dataDir = (name: string): string => join(folder, name);
  mkdirSync(dataDir('redis'));
  await createCluster(programs.postgres, dataDir('postgres'));
  const postgresPort = await freePort();
  const redisPort = await freePort();
  const postgres = server(
    (password) => `postgres://andvari:${password}@127.0.0.1:${postgresPort}/postgres`,
    readFileSync(join(dataDir('postgres'), 'password'), 'utf8'),
    () =>
      startPostgres({
        program: programs.postgres,
        dataDir: dataDir('postgres'),
        port: postgresPort,
        settings: { fsync: 'off', shared_buffers: '16MB' },
      }),
  );
  const redis = server(
    (password) => `redis://:${password}@127.0.0.1:${redisPort}`,
    keepSecret(join(dataDir('redis'), 'password')),
    () => startRedis({ program: programs.redis, dataDir: dataDir('redis'), port: redisPort }),
  );
  onTestFinished(async () => {
    await Promise.all([postgres.stop(), redis.stop()]);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  });
  return { postgres, redis };
}

function server(
  url: (password: string) => string,
  password: string,
  start: () => Promise<{ stop: (how: { signal: NodeJS.Signals }) => Promise<void> }>,
): PrivateServer {
  let running: Awaited<ReturnType<typeof start>> | undefined;
  return {
    url: url(password),
    async start() {
      running = await start();
    },
    async stop() {
      await running?.stop({ signal: 'SIGQUIT' });
      running = undefined;
    },
  };
}
