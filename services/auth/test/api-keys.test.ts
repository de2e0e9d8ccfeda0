import { eventually } from '@andvari/kit/testing/eventually';
import { apiKeyCreated, apiKeyRevoked } from '@andvari/proto/events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AuthWorld, openAuth, ownRights } from './auth-world.ts';

let auth: AuthWorld;
beforeAll(async () => {
  auth = await openAuth();
});
afterAll(() => auth.close());

const rights = [...ownRights, 'order:place:own', 'order:read:own'];
const refused = (reason: string) => ({ code: 'unauthenticated', reason });

async function keyFor(
  userId: string,
  fields: { scopes?: string[]; expiresAtUs?: bigint; dailyNotionalCap?: bigint } = {},
) {
  const request = { userId, name: 'bot', scopes: ['order:read:own'], expiresAtUs: 0n, dailyNotionalCap: 0n, ...fields };
  const { apiKey, secret } = await auth.as(userId, rights).createApiKey(request);
  return { id: apiKey?.id ?? '', secret };
}

describe('an API key', () => {
  test('says whose it is and what it may do; its secret is told once and kept as a hash', async () => {
    const { userId } = await auth.member();
    const key = await keyFor(userId, { scopes: ['order:place:own', 'order:place:own'], dailyNotionalCap: 5_000_000n });
    expect(await auth.anonymous.authenticateApiKey(key)).toEqual({
      userId,
      scopes: ['order:place:own'],
      expiresAtUs: 0n,
      dailyNotionalCap: 5_000_000n,
    });
    const { apiKeys, grantableScopes } = await auth.as(userId, rights).listApiKeys({ userId, page: undefined });
    expect(apiKeys).toMatchObject([{ id: key.id, name: 'bot' }]);
    expect(grantableScopes).toEqual(['order:place:own', 'order:read:own']);
    expect(JSON.stringify(apiKeys, (_, value: unknown) => String(value))).not.toContain(key.secret);
    const kept = await auth.service.db`select 1 from api_keys k where position(${key.secret} in k::text) > 0`;
    expect(kept).toHaveLength(0);
    await eventually(async () => {
      const events = (await auth.service.published(apiKeyCreated)).filter((event) => event.userId === userId);
      expect(events).toEqual([{ userId, apiKeyId: key.id, scopes: ['order:place:own'] }]);
    });
  });

  test.each([
    ['blank', '   '],
    ['a filler that is not seen', '\u3164'],
    ['turning around what stands beside it', 'bot\u202e'],
    ['like another but for what is not seen', 'b\u200bot'],
  ])('under a name that is %s is refused', async (_, name) => {
    const { userId } = await auth.member();
    const request = { userId, name, scopes: ['order:read:own'], expiresAtUs: 0n, dailyNotionalCap: 0n };
    const call = auth.as(userId, rights).createApiKey(request);
    await expect(call).rejects.toMatchObject({ code: 'invalid_argument', field: 'name' });
  });

  test('with a wrong secret is as unknown as one that nobody has', async () => {
    const { userId } = await auth.member();
    const [one, two] = [await keyFor(userId), await keyFor(userId)];
    const wrong = { id: one.id, secret: two.secret };
    await expect(auth.anonymous.authenticateApiKey(wrong)).rejects.toMatchObject(refused('api_key_invalid'));
    const unknown = { id: userId, secret: one.secret };
    await expect(auth.anonymous.authenticateApiKey(unknown)).rejects.toMatchObject(refused('api_key_invalid'));
  });

  test('ends at its time', async () => {
    const { userId } = await auth.member();
    const key = await keyFor(userId, { expiresAtUs: auth.now() + 60_000_000n });
    await auth.anonymous.authenticateApiKey(key);
    auth.moveClock(60);
    await expect(auth.anonymous.authenticateApiKey(key)).rejects.toMatchObject(refused('api_key_expired'));
  });

  test('ends when it is revoked, which is told once', async () => {
    const { userId } = await auth.member();
    const key = await keyFor(userId);
    const me = auth.as(userId, rights);
    await me.revokeApiKey({ userId, id: key.id });
    await expect(me.revokeApiKey({ userId, id: key.id })).rejects.toMatchObject({ code: 'not_found' });
    await expect(auth.anonymous.authenticateApiKey(key)).rejects.toMatchObject(refused('api_key_invalid'));
    expect((await me.listApiKeys({ userId, page: undefined })).apiKeys).toEqual([]);
    await eventually(async () => {
      const events = (await auth.service.published(apiKeyRevoked)).filter((event) => event.userId === userId);
      expect(events).toEqual([{ userId, apiKeyId: key.id }]);
    });
  });

  test('notes its last use, at most once a minute', async () => {
    const { userId } = await auth.member();
    const key = await keyFor(userId);
    const lastUse = async () =>
      (await auth.as(userId, rights).listApiKeys({ userId, page: undefined })).apiKeys[0]?.lastUsedAtUs ?? 0n;
    expect(await lastUse()).toBe(0n);
    await auth.anonymous.authenticateApiKey(key);
    const first = await lastUse();
    expect(first).toBeGreaterThan(0n);
    auth.moveClock(30);
    await auth.anonymous.authenticateApiKey(key);
    expect(await lastUse()).toBe(first);
    auth.moveClock(31);
    await auth.anonymous.authenticateApiKey(key);
    expect(await lastUse()).toBeGreaterThan(first + 60_000_000n);
  });

  test('never gets a right that its maker does not have', async () => {
    const { userId } = await auth.member();
    await expect(keyFor(userId, { scopes: ['order:read:own', 'ledger:adjust'] })).rejects.toMatchObject({
      code: 'invalid_argument',
      field: 'scopes[1]',
      reason: 'scope_refused',
    });
  });

  test('cannot make keys, whatever its scopes say', async () => {
    const { userId } = await auth.member();
    const { AuthServiceService } = await import('@andvari/proto/auth/v1/auth');
    const asKey = auth.service.client(AuthServiceService, { userId, scopes: rights, apiKeyId: userId });
    const request = { userId, name: 'b', scopes: ['order:read:own'], expiresAtUs: 0n, dailyNotionalCap: 0n };
    await expect(asKey.createApiKey(request)).rejects.toMatchObject({ reason: 'api_key_not_allowed' });
    await expect(asKey.logoutAll({ userId, exceptSessionId: '' })).rejects.toMatchObject({
      reason: 'api_key_not_allowed',
    });
  });

  test('there are at most 25, however many are asked for at once', async () => {
    const { userId } = await auth.member();
    const outcomes = await Promise.allSettled(Array.from({ length: 30 }, () => keyFor(userId)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(25);
    await expect(keyFor(userId)).rejects.toMatchObject({ reason: 'too_many_api_keys' });
  });
});
