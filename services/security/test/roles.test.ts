import { newEvent } from '@andvari/kit/events/event';
import { eventually } from '@andvari/kit/testing/eventually';
import { type TestService, testService } from '@andvari/kit/testing/test-service';
import type { Caller } from '@andvari/proto/common/v1/common';
import { rolesChanged, userErased, userErasureStarted } from '@andvari/proto/events';
import { SecurityServiceService } from '@andvari/proto/security/v1/security';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../src/config.ts';
import { migrations, start } from '../src/main.ts';

let security: TestService<Awaited<ReturnType<typeof start>>>;
let nowUs = 1_800_000_000_000_000n;
const MINUTE = 60_000_000n;

beforeAll(async () => {
  // One connection: whatever waits for a second one inside a transaction would hang here.
  security = await testService({
    readConfig,
    start: (scope, config) => start(scope, config, { now: () => nowUs }),
    migrations,
    streams: ['SECURITY', 'USER'],
    env: { POSTGRES_CONNECTIONS: '1', ROLE_SWEEP_MS: '20' },
  });
});
afterAll(() => security.close());

const as = (userId: string, scopes: string[]) => security.client(SecurityServiceService, { userId, scopes });
const tool = () => security.client(SecurityServiceService, {});
const granting = ['role:grant', 'role:read'];
const ask = (userId: string) => as(userId, []).listPermissions({ userId });
const request = (userId: string, role: string, expiresAtUs = 0n) => ({ userId, role, expiresAtUs, reason: 'because' });

async function newAdmin(): Promise<string> {
  const userId = uuidv7();
  await tool().grantRole(request(userId, 'admin'));
  return userId;
}

async function changesOf(userId: string) {
  return (await security.published(rolesChanged)).filter((event) => event.userId === userId);
}

describe('a user', () => {
  test('is a member before anybody has heard of them', async () => {
    const answer = await ask(uuidv7());
    expect(answer).toMatchObject({ roles: ['member'], rolesVersion: 1n, validUntilUs: 0n });
    expect(answer.permissions).toContain('order:place:own');
    expect(answer.permissions).toContain('instrument:read');
    expect(answer.permissions.filter((one) => !one.endsWith(':own'))).toEqual(['instrument:read']);
  });

  test('may ask about themselves and not about others', async () => {
    const [me, you] = [uuidv7(), uuidv7()];
    const mine = as(me, []);
    await expect(mine.checkPermission({ userId: me, permission: 'order:place:own' })).resolves.toMatchObject({
      allowed: true,
    });
    await expect(mine.checkPermission({ userId: me, permission: 'order:place' })).resolves.toMatchObject({
      allowed: false,
    });
    await expect(mine.listPermissions({ userId: you })).rejects.toMatchObject({ code: 'permission_denied' });
  });
});

