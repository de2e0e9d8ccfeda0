import type { Db, Tx } from '@andvari/kit/db/types';
import { newEvent } from '@andvari/kit/events/event';
import { eventually } from '@andvari/kit/testing/eventually';
import { auditCheckpointSigned, sessionRevoked, userErasureStarted } from '@andvari/proto/events';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sha256 } from '../src/app/audit-trail.ts';
import { hashOf } from '../src/domain/audit-entry.ts';
import { insertEntries, readEntries } from '../src/store/audit-entries.ts';
import { type Forger, forger, ROWS, renumber, rewrite, tables } from './forger.ts';

let security: Forger['security'];
let asSuperuser: Forger['asSuperuser'];
let verify: Forger['verify'];
let restore: Forger['restore'];
beforeAll(async () => {
  ({ security, asSuperuser, verify, restore } = await forger());
});
afterAll(() => security.close());

test('untouched it is intact, from the start and from the middle', async () => {
  expect(await verify()).toMatchObject({ intact: true, checked: ROWS, checkpointsChecked: 2n });
  expect(await verify(13n)).toMatchObject({ intact: true, checked: 13n, checkpointsChecked: 1n });
});

const columns = [
  'event_id',
  'source',
  'actor',
  'action',
  'entity',
  'result',
  'trace_id',
  'details',
  'personal_of',
  'commitment',
];

test.each<[what: string, tamper: (tx: Tx) => Promise<unknown>, at: bigint, problem: string]>([
  ...columns.map((column): [string, (tx: Tx) => Promise<unknown>, bigint, string] => [
    `${column} of row 7 changed`,
    (tx) => tx.unsafe(`update audit_entries set ${column} = ${column} || ' ' where sequence = 7`),
    7n,
    'row_changed',
  ]),
  [
    'the time of row 7 changed by a microsecond',
    (tx) => tx`update audit_entries set occurred_at_us = occurred_at_us + 1 where sequence = 7`,
    7n,
    'row_changed',
  ],
  [
    'the hash of row 7 changed',
    (tx) => tx`update audit_entries set hash = sha256('x') where sequence = 7`,
    7n,
    'row_changed',
  ],
  [
    'the remembered hash of row 7 changed',
    (tx) => tx`update audit_entries set previous_hash = sha256('x') where sequence = 7`,
    7n,
    'row_changed',
  ],
  [
    'two rows exchanged',
    (tx) =>
      tx`update audit_entries a set actor = b.actor, entity = b.entity from audit_entries b where (a.sequence, b.sequence) in ((6, 8), (8, 6))`,
    6n,
    'row_changed',
  ],
  ['row 7 removed', (tx) => tx`delete from audit_entries where sequence = 7`, 7n, 'row_removed'],
  ['the first row removed', (tx) => tx`delete from audit_entries where sequence = 1`, 1n, 'row_removed'],
  [
    'row 7 removed and the rest moved up',
    async (tx) => {
      await tx`delete from audit_entries where sequence = 7`;
      await renumber(tx, 8, -1);
    },
    7n,
    'row_removed',
  ],
  [
    'row 7 put in and the rest moved down, with a hash of its own that fits',
    async (tx) => {
      await renumber(tx, 7, 1);
      await tx`insert into audit_entries select (jsonb_populate_record(e, '{"sequence": 7}')).* from audit_entries e where sequence = 6`;
      await rewrite(tx, 7n, (entry) => ({ ...entry, actor: 'eve' }), 7n);
    },
    7n,
    'row_inserted',
  ],
  [
    'row 7 changed with its hash',
    (tx) => rewrite(tx, 7n, (entry) => ({ ...entry, actor: 'eve' }), 7n),
    7n,
    'row_changed',
  ],
  [
    'row 7 changed and every hash after it made to fit',
    (tx) => rewrite(tx, 7n, (entry) => (entry.sequence === 7n ? { ...entry, actor: 'eve' } : entry)),
    10n,
    'checkpoint_differs',
  ],
  [
    'row 23 changed and every hash after it made to fit, but for the noted end',
    async (tx) => {
      await rewrite(tx, 23n, (entry) => (entry.sequence === 23n ? { ...entry, actor: 'eve' } : entry));
      await tx`update audit_chain set hash = (select hash from saved_audit_chain)`;
    },
    25n,
    'row_changed',
  ],
  ['the last rows cut off', (tx) => tx`delete from audit_entries where sequence > 22`, 23n, 'row_removed'],
  [
    'the last rows cut off and the noted end moved, back behind a checkpoint',
    async (tx) => {
      await tx`delete from audit_entries where sequence > 17`;
      await tx`update audit_chain set sequence = 17, hash = (select hash from audit_entries where sequence = 17)`;
    },
    18n,
    'row_removed',
  ],
  [
    'the last rows cut off, and the noted end and the checkpoint with them',
    async (tx) => {
      await tx`delete from audit_entries where sequence > 17`;
      await tx`delete from audit_checkpoints where sequence > 17`;
      await tx`update audit_chain set sequence = 17, checkpoint_sequence = 10, hash = (select hash from audit_entries where sequence = 17)`;
    },
    18n,
    'row_removed',
  ],
  [
    'everything cut off',
    async (tx) => {
      for (const table of tables) await tx.unsafe(`delete from ${table}`);
      await tx`insert into audit_chain (sequence, hash, checkpoint_sequence) values (0, decode(repeat('00', 32), 'hex'), 0)`;
    },
    1n,
    'row_removed',
  ],
  [
    'a row put in behind the end',
    (tx) =>
      tx`insert into audit_entries select (jsonb_populate_record(e, '{"sequence": 26}')).* from audit_entries e where sequence = 25`,
    26n,
    'row_inserted',
  ],
  [
    'a checkpoint changed',
    (tx) => tx`update audit_checkpoints set hash = sha256('x') where sequence = 10`,
    10n,
    'checkpoint_forged',
  ],
  [
    'a checkpoint’s time changed',
    (tx) => tx`update audit_checkpoints set signed_at_us = 1 where sequence = 10`,
    10n,
    'checkpoint_forged',
  ],
  [
    'a checkpoint signed with another key',
    (tx) => tx`update audit_checkpoints set key_id = 'other' where sequence = 10`,
    10n,
    'checkpoint_of_unknown_key',
  ],
  [
    'the first checkpoint removed',
    (tx) => tx`delete from audit_checkpoints where sequence = 10`,
    20n,
    'checkpoint_removed',
  ],
  [
    'the last checkpoint removed',
    (tx) => tx`delete from audit_checkpoints where sequence = 20`,
    20n,
    'checkpoint_removed',
  ],
  [
    'the last checkpoint removed and forgotten',
    async (tx) => {
      await tx`delete from audit_checkpoints where sequence = 20`;
      await tx`update audit_chain set checkpoint_sequence = 10`;
    },
    20n,
    'checkpoint_removed',
  ],
  [
    'an address changed',
    (tx) => tx`update audit_personal set address = '198.51.100.1' where sequence = 7`,
    7n,
    'personal_part_changed',
  ],
  [
    'an address given to another user',
    (tx) => tx`update audit_personal set user_id = 'eve' where sequence = 7`,
    7n,
    'personal_part_changed',
  ],
  [
    'an address put in',
    (tx) =>
      tx`insert into audit_personal select 8, user_id, salt, address, user_agent from audit_personal where sequence = 7`,
    8n,
    'personal_part_changed',
  ],
  [
    'a row behind the last checkpoint rewritten, with the end of the chain',
    (tx) => rewrite(tx, 23n, (entry) => ({ ...entry, actor: 'somebody else' })),
    21n,
    'head_forged',
  ],
  [
    'a row added behind the end, with the end',
    async (tx) => {
      const [last] = await readEntries(tx as unknown as Db, { after: ROWS - 1n, upTo: ROWS, limit: 1 });
      if (last === undefined) throw new Error('no last row');
      const forged = { ...last, sequence: ROWS + 1n, previousHash: last.hash, personalOf: '', commitment: '' };
      await insertEntries(tx, [{ ...forged, hash: hashOf(forged, sha256) }]);
      await tx`update audit_chain set sequence = ${forged.sequence}, hash = decode(${hashOf(forged, sha256)}, 'hex')`;
    },
    21n,
    'head_forged',
  ],
  [
    'the signature of the end removed',
    (tx) => tx`update audit_chain set signature = '', key_id = ''`,
    21n,
    'head_forged',
  ],
  ['the end removed', (tx) => tx`delete from audit_chain`, ROWS, 'head_removed'],
  [
    'an address removed although nobody was erased',
    (tx) => tx`delete from audit_personal where sequence = 7`,
    7n,
    'personal_part_removed',
  ],
  [
    'an address removed and the user listed as erased',
    async (tx) => {
      await tx`insert into audit_erased_users select user_id from audit_personal where sequence = 7`;
      await tx`delete from audit_personal where sequence = 7`;
    },
    7n,
    'personal_part_removed',
  ],
])('%s', async (_, tamper, at, problem) => {
  try {
    await asSuperuser(tamper);
    const found = await verify();
    expect({ at: found.firstBadSequence, problem: found.problem.split(':')[0] }).toEqual({ at, problem });
    expect(found.intact).toBe(false);
  } finally {
    await restore();
  }
  expect(await verify()).toMatchObject({ intact: true });
});

