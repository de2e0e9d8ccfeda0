import { AppError } from '@andvari/kit/base/errors';
import { createLocalJWKSet, generateKeyPair, type JSONWebKeySet, type JWTVerifyGetKey, SignJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { createTokenVerifier } from '../src/identity/access-tokens.ts';
import { type TestTokens, testTokens } from './test-tokens.ts';

let tokens: TestTokens;
let keyFor: JWTVerifyGetKey;
beforeAll(async () => {
  tokens = await testTokens();
  keyFor = createLocalJWKSet(JSON.parse(tokens.jwks()) as JSONWebKeySet);
});

const now = Math.floor(Date.now() / 1000);

describe('an access token', () => {
  test('says whose it is, of which session, how new their rights are, and from when until when', async () => {
    const token = await tokens.sign({ sub: 'ada', sid: 's', rv: 7, iat: now, exp: now + 300, authTime: now - 5 });
    expect(await createTokenVerifier(keyFor)(token)).toEqual({
      userId: 'ada',
      sessionId: 's',
      rolesVersion: 7n,
      issuedAtMs: now * 1000,
      authenticatedAtUs: BigInt(now - 5) * 1_000_000n,
      expiresAtMs: (now + 300) * 1000,
    });
  });

  test('is checked once and known from then on', async () => {
    let asked = 0;
    const verify = createTokenVerifier((...args) => {
      asked += 1;
      return keyFor(...args);
    });
    const token = await tokens.sign({ sub: 'ada' });
    const first = await verify(token);
    expect([verify(token), asked]).toEqual([first, 1]);
    expect(verify(token)).toBe(first);
  });

  const bad: [rule: string, claims: Parameters<TestTokens['sign']>[0]][] = [
    ['from another issuer', { sub: 'ada', iss: 'somebody' }],
    ['for another audience', { sub: 'ada', aud: 'something' }],
    ['that has run out', { sub: 'ada', iat: now - 600, exp: now - 300 }],
    ['of nobody', { sub: '' }],
    ['of no session', { sub: 'ada', sid: '' }],
    ['of half a version of rights', { sub: 'ada', rv: 1.5 }],
    ['from half a second', { sub: 'ada', iat: now - 0.5 }],
    ['until half a second', { sub: 'ada', exp: now + 300.5 }],
  ];
  test.each(bad)('%s is no good', async (_, claims) => {
    await expect(createTokenVerifier(keyFor)(await tokens.sign(claims))).rejects.toMatchObject({
      code: 'unauthenticated',
      reason: 'token_invalid',
      message: 'the access token is not good',
    });
  });
});

/** As `tokens` does, with a key of its own and one claim bent or left out. */
async function made(claims: Record<string, unknown>, alg = 'EdDSA') {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const token = new SignJWT({ sub: 'ada', sid: 's', rv: 1, iat: now, exp: now + 300, ...claims })
    .setProtectedHeader({ alg })
    .setIssuer('andvari')
    .setAudience('andvari-api');
  return { verify: createTokenVerifier(async () => publicKey), token: await token.sign(privateKey) };
}

test('with all that is asked for is as good as its key', async () => {
  const { verify, token } = await made({});
  expect(await verify(token)).toMatchObject({ userId: 'ada', authenticatedAtUs: undefined });
});

describe('a token that somebody else made', () => {
  test.each(['sub', 'sid', 'rv', 'iat', 'exp'])('without %s is no good', async (claim) => {
    const { verify, token } = await made({ [claim]: undefined });
    await expect(verify(token)).rejects.toMatchObject({
      reason: 'token_invalid',
      cause: expect.objectContaining({ claim }) as unknown,
    });
  });

  test('whose session is a number is no good', async () => {
    const { verify, token } = await made({ sid: 7 });
    await expect(verify(token)).rejects.toMatchObject({ reason: 'token_invalid' });
  });

  test('that is signed in another way is no good, whatever its key', async () => {
    const { verify, token } = await made({}, 'ES256');
    await expect(verify(token)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  test('says nothing of a password where that is no time', async () => {
    const { verify, token } = await made({ auth_time: 'soon' });
    expect(await verify(token)).toMatchObject({ authenticatedAtUs: undefined });
  });

  test('cannot be judged while nobody knows the keys, and that is what is said', async () => {
    const unknown = new AppError('unavailable', 'no keys', { reason: 'no_keys' });
    const verify = createTokenVerifier(() => Promise.reject(unknown));
    await expect(verify(await tokens.sign({ sub: 'ada' }))).rejects.toBe(unknown);
  });
});