describe('a grant', () => {
  test('adds to what everybody has, raises the version, and is told of', async () => {
    const [boss, userId] = [await newAdmin(), uuidv7()];
    const { grant } = await as(boss, granting).grantRole(request(userId, 'support'));
    expect(grant).toMatchObject({ userId, role: 'support', grantedBy: boss, reason: 'because', expiresAtUs: 0n });
    const answer = await ask(userId);
    expect(answer).toMatchObject({ roles: ['member', 'support'], rolesVersion: 2n });
    expect(answer.permissions).toContain('order:read');
    expect(answer.permissions).not.toContain('session:read');
    await eventually(async () =>
      expect(await changesOf(userId)).toEqual([
        { userId, rolesVersion: 2n, change: 'granted', role: 'support', changedBy: boss, reason: 'because' },
      ]),
    );
  });

  test('leaves by itself, and so does its end', async () => {
    const userId = uuidv7();
    const heard: string[] = [];
    const live = security.nats.connection.subscribe(`security.roles.changed.${userId}`, {
      callback: (_, message) => void heard.push(rolesChanged.codec.decode(message.data).change),
    });
    await security.nats.connection.flush();
    const { grant } = await tool().grantRole(request(userId, 'operator'));
    await eventually(() => expect(heard).toEqual(['granted']));
    const revoked = await tool().revokeRole({ userId, role: 'operator', reason: 'because' });
    expect(revoked).toEqual({ grantId: grant?.id });
    await eventually(() => expect(heard).toEqual(['granted', 'revoked']));
    live.unsubscribe();
    expect(await ask(userId)).toMatchObject({ roles: ['member'], rolesVersion: 3n });
  });

  test('of twenty at once is one, and the others see it', async () => {
    const userId = uuidv7();
    const answers = await Promise.all(Array.from({ length: 20 }, () => tool().grantRole(request(userId, 'support'))));
    expect(new Set(answers.map(({ grant }) => grant?.id)).size).toBe(1);
    expect((await ask(userId)).rolesVersion).toBe(2n);
  });

  test('of different roles at once counts every change', async () => {
    const userId = uuidv7();
    await Promise.all(['support', 'operator', 'admin'].map((role) => tool().grantRole(request(userId, role))));
    expect(await ask(userId)).toMatchObject({ roles: ['admin', 'member', 'operator', 'support'], rolesVersion: 4n });
    await eventually(async () =>
      expect((await changesOf(userId)).map(({ rolesVersion }) => rolesVersion)).toEqual([2n, 3n, 4n]),
    );
  });

  test('that runs out is not in force any more, even before it is swept, and is told of once', async () => {
    const userId = uuidv7();
    await tool().grantRole(request(userId, 'support', nowUs + MINUTE));
    expect(await ask(userId)).toMatchObject({ roles: ['member', 'support'], validUntilUs: nowUs + MINUTE });
    nowUs += MINUTE;
    expect((await ask(userId)).roles).toEqual(['member']);
    await eventually(async () => expect(await changesOf(userId)).toHaveLength(2));
    expect((await changesOf(userId))[1]).toMatchObject({ change: 'expired', rolesVersion: 3n, role: 'support' });
    expect(await ask(userId)).toMatchObject({ roles: ['member'], rolesVersion: 3n, validUntilUs: 0n });
  });

  test('is listed with others, page by page', async () => {
    const boss = await newAdmin();
    const users = Array.from({ length: 5 }, () => uuidv7());
    for (const userId of users) await tool().grantRole(request(userId, 'support'));
    const found: string[] = [];
    for (let after = ''; ; ) {
      const { grants, pageInfo } = await as(boss, granting).listGrants({ userId: '', page: { first: 2, after } });
      found.push(...grants.map(({ id, userId, role }) => (role === 'support' ? userId : id)));
      if (pageInfo?.hasNextPage !== true) break;
      after = pageInfo.endCursor;
    }
    expect(found).toEqual(expect.arrayContaining(users));
    expect(new Set(found).size).toBe(found.length);
    const [mine] = users as [string];
    const own = await as(mine, ['role:read:own']).listGrants({ userId: mine, page: undefined });
    expect(own.grants.map(({ role }) => role)).toEqual(['support']);
  });
});

