import { newEvent } from '@andvari/kit/events/event';
import { eventually } from '@andvari/kit/testing/eventually';
import { type TestService, testService } from '@andvari/kit/testing/test-service';
import { profileUpdated, userRegistered } from '@andvari/proto/events';
import { type UpdateProfileRequest, UserServiceService } from '@andvari/proto/user/v1/user';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../src/config.ts';
import { migrations, start } from '../src/main.ts';

let user: TestService<Awaited<ReturnType<typeof start>>>;

beforeAll(async () => {
  // One connection: whatever waits for a second one inside a transaction would hang here.
  user = await testService({ readConfig, start, migrations, streams: ['USER'], env: { POSTGRES_CONNECTIONS: '1' } });
});
afterAll(() => user.close());

const owns = ['profile:read:own', 'profile:update:own'];
const as = (userId: string, scopes = owns) => user.client(UserServiceService, { userId, scopes });
const change = (userId: string, fields: Partial<UpdateProfileRequest>): UpdateProfileRequest => ({ userId, ...fields });

async function registered(givenName = 'Ada'): Promise<string> {
  const userId = uuidv7();
  const message = { userId, email: `${userId}@example.com`, givenName, familyName: 'L', locale: 'en-CA' };
  await user.publish(newEvent(userRegistered, message, { source: 'auth' }));
  await eventually(() => as(userId).getProfile({ userId }));
  return userId;
}

describe('a registration', () => {
  test('becomes a profile', async () => {
    const userId = await registered();
    const { profile } = await as(userId).getProfile({ userId });
    expect(profile).toMatchObject({ userId, givenName: 'Ada', locale: 'en-CA', version: 1n });
  });

  test('told twice changes nothing that the user has changed since', async () => {
    const userId = await registered();
    await as(userId).updateProfile(change(userId, { givenName: 'Grace' }));
    const again = { userId, email: 'other@example.com', givenName: 'Ada', familyName: '', locale: '' };
    await user.publish(newEvent(userRegistered, again, { source: 'auth' }));
    await registered('after it');
    const { profile } = await as(userId).getProfile({ userId });
    expect(profile).toMatchObject({ givenName: 'Grace', email: `${userId}@example.com` });
  });
});

describe('a change', () => {
  test('is saved and told of, by name and never by value', async () => {
    const userId = await registered();
    const { profile } = await as(userId).updateProfile(
      change(userId, { phone: '+14165550123', timezone: 'America/Toronto' }),
    );
    expect(profile).toMatchObject({ phone: '+14165550123', timezone: 'America/Toronto', version: 2n });
    const told = await eventually(async () => {
      const events = (await user.published(profileUpdated)).filter((event) => event.userId === userId);
      expect(events).toHaveLength(1);
      return events[0];
    });
    expect(told).toEqual({ userId, changedFields: ['phone', 'timezone'], version: 2n });
  });

  test('to what is so already is neither saved nor told', async () => {
    const userId = await registered();
    const { profile } = await as(userId).updateProfile(change(userId, { givenName: 'Ada' }));
    expect(profile?.version).toBe(1n);
    const rows = await user.db`select 1 from outbox where subject = ${`user.profile.updated.${userId}`}`;
    expect(rows).toHaveLength(0);
  });

  test('from an old version is refused with the current one', async () => {
    const userId = await registered();
    await as(userId).updateProfile(change(userId, { givenName: 'Bo' }));
    await expect(
      as(userId).updateProfile(change(userId, { givenName: 'Cy', expectedVersion: 1n })),
    ).rejects.toMatchObject({
      code: 'failed_precondition',
      reason: 'version_conflict',
      numbers: { current: 2n },
    });
  });

  test('twenty at once are all applied, one after the other', async () => {
    const userId = await registered();
    const names = Array.from({ length: 20 }, (_, index) => `name ${index}`);
    await Promise.all(names.map((givenName) => as(userId).updateProfile(change(userId, { givenName }))));
    const { profile } = await as(userId).getProfile({ userId });
    expect(profile?.version).toBe(21n);
  });

  test('survives a restart, and so does the news of it', async () => {
    const userId = await registered();
    await as(userId).updateProfile(change(userId, { country: 'CA' }));
    await user.restart();
    const { profile } = await as(userId).getProfile({ userId });
    expect(profile?.country).toBe('CA');
    const events = (await user.published(profileUpdated)).filter((event) => event.userId === userId);
    expect(events).toHaveLength(1);
  });
});

describe('refused', () => {
  const stranger = uuidv7();
  test.each<[rule: string, call: (userId: string) => Promise<unknown>, refusal: object]>([
    ['reading another’s profile', (id) => as(stranger).getProfile({ userId: id }), { code: 'permission_denied' }],
    [
      'changing another’s',
      (id) => as(stranger).updateProfile(change(id, { givenName: 'x' })),
      { code: 'permission_denied' },
    ],
    [
      'a batch with another’s in it',
      (id) => as(stranger).batchGetProfiles({ userIds: [stranger, id] }),
      { code: 'permission_denied' },
    ],
    ['one’s own without the right', (id) => as(id, []).getProfile({ userId: id }), { code: 'permission_denied' }],
    ['nobody', (id) => as('').getProfile({ userId: id }), { code: 'permission_denied' }],
    [
      'an id that is none',
      () => as(stranger).getProfile({ userId: "x'; drop table" }),
      { code: 'invalid_argument', field: 'user_id' },
    ],
    [
      'somebody unknown',
      () => as(stranger).getProfile({ userId: stranger }),
      { code: 'not_found', reason: 'profile_not_found' },
    ],
    [
      'a wrong field',
      (id) => as(id).updateProfile(change(id, { phone: '1' })),
      { code: 'invalid_argument', field: 'phone' },
    ],
    [
      'too many at once',
      (id) => as(id).batchGetProfiles({ userIds: Array.from({ length: 101 }, () => id) }),
      { code: 'invalid_argument', field: 'user_ids' },
    ],
  ])('%s', async (_, call, refusal) => {
    const userId = await registered();
    await expect(call(userId)).rejects.toMatchObject(refusal);
    const rows = await user.db`select version from profiles where user_id = ${userId}`;
    expect(rows[0]?.['version']).toBe(1n);
  });

  test('support reads everybody, in one call', async () => {
    const [one, two] = [await registered('One'), await registered('Two')];
    const support = as(stranger, ['profile:read']);
    const { profiles } = await support.batchGetProfiles({ userIds: [one, two, stranger] });
    expect(profiles.map(({ givenName }) => givenName).toSorted()).toEqual(['One', 'Two']);
  });
});
