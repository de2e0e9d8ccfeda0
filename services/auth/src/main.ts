import { nowUs } from '@andvari/kit/base/clock';
import { startJob } from '@andvari/kit/db/jobs';
import { appendEvents } from '@andvari/kit/outbox/append';
import { runProcess, type Scope } from '@andvari/kit/process/scope';
import { serveRpc } from '@andvari/kit/rpc/server';
import { openFoundation } from '@andvari/kit/service/foundation';
import { createApp } from './app/app.ts';
import { openSigningKeys } from './app/signing-keys.ts';
import { type Config, policyOf, readConfig } from './config.ts';
import { consumeErasures, consumeMails, consumeRoleChanges } from './consumers/consume.ts';
import { authMetrics } from './metrics.ts';
import { fairQueue } from './ports/fair-queue.ts';
import { lowerHashThreadPriority } from './ports/lower-hash-thread-priority.ts';
import { mailTokens } from './ports/mail-tokens.ts';
import { openPasswords } from './ports/passwords.ts';
import { sealer } from './ports/sealed.ts';
import { authRpc } from './rpc/server.ts';

export const migrations = new URL('../migrations/', import.meta.url);

export async function start(
  scope: Scope,
  config: Config,
  { now }: { now: () => bigint } = { now: nowUs },
): Promise<{ port: number; adminPort: number }> {
  const foundation = await openFoundation(scope, 'auth', config, {
    migrations,
    streams: ['AUTH', 'USER', 'SECURITY'],
  });
  const { db, health, relay } = foundation;
  const metrics = authMetrics(foundation.metrics);
  const policy = policyOf(config);
  const journal = { db, append: appendEvents, wakeRelay: () => relay.wake() };

  const queue = fairQueue({
    concurrency: config.HASH_CONCURRENCY,
    maxWaiting: config.LOGIN_QUEUE,
    maxWaitingPerKey: config.LOGIN_QUEUE_PER_ADDRESS,
  });
  metrics.watchQueue(() => queue.waiting);
  const passwords = await openPasswords({
    parameters: {
      memoryCost: config.ARGON2_MEMORY_KIB,
      timeCost: config.ARGON2_PASSES,
      parallelism: config.ARGON2_LANES,
    },
    queue,
    observe: (seconds) => metrics.hashSeconds.observe(seconds),
  });
  lowerHashThreadPriority();
  const previous = config.KEY_ENCRYPTION_KEY_PREVIOUS?.reveal();
  const signingKeys = openSigningKeys({
    ...journal,
    now,
    sealer: sealer([config.KEY_ENCRYPTION_KEY.reveal(), ...(previous === undefined ? [] : [previous])], 'signing keys'),
    policy: policy.keys,
  });
  // A wrong KEY_ENCRYPTION_KEY is found out now, not at the first sign-in.
  await signingKeys.current();

  const app = createApp({
    ...journal,
    now,
    passwords,
    signingKeys,
    mailTokens: mailTokens(config.MAIL_KEY.reveal()),
    publicUrl: config.PUBLIC_URL,
    policy,
    metrics,
  });
  consumeRoleChanges(scope, { app, ...foundation });
  consumeErasures(scope, { app, ...foundation });
  const development = config.ENVIRONMENT !== 'production';
  if (development) consumeMails(scope, { app, ...foundation });
  startJob(scope, {
    name: 'expired-rows',
    locks: foundation.locks,
    everyMs: 10 * 60_000,
    // Batch by batch, so that no statement runs long.
    run: async (signal) => {
      while (!signal.aborted && (await app.sweep()) > 0);
    },
  });
  const { port } = await serveRpc(scope, {
    port: config.GRPC_PORT,
    host: config.LISTEN_HOST,
    services: [authRpc(app, { development })],
    callerKey: config.CALLER_KEY,
    callers: config.CALLERS,
    tlsDir: config.TLS_DIR,
    reflection: development,
    metrics: foundation.metrics,
  });
  health.started();
  return { port, adminPort: health.port };
}

if (import.meta.main) await runProcess('auth', readConfig, start);