describe('refused', () => {
  const me = uuidv7();
  const nobody = uuidv7();
  test.each<[rule: string, call: (boss: string) => Promise<unknown>, refusal: object]>([
    [
      'granting without the right',
      () => as(me, []).grantRole(request(nobody, 'support')),
      { code: 'permission_denied' },
    ],
    [
      'granting with a right that is only remembered',
      () => as(me, granting).grantRole(request(nobody, 'support')),
      { reason: 'not_permitted' },
    ],
    [
      'revoking with a right that is only remembered',
      (boss) => as(me, granting).revokeRole({ userId: boss, role: 'admin', reason: 'because' }),
      { reason: 'not_permitted' },
    ],
    [
      'granting to oneself',
      (boss) => as(boss, granting).grantRole(request(boss, 'operator')),
      { reason: 'self_grant' },
    ],
    [
      'a role that does not exist',
      (boss) => as(boss, granting).grantRole(request(nobody, 'king')),
      { reason: 'unknown_role', code: 'not_found' },
    ],
    [
      'granting what everybody has',
      (boss) => as(boss, granting).grantRole(request(nobody, 'member')),
      { reason: 'role_of_everybody' },
    ],
    [
      'an expiry in the past',
      (boss) => as(boss, granting).grantRole(request(nobody, 'support', nowUs)),
      { field: 'expires_at_us' },
    ],
    [
      'revoking what was not granted',
      (boss) => as(boss, granting).revokeRole({ userId: nobody, role: 'support', reason: 'because' }),
      { reason: 'not_granted' },
    ],
    [
      'another’s grants',
      () => as(me, ['role:read:own']).listGrants({ userId: nobody, page: undefined }),
      { code: 'permission_denied' },
    ],
    [
      'everybody’s grants',
      () => as(me, ['role:read:own']).listGrants({ userId: '', page: undefined }),
      { code: 'permission_denied' },
    ],
    ['the roles, to a member', () => as(me, ['role:read:own']).listRoles({}), { code: 'permission_denied' }],
    [
      'another’s permissions',
      () => as(me, ['role:read:own']).listPermissions({ userId: nobody }),
      { code: 'permission_denied' },
    ],
    [
      'another’s permission',
      () => as(me, []).checkPermission({ userId: nobody, permission: 'a:b' }),
      { code: 'permission_denied' },
    ],
    ['anything to nobody', () => as('', []).listPermissions({ userId: nobody }), { code: 'permission_denied' }],
    [
      'granting by a gateway for nobody',
      () => as('', granting).grantRole(request(nobody, 'admin')),
      { code: 'permission_denied' },
    ],
    [
      'a permission that is none',
      () => as(me, []).checkPermission({ userId: me, permission: 'x' }),
      { field: 'permission' },
    ],
    [
      'granting for a blank',
      (boss) => as(boss, granting).grantRole({ ...request(nobody, 'support'), reason: '   ' }),
      { code: 'invalid_argument', field: 'reason' },
    ],
    [
      'revoking for nothing to see',
      (boss) => as(boss, granting).revokeRole({ userId: nobody, role: 'support', reason: '\u200b' }),
      { code: 'invalid_argument', field: 'reason' },
    ],
    ['an id that is none', () => as(me, []).listPermissions({ userId: 'x' }), { field: 'user_id' }],
    [
      'a cursor that is none',
      (boss) => as(boss, granting).listGrants({ userId: '', page: { first: 1, after: 'x' } }),
      { code: 'invalid_argument' },
    ],
  ])('%s', async (_, call, refusal) => {
    await expect(call(await newAdmin())).rejects.toMatchObject(refusal);
    expect((await ask(nobody)).roles).toEqual(['member']);
  });

  test('the last admin can neither go nor be made temporary; of two who revoke each other one stays', async () => {
    const { grants } = await tool().listGrants({ userId: '', page: { first: 200, after: '' } });
    const admins = grants.filter(({ role }) => role === 'admin').map(({ userId }) => userId);
    const [one, two] = [await newAdmin(), await newAdmin()];
    for (const userId of admins) await tool().revokeRole({ userId, role: 'admin', reason: 'because' });
    const outcomes = await Promise.allSettled([
      as(one, granting).revokeRole({ userId: two, role: 'admin', reason: 'because' }),
      as(two, granting).revokeRole({ userId: one, role: 'admin', reason: 'because' }),
    ]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const last = (await ask(one)).roles.includes('admin') ? one : two;
    await expect(tool().revokeRole({ userId: last, role: 'admin', reason: 'because' })).rejects.toMatchObject({
      reason: 'last_admin',
    });
    await expect(tool().grantRole(request(last, 'admin', nowUs + MINUTE))).rejects.toMatchObject({
      reason: 'last_admin',
    });
  });
});

test('an erased user has no role and no words about them left, and we say so', async () => {
  const userId = uuidv7();
  await tool().grantRole({ ...request(userId, 'support'), reason: 'Ada is good with people' });
  await security.publish(newEvent(userErasureStarted, { userId, pseudonym: 'p' }, { source: 'user' }));
  await eventually(async () =>
    expect(await security.published(userErased)).toContainEqual({ userId, service: 'security' }),
  );
  expect((await ask(userId)).roles).toEqual(['member']);
  const rows = await security.db`select reason, end_reason from role_grants where user_id = ${userId}`;
  expect(rows).toMatchObject([{ reason: '', end_reason: '' }]);
});

describe('a session', () => {
  test.each<[string, Partial<Caller>, object]>([
    ['whose password was typed long ago', { authenticatedAtUs: 1n }, { reason: 'recent_sign_in_required' }],
    ['of an API key', { apiKeyId: 'k' }, { code: 'permission_denied', reason: 'api_key_not_allowed' }],
  ])('%s neither grants nor revokes, whatever its rights', async (_, session, refused) => {
    const [boss, userId] = [uuidv7(), uuidv7()];
    await tool().grantRole(request(boss, 'admin'));
    const client = security.client(SecurityServiceService, { userId: boss, scopes: granting, ...session });
    await expect(client.grantRole(request(userId, 'support'))).rejects.toMatchObject(refused);
    await tool().grantRole(request(userId, 'support'));
    await expect(client.revokeRole({ userId, role: 'support', reason: 'because' })).rejects.toMatchObject(refused);
  });
});
