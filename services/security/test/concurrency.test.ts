import { newEvent } from '@andvari/kit/events/event';
import { eventually } from '@andvari/kit/testing/eventually';
import { type TestService, testService } from '@andvari/kit/testing/test-service';
import { accountClosed, deletionRequested, orderPlaced, rolesChanged, sessionRevoked } from '@andvari/proto/events';
import { SecurityServiceService } from '@andvari/proto/security/v1/security';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../src/config.ts';
import { migrations, start } from '../src/main.ts';

/** The other tests run on one connection, where nothing is ever at the same time. Here there are many. */
let security: TestService<Awaited<ReturnType<typeof start>>>;

beforeAll(async () => {
  security = await testService({
    readConfig,
    start,
    migrations,
    streams: ['AUTH', 'USER', 'ORDER', 'PORTFOLIO', 'SECURITY'],
    env: { POSTGRES_CONNECTIONS: '10', AUDIT_CHECKPOINT_ROWS: '7' },
  });
  const tool = security.client(SecurityServiceService, {});
  // The connections are made before anything is raced.
  await Promise.all(Array.from({ length: 20 }, () => tool.listRoles({})));
});
afterAll(() => security.close());

const tool = () => security.client(SecurityServiceService, {});
const as = (userId: string) => security.client(SecurityServiceService, { userId, scopes: ['role:grant'] });
const grant = (userId: string, role: string) => tool().grantRole({ userId, role, expiresAtUs: 0n, reason: 'a test' });
const revoke = (by: string, userId: string) => as(by).revokeRole({ userId, role: 'admin', reason: 'a test' });

test('the same grant twenty times at once is one', async () => {
  const userId = uuidv7();
  await grant(userId, 'support');
  await tool().revokeRole({ userId, role: 'support', reason: 'a test' });
  const answers = await Promise.all(Array.from({ length: 20 }, () => grant(userId, 'support')));
  expect(new Set(answers.map((answer) => answer.grant?.id)).size).toBe(1);
  expect((await tool().listPermissions({ userId })).rolesVersion).toBe(4n);
});

test('every change of one user has a version of its own, told in order', async () => {
  const userId = uuidv7();
  await Promise.all(['support', 'operator', 'admin'].map((role) => grant(userId, role)));
  await eventually(async () => {
    const told = (await security.published(rolesChanged)).filter((event) => event.userId === userId);
    expect(told.map(({ rolesVersion }) => rolesVersion)).toEqual([2n, 3n, 4n]);
  });
});

test('of admins who revoke one another all at once, one stays', async () => {
  for (let round = 0; round < 5; round += 1) {
    const admins = Array.from({ length: 6 }, () => uuidv7());
    for (const userId of admins) await grant(userId, 'admin');
    const { grants } = await tool().listGrants({ userId: '', page: { first: 200, after: '' } });
    const others = grants.filter(({ role, userId }) => role === 'admin' && !admins.includes(userId));
    for (const { userId } of others) await tool().revokeRole({ userId, role: 'admin', reason: 'a test' });
    await Promise.allSettled(admins.map((userId, index) => revoke(userId, admins[(index + 1) % 6] ?? '')));
    const left = await tool().listGrants({ userId: '', page: { first: 200, after: '' } });
    expect(left.grants.filter(({ role }) => role === 'admin').length).toBeGreaterThan(0);
  }
});

test('four streams that write the audit trail at once make one chain', async () => {
  const users = Array.from({ length: 150 }, () => uuidv7());
  const [accountId, orderId] = [uuidv7(), uuidv7()];
  const made = [
    users.map((userId) => newEvent(sessionRevoked, { userId, sessionId: 's', reason: 'logout' }, { source: 'auth' })),
    users.map((userId) => newEvent(deletionRequested, { userId }, { source: 'user' })),
    users.map((userId) => newEvent(accountClosed, { userId, accountId }, { source: 'portfolio' })),
    users.map((userId) =>
      newEvent(
        orderPlaced,
        { ...orderPlaced.codec.decode(new Uint8Array()), userId, accountId, orderId, symbol: 'X' },
        { source: 'order' },
      ),
    ),
  ];
  await Promise.all(made.map((events) => security.publish(...events)));
  await eventually(async () => {
    const [row] = await security.db`select count(*)::int as n, max(sequence)::int as last from audit_entries`;
    expect(row?.['n']).toBeGreaterThanOrEqual(600);
    expect(row?.['last']).toBe(row?.['n']);
  });
  expect(await security.db`select error from dead_letters`).toEqual([]);
  expect(await tool().verifyAudit({ fromSequence: 0n, limit: 0n })).toMatchObject({ intact: true });
});
