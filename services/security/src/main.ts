import { nowUs } from '@andvari/kit/base/clock';
import { runProcess, type Scope } from '@andvari/kit/process/scope';
import { openFoundation } from '@andvari/kit/service/foundation';
import { createApp } from './app/app.ts';
import { createAuditTrail } from './app/audit-trail.ts';
import { createAuditVerifier } from './app/audit-verifier.ts';
import { type Config, readConfig } from './config.ts';
import { auditedStreams, consumeEvents } from './consumers/consume.ts';
import { securityMetrics } from './metrics.ts';
import { signingKey } from './ports/signing-key.ts';
import { publishedCheckpoint } from './ports/witness.ts';
import { securityRpc } from './rpc/server.ts';

export const migrations = new URL('../migrations/', import.meta.url);

/** The world outside, which a test replaces. */
export interface Outside {
  now: () => bigint;
}

export async function start(
  scope: Scope,
  config: Config,
  overrides: Partial<Outside> = {},
): Promise<{ port: number; adminPort: number }> {
  const streams = config.AUDIT_EXECUTIONS ? ([...auditedStreams, 'EXECUTIONS'] as const) : auditedStreams;
  const kit = await openFoundation(scope, 'security', config, { migrations, streams });
  const now = overrides.now ?? nowUs;
  const key = signingKey(config.AUDIT_SIGNING_KEY, config.AUDIT_RETIRED_KEYS);
  const app = createApp({ ...kit, now });
  const trail = createAuditTrail({ ...kit, now, key, checkpointRows: config.AUDIT_CHECKPOINT_ROWS });
  const verifyAudit = createAuditVerifier({ db: kit.db, key, witness: () => publishedCheckpoint(kit.nats) });

  if (config.AUDIT_ADOPT_HEAD) await trail.adoptHead();
  consumeEvents(kit, { app, trail }, streams);
  kit.job({ name: 'grants', everyMs: config.ROLE_SWEEP_MS, run: () => app.expireGrants() });
  const signTail = async () => void (await trail.signTail());
  kit.job({ name: 'checkpoints', everyMs: config.AUDIT_CHECKPOINT_MS, run: signTail });
  return kit.serve(securityRpc({ app, trail, verifyAudit, metrics: securityMetrics(kit.metrics) }));
}

if (import.meta.main) await runProcess('security', readConfig, start);
