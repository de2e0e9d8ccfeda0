import { randomUUID } from 'node:crypto';
import { AppError } from '@andvari/kit/base/errors';
import { eventually } from '@andvari/kit/testing/eventually';
import { apiKeyRevoked, sessionRevoked } from '@andvari/proto/events';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { userIdOf } from './fake-service.ts';
import { adminPermissions } from './fake-services.ts';
import { type GatewayRig, gatewayRig, randomAddress, SOON } from './gateway-rig.ts';

let rig: GatewayRig;
const ADA = userIdOf('ada');
const me = '{ me { userId } }';

beforeAll(async () => {
  rig = await gatewayRig({ PERMISSIONS_FRESH_MS: '1', PERMISSIONS_STALE_MS: '2000' });
});
afterAll(() => rig.close());
afterEach(async () => {
  await rig.auth.start();
  await eventually(async () => {
    const login = await rig.post('/auth/login', { email: 'a', password: 'wrong' }, { 'x-andvari-csrf': '1' });
    expect(login.status).toBe(401);
  });
});

describe('access tokens', () => {
  const now = Math.floor(Date.now() / 1000);
  test.each([
    ['from another issuer', { iss: 'somebody' }],
    ['for another audience', { aud: 'something' }],
    ['that has run out', { iat: now - 600, exp: now - 300 }],
    ['of a user without an id', { sub: '' }],
  ])('one %s is not good', async (_, claims) => {
    const token = await rig.tokens.sign({ sub: ADA, ...claims });
    const { status, errors } = await rig.ask({ query: me, token });
    expect(status).toBe(401);
    expect(errors[0]?.extensions['traceId']).toBeDefined();
  });

  test('one whose signature was changed is not good', async () => {
    const token = await rig.tokens.sign({ sub: ADA });
    const [head, , signature] = token.split('.');
    const forged = `${head}.${Buffer.from('{"sub":"eve"}').toString('base64url')}.${signature}`;
    expect((await rig.ask({ query: me, token: forged })).status).toBe(401);
    expect((await rig.ask({ query: me, token: `${token}x` })).status).toBe(401);
  });

  test('a key that was rotated in is found, and asked for once however many come with unknown keys', async () => {
    await rig.ask({ query: me, token: await rig.tokens.sign({ sub: ADA }) });
    const other = await gatewayRig();
    const foreign = await other.tokens.sign({ sub: ADA });
    await other.close();
    const before = rig.auth.callsOf('getJwks').length;
    const address = { 'x-forwarded-for': randomAddress() };
    await Promise.all(Array.from({ length: 20 }, () => rig.ask({ query: me, token: foreign, headers: address })));
    expect(rig.auth.callsOf('getJwks').length - before).toBeLessThanOrEqual(1);
    await rig.tokens.rotate();
    const token = await rig.tokens.sign({ sub: ADA });
    await eventually(async () => expect((await rig.ask({ query: me, token })).status).toBe(200));
  });

  test('signed-in users go on while auth is away; what is auth’s own is not available', async () => {
    const token = await rig.tokens.sign({ sub: ADA });
    expect((await rig.ask({ query: me, token })).status).toBe(200);
    await rig.auth.stop();
    const again = await rig.tokens.sign({ sub: userIdOf('bob') });
    for (const each of [token, again]) {
      const { data, errors } = await rig.ask({ query: '{ me { userId } sessions { nodes { id } } }', token: each });
      expect(data).toMatchObject({ me: { userId: expect.any(String) as string }, sessions: null });
      expect(errors).toHaveLength(1);
      expect(errors[0]).toMatchObject({ path: ['sessions'], extensions: { code: 'UNAVAILABLE' } });
      expect(errors[0]?.message).not.toMatch(/127\.0\.0\.1|ECONN|AuthService/);
    }
    const login = await rig.post('/auth/login', { email: 'a', password: 'correct' }, { 'x-andvari-csrf': '1' });
    expect(login.status).toBe(503);
  });
});

describe('revocation', () => {
  test('a revoked session is out within a second, others of the same user are not', async () => {
    const sid = randomUUID();
    const token = await rig.tokens.sign({ sub: ADA, sid });
    const other = await rig.tokens.sign({ sub: ADA });
    expect((await rig.ask({ query: me, token })).status).toBe(200);
    await rig.publish(sessionRevoked, { userId: ADA, sessionId: sid, reason: 'revoked' });
    await eventually(async () => expect((await rig.ask({ query: me, token })).status).toBe(401), SOON);
    expect((await rig.ask({ query: me, token: other })).status).toBe(200);
  });

  test('a gateway that starts later knows of it', async () => {
    const sid = randomUUID();
    const token = await rig.tokens.sign({ sub: ADA, sid });
    await rig.publish(sessionRevoked, { userId: ADA, sessionId: sid, reason: 'logout' });
    const late = await rig.another();
    expect(await statusAt(late.url, token)).toBe(401);
    await late.close();
  });

  test('what the stream has forgotten a gateway that starts later knows from Redis', async () => {
    const sid = randomUUID();
    const token = await rig.tokens.sign({ sub: ADA, sid });
    await rig.publish(sessionRevoked, { userId: ADA, sessionId: sid, reason: 'logout' });
    await eventually(async () => expect((await rig.ask({ query: me, token })).status).toBe(401), SOON);
    await rig.nats.jsm.streams.purge('AUTH');
    // Redis is told aside from everything else: another that starts may still be too early.
    await eventually(
      async () => {
        const late = await rig.another();
        const status = await statusAt(late.url, token);
        await late.close();
        expect(status).toBe(401);
      },
      { timeoutMs: 30_000 },
    );
  });

  test('a session that is revoked while Redis is away is out as well', async () => {
    const sid = randomUUID();
    const token = await rig.tokens.sign({ sub: ADA, sid });
    rig.redis.cut();
    try {
      expect((await rig.ask({ query: me, token })).status).toBe(200);
      await rig.publish(sessionRevoked, { userId: ADA, sessionId: sid, reason: 'revoked' });
      await eventually(async () => expect((await rig.ask({ query: me, token })).status).toBe(401));
    } finally {
      rig.redis.mend();
    }
  });
});

