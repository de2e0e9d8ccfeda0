import { eventually as eventuallyWithin } from '@andvari/kit/testing/eventually';
import { AuthServiceService } from '@andvari/proto/auth/v1/auth';
import { SecurityServiceService } from '@andvari/proto/security/v1/security';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Browser } from './browser.ts';
import { type System, startSystem } from './system.ts';

/** The real processes, from registration to the end of an account. */
const PASSWORD = 'correct horse battery staple';
const NEW_PASSWORD = 'an entirely different phrase 42';
const eventually: typeof eventuallyWithin = (assertion) => eventuallyWithin(assertion, { timeoutMs: 20_000 });

let system: System;
/** Everything that must never stand in a log. */
const secrets = new Set<string>([PASSWORD, NEW_PASSWORD]);

beforeAll(async () => {
  system = await startSystem(['auth', 'security', 'user', 'portfolio', 'gateway'], {
    LOCKOUT_ADDRESS_FREE: '10000',
    LIMIT_LOGINS_PER_ADDRESS: '10000',
    // Each test speaks as from an address of its own.
    TRUSTED_PROXIES: '127.0.0.1,::1,::ffff:127.0.0.1',
  });
}, 120_000);
afterAll(() => system.close());

let people = 0;

interface Person {
  email: string;
  browser: Browser;
  userId: string;
}

function visitor(): Browser {
  people += 1;
  return new Browser(system.url, { 'x-forwarded-for': `198.51.100.${people % 250}` });
}

async function letterTo(email: string, kind: RegExp): Promise<string> {
  const auth = system.client('auth', AuthServiceService);
  return eventually(async () => {
    const { mails } = await auth.listDevelopmentMail({ to: email, page: { first: 20, after: '' } });
    const body = mails.find(({ subject, body: text }) => kind.test(subject) || kind.test(text))?.body ?? '';
    const token = /token=([\w-]+)/.exec(body)?.[1];
    if (token === undefined) throw new Error(`no letter for ${email}`);
    secrets.add(token);
    return token;
  });
}

async function registered(): Promise<Person> {
  const browser = visitor();
  const email = `person-${people}-${process.pid}@example.com`;
  secrets.add(email);
  const answer = await browser.post('/auth/register', {
    email,
    password: PASSWORD,
    givenName: 'Ada',
    familyName: 'Lovelace',
  });
  expect(answer).toMatchObject({ status: 202, json: {} });
  const token = await letterTo(email, /verif|confirm/i);
  expect(await browser.post('/auth/verify-email', { token })).toMatchObject({ status: 200 });
  const signedIn = await browser.post('/auth/login', { email, password: PASSWORD });
  expect(signedIn.status, signedIn.text).toBe(200);
  const { userId } = signedIn.json as { userId: string };
  for (const value of browser.cookies.values()) secrets.add(value);
  await eventually(async () => {
    const { data, errors } = await browser.ask('{ me { userId } }');
    expect(errors).toEqual([]);
    expect(data).toEqual({ me: { userId } });
  });
  return { email, browser, userId };
}

