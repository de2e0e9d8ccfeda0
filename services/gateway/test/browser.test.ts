import { AppError } from '@andvari/kit/base/errors';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { userIdOf } from './fake-service.ts';
import { type GatewayRig, gatewayRig } from './gateway-rig.ts';

/** What browsers bring along by themselves must not be enough to act for their user. */
let rig: GatewayRig;
let cookie: string;
const ADA = userIdOf('ada@example.com');
const APP = 'https://app.example';
const me = { query: '{ me { userId } }' };

beforeAll(async () => {
  rig = await gatewayRig({ ALLOWED_ORIGINS: APP });
  cookie = `other=1; __Host-andvari_access=${await rig.tokens.sign({ sub: ADA })}`;
});
afterAll(() => rig.close());

describe('requests with cookies', () => {
  const csrf = { 'x-andvari-csrf': '1' };
  test.each<[string, Record<string, string>, number]>([
    ['with the header from a page of ours', { ...csrf, 'sec-fetch-site': 'same-origin' }, 200],
    ['with the header and no browser', csrf, 200],
    ['with the header from an allowed origin', { ...csrf, 'sec-fetch-site': 'same-site', origin: APP }, 200],
    ['without the header', { 'sec-fetch-site': 'same-origin' }, 403],
    ['with another value in the header', { 'x-andvari-csrf': '0' }, 403],
    ['from another site', { ...csrf, 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, 403],
    ['from another site that does not name itself', { ...csrf, 'sec-fetch-site': 'cross-site' }, 403],
    [
      'from a neighbour on the same site',
      { ...csrf, 'sec-fetch-site': 'same-site', origin: 'https://evil.app.example' },
      403,
    ],
    ['from a foreign origin in an old browser', { ...csrf, origin: 'https://evil.example' }, 403],
    ['from an opaque origin', { ...csrf, origin: 'null' }, 403],
  ])('%s', async (_, headers, status) => {
    const response = await rig.post('/graphql', me, { cookie, ...headers });
    expect(response.status).toBe(status);
    const body = (await response.json()) as { data?: unknown; errors?: { extensions: Record<string, string> }[] };
    if (status === 200) expect(body.data).toEqual({ me: { userId: ADA } });
    else expect(body.errors?.[0]?.extensions).toMatchObject({ code: 'PERMISSION_DENIED' });
  });

  test('a form cannot be made to look like JSON', async () => {
    const response = await rig.post('/graphql', 'query={health}', {
      cookie,
      ...csrf,
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect(response.status).toBe(415);
  });

  test.each([
    ['another site', { origin: 'https://evil.example' }],
    ['another site that does not name itself', {}],
  ])('an event stream from %s is refused', async (_, headers: Record<string, string>) => {
    const query = encodeURIComponent('subscription { notifications { __typename } }');
    const response = await fetch(`${rig.url}/graphql?query=${query}`, {
      headers: { cookie, accept: 'text/event-stream', 'sec-fetch-site': 'cross-site', ...headers },
    });
    expect(response.status).toBe(403);
  });

  test('programs with a token of their own need none of it', async () => {
    const token = cookie.slice(cookie.lastIndexOf('=') + 1);
    const { status } = await rig.ask({ ...me, token, headers: { origin: 'https://evil.example' } });
    expect(status).toBe(200);
  });
});

const preflight = (origin: string): Promise<Response> =>
  fetch(`${rig.url}/graphql`, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });

describe('other origins', () => {
  test('an allowed one may ask and read', async () => {
    const { headers } = await preflight(APP);
    expect(headers.get('access-control-allow-origin')).toBe(APP);
    expect(headers.get('access-control-allow-headers')).toContain('x-andvari-csrf');
    expect(headers.get('access-control-allow-credentials')).toBe('true');
    expect(headers.get('vary')).toBe('Origin');
  });

  test('any other finds no permission', async () => {
    const { headers } = await preflight('https://evil.example');
    expect(headers.get('access-control-allow-origin')).toBeNull();
    // What is kept for one origin must not be served to another.
    expect(headers.get('vary')).toBe('Origin');
  });
});

describe('signing in and out', () => {
  const csrf = { 'x-andvari-csrf': '1' };
  const login = (headers: Record<string, string> = csrf): Promise<Response> =>
    rig.post('/auth/login', { email: 'ada@example.com', password: 'correct' }, headers);

  test('the answer is cookies that no script reads, and no token', async () => {
    const response = await login();
    expect(response.status).toBe(200);
    const cookies = response.headers.getSetCookie();
    expect(cookies).toHaveLength(2);
    for (const each of cookies)
      expect(each).toMatch(
        /^__Host-andvari_(access|refresh)=[^;]+; Path=\/; Max-Age=\d+; HttpOnly; Secure; SameSite=Lax$/,
      );
    const body = await response.text();
    expect(JSON.parse(body)).toMatchObject({ userId: ADA });
    expect(body).not.toMatch(/eyJ|refresh-of/);
  });

  const show = (body: Record<string, string>, headers: Record<string, string> = csrf): Promise<Response> =>
    rig.post('/auth/second-factor', body, headers);
  describe('with a second factor', () => {
    const GUARDED = { email: 'guarded@example.com', password: 'correct' };

    test('the right password is answered with a challenge and no cookie', async () => {
      const response = await rig.post('/auth/login', GUARDED, csrf);
      expect(response.status).toBe(200);
      expect(response.headers.getSetCookie()).toEqual([]);
      const expiresAt = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string;
      expect(await response.json()).toEqual({
        secondFactor: { challenge: 'challenge-of-guarded@example.com', expiresAt },
      });
    });

    test.each([
      ['a code', { code: '123456' }, { $case: 'code', value: '123456' }],
      [
        'a recovery code',
        { recoveryCode: 'aaaa-bbbb-cccc-dddd' },
        { $case: 'recoveryCode', value: 'aaaa-bbbb-cccc-dddd' },
      ],
    ])('%s turns the challenge into cookies', async (_, shown, proof) => {
      const challenge = 'challenge-of-guarded@example.com';
      const response = await show({ challenge, ...shown }, { ...csrf, 'x-forwarded-for': '198.51.100.8' });
      expect(response.status).toBe(200);
      expect(response.headers.getSetCookie()).toHaveLength(2);
      expect(await response.json()).toMatchObject({ userId: userIdOf('guarded@example.com') });
      expect(rig.auth.callsOf('completeLogin').at(-1)?.request).toMatchObject({
        challenge,
        proof: { proof },
        client: { address: '198.51.100.8' },
      });
    });

    test.each([
      [401, 'factor_code_wrong', { challenge: 'challenge-of-guarded', code: '000000' }],
      [401, 'factor_challenge_over', { challenge: 'made up', code: '123456' }],
      [400, undefined, { challenge: 'challenge-of-guarded' }],
      [400, undefined, { challenge: 'challenge-of-guarded', code: '123456', recoveryCode: 'aaaa-bbbb-cccc-dddd' }],
      [400, undefined, { challenge: 'challenge-of-guarded', code: '1'.repeat(41) }],
    ])('%s %s', async (status, reason, body) => {
      const response = await show(body);
      expect(response.status).toBe(status);
      expect(response.headers.getSetCookie()).toEqual([]);
      const { error } = (await response.json()) as { error: { reason?: string; field?: string } };
      expect(error.reason).toBe(reason);
      if (status === 400) expect(error.field).toBe('code');
    });

    test('a lock says its seconds', async () => {
      const { completeLogin } = rig.auth.answers;
      rig.auth.answers['completeLogin'] = () => {
        throw new AppError('resource_exhausted', 'too many', {
          reason: 'login_locked',
          numbers: { retry_after_ms: 29_001n },
        });
      };
      const response = await show({ challenge: 'challenge-of-guarded', code: '123456' });
      rig.auth.answers['completeLogin'] = completeLogin as never;
      expect(response.status).toBe(429);
      expect(response.headers.get('retry-after')).toBe('30');
      expect(await response.json()).toMatchObject({ error: { reason: 'login_locked', retryAfterSeconds: 30 } });
    });

    test('takes the header that no foreign form can send', async () => {
      expect((await show({ challenge: 'challenge-of-guarded', code: '123456' }, {})).status).toBe(403);
    });
  });

  test('without the header nobody is signed in: not even into somebody else’s account', async () => {
    expect((await login({})).status).toBe(403);
    expect((await login({ ...csrf, origin: 'https://evil.example' })).status).toBe(403);
  });

  test('auth is told where it comes from', async () => {
    await login({ ...csrf, 'x-forwarded-for': '198.51.100.7', 'user-agent': 'Browser/1' });
    expect(rig.auth.callsOf('login').at(-1)?.request).toMatchObject({
      client: { address: '198.51.100.7', userAgent: 'Browser/1' },
    });
  });

  test('a wrong password says no more than that', async () => {
    const response = await rig.post('/auth/login', { email: 'ada@example.com', password: 'wrong' }, csrf);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({
      error: {
        code: 'UNAUTHENTICATED',
        reason: 'credentials_invalid',
        traceId: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      },
    });
  });

  test('the refresh cookie brings new ones, a bad one takes them away', async () => {
    const good = await rig.post('/auth/refresh', {}, { ...csrf, cookie: `__Host-andvari_refresh=refresh-of-${ADA}` });
    expect(good.status).toBe(200);
    expect(good.headers.getSetCookie()).toHaveLength(2);
    const bad = await rig.post('/auth/refresh', {}, { ...csrf, cookie: '__Host-andvari_refresh=made-up' });
    expect(bad.status).toBe(401);
    expect(bad.headers.getSetCookie()).toHaveLength(2);
    expect(bad.headers.getSetCookie().every((each) => each.includes('Max-Age=0'))).toBe(true);
  });

  test.each<[brought: string, cookies: () => string, told: string | null]>([
    ['nothing', () => '', 'none'],
    ['cookies of others', () => 'other=1', 'none'],
    ['a cookie to refresh with', () => '__Host-andvari_refresh=whatever', null],
    ['one to be let in with', () => cookie, null],
  ])('whether a page may refresh is told where it brought %s', async (_, cookies, told) => {
    const answer = await rig.post('/graphql', { query: '{ __typename }' }, { ...csrf, cookie: cookies() });
    expect(answer.headers.get('x-andvari-session')).toBe(told);
  });

  test('a refresh that brought no cookie takes none away: another tab may have signed in meanwhile', async () => {
    const none = await rig.post('/auth/refresh', {}, csrf);
    expect(none.status).toBe(401);
    expect(none.headers.getSetCookie()).toEqual([]);
  });

  test('logging out ends the session and clears the cookies, also when the access token has run out', async () => {
    const token = await rig.tokens.sign({ sub: ADA, sid: 'leaving' });
    const out = await rig.post('/auth/logout', {}, { ...csrf, cookie: `__Host-andvari_access=${token}` });
    expect(out.status).toBe(200);
    expect(rig.auth.callsOf('logout').at(-1)?.request).toEqual({ userId: ADA, sessionId: 'leaving' });
    expect(out.headers.getSetCookie().every((each) => each.includes('Max-Age=0'))).toBe(true);
    const later = await rig.post('/auth/logout', {}, { ...csrf, cookie: `__Host-andvari_refresh=refresh-of-${ADA}` });
    expect(later.status).toBe(200);
    expect(rig.auth.callsOf('logout')).toHaveLength(2);
  });

  test('what nobody knows here is named', async () => {
    const body = { email: 'eve@example.com', password: 'long enough', nickname: 'eve' };
    const answer = await rig.post('/auth/register', body, csrf);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { field: 'nickname', message: 'nickname: is not known here' } });
  });

  test('the other ways in and out reach auth', async () => {
    const cookies = { ...csrf, cookie };
    const outcomes = [
      await rig.post('/auth/register', { email: 'eve@example.com', password: 'long enough' }, csrf),
      await rig.post('/auth/logout-all', {}, cookies),
      await rig.post('/auth/verify-email', { token: 't' }, csrf),
      await rig.post('/auth/request-password-reset', { email: 'eve@example.com' }, csrf),
      await rig.post('/auth/reset-password', { token: 't', newPassword: 'long enough' }, csrf),
    ];
    expect(outcomes.map(({ status }) => status)).toEqual([202, 200, 200, 202, 200]);
    for (const method of ['register', 'logoutAll', 'verifyEmail', 'requestPasswordReset', 'resetPassword']) {
      expect(rig.auth.callsOf(method), method).not.toEqual([]);
    }
  });

  test.each<[string, unknown]>([
    ['no JSON', '{'],
    ['an array', []],
    ['a missing password', { email: 'ada@example.com' }],
    ['something it does not know', { email: 'a', password: 'b', admin: true }],
  ])('%s is refused', async (_, body) => {
    const response = await rig.post('/auth/login', body, csrf);
    expect(response.status).toBe(400);
  });

  test('the mailbox is for development only', async () => {
    expect((await fetch(`${rig.url}/auth/mailbox`)).status).toBe(404);
    const unsaid = await rig.another({ ENVIRONMENT: '' });
    expect((await fetch(`${unsaid.url}/auth/mailbox`)).status).toBe(404);
    await unsaid.close();
    const development = await rig.another({ ENVIRONMENT: 'development' });
    const page = await fetch(`${development.url}/auth/mailbox`);
    expect(page.status).toBe(200);
    const text = await page.text();
    expect(text).toContain('&lt;b&gt;Hello&lt;/b&gt;');
    expect(text).toContain('<a href="http://127.0.0.1:8080/verify?token=A-b_9">');
    await development.close();
  });

  test('the signing keys and the probes are there, the metrics are not', async () => {
    expect(((await (await fetch(`${rig.url}/.well-known/jwks.json`)).json()) as { keys: unknown[] }).keys).toHaveLength(
      1,
    );
    expect((await fetch(`${rig.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${rig.url}/readyz`)).status).toBe(200);
    expect((await fetch(`${rig.url}/metrics`)).status).toBe(404);
    expect((await fetch(`${rig.adminUrl}/metrics`)).status).toBe(200);
  });
});
