import { connectDb } from '@andvari/kit/db/db';
import type { Db } from '@andvari/kit/db/types';
import { type TestService, testService } from '@andvari/kit/testing/test-service';
import { SecurityServiceService } from '@andvari/proto/security/v1/security';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../src/config.ts';
import { migrations, start } from '../src/main.ts';

/** What whoever has the service's own connection can do to the trail: add to it. */
let security: TestService<Awaited<ReturnType<typeof start>>>;
let asService: Db;
beforeAll(async () => {
  security = await testService({ readConfig, start, migrations, streams: ['AUTH', 'USER', 'SECURITY'] });
  asService = connectDb(security.env['POSTGRES_URL'] ?? '', { maxConnections: 1 });
});
afterAll(async () => {
  await asService.end();
  await security.close();
});

const DENIED = '42501';
const APPEND_ONLY = '23001';

test('the service owns none of its tables, and serves', async () => {
  const owned = await asService`
    select relname from pg_class where relowner = (select oid from pg_roles where rolname = current_user)`;
  expect(owned).toEqual([]);
  const client = security.client(SecurityServiceService, {});
  await client.grantRole({ userId: uuidv7(), role: 'admin', reason: 'a test', expiresAtUs: 0n });
  expect(await client.verifyAudit({ fromSequence: 0n, limit: 0n })).toMatchObject({ intact: true });
});

describe.each(['audit_entries', 'audit_checkpoints'])('%s', (table) => {
  test.each<[what: string, statement: string, state: string]>([
    ['emptied', `truncate ${table}`, DENIED],
    ['dropped', `drop table ${table}`, DENIED],
    ['freed of its triggers', `alter table ${table} disable trigger all`, DENIED],
    ['changed', `update ${table} set sequence = sequence`, APPEND_ONLY],
    ['deleted from', `delete from ${table}`, APPEND_ONLY],
  ])('is not %s', async (_, statement, state) => {
    await expect(asService.unsafe(statement)).rejects.toMatchObject({ code: state });
  });
});

test.each([
  'create or replace function refuse_to_change_history() returns trigger language plpgsql as $$ begin return null; end $$',
  "set session_replication_role = 'replica'",
  'truncate audit_chain',
  'drop table role_grants',
])('is refused: %s', async (statement) => {
  await expect(asService.unsafe(statement)).rejects.toMatchObject({ code: DENIED });
});
