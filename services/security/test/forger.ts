import type { Db, Tx } from '@andvari/kit/db/types';
import { newEvent } from '@andvari/kit/events/event';
import { eventually } from '@andvari/kit/testing/eventually';
import { testService } from '@andvari/kit/testing/test-service';
import { auditCheckpointSigned, loginSucceeded, sessionRevoked } from '@andvari/proto/events';
import { SecurityServiceService } from '@andvari/proto/security/v1/security';
import { v7 as uuidv7 } from 'uuid';
import { expect } from 'vitest';
import { sha256 } from '../src/app/audit-trail.ts';
import { readConfig } from '../src/config.ts';
import { type Entry, hashOf } from '../src/domain/audit-entry.ts';
import { migrations, start } from '../src/main.ts';
import { readEntries } from '../src/store/audit-entries.ts';

export const tables = ['audit_entries', 'audit_checkpoints', 'audit_chain', 'audit_personal', 'audit_erased_users'];
export const ROWS = 25n;

export type Forger = Awaited<ReturnType<typeof forger>>;

/** Somebody with all rights on the database, and with the source code, but without the signing key; before a trail of 25 rows. */
export async function forger() {
  const security = await testService({
    readConfig,
    start,
    migrations,
    streams: ['AUTH', 'USER', 'SECURITY'],
    env: { AUDIT_CHECKPOINT_ROWS: '10', AUDIT_CHECKPOINT_MS: '3600000' },
  });

  async function publishOne(row: bigint): Promise<void> {
    const [userId, sessionId] = [uuidv7(), uuidv7()];
    const login = { userId, sessionId, address: '203.0.113.7', userAgent: 'x', newDevice: false };
    await security.publish(
      row % 2n === 0n
        ? newEvent(sessionRevoked, { userId, sessionId, reason: 'logout' }, { source: 'auth' })
        : newEvent(loginSucceeded, login, { source: 'auth' }),
    );
    await eventually(async () => {
      const [chain] = await security.db`select sequence from audit_chain`;
      expect(chain?.['sequence']).toBe(row);
    });
  }

  /** What no service can do: the triggers are off. */
  async function asSuperuser(work: (tx: Tx) => Promise<unknown>): Promise<void> {
    await security.db.begin(async (tx) => {
      await tx`set local session_replication_role = replica`;
      await work(tx);
    });
  }

  // The job's first round would sign what there is by then, however little.
  await eventually(async () => {
    const metrics = await fetch(`http://127.0.0.1:${security.started.adminPort}/metrics`);
    expect(await metrics.text()).toMatch(/^job_rounds_total\{.*job="checkpoints".*\} 1$/m);
  });
  // Batches are as large as it happens; one by one, the checkpoints are after 10 and 20 rows.
  for (let row = 1n; row <= ROWS; row += 1n) await publishOne(row);
  await eventually(async () => expect(await security.published(auditCheckpointSigned)).toHaveLength(2));
  for (const table of tables) await security.db.unsafe(`create table saved_${table} as table ${table}`);

  return {
    security,
    asSuperuser,
    verify: (fromSequence = 0n) => security.client(SecurityServiceService, {}).verifyAudit({ fromSequence, limit: 0n }),
    restore: () =>
      asSuperuser(async (tx) => {
        for (const table of tables) {
          await tx.unsafe(`delete from ${table}`);
          await tx.unsafe(`insert into ${table} select * from saved_${table}`);
        }
      }),
  };
}

/** Writes a row as it says, and all after it with hashes that fit again, up to the end of the chain. */
export async function rewrite(tx: Tx, from: bigint, change: (entry: Entry) => Entry, upTo = 99n): Promise<void> {
  const rows = await readEntries(tx as unknown as Db, { after: from - 2n, upTo, limit: 100 });
  let previousHash = rows[0]?.hash ?? '';
  for (const row of rows.slice(1)) {
    const changed = change({ ...row, previousHash });
    previousHash = hashOf(changed, sha256);
    await tx`
      update audit_entries set actor = ${changed.actor}, previous_hash = decode(${changed.previousHash}, 'hex'),
        hash = decode(${previousHash}, 'hex') where sequence = ${row.sequence}`;
    await tx`update audit_chain set hash = decode(${previousHash}, 'hex') where sequence = ${row.sequence}`;
  }
}

export async function renumber(tx: Tx, from: number, by: number): Promise<void> {
  for (const table of ['audit_entries', 'audit_personal']) {
    await tx.unsafe(`update ${table} set sequence = sequence + 1000 + ${by} where sequence >= ${from}`);
    await tx.unsafe(`update ${table} set sequence = sequence - 1000 where sequence > 1000`);
  }
}