describe('a user’s life', () => {
  test('registers, proves the address, signs in, changes things, and leaves', { timeout: 120_000 }, async () => {
    const { browser, email, userId } = await registered();
    expect((await browser.ask('{ me { email givenName onboarding { state } version } }')).data).toMatchObject({
      me: { email, givenName: 'Ada' },
    });
    const changed = await browser.ask(
      'mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { ... on User { timezone version } ... on Refusal { message } } }',
      { input: { timezone: 'America/Toronto' } },
    );
    expect(changed.data).toMatchObject({ updateProfile: { timezone: 'America/Toronto' } });
    const listed = await browser.ask(
      'mutation { createWatchlist(input: { name: "Tech", symbols: ["AAPL", "MSFT"] }) { ... on Watchlist { name symbols } } }',
    );
    expect(listed.data).toEqual({ createWatchlist: { name: 'Tech', symbols: ['AAPL', 'MSFT'] } });
    expect((await browser.ask('{ sessions { nodes { isCurrent } } }')).data).toEqual({
      sessions: { nodes: [{ isCurrent: true }] },
    });

    const asked = await browser.ask(
      'mutation { requestAccountDeletion { ... on AccountDeletion { state } ... on Refusal { message } } }',
    );
    expect(asked.errors).toEqual([]);
    // Erased everywhere: the session is gone with the account, and so is the way back in.
    await eventually(async () => expect((await browser.ask('{ me { userId } }')).data).not.toEqual({ me: { userId } }));
    await eventually(async () =>
      expect((await visitor().post('/auth/login', { email, password: PASSWORD })).status).toBe(401),
    );
  });

  test('a password is changed and one that was forgotten is reset', { timeout: 60_000 }, async () => {
    const { browser, email } = await registered();
    const changed = await browser.ask(
      'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { __typename } }',
      { input: { currentPassword: PASSWORD, newPassword: NEW_PASSWORD } },
    );
    expect(changed.data).toEqual({ changePassword: { __typename: 'PasswordChanged' } });
    expect((await visitor().post('/auth/login', { email, password: PASSWORD })).status).toBe(401);
    await visitor().post('/auth/request-password-reset', { email });
    const token = await letterTo(email, /reset/i);
    expect(await visitor().post('/auth/reset-password', { token, newPassword: PASSWORD })).toMatchObject({
      status: 200,
    });
    expect((await visitor().post('/auth/reset-password', { token, newPassword: NEW_PASSWORD })).status).toBe(400);
    expect((await visitor().post('/auth/login', { email, password: PASSWORD })).status).toBe(200);
  });
});

describe('sessions', () => {
  test('two tabs that refresh at once both stay signed in', { timeout: 60_000 }, async () => {
    const { browser } = await registered();
    const other = browser.copy();
    const [one, two] = await Promise.all([browser.post('/auth/refresh', {}), other.post('/auth/refresh', {})]);
    expect([one.status, two.status]).toEqual([200, 200]);
    for (const tab of [browser, other]) expect((await tab.ask('{ me { userId } }')).errors).toEqual([]);
  });

  test('a stolen refresh token used twice ends the whole family', { timeout: 60_000 }, async () => {
    const { browser } = await registered();
    const thief = browser.copy();
    expect((await browser.post('/auth/refresh', {})).status).toBe(200);
    expect((await browser.post('/auth/refresh', {})).status).toBe(200);
    // Two generations old: nobody who is honest still holds it.
    expect((await thief.post('/auth/refresh', {})).status).toBe(401);
    await eventually(async () => expect((await browser.post('/auth/refresh', {})).status).toBe(401));
  });

  test('a revoked session is refused everywhere within a second', { timeout: 60_000 }, async () => {
    const { browser, email } = await registered();
    const other = visitor();
    expect((await other.post('/auth/login', { email, password: PASSWORD })).status).toBe(200);
    const { data } = await other.ask(
      'mutation { logoutEverywhere(keepCurrent: true) { ... on LoggedOut { revokedSessions } } }',
    );
    expect(data).toEqual({ logoutEverywhere: { revokedSessions: 1 } });
    const revokedAt = performance.now();
    await eventually(async () => expect((await browser.ask('{ me { userId } }')).data).not.toHaveProperty('me.userId'));
    expect(performance.now() - revokedAt).toBeLessThan(1000);
    expect((await other.ask('{ me { userId } }')).errors).toEqual([]);
  });
});

describe('rights', () => {
  test('a role granted and revoked while signed in takes effect within a second', { timeout: 60_000 }, async () => {
    const { browser, userId } = await registered();
    const security = system.client('security', SecurityServiceService);
    const mayReadAudit = async (): Promise<boolean> => {
      const { errors } = await browser.ask('{ auditLog(first: 1) { nodes { action } } }');
      return errors.length === 0;
    };
    expect(await mayReadAudit()).toBe(false);
    await security.grantRole({ userId, role: 'admin', expiresAtUs: 0n, reason: 'a test' });
    const grantedAt = performance.now();
    await eventually(async () => expect(await mayReadAudit()).toBe(true));
    expect(performance.now() - grantedAt).toBeLessThan(1000);
    // Somebody has to stay an admin while this one stops being it.
    await security.grantRole({ userId: (await registered()).userId, role: 'admin', expiresAtUs: 0n, reason: 'a test' });
    await security.revokeRole({ userId, role: 'admin', reason: 'a test' });
    const revokedAt = performance.now();
    await eventually(async () => expect(await mayReadAudit()).toBe(false));
    expect(performance.now() - revokedAt).toBeLessThan(1000);
  });

  test('nobody reads another’s profile', { timeout: 60_000 }, async () => {
    const [ada, bob] = [await registered(), await registered()];
    const { data, errors } = await bob.browser.ask('query ($id: ID!) { profile(userId: $id) { email } }', {
      id: ada.userId,
    });
    expect(errors).toHaveLength(1);
    expect(JSON.stringify({ data, errors })).not.toContain(ada.email);
  });

  test('the audit trail is whole', { timeout: 60_000 }, async () => {
    const security = system.client('security', SecurityServiceService);
    await eventually(async () => {
      const { entries } = await security.queryAudit({
        actor: '',
        action: '',
        entity: '',
        fromUs: 0n,
        toUs: 0n,
        page: { first: 50, after: '' },
      });
      expect(entries.length).toBeGreaterThan(10);
    });
    const { intact, checked } = await security.verifyAudit({ fromSequence: 0n, limit: 0n });
    expect({ intact, some: checked > 10n }).toEqual({ intact: true, some: true });
  });
});

