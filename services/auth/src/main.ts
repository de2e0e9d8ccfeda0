import { nowUs } from '@andvari/kit/base/clock';
import { runProcess, type Scope } from '@andvari/kit/process/scope';
import { openFoundation } from '@andvari/kit/service/foundation';
import { createApp } from './app/app.ts';
import { openSigningKeys } from './app/signing-keys.ts';
import { type Config, policyOf, readConfig } from './config.ts';
import { consumeDevelopmentMails, consumedStreams, consumeEvents } from './consumers/consume.ts';
import { type AuthMetrics, authMetrics } from './metrics.ts';
import { fairQueue } from './ports/fair-queue.ts';
import { lowerHashThreadPriority } from './ports/lower-hash-thread-priority.ts';
import { mailTokens } from './ports/mail-tokens.ts';
import { openPasswords, type Passwords } from './ports/passwords.ts';
import { type Sealer, type SealPurpose, sealer } from './ports/sealed.ts';
import { authRpc } from './rpc/server.ts';

export const migrations = new URL('../migrations/', import.meta.url);

/** The world outside, which a test replaces. */
export interface Outside {
  now: () => bigint;
  passwords: Passwords;
}

export async function start(
  scope: Scope,
  config: Config,
  overrides: Partial<Outside> = {},
): Promise<{ port: number; adminPort: number }> {
  const kit = await openFoundation(scope, 'auth', config, { migrations, streams: ['AUTH', ...consumedStreams] });
  const now = overrides.now ?? nowUs;
  const development = config.ENVIRONMENT !== 'production';
  const metrics = authMetrics(kit.metrics);
  const policy = policyOf(config);
  const passwords = overrides.passwords ?? (await hashingOf(config, metrics));
  const signingKeys = openSigningKeys({
    ...kit,
    now,
    sealer: keySealerOf(config, 'signing keys'),
    policy: policy.keys,
  });
  // A wrong KEY_ENCRYPTION_KEY is found out now, not at the first sign-in.
  await signingKeys.current();

  const app = createApp({
    ...kit,
    now,
    passwords,
    signingKeys,
    mailTokens: mailTokens(config.MAIL_KEY.reveal()),
    factorSealer: keySealerOf(config, 'second factors'),
    publicUrl: config.PUBLIC_URL,
    policy,
    metrics,
  });
  metrics.watchSessions(() => app.countSessions());
  consumeEvents(kit, app);
  if (development) consumeDevelopmentMails(kit, app);
  kit.job({
    name: 'expired-rows',
    everyMs: 10 * 60_000,
    // Batch by batch, so that no statement runs long.
    run: async (signal) => {
      while (!signal.aborted && (await app.sweep()) > 0);
    },
  });
  kit.job({ name: 'reseal-factors', everyMs: 10 * 60_000, run: (signal) => app.resealFactors(signal) });
  return kit.serve(authRpc(app, { development }));
}

async function hashingOf(config: Config, metrics: AuthMetrics): Promise<Passwords> {
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
  return passwords;
}

function keySealerOf({ KEY_ENCRYPTION_KEY, KEY_ENCRYPTION_KEY_PREVIOUS }: Config, purpose: SealPurpose): Sealer {
  const previous = KEY_ENCRYPTION_KEY_PREVIOUS?.reveal();
  return sealer([KEY_ENCRYPTION_KEY.reveal(), ...(previous === undefined ? [] : [previous])], purpose);
}

if (import.meta.main) await runProcess('auth', readConfig, start);
