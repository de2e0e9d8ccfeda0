import { setTimeout as pause } from 'node:timers/promises';
import { Secret } from '@andvari/kit/base/config';
import { connectDb, transaction } from '@andvari/kit/db/db';
import { migrate } from '@andvari/kit/db/migrate';
import { newEvent, type OutgoingEvent } from '@andvari/kit/events/event';
import { openNats } from '@andvari/kit/nats/nats';
import { publishInOrder } from '@andvari/kit/nats/publish-in-order';
import { ensureStreams } from '@andvari/kit/nats/streams';
import { openLog } from '@andvari/kit/observe/log';
import { Scope } from '@andvari/kit/process/scope';
import { kitMigrations } from '@andvari/kit/service/foundation';
import { fundingChanged, loginSucceeded } from '@andvari/proto/events';
import { startTestInfra } from '@andvari/servers/test-infra';
import { v7 as uuidv7 } from 'uuid';
import { createAuditVerifier } from '../src/app/audit-verifier.ts';
import { readConfig } from '../src/config.ts';
import { entryAfter } from '../src/domain/audit-entry.ts';
import { migrations, start } from '../src/main.ts';
import { signingKey } from '../src/ports/signing-key.ts';
import { insertEntries } from '../src/store/audit-entries.ts';

/**
 * How fast events become rows of the audit trail, from the stream to the commit, and how fast they are verified. Half of
 * them carry an address. The baseline is the same rows inserted in the same batches without an inbox or a chain.
 */
const ROWS = Number(process.argv.find((argument) => /^\d+$/.test(argument)) ?? 50_000);
const BATCH = 500;

const infra = await startTestInfra();
const scope = new Scope(openLog('bench', 'silent'));
try {
  const db = connectDb(infra.postgresUrl, { maxConnections: 4 });
  await migrate(db, [kitMigrations, migrations]);
  const nats = await openNats(scope, { url: new Secret(infra.natsUrl), service: 'bench' });
  await ensureStreams(nats, ['AUTH', 'PORTFOLIO']);

  const baseline = await insertPlainly();
  await transaction(db, async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`delete from audit_entries`;
  });
  await publishAll();
  const config = readConfig({
    ENVIRONMENT: 'test',
    GRPC_PORT: '0',
    ADMIN_PORT: '0',
    POSTGRES_URL: infra.postgresUrl,
    NATS_URL: infra.natsUrl,
    CALLER_KEY: 'a key that only this benchmark uses, 32 characters and more',
  });
  const cpuBefore = process.cpuUsage();
  await start(scope, config);
  const recorded = await perSecond(async () => {
    for (;;) {
      const [chain] = await db<{ sequence: bigint }[]>`select sequence from audit_chain`;
      if (chain?.sequence === BigInt(ROWS)) return;
      await pause(5);
    }
  });
  const cpu = process.cpuUsage(cpuBefore);
  const verify = createAuditVerifier({ db, key: signingKey(config.AUDIT_SIGNING_KEY), witness: async () => undefined });
  const verified = await perSecond(async () => {
    const { checked, problem } = await verify(0n, 0n, new AbortController().signal);
    if (checked !== BigInt(ROWS) || problem !== undefined) throw new Error('the trail is not intact');
  });
  await db.end();
  const result = {
    audit_rows_per_s: recorded,
    audit_cpu_us_per_row: Math.round((cpu.user + cpu.system) / ROWS),
    plain_rows_per_s: baseline,
    ratio_to_plain: Math.round((recorded / baseline) * 100) / 100,
    verified_rows_per_s: verified,
  };
  console.log(JSON.stringify(result));

  async function insertPlainly(): Promise<number> {
    const source = {
      eventId: uuidv7(),
      source: 'auth',
      occurredAtUs: 0n,
      actor: uuidv7(),
      action: 'auth.login.succeeded',
    };
    const action = {
      ...source,
      entity: `session/${uuidv7()}`,
      result: 'ok',
      traceId: '',
      details: {},
      personal: undefined,
    };
    return perSecond(async () => {
      for (let first = 1; first <= ROWS; first += BATCH) {
        const rows = Array.from({ length: BATCH }, (_, index) =>
          entryAfter(
            { sequence: BigInt(first + index - 1), hash: '00' },
            { ...action, eventId: uuidv7(), actor: uuidv7() },
            '',
            () => '00',
          ),
        );
        await transaction(db, (tx) => insertEntries(tx, rows));
      }
    });
  }

  async function publishAll(): Promise<void> {
    for (let done = 0; done < ROWS; done += 1000) {
      const events = Array.from({ length: 1000 }, (_, index) => (index % 2 === 0 ? login() : deposit()));
      await publishInOrder(nats, events, scope.signal, scope.log);
    }
  }
} finally {
  await scope.close();
  await infra.stop();
}

async function perSecond(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return Math.round(ROWS / ((performance.now() - startedAt) / 1000));
}

function login(): OutgoingEvent {
  const message = { userId: uuidv7(), sessionId: uuidv7(), address: '203.0.113.7', userAgent: 'x', newDevice: false };
  return newEvent(loginSucceeded, message, { source: 'auth' });
}

function deposit(): OutgoingEvent {
  const [userId, accountId] = [uuidv7(), uuidv7()];
  return newEvent(fundingChanged, { userId, accountId, funding: undefined }, { source: 'portfolio' });
}
