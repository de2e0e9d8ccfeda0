import { nowUs } from '@andvari/kit/base/clock';
import { RECENT_SIGN_IN_US } from '@andvari/kit/handler/authorize';
import { openLog } from '@andvari/kit/observe/log';
import { AuthServiceService } from '@andvari/proto/auth/v1/auth';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type AuthClient,
  type AuthWorld,
  cheapHashes,
  newPerson,
  openAuth,
  ownRights,
  type Person,
  registrationOf,
} from './auth-world.ts';
import { answer, challengeOf, guarded, proofOf } from './guarded.ts';

let auth: AuthWorld;
let logged = '';
beforeAll(async () => {
  const log = openLog('auth', 'trace', { write: (line) => void (logged += line) });
  auth = await openAuth({ ...cheapHashes, ENVIRONMENT: 'development' }, { log });
});
afterAll(() => auth.close());

interface Owner extends Person {
  sessionId: string;
  keyId: string;
}

async function owner(): Promise<Owner> {
  const person = await auth.member();
  const { sessionId } = await auth.login(person);
  const { userId } = person;
  const { apiKey } = await auth.as(userId, [...ownRights, 'order:read:own']).createApiKey(keyRequest(userId));
  return { ...person, sessionId, keyId: apiKey?.id ?? '' };
}

const keyRequest = (userId: string) => ({
  userId,
  name: 'bot',
  scopes: ['order:read:own'],
  expiresAtUs: 0n,
  dailyNotionalCap: 0n,
});

/** Every call that names a user. */
const calls: [name: string, call: (client: AuthClient, of: Owner) => Promise<unknown>][] = [
  ['logout', (client, of) => client.logout(of)],
  ['logoutAll', (client, { userId }) => client.logoutAll({ userId, exceptSessionId: '' })],
  [
    'changePassword',
    (client, of) =>
      client.changePassword({
        ...of,
        currentPassword: of.password,
        newPassword: 'mine from now on',
        revokeApiKeys: false,
      }),
  ],
  ['confirmPassword', (client, of) => client.confirmPassword(of)],
  ['getFactor', (client, { userId }) => client.getFactor({ userId })],
  ['enrolFactor', (client, { userId }) => client.enrolFactor({ userId })],
  ['confirmFactor', (client, { userId }) => client.confirmFactor({ userId, code: '123456' })],
  ['renewRecoveryCodes', (client, { userId }) => client.renewRecoveryCodes({ userId, proof: proofOf({ code: '1' }) })],
  ['disableFactor', (client, { userId }) => client.disableFactor({ userId, proof: proofOf({ code: '1' }) })],
  ['removeFactor', (client, { userId }) => client.removeFactor({ userId, reason: 'lost it' })],
  ['listSessions', (client, { userId }) => client.listSessions({ userId, page: undefined })],
  ['revokeSession', (client, of) => client.revokeSession(of)],
  ['createApiKey', (client, { userId }) => client.createApiKey(keyRequest(userId))],
  ['listApiKeys', (client, { userId }) => client.listApiKeys({ userId, page: undefined })],
  ['revokeApiKey', (client, { userId, keyId }) => client.revokeApiKey({ userId, id: keyId })],
];

describe('what belongs to somebody else', () => {
  test.each(calls)('%s is refused to a stranger, to nobody, and to the owner without the right', async (_, call) => {
    const of = await owner();
    const stranger = auth.as((await auth.member()).userId, [...ownRights, 'order:read:own']);
    for (const client of [stranger, auth.anonymous, auth.as(of.userId, ['order:read:own'])]) {
      await expect(call(client, of)).rejects.toMatchObject({ code: 'permission_denied' });
    }
    await auth.login(of);
    const { sessions } = await auth.as(of.userId).listSessions({ userId: of.userId, page: undefined });
    expect(sessions.map(({ id }) => id)).toContain(of.sessionId);
    const { apiKeys } = await auth.as(of.userId).listApiKeys({ userId: of.userId, page: undefined });
    expect(apiKeys.map(({ id }) => id)).toEqual([of.keyId]);
  });

  test('is not reached by one’s own name with another’s ids', async () => {
    const [of, other] = [await owner(), await owner()];
    const client = auth.as(other.userId);
    const { userId } = other;
    await client.logout({ userId, sessionId: of.sessionId });
    await expect(client.revokeSession({ userId, sessionId: of.sessionId })).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(client.revokeApiKey({ userId, id: of.keyId })).rejects.toMatchObject({ code: 'not_found' });
    const { sessions } = await auth.as(of.userId).listSessions({ userId: of.userId, page: undefined });
    expect(sessions.map(({ id }) => id)).toEqual([of.sessionId]);
  });

  test('support, with the right to everybody’s, may end a session', async () => {
    const of = await owner();
    await auth.as(uuidv7(), ['session:revoke']).revokeSession(of);
    const { sessions } = await auth.as(of.userId).listSessions({ userId: of.userId, page: undefined });
    expect(sessions).toEqual([]);
  });

  test.each<[string, (client: AuthClient) => Promise<unknown>]>([
    ['authenticateApiKey', (client) => client.authenticateApiKey({ id: uuidv7(), secret: '' })],
    ['getJwks', (client) => client.getJwks({})],
    ['listDevelopmentMail', (client) => client.listDevelopmentMail({ to: '', page: undefined })],
  ])('%s is for services, not in a user’s name', async (_, call) => {
    await expect(call(auth.as(uuidv7()))).rejects.toMatchObject({ reason: 'services_only' });
  });
});