async function statusAt(url: string, token: string): Promise<number> {
  const { status } = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: me }),
  });
  return status;
}

describe('API keys', () => {
  const bot = userIdOf('bot');
  const headers = { 'x-api-key-id': bot, 'x-api-key-secret': 'good-secret' };

  test('a key speaks for its owner, as far as its scopes go', async () => {
    rig.user.calls.length = 0;
    const { data, errors } = await rig.ask({ query: '{ me { userId } preferences { theme } }', headers });
    expect(data).toEqual({ me: { userId: bot }, preferences: null });
    expect(errors[0]).toMatchObject({
      message: 'not allowed: preferences:read',
      extensions: { code: 'PERMISSION_DENIED', reason: 'permission_missing' },
    });
    expect(rig.user.callsOf('batchGetProfiles').at(-1)?.caller).toMatchObject({
      apiKeyId: bot,
      sessionId: '',
      scopes: ['profile:read:own'],
    });
  });

  test('a wrong secret is refused, and auth is not asked each time', async () => {
    const wrong = { 'x-api-key-id': bot, 'x-api-key-secret': 'guess', 'x-forwarded-for': randomAddress() };
    const before = rig.auth.callsOf('authenticateApiKey').length;
    for (let time = 0; time < 4; time += 1) expect((await rig.ask({ query: me, headers: wrong })).status).toBe(401);
    expect(rig.auth.callsOf('authenticateApiKey').length - before).toBe(1);
  });

  test('a revoked key is out within a second', async () => {
    const { authenticateApiKey } = rig.auth.answers;
    expect((await rig.ask({ query: me, headers })).status).toBe(200);
    rig.auth.answers['authenticateApiKey'] = () => {
      throw new AppError('unauthenticated', 'no', { reason: 'api_key_invalid' });
    };
    await rig.publish(apiKeyRevoked, { userId: bot, apiKeyId: bot });
    await eventually(async () => expect((await rig.ask({ query: me, headers })).status).toBe(401), SOON);
    rig.auth.answers['authenticateApiKey'] = authenticateApiKey as never;
  });
});

const change = async (userId: string, permissions: string[], version: bigint): Promise<void> => {
  rig.permissions.set(userId, permissions);
  rig.rolesVersions.set(userId, version);
  await rig.publishRoles(userId, version);
};

describe('permissions', () => {
  const roles = '{ roles { nodes { name } } }';
  test('a role that is granted, and one that is revoked, is in force within a second', async () => {
    const slow = await gatewayRig({ PERMISSIONS_FRESH_MS: '60000' });
    const eve = userIdOf('eve');
    const token = await slow.tokens.sign({ sub: eve });
    const allowed = async (): Promise<boolean> => (await slow.ask({ query: roles, token })).errors.length === 0;
    expect(await allowed()).toBe(false);
    slow.permissions.set(eve, adminPermissions);
    await slow.publishRoles(eve);
    await eventually(async () => expect(await allowed()).toBe(true), SOON);
    slow.permissions.set(eve, []);
    await slow.publishRoles(eve, 3n, 'revoked');
    await eventually(async () => expect(await allowed()).toBe(false), SOON);
    await slow.close();
  });

  test('a token that has heard of newer roles is not judged by older ones', async () => {
    const user = userIdOf('newer');
    await rig.ask({ query: roles, token: await rig.tokens.sign({ sub: user, rv: 1 }) });
    rig.permissions.set(user, adminPermissions);
    rig.rolesVersions.set(user, 2n);
    expect((await rig.ask({ query: roles, token: await rig.tokens.sign({ sub: user, rv: 2 }) })).errors).toEqual([]);
  });

  test('while security is away, what was known serves on for a while, then nothing is allowed', async () => {
    const known = await rig.tokens.sign({ sub: userIdOf('known') });
    const changed = await rig.tokens.sign({ sub: userIdOf('changed') });
    for (const token of [known, changed]) expect((await rig.ask({ query: me, token })).errors).toEqual([]);
    await rig.security.stop();
    try {
      expect((await rig.ask({ query: me, token: known })).errors).toEqual([]);
      const stranger = await rig.ask({
        query: `{ health me { userId } }`,
        token: await rig.tokens.sign({ sub: userIdOf('new') }),
      });
      expect(stranger.data).toEqual({ health: 'ok', me: null });
      expect(stranger.errors[0]?.extensions['code']).toBe('UNAVAILABLE');
      await change(userIdOf('changed'), [], 2n);
      await eventually(async () =>
        expect((await rig.ask({ query: me, token: changed })).errors[0]?.extensions['code']).toBe('UNAVAILABLE'),
      );
      await eventually(async () =>
        expect((await rig.ask({ query: me, token: known })).errors[0]?.extensions['code']).toBe('UNAVAILABLE'),
      );
    } finally {
      await rig.security.start();
    }
    await eventually(async () => expect((await rig.ask({ query: me, token: known })).errors).toEqual([]));
  });
});
