import { AppError } from '@andvari/kit/base/errors';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { userIdOf } from './fake-service.ts';
import { type GatewayRig, gatewayRig, randomAddress } from './gateway-rig.ts';

let rig: GatewayRig;
const ADA = userIdOf('ada');
const csrf = { 'x-andvari-csrf': '1' };
const me = '{ me { userId } }';
const PER_MINUTE = 100;

beforeAll(async () => {
  rig = await gatewayRig({ LIMIT_PER_USER: String(PER_MINUTE), LIMIT_PER_API_KEY: String(PER_MINUTE) });
});
afterAll(() => rig.close());

describe('a credential that is not understood', () => {
  test.each<[string, Record<string, string>]>([
    ['of another scheme', { authorization: 'Basic YWRhOnNlY3JldA==' }],
    ['without a token', { authorization: 'Bearer' }],
    ['of half an API key', { 'x-api-key-id': ADA }],
    ['of the other half', { 'x-api-key-secret': 'good-secret' }],
  ])('%s is refused, never taken for none', async (_, headers) => {
    const { status, errors } = await rig.ask({ query: '{ health }', headers });
    expect(status).toBe(401);
    expect(errors[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED', reason: 'credential_unknown' });
  });
});

const keyHeaders = (id: string) => ({ 'x-api-key-id': id, 'x-api-key-secret': 'good-secret' });

describe('an API key', () => {
  test('has its owner’s limit and none beside it', async () => {
    const owner = userIdOf('grace');
    const answers = rig.auth.answers['authenticateApiKey'];
    rig.auth.answers['authenticateApiKey'] = () => ({
      userId: owner,
      scopes: ['profile:read:own'],
      expiresAtUs: 0n,
      dailyNotionalCap: 0n,
    });
    const begun = performance.now();
    const asked = await Promise.all(
      Array.from({ length: 30 }, (_, i) => {
        const key = userIdOf(`key ${i % 3}`);
        return rig.ask({ query: me, headers: { ...keyHeaders(key), 'x-forwarded-for': randomAddress() } });
      }),
    );
    const statuses = asked.map(({ status }) => status);
    const backMeanwhile = ((performance.now() - begun) / 60_000) * PER_MINUTE;
    rig.auth.answers['authenticateApiKey'] = answers as never;
    // A tenth of a minute's worth at once is ten, however many keys ask, and what the bucket gets back meanwhile.
    expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(10 + backMeanwhile + 1);
    expect(statuses).toContain(429);
  });

  test.each([
    ['unavailable', 'unavailable', 503, 'UNAVAILABLE'],
    ['overloaded', 'resource_exhausted', 429, 'RESOURCE_EXHAUSTED'],
    ['refusing for a reason of its own', 'not_found', 401, 'UNAUTHENTICATED'],
  ] as const)('is told the truth while auth is %s', async (_, code, expected, shown) => {
    const answers = rig.auth.answers['authenticateApiKey'];
    rig.auth.answers['authenticateApiKey'] = () => {
      throw new AppError(code, 'no', { reason: 'because' });
    };
    const id = userIdOf(`key while ${code}`);
    const { status, errors } = await rig.ask({
      query: me,
      headers: { 'x-api-key-id': id, 'x-api-key-secret': 'good-secret' },
    });
    rig.auth.answers['authenticateApiKey'] = answers as never;
    expect({ status, code: errors[0]?.extensions['code'] }).toEqual({ status: expected, code: shown });
    expect(errors[0]?.extensions['reason'] === 'api_key_invalid').toBe(expected === 401);
  });
});

describe('a recent sign-in', () => {
  test('travels with every call, from the token', async () => {
    const authTime = Math.floor(Date.now() / 1000) - 1000;
    const token = await rig.tokens.sign({ sub: ADA, authTime });
    await rig.ask({ query: me, token });
    expect(rig.user.calls.at(-1)?.caller.authenticatedAtUs).toBe(BigInt(authTime) * 1_000_000n);
  });

  test('is got by confirming the password, which changes the access cookie alone', async () => {
    const token = await rig.tokens.sign({ sub: ADA, sid: 'session-of-ada' });
    const cookie = `__Host-andvari_access=${token}`;
    const response = await rig.post('/auth/confirm', { password: 'correct' }, { ...csrf, cookie });
    expect(response.status).toBe(200);
    const set = response.headers.getSetCookie();
    expect(set).toHaveLength(1);
    expect(set[0]).toMatch(/^__Host-andvari_access=.+HttpOnly; Secure; SameSite=Lax$/);
    expect(rig.auth.callsOf('confirmPassword').at(-1)?.request).toMatchObject({
      userId: ADA,
      sessionId: 'session-of-ada',
    });
    expect((await rig.post('/auth/confirm', { password: 'correct' }, csrf)).status).toBe(401);
  });

  test('is asked for by type', async () => {
    const createApiKey = rig.auth.answers['createApiKey'];
    rig.auth.answers['createApiKey'] = () => {
      throw new AppError('failed_precondition', 'confirm', { reason: 'recent_sign_in_required' });
    };
    const query =
      'mutation { createApiKey(input: { name: "x", scopes: [] }) { __typename ... on Refusal { message } } }';
    const { data } = await rig.ask({ query, token: await rig.tokens.sign({ sub: userIdOf('eve') }) });
    rig.auth.answers['createApiKey'] = createApiKey as never;
    expect(data).toMatchObject({ createApiKey: { __typename: 'ConfirmPassword' } });
  });
});

describe('a refusal', () => {
  test('of a wrong password has its type', async () => {
    const changePassword = rig.auth.answers['changePassword'];
    // As auth says it: see its test of what a change asks for.
    rig.auth.answers['changePassword'] = () => {
      throw new AppError('invalid_argument', 'no', { reason: 'password_wrong', field: 'current_password' });
    };
    const query = 'mutation { changePassword(input: { currentPassword: "a", newPassword: "b" }) { __typename } }';
    const { data } = await rig.ask({ query, token: await rig.tokens.sign({ sub: userIdOf('lin') }) });
    rig.auth.answers['changePassword'] = changePassword as never;
    expect(data).toEqual({ changePassword: { __typename: 'WrongPassword' } });
  });

  test.each([
    ['locked', 'login_locked', 12_300n, 13],
    ['waiting in too long a queue', 'login_queue_full', undefined, undefined],
  ])('of somebody who is %s keeps its reason, and says for how long', async (_, reason, ms, seconds) => {
    const login = rig.auth.answers['login'];
    rig.auth.answers['login'] = () => {
      throw new AppError('resource_exhausted', 'no', {
        reason,
        numbers: ms === undefined ? {} : { retry_after_ms: ms },
      });
    };
    const response = await rig.post('/auth/login', { email: 'a@example.com', password: 'x' }, csrf);
    rig.auth.answers['login'] = login as never;
    expect(response.status).toBe(429);
    const { error } = (await response.json()) as { error: Record<string, unknown> };
    expect(error).toMatchObject({ code: 'RESOURCE_EXHAUSTED', reason });
    expect(error['retryAfterSeconds']).toBe(seconds);
  });
});

test.each([
  ['/verify', '/auth/verify-email'],
  ['/reset', '/auth/reset-password'],
])('the link of a mail leads to a page: %s', async (path, target) => {
  const response = await fetch(`${rig.url}${path}?token=abc`);
  expect(response.status).toBe(200);
  expect(response.headers.get('referrer-policy')).toBe('no-referrer');
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(await response.text()).toContain(target);
});
