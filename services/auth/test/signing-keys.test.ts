import { eventually } from '@andvari/kit/testing/eventually';
import { testScope } from '@andvari/kit/testing/test-scope';
import { signingKeyRotated } from '@andvari/proto/events';
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../src/config.ts';
import { start } from '../src/main.ts';
import { sealer } from '../src/ports/sealed.ts';
import { type AuthWorld, cheapHashes, openAuth } from './auth-world.ts';

const DAY = 86_400;

let auth: AuthWorld;
beforeAll(async () => {
  auth = await openAuth({
    ...cheapHashes,
    SESSION_IDLE_MS: String(300 * DAY * 1000),
    SESSION_ABSOLUTE_MS: String(300 * DAY * 1000),
  });
});
afterAll(() => auth.close());

const jwks = async (): Promise<JSONWebKeySet> =>
  JSON.parse((await auth.anonymous.getJwks({})).jwksJson) as JSONWebKeySet;
const keyIds = async () => (await jwks()).keys.map(({ kid }) => kid);

async function verified(token: string) {
  return jwtVerify(token, createLocalJWKSet(await jwks()), {
    issuer: 'andvari',
    audience: 'andvari-api',
    algorithms: ['EdDSA'],
    currentDate: new Date(Number(auth.now() / 1000n)),
  });
}

describe('an access token', () => {
  test('is good for five minutes and says who, in which session, with which version of their roles', async () => {
    const person = await auth.member();
    const { accessToken, accessExpiresAtUs, sessionId } = await auth.login(person);
    const { payload, protectedHeader } = await verified(accessToken);
    expect(payload).toEqual({
      sub: person.userId,
      sid: sessionId,
      rv: 0,
      auth_time: expect.any(Number),
      iss: 'andvari',
      aud: 'andvari-api',
      iat: expect.any(Number),
      exp: expect.any(Number),
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(300);
    expect(payload.exp).toBe(Number(accessExpiresAtUs / 1_000_000n));
    expect(await keyIds()).toContain(protectedHeader.kid);
    auth.moveClock(301);
    await expect(verified(accessToken)).rejects.toMatchObject({ code: 'ERR_JWT_EXPIRED' });
  });

  test('the key set has public halves only', async () => {
    for (const key of (await jwks()).keys) {
      expect(Object.keys(key).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
    }
  });
});

describe('a signing key', () => {
  test('is published before it signs, and stays while its tokens live', async () => {
    const person = await auth.member();
    const { refreshToken } = await auth.login(person);
    const [old] = await keyIds();
    // Nobody asked for a while, so the next key comes late; it is published for five minutes all the same.
    auth.moveClock(30 * DAY);
    const both = await keyIds();
    expect(both).toHaveLength(2);
    expect(both[0]).toBe(old);

    auth.moveClock(295);
    const before = await auth.anonymous.refresh({ refreshToken, client: undefined });
    auth.moveClock(10);
    const after = await auth.anonymous.refresh({
      refreshToken: before.tokens?.refreshToken ?? '',
      client: undefined,
    });
    const [lastOfOld, firstOfNew] = [before.tokens?.accessToken ?? '', after.tokens?.accessToken ?? ''];
    expect(decodeProtectedHeader(lastOfOld).kid).toBe(old);
    expect(decodeProtectedHeader(firstOfNew).kid).toBe(both[1]);
    auth.moveClock(280);
    await verified(lastOfOld);
    await verified(firstOfNew);

    // With a minute for clocks that differ.
    expect(await keyIds()).toEqual(both);
    auth.moveClock(70);
    expect(await keyIds()).toHaveLength(2);
    auth.moveClock(6);
    expect(await keyIds()).toEqual([both[1]]);
  });

  test('is made once, though several instances look at once, and told of once', async () => {
    const before = await auth.service.published(signingKeyRotated);
    const env = { ...auth.service.env, POSTGRES_CONNECTIONS: '2' };
    const scopes = [testScope(), testScope(), testScope()];
    try {
      // These live at a time when the next key is due; the first to look makes it.
      auth.moveClock(30 * DAY);
      const now = () => auth.now();
      await Promise.all(scopes.map((scope) => start(scope, readConfig(env), { now })));
      await keyIds();
      const rows = await auth.service.db`select 1 from signing_keys`;
      expect(rows).toHaveLength(2);
      await eventually(async () => {
        const events = await auth.service.published(signingKeyRotated);
        expect(events.length - before.length).toBe(1);
      });
    } finally {
      await Promise.all(scopes.map((scope) => scope.close()));
    }
  });

  test('is sealed in the database', async () => {
    const rows = await auth.service.db<{ key_id: string; public_jwk: string; sealed_private_key: Buffer }[]>`
      select key_id, public_jwk, sealed_private_key from signing_keys`;
    for (const row of rows) {
      expect(row.public_jwk).not.toContain('"d"');
      expect(row.sealed_private_key.toString('latin1')).not.toContain('"d"');
      const right = sealer(['a key that only tests use, 32 characters'], 'signing keys');
      expect(right.open(row.sealed_private_key, row.key_id)?.toString()).toContain('"d"');
      expect(right.open(row.sealed_private_key, 'another key')).toBeUndefined();
      expect(
        sealer(['a key that is another one, 32 characters'], 'signing keys').open(row.sealed_private_key, row.key_id),
      ).toBeUndefined();
    }
  });

  test('that does not open stops the start; with the key of before it goes on', async () => {
    const replaced = { ...auth.service.env, KEY_ENCRYPTION_KEY: 'the next key of all, also 32 characters' };
    const now = () => auth.now();
    const failing = testScope();
    await expect(start(failing, readConfig(replaced), { now })).rejects.toThrow(/KEY_ENCRYPTION_KEY_PREVIOUS/);
    await failing.close();
    const going = testScope();
    const previous = auth.service.env['KEY_ENCRYPTION_KEY'] ?? '';
    await start(going, readConfig({ ...replaced, KEY_ENCRYPTION_KEY_PREVIOUS: previous }), { now });
    await going.close();
  });
});
