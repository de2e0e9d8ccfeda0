import { eventually } from '@andvari/kit/testing/eventually';
import { passwordChanged, passwordResetRequested } from '@andvari/proto/events';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AuthWorld, meanwhile, newAddress, newPerson, openAuth, ownRights, type Person } from './auth-world.ts';

let auth: AuthWorld;
beforeAll(async () => {
  auth = await openAuth();
});
afterAll(() => auth.close());

const next = 'another long word entirely';
const refresh = (refreshToken: string) => auth.anonymous.refresh({ refreshToken, client: undefined });
const credentialsInvalid = { reason: 'credentials_invalid' };

function change(
  person: Person,
  sessionId: string,
  fields: { currentPassword?: string; newPassword?: string; revokeApiKeys?: boolean } = {},
) {
  const { userId, password } = person;
  const request = { userId, sessionId, currentPassword: password, newPassword: next, revokeApiKeys: false, ...fields };
  return auth.as(userId).changePassword(request);
}

async function newKey({ userId }: Person) {
  const scopes = [...ownRights, 'order:read:own'];
  const request = { userId, name: 'bot', scopes: ['order:read:own'], expiresAtUs: 0n, dailyNotionalCap: 0n };
  const { apiKey, secret } = await auth.as(userId, scopes).createApiKey(request);
  return { id: apiKey?.id ?? '', secret };
}

const authenticate = (key: { id: string; secret: string }) => auth.anonymous.authenticateApiKey(key);

describe('confirming the password', () => {
  test('makes a sign-in recent, in the access token and at every refresh from then on', async () => {
    const person = await auth.member();
    const { sessionId, refreshToken, accessToken } = await auth.login(person);
    auth.moveClock(3600);
    const stale = (await refresh(refreshToken)).tokens;
    expect(authTime(stale?.accessToken)).toBe(authTime(accessToken));
    const confirmed = await confirm(person, sessionId);
    expect(authTime(confirmed.accessToken) - authTime(accessToken)).toBeGreaterThanOrEqual(3600);
    const later = (await refresh(stale?.refreshToken ?? '')).tokens;
    expect(authTime(later?.accessToken)).toBe(authTime(confirmed.accessToken));
  });

  test('has as few guesses as a change of it, counted together', async () => {
    const person = await auth.member();
    const { sessionId } = await auth.login(person);
    for (let i = 0; i < 4; i += 1) {
      await expect(confirm(person, sessionId, 'a guess')).rejects.toMatchObject({
        reason: 'password_wrong',
        field: 'password',
      });
    }
    await expect(change(person, sessionId, { currentPassword: 'a guess' })).rejects.toMatchObject({
      reason: 'password_wrong',
    });
    await expect(confirm(person, sessionId)).rejects.toMatchObject({ reason: 'login_locked' });
  });

  test('is nothing for a session that is over', async () => {
    const person = await auth.member();
    const { sessionId } = await auth.login(person);
    await auth.as(person.userId).logout({ userId: person.userId, sessionId });
    await expect(confirm(person, sessionId)).rejects.toMatchObject({ reason: 'session_not_found' });
  });
});

const confirm = ({ userId, password }: Person, sessionId: string, given = password) =>
  auth.as(userId).confirmPassword({ userId, sessionId, password: given });
const authTime = (token = ''): number => Number(decodeJwt(token)['auth_time']);

