import { services } from '@andvari/deploy/services';
import { type Child, type ChildOptions, plainEnv, startChild } from '@andvari/servers/child';
import { ownPort } from '@andvari/servers/own-port';
import type { TestInfra } from '@andvari/servers/test-infra';
import { until } from '@andvari/servers/until';
import { expect } from 'vitest';

/** A service that was built, from its start until it is ready. */
export interface Running {
  child: Child;
  adminPort: number;
  startMs: number;
  /** All that it has printed until then. */
  said: string;
}

export async function startBuilt(
  infra: TestInfra,
  how: Pick<ChildOptions, 'command' | 'args' | 'cwd'> & { env?: Record<string, string> },
): Promise<Running> {
  const adminPort = await ownPort();
  const startedAt = performance.now();
  const child = await startChild({
    ...how,
    env: plainEnv({
      ENVIRONMENT: 'development',
      GRPC_PORT: '0',
      HTTP_PORT: '0',
      ADMIN_PORT: String(adminPort),
      POSTGRES_URL: infra.postgresUrl,
      NATS_URL: infra.natsUrl,
      REDIS_URL: infra.redisUrl,
      CALLER_KEY: 'a key that only tests use, 32 characters and more',
      ...secrets,
      ...how.env,
    }),
    stopSignal: 'SIGTERM',
    output: 'pipe',
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await until(
    async () => {
      expect(child.hasExited(), said).toBe(false);
      const ready = await fetch(`http://127.0.0.1:${adminPort}/readyz`).catch(() => undefined);
      return ready?.status === 200;
    },
    { deadlineMs: 20_000, everyMs: 10, what: () => `it is not ready: ${said}` },
  ).catch(async (error: unknown) => {
    await child.stop({ signal: 'SIGKILL' });
    throw error;
  });
  return { child, adminPort, startMs: performance.now() - startedAt, said };
}

/** What only a single service is told, and the others pass over. */
const secrets = Object.fromEntries(
  services.flatMap(({ secrets: names }) => names).map((name) => [name, Buffer.alloc(32, 7).toString('base64url')]),
);