describe('an input that is wrong is named', () => {
  const person = newPerson();
  const userId = uuidv7();
  const me = () => auth.as(userId, [...ownRights, 'order:read:own']);
  test.each<[field: string, call: () => Promise<unknown>]>([
    ['email', () => auth.anonymous.register({ ...registrationOf(person), email: 'no address' })],
    ['password', () => auth.anonymous.register({ ...registrationOf(person), password: 'short' })],
    ['password', () => auth.anonymous.register({ ...registrationOf(person), password: person.email })],
    ['given_name', () => auth.anonymous.register({ ...registrationOf(person), givenName: 'a'.repeat(101) })],
    ['email', () => auth.anonymous.login({ email: '', password: 'x', client: undefined })],
    ['password', () => auth.anonymous.login({ email: person.email, password: '', client: undefined })],
    ['password', () => auth.anonymous.login({ email: person.email, password: 'x'.repeat(600), client: undefined })],
    ['token', () => auth.anonymous.verifyEmail({ token: 'x' })],
    ['token', () => auth.anonymous.resetPassword({ token: '', newPassword: 'a fine long word', client: undefined })],
    ['code', () => auth.anonymous.completeLogin({ challenge: 'x', proof: undefined, client: undefined })],
    ['code', () => me().disableFactor({ userId, proof: proofOf({ code: '' }) })],
    ['recovery_code', () => me().disableFactor({ userId, proof: proofOf({ recoveryCode: 'x'.repeat(50) }) })],
    ['code', () => me().confirmFactor({ userId, code: '' })],
    ['reason', () => auth.as(userId, ['factor:remove']).removeFactor({ userId: uuidv7(), reason: '' })],
    ['reason', () => auth.as(userId, ['factor:remove']).removeFactor({ userId: uuidv7(), reason: ' \u3164 ' })],
    ['reason', () => auth.as(userId, ['factor:remove']).removeFactor({ userId: uuidv7(), reason: '   ' })],
    ['user_id', () => me().listSessions({ userId: "'", page: undefined })],
    ['page.first', () => me().listSessions({ userId, page: { first: 201, after: '' } })],
    ['page.after', () => me().listSessions({ userId, page: { first: 1, after: 'WyJ4Il0' } })],
    ['name', () => me().createApiKey({ ...keyRequest(userId), name: '' })],
    ['scopes', () => me().createApiKey({ ...keyRequest(userId), scopes: [] })],
    ['expires_at_us', () => me().createApiKey({ ...keyRequest(userId), expiresAtUs: 1n })],
    ['expires_at_us', () => me().createApiKey({ ...keyRequest(userId), expiresAtUs: 2n ** 62n })],
    ['daily_notional_cap', () => me().createApiKey({ ...keyRequest(userId), dailyNotionalCap: -1n })],
  ])('%s', async (field, call) => {
    await expect(call()).rejects.toMatchObject({ code: 'invalid_argument', field });
  });

  test('a refresh token that is none is refused like one that nobody has', async () => {
    for (const refreshToken of ['', 'x', 'A'.repeat(43), 'A'.repeat(10_000)]) {
      const call = auth.anonymous.refresh({ refreshToken, client: undefined });
      await expect(call).rejects.toMatchObject({ code: 'unauthenticated', reason: 'refresh_invalid' });
    }
  });
});

describe('a key', () => {
  test.each([
    ['a session whose password was typed long ago', { authenticatedAtUs: nowUs() - RECENT_SIGN_IN_US - 1n }],
    ['a session that does not say when', { authenticatedAtUs: undefined }],
  ])('is not made by %s', async (_, session) => {
    const { userId } = await auth.member();
    const scopes = [...ownRights, 'order:read:own'];
    const call = auth.service
      .client(AuthServiceService, { userId, scopes, ...session })
      .createApiKey(keyRequest(userId));
    await expect(call).rejects.toMatchObject({ code: 'failed_precondition', reason: 'recent_sign_in_required' });
  });
});

describe('the development mailbox', () => {
  test.each([
    ['in production', 'production'],
    ['where nobody says what it is', ''],
  ])('is shut %s', async (_, ENVIRONMENT) => {
    const production = await openAuth({ ...cheapHashes, ENVIRONMENT });
    try {
      const call = production.service.client(AuthServiceService, {}).listDevelopmentMail({ to: '', page: undefined });
      await expect(call).rejects.toMatchObject({ reason: 'development_only' });
      await production.anonymous.register(registrationOf(newPerson()));
      expect(await production.service.db`select 1 from development_mails`).toHaveLength(0);
    } finally {
      await production.close();
    }
  });
});

describe('the log', () => {
  test('has no secret and nothing personal, at any level, not even of what fails through our fault', async () => {
    const of = await owner();
    const { refreshToken, accessToken } = await auth.login(of);
    await auth.anonymous.requestPasswordReset(of);
    const token = await auth.tokenMailedTo(of.email, /new password/);
    await auth.login(of, 'a wrong one').catch(() => undefined);
    const { device, recoveryCodes, ...other } = await guarded(auth);
    const challenge = await challengeOf(auth, other);
    await answer(auth, challenge, { code: device.wrongCode() }).catch(() => undefined);
    const code = device.code();
    await answer(auth, challenge, { code });
    await auth.service.db`alter table known_clients rename to gone`;
    await expect(auth.login(of)).rejects.toThrow(/Internal error/);
    await auth.service.db`alter table gone rename to known_clients`;
    expect(logged).toContain('a call failed through a fault of ours');
    const secrets = [
      of.email,
      of.password,
      refreshToken,
      accessToken,
      token,
      challenge,
      `"${code}"`,
      ...recoveryCodes,
      'Lovelace',
      of.client.address,
      '$argon2id',
    ];
    for (const secret of secrets) expect(logged.includes(secret)).toBe(false);
  });
});
