import { newEvent } from '@andvari/kit/events/event';
import { eventually } from '@andvari/kit/testing/eventually';
import { apiKeyRevoked, rolesChanged, sessionRevoked, userErased, userErasureStarted } from '@andvari/proto/events';
import { decodeJwt } from 'jose';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AuthWorld, openAuth, ownRights, registrationOf } from './auth-world.ts';
import { challengeOf, enrolled } from './guarded.ts';

let auth: AuthWorld;
beforeAll(async () => {
  auth = await openAuth();
});
afterAll(() => auth.close());

const changed = (userId: string, rolesVersion: bigint) =>
  newEvent(
    rolesChanged,
    { userId, rolesVersion, change: 'granted', role: 'operator', changedBy: uuidv7(), reason: '' },
    { source: 'security' },
  );

const started = (userId: string) => newEvent(userErasureStarted, { userId, pseudonym: uuidv7() }, { source: 'user' });
const answers = async (userId: string) =>
  (await auth.service.published(userErased)).filter((event) => event.userId === userId);

describe('a change of roles', () => {
  test('is in the next access token; late news and repetitions take nothing back', async () => {
    const [person, mark] = [await auth.member(), await auth.member()];
    const rolesVersionOf = async (of: typeof person) => decodeJwt((await auth.login(of)).accessToken)['rv'];
    const { refreshToken } = await auth.login(person);
    const third = changed(person.userId, 3n);
    const late = changed(person.userId, 2n);
    await auth.service.publish(third, late, third, changed(uuidv7(), 9n), changed(mark.userId, 1n));
    // The stream is read in order: when the last of them has arrived, all have.
    await eventually(async () => expect(await rolesVersionOf(mark)).toBe(1));
    expect(await rolesVersionOf(person)).toBe(3);
    const { tokens } = await auth.anonymous.refresh({ refreshToken, client: undefined });
    expect(decodeJwt(tokens?.accessToken ?? '')['rv']).toBe(3);
  });
});

describe('the end of an account', () => {
  test('erases everything of the user, and nobody else’s', async () => {
    const [person, other] = [await auth.member(), await auth.member()];
    const { refreshToken, sessionId } = await auth.login(person);
    const { refreshToken: others } = await auth.login(other);
    const rights = [...ownRights, 'order:read:own'];
    const { apiKey } = await auth.as(person.userId, rights).createApiKey({
      userId: person.userId,
      name: 'bot',
      scopes: ['order:read:own'],
      expiresAtUs: 0n,
      dailyNotionalCap: 0n,
    });
    const { userId } = person;
    await enrolled(auth, userId);
    await challengeOf(auth, person);
    await auth.service.db`
      insert into factor_removals (id, user_id, removed_by, reason, removed_at)
      values (${uuidv7()}, ${userId}, 'an admin', 'lost it', now())`;
    await auth.anonymous.requestPasswordReset({ email: person.email, client: person.client });
    await auth.tokenMailedTo(person.email, /new password/);

    await auth.service.publish(started(person.userId));
    await eventually(async () =>
      expect(await answers(person.userId)).toEqual([{ userId: person.userId, service: 'auth' }]),
    );

    await expect(auth.anonymous.refresh({ refreshToken, client: undefined })).rejects.toMatchObject({
      reason: 'refresh_invalid',
    });
    await expect(auth.login(person)).rejects.toMatchObject({ reason: 'credentials_invalid' });
    const tables = [
      'users',
      'registrations',
      'sessions',
      'known_clients',
      'password_resets',
      'api_keys',
      'factors',
      'recovery_codes',
      'factor_challenges',
      'factor_removals',
      'development_mails',
    ];
    for (const table of tables) {
      const rows = await auth.service.db`
        select 1 from ${auth.service.db(table)} t
        where position(${person.userId} in t::text) > 0 or position(${person.email} in t::text) > 0`;
      expect([table, rows.length]).toEqual([table, 0]);
    }
    const revoked = (await auth.service.published(sessionRevoked)).filter((event) => event.userId === person.userId);
    expect(revoked).toEqual([{ userId: person.userId, sessionId, reason: 'user_deleted' }]);
    const keys = (await auth.service.published(apiKeyRevoked)).filter((event) => event.userId === person.userId);
    expect(keys).toEqual([{ userId: person.userId, apiKeyId: apiKey?.id }]);

    await auth.anonymous.refresh({ refreshToken: others, client: undefined });
    // The address is free again.
    await auth.anonymous.register(registrationOf(person));
    await auth.tokenMailedTo(person.email, /Confirm/);
  });

  test('told twice is done once; asked for again it is answered again', async () => {
    const person = await auth.member();
    const once = started(person.userId);
    await auth.service.publish(once, { ...once, id: uuidv7() });
    const mark = await auth.member();
    await auth.service.publish(started(mark.userId));
    await eventually(async () => expect(await answers(mark.userId)).toHaveLength(1));
    expect(await answers(person.userId)).toHaveLength(1);
    await auth.service.publish(started(person.userId));
    await eventually(async () => expect(await answers(person.userId)).toHaveLength(2));
  });
});

describe('the end of a session', () => {
  test('is on its way well within a second', async () => {
    const person = await auth.member();
    const times: number[] = [];
    for (let i = 0; i < 20; i += 1) {
      const { sessionId } = await auth.login(person);
      const subscription = auth.service.nats.connection.subscribe(`auth.session.revoked.${person.userId}`, { max: 1 });
      await auth.service.nats.connection.flush();
      const startedAt = performance.now();
      await auth.as(person.userId).logout({ userId: person.userId, sessionId });
      for await (const message of subscription) expect(message.subject).toContain(person.userId);
      times.push(performance.now() - startedAt);
    }
    expect(Math.max(...times)).toBeLessThan(1000);
  });
});

describe('a restart', () => {
  test('loses no event and tells none twice', async () => {
    const person = await auth.member();
    const { sessionId, refreshToken } = await auth.login(person);
    await auth.as(person.userId).logoutAll({ userId: person.userId, exceptSessionId: '' });
    await auth.service.restart();
    await eventually(async () => {
      const revoked = (await auth.service.published(sessionRevoked)).filter((event) => event.userId === person.userId);
      expect(revoked).toEqual([{ userId: person.userId, sessionId, reason: 'logout_all' }]);
    });
    await expect(auth.anonymous.refresh({ refreshToken, client: undefined })).rejects.toMatchObject({
      reason: 'session_revoked',
    });
  });
});
