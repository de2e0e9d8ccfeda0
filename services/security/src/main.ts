import { nowUs } from '@andvari/kit/clock';
import { openFoundation } from '@andvari/kit/foundation';
import { appendEvents } from '@andvari/kit/outbox';
import { serveRpc } from '@andvari/kit/rpc-server';
import { runProcess, type Scope } from '@andvari/kit/run';
import { startSweeper } from '@andvari/kit/sweeper';
import { createApp } from './app.ts';
import { createAuditTrail } from './audit-trail.ts';
import { createAuditVerifier } from './audit-verifier.ts';
import { type Config, readConfig } from './config.ts';
import { auditedStreams, consumeAudited } from './events/consume.ts';
import { publishedCheckpoint } from './events/witness.ts';
import { securityMetrics } from './metrics.ts';
import { securityRpc } from './rpc/server.ts';
import { signingKey } from './signing-key.ts';

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

  consumeAudited(scope, { app, trail, ...outward, db, nats, locks, metrics, streams });
  startSweeper(scope, { name: 'grants', locks, everyMs: config.ROLE_SWEEP_MS, sweep: () => app.expireGrants() });
  startSweeper(scope, {
    name: 'checkpoints',
    locks,
    everyMs: config.AUDIT_CHECKPOINT_MS,
    sweep: () => trail.signTail(),
  });

  const { port } = await serveRpc(scope, {
    port: config.GRPC_PORT,
    services: [securityRpc({ app, trail, verifyAudit, metrics: securityMetrics(metrics) })],
    callerKey: config.CALLER_KEY,
    tlsDir: config.TLS_DIR,
    reflection: config.ENVIRONMENT !== 'production',
    metrics,
  });
  health.started();
  return { port, adminPort: health.port };
}

if (import.meta.main) await runProcess('security', (scope) => start(scope, readConfig(process.env)));