describe('changing the password', () => {
  test('ends every other session, and the old one opens nothing', async () => {
    const person = await auth.member();
    const [mine, other] = [await auth.login(person), await auth.login(person)];
    await change(person, mine.sessionId);
    await refresh(mine.refreshToken);
    await expect(refresh(other.refreshToken)).rejects.toMatchObject({ reason: 'session_revoked' });
    await expect(auth.login(person)).rejects.toMatchObject(credentialsInvalid);
    await auth.login(person, next);
    expect(await auth.told(person.userId)).toMatchObject({ 'auth.password.changed': 1, 'auth.session.revoked': 1 });
  });

  test('asks for the old one, and not for ever', async () => {
    const person = await auth.member();
    const { sessionId } = await auth.login(person);
    for (let i = 0; i < 5; i += 1) {
      await expect(change(person, sessionId, { currentPassword: 'a guess' })).rejects.toMatchObject({
        code: 'invalid_argument',
        field: 'current_password',
        reason: 'password_wrong',
      });
    }
    await expect(change(person, sessionId)).rejects.toMatchObject({ reason: 'login_locked' });
    auth.moveClock(31);
    await change(person, sessionId);
  });

  test('says what happens to API keys, and ends them when asked to', async () => {
    const person = await auth.member();
    const { sessionId } = await auth.login(person);
    const [first, second] = [await newKey(person), await newKey(person)];
    expect(await change(person, sessionId)).toEqual({ revokedApiKeys: 0, remainingApiKeys: 2 });
    await authenticate(first);
    const again = { currentPassword: next, newPassword: `${next} 2`, revokeApiKeys: true };
    expect(await change(person, sessionId, again)).toEqual({ revokedApiKeys: 2, remainingApiKeys: 0 });
    for (const key of [first, second])
      await expect(authenticate(key)).rejects.toMatchObject({ reason: 'api_key_invalid' });
    expect(await auth.told(person.userId)).toMatchObject({ 'auth.api_key.revoked': 2 });
  });

  test('failures just below the lock are forgotten with a good change', async () => {
    const person = await auth.member();
    const { sessionId } = await auth.login(person);
    const guess = (currentPassword: string) =>
      expect(change(person, sessionId, { currentPassword })).rejects.toMatchObject({ reason: 'password_wrong' });
    for (let i = 0; i < 4; i += 1) await guess('a guess');
    await change(person, sessionId);
    for (let i = 0; i < 4; i += 1) await guess('a guess');
    await change(person, sessionId, { currentPassword: next, newPassword: `${next} 2` });
  });

  test('of two changes at once, one is made', async () => {
    const person = await auth.member();
    const { sessionId } = await auth.login(person);
    const outcomes = await Promise.allSettled([
      change(person, sessionId, { newPassword: `${next} 1` }),
      change(person, sessionId, { newPassword: `${next} 2` }),
    ]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('refuses what anybody would try, and the address itself', async () => {
    const person = await auth.member();
    const { sessionId } = await auth.login(person);
    for (const newPassword of ['short', 'password123', person.email]) {
      await expect(change(person, sessionId, { newPassword })).rejects.toMatchObject({
        field: 'new_password',
        reason: 'password_unfit',
      });
    }
  });

  test('while somebody signs in with the old one leaves them outside', async () => {
    const person = await auth.member();
    const outcome = await meanwhile(
      auth.service.db,
      (tx) => tx`update users set password_hash = 'another' where user_id = ${person.userId}`,
      () => auth.login(person),
    );
    expect(outcome).toMatchObject({ status: 'rejected', reason: credentialsInvalid });
  });
});

const ask = ({ email, client }: Person) => auth.anonymous.requestPasswordReset({ email, client });
const reset = (token: string, newPassword = next) =>
  auth.anonymous.resetPassword({ token, newPassword, client: { address: newAddress(), userAgent: '' } });
const tokenInvalid = { code: 'invalid_argument', field: 'token', reason: 'token_invalid' };

describe('resetting the password', () => {
  test('works once, and ends every session', async () => {
    const person = await auth.member();
    const { refreshToken } = await auth.login(person);
    await ask(person);
    const token = await auth.tokenMailedTo(person.email, /new password/);
    await reset(token);
    await expect(reset(token, 'yet another long word')).rejects.toMatchObject(tokenInvalid);
    await expect(refresh(refreshToken)).rejects.toMatchObject({ reason: 'session_revoked' });
    await auth.login(person, next);
    await eventually(async () => {
      const events = (await auth.service.published(passwordChanged)).filter((event) => event.userId === person.userId);
      expect(events).toEqual([{ userId: person.userId, how: 'reset' }]);
    });
  });

  test('works once when it is sent twice at once', async () => {
    const person = await auth.member();
    await ask(person);
    const token = await auth.tokenMailedTo(person.email, /new password/);
    const outcomes = await Promise.allSettled([reset(token), reset(token), reset(token)]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('works within half an hour', async () => {
    const person = await auth.member();
    await ask(person);
    const token = await auth.tokenMailedTo(person.email, /new password/);
    auth.moveClock(30 * 60);
    await expect(reset(token)).rejects.toMatchObject(tokenInvalid);
  });

  test('with a password that is refused can be tried again', async () => {
    const person = await auth.member();
    await ask(person);
    const token = await auth.tokenMailedTo(person.email, /new password/);
    await expect(reset(token, 'short')).rejects.toMatchObject({ reason: 'password_unfit' });
    await reset(token);
  });

  test('lets the owner in at once who was locked out by others', async () => {
    const person = await auth.member();
    for (let i = 0; i < 5; i += 1) {
      await auth.login(person, 'a guess', { address: newAddress(), userAgent: '' }).catch(() => undefined);
    }
    await expect(auth.login(person)).rejects.toMatchObject({ reason: 'login_locked' });
    await ask(person);
    await reset(await auth.tokenMailedTo(person.email, /new password/));
    await auth.login(person, next);
  });

  test('is answered alike for an address that nobody has, costs the same, and is told of', async () => {
    const nobody = newPerson();
    const before = (await auth.service.published(passwordResetRequested)).length;
    expect(await ask(nobody)).toEqual(await ask(await auth.member()));
    await eventually(async () => {
      const events = await auth.service.published(passwordResetRequested);
      expect(events.slice(before).map(({ userId }) => userId === '')).toEqual([true, false]);
    });
    const { mails } = await auth.anonymous.listDevelopmentMail({ to: nobody.email, page: undefined });
    expect(mails).toHaveLength(0);
  });

  test('ends every API key: who has to reset has lost control', async () => {
    const person = await auth.member();
    const key = await newKey(person);
    await auth.anonymous.requestPasswordReset(person);
    await reset(await auth.tokenMailedTo(person.email, /new password/));
    await expect(authenticate(key)).rejects.toMatchObject({ reason: 'api_key_invalid' });
  });

  test('sends three mails an hour to one address', async () => {
    const person = await auth.member();
    for (let i = 0; i < 5; i += 1) await ask(person);
    const mails = await auth.service.db`
      select 1 from outbox where subject = ${`auth.mail.requested.${person.userId}`}`;
    // One of them is the first mail of all, that opened the account.
    expect(mails).toHaveLength(1 + 3);
  });
});