describe('attacks', () => {
  test('wrong passwords from one address end in 429 and leave others alone', { timeout: 60_000 }, async () => {
    const { email, browser } = await registered();
    const attacker = visitor();
    const statuses: number[] = [];
    for (let guess = 0; guess < 12; guess += 1) {
      statuses.push((await attacker.post('/auth/login', { email, password: `wrong password ${guess}` })).status);
    }
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    expect((await browser.ask('{ me { userId } }')).errors).toEqual([]);
    await registered();
  });

  test.each<[rule: string, send: (browser: Browser) => Promise<{ status: number; text: string }>, status: number[]]>([
    ['without the header', (b) => b.post('/graphql', { query: '{ me { userId } }' }, { 'x-andvari-csrf': '' }), [403]],
    [
      'from another site',
      (b) => b.post('/auth/refresh', {}, { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }),
      [403],
    ],
    ['a body of 200 kB', (b) => b.post('/graphql', { query: `{ me { userId } } #${'x'.repeat(200_000)}` }), [413]],
    ['no JSON', (b) => b.post('/graphql', '{"query": '), [400]],
    ['an array of operations', (b) => b.post('/graphql', [{ query: '{ health }' }, { query: '{ health }' }]), [400]],
    [
      'too many aliases',
      (b) => b.post('/graphql', { query: `{ ${Array.from({ length: 30 }, (_, i) => `a${i}: health`).join(' ')} }` }),
      [200, 400],
    ],
  ])('%s is refused', { timeout: 60_000 }, async (_, send, statuses) => {
    const { browser } = await registered();
    const answer = await send(browser);
    expect(statuses).toContain(answer.status);
    expect(answer.text).toMatch(/error|reason|message/i);
    expect(answer.text).not.toMatch(/\bat .*\.ts:|select .* from|stack/i);
  });
});

describe('outages', () => {
  test('without auth, whoever is signed in goes on reading', { timeout: 120_000 }, async () => {
    const { browser, email } = await registered();
    await system.stop('auth', 'SIGKILL');
    expect((await browser.ask('{ me { email } }')).data).toEqual({ me: { email } });
    const { data } = await browser.ask('{ me { email } sessions { nodes { id } } }');
    expect(data).toEqual({ me: { email }, sessions: null });
    expect((await visitor().post('/auth/login', { email, password: PASSWORD })).status).toBe(503);
    await system.start('auth');
    await eventually(async () =>
      expect((await visitor().post('/auth/login', { email, password: PASSWORD })).status).toBe(200),
    );
  });

  test('without security, decisions that were made still hold', { timeout: 120_000 }, async () => {
    const { browser, email } = await registered();
    await system.stop('security', 'SIGKILL');
    expect((await browser.ask('{ me { email } }')).data).toEqual({ me: { email } });
    const { errors } = await browser.ask('{ roles { nodes { name } } }');
    expect(errors.length).toBeGreaterThan(0);
    await system.start('security');
  });
});

test('no secret, token, password or address of a person stands in any log', () => {
  const logs = system.logs();
  expect(logs.length).toBeGreaterThan(1000);
  const found = [...secrets].filter((secret) => logs.includes(secret));
  expect(found).toEqual([]);
});