test('what was forged is not built upon: news waits until somebody has looked', async () => {
  await asSuperuser((tx) => rewrite(tx, 23n, (entry) => ({ ...entry, actor: 'somebody else' })));
  const userId = uuidv7();
  await security.publish(
    newEvent(sessionRevoked, { userId, sessionId: uuidv7(), reason: 'logout' }, { source: 'auth' }),
  );
  await eventually(async () => {
    const waiting = await security.db`select from audit_chain where sequence = ${ROWS}`;
    expect(waiting).toHaveLength(1);
    expect((await verify()).problem).toMatch(/^head_forged/);
  });
  await restore();
  await eventually(async () => {
    const rows = await security.db`select from audit_entries where actor = ${userId} or entity like ${`%${userId}%`}`;
    expect(
      (await security.db`select from audit_chain where sequence = ${ROWS + 1n}`).length + rows.length,
    ).toBeGreaterThan(0);
  });
  expect(await verify()).toMatchObject({ intact: true });
});

test('what somebody else publishes as a checkpoint is no witness', async () => {
  const fake = {
    sequence: 9_999n,
    hash: Buffer.alloc(32),
    previousSequence: 20n,
    signedAtUs: 0n,
    keyId: 'x',
    signature: Buffer.alloc(64),
  };
  await security.publish(newEvent(auditCheckpointSigned, fake, { source: 'security' }));
  expect(await verify()).toMatchObject({ intact: true });
});

test('the action that explains an erasure is the one that the chain records', async () => {
  const userId = uuidv7();
  await security.publish(newEvent(userErasureStarted, { userId, pseudonym: 'p' }, { source: 'user' }));
  await eventually(async () => {
    const rows = await security.db`select action from audit_entries where entity = ${`user/${userId}`}`;
    expect(rows.map((row) => row['action'])).toContain('user.erasure.started');
  });
});
