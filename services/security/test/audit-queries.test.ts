import { newEvent } from '@andvari/kit/events/event';
import { eventually } from '@andvari/kit/testing/eventually';
import * as events from '@andvari/proto/events';
import { type QueryAuditRequest, SecurityServiceService } from '@andvari/proto/security/v1/security';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AuditWorld, auditWorld, login } from './audit-world.ts';

let security: AuditWorld['security'];
let query: AuditWorld['query'];
beforeAll(async () => {
  ({ security, query } = await auditWorld());
});
afterAll(() => security.close());

const at = (ms: number) => ({ source: 'auth', time: new Date(ms) });

test('a query narrows by actor, action, entity and time', async () => {
  const userId = uuidv7();
  await security.publish(
    newEvent(events.passwordChanged, { userId, how: 'reset' }, at(1000)),
    newEvent(events.apiKeyRevoked, { userId, apiKeyId: 'k' }, at(2000)),
    newEvent(events.passwordChanged, { userId, how: 'changed' }, at(3000)),
  );
  const found = async (narrowed: Partial<QueryAuditRequest>) =>
    (await query({ actor: userId, ...narrowed })).entries.map(({ occurredAtUs }) => occurredAtUs);
  await eventually(async () => expect(await found({})).toEqual([3_000_000n, 2_000_000n, 1_000_000n]));
  expect(await found({ action: 'auth.password.changed' })).toEqual([3_000_000n, 1_000_000n]);
  expect(await found({ entity: `user/${userId}`, toUs: 3_000_000n })).toEqual([1_000_000n]);
  expect(await found({ fromUs: 2_000_000n })).toEqual([3_000_000n, 2_000_000n]);
});

test('a query goes on by cursor, without a row twice', async () => {
  const userId = uuidv7();
  await security.publish(...Array.from({ length: 7 }, () => login(userId)));
  await eventually(async () => expect((await query({ actor: userId })).entries).toHaveLength(7));
  const found: bigint[] = [];
  for (let after = ''; ; ) {
    const { entries, pageInfo } = await query({ actor: userId, page: { first: 3, after } });
    found.push(...entries.map(({ sequence }) => sequence));
    if (pageInfo?.hasNextPage !== true) break;
    after = pageInfo.endCursor;
  }
  expect(new Set(found).size).toBe(7);
  await expect(query({ page: { first: 3, after: 'WyJ4IiwieSJd' } })).rejects.toMatchObject({
    code: 'invalid_argument',
  });
});

test.each([
  ['actor', "actor = 'x'"],
  ['action', "action = 'x'"],
  ['entity', "entity = 'x'"],
  ['time', 'occurred_at_us >= 1'],
])('a query by %s finds its rows through an index of its own', async (by, condition) => {
  const plan = await security.db.begin(async (tx) => {
    await tx`set local enable_seqscan = off`;
    await tx`set local enable_bitmapscan = off`;
    await tx`set local enable_sort = off`;
    return tx.unsafe(
      `explain select * from audit_entries where ${condition} order by occurred_at_us desc, sequence desc limit 51`,
    );
  });
  expect(JSON.stringify(plan)).toContain(`Index Scan Backward using audit_entries_${by}`);
  expect(JSON.stringify(plan)).not.toContain('Sort');
});

test.each<[who: string, scopes: string[]]>([
  ['a member', ['role:read:own', 'audit:read:own']],
  ['an operator', ['ledger:adjust', 'order:read']],
])('a query is refused to %s, and so is verifying', async (_, scopes) => {
  const client = security.client(SecurityServiceService, { userId: uuidv7(), scopes });
  const all = { actor: '', action: '', entity: '', fromUs: 0n, toUs: 0n, page: undefined };
  await expect(client.queryAudit(all)).rejects.toMatchObject({ code: 'permission_denied' });
  await expect(client.verifyAudit({ fromSequence: 0n, limit: 0n })).rejects.toMatchObject({
    code: 'permission_denied',
  });
});
