import { nowUs } from '@andvari/kit/base/clock';
import { startJob } from '@andvari/kit/db/jobs';
import { appendEvents } from '@andvari/kit/outbox/append';
import { runProcess, type Scope } from '@andvari/kit/process/scope';
import { serveRpc } from '@andvari/kit/rpc/server';
import { openFoundation } from '@andvari/kit/service/foundation';
import { createApp } from './app/app.ts';
import { createAuditTrail } from './app/audit-trail.ts';
import { createAuditVerifier } from './app/audit-verifier.ts';
import { type Config, readConfig } from './config.ts';
import { auditedStreams, consumeAudited } from './consumers/consume.ts';
import { securityMetrics } from './metrics.ts';
import { signingKey } from './ports/signing-key.ts';
import { publishedCheckpoint } from './ports/witness.ts';
import { securityRpc } from './rpc/server.ts';

export const migrations = new URL('../migrations/', import.meta.url);

export async function start(
  scope: Scope,
  config: Config,
  now: () => bigint = nowUs,
): Promise<{ port: number; adminPort: number }> {
  const streams = config.AUDIT_EXECUTIONS ? ([...auditedStreams, 'EXECUTIONS'] as const) : auditedStreams;
  const kit = await openFoundation(scope, 'security', config, { migrations, streams });
  const { metrics, health, db, nats, locks, relay } = kit;

  const outward = { append: appendEvents, wakeRelay: () => relay.wake() };
  const key = signingKey(config.AUDIT_SIGNING_KEY, config.AUDIT_RETIRED_KEYS);
  const app = createApp({ db, now, ...outward });
  const trail = createAuditTrail({ db, now, ...outward, key, checkpointRows: config.AUDIT_CHECKPOINT_ROWS });
  const verifyAudit = createAuditVerifier({ db, key, witness: () => publishedCheckpoint(nats) });

  if (config.AUDIT_ADOPT_HEAD) await trail.adoptHead();
  consumeAudited(scope, { app, trail, ...outward, db, nats, locks, metrics, streams });
  startJob(scope, { name: 'grants', locks, everyMs: config.ROLE_SWEEP_MS, run: () => app.expireGrants() });
  startJob(scope, {
    name: 'checkpoints',
    locks,
    everyMs: config.AUDIT_CHECKPOINT_MS,
    run: async () => {
      await trail.signTail();
    },
  });

  const { port } = await serveRpc(scope, {
    port: config.GRPC_PORT,
    host: config.LISTEN_HOST,
    services: [securityRpc({ app, trail, verifyAudit, metrics: securityMetrics(metrics) })],
    callerKey: config.CALLER_KEY,
    callers: config.CALLERS,
    tlsDir: config.TLS_DIR,
    reflection: config.ENVIRONMENT !== 'production',
    metrics,
  });
  health.started();
  return { port, adminPort: health.port };
}

if (import.meta.main) await runProcess('security', readConfig, start);
