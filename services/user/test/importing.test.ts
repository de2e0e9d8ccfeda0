import { newEvent } from '@andvari/kit/events/event';
import { eventually } from '@andvari/kit/testing/eventually';
import { testService } from '@andvari/kit/testing/test-service';
import { onboardingChanged, userRegistered } from '@andvari/proto/events';
import { OnboardingState, UserServiceService } from '@andvari/proto/user/v1/user';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../src/config.ts';
import { migrations, start } from '../src/main.ts';

/** Profiles of people whom the operators' tool makes up. */
const open = (env: Record<string, string> = {}) =>
  testService({ readConfig, start, migrations, streams: ['USER'], env });
let user: Awaited<ReturnType<typeof open>>;
beforeAll(async () => {
  user = await open();
});
afterAll(() => user.close());

const toolOf = (service: typeof user) => service.client(UserServiceService, { service: 'operator-tool' });

function someone(userId = uuidv7()) {
  const email = `${userId}@seed.example`;
  return { userId, email, givenName: 'Grace', familyName: 'Hopper', locale: 'en', createdAtUs: 1_700_000_000_000_000n };
}

test('are there, approved, since the day that is given; nobody is told', async () => {
  const person = someone();
  expect(await toolOf(user).importProfiles({ profiles: [person] })).toEqual({ imported: 1 });
  const { profile } = await toolOf(user).getProfile({ userId: person.userId });
  expect(profile).toMatchObject({ ...person, onboardingState: OnboardingState.ONBOARDING_STATE_APPROVED });
  expect(await user.published(onboardingChanged)).toEqual([]);
});

test('whoever is there is left as they are', async () => {
  const known = someone();
  await user.publish(newEvent(userRegistered, { ...known, givenName: 'Ada' }, { source: 'auth' }));
  await eventually(async () =>
    expect(await user.db`select from profiles where user_id = ${known.userId}`).toHaveLength(1),
  );
  expect(await toolOf(user).importProfiles({ profiles: [known, someone()] })).toEqual({ imported: 1 });
  const { profile } = await toolOf(user).getProfile({ userId: known.userId });
  expect(profile).toMatchObject({ givenName: 'Ada', onboardingState: OnboardingState.ONBOARDING_STATE_NEW });
});

test.each<[what: string, wrong: object]>([
  ['an id that is none', { userId: 'x' }],
  ['no name', { givenName: '' }],
  ['no address', { email: '' }],
])('%s is refused, with all beside it', async (_, wrong) => {
  const other = someone();
  const profiles = [other, { ...someone(), ...wrong }];
  await expect(toolOf(user).importProfiles({ profiles })).rejects.toMatchObject({ code: 'invalid_argument' });
  expect(await user.db`select from profiles where user_id = ${other.userId}`).toHaveLength(0);
});

test.each(['gateway', 'auth', 'test'])('%s imports nobody', async (service) => {
  const client = user.client(UserServiceService, { service });
  await expect(client.importProfiles({ profiles: [someone()] })).rejects.toMatchObject({
    code: 'permission_denied',
    reason: 'permission_missing',
  });
});

test('in production nobody is imported', async () => {
  const address = '127.0.0.1:1';
  const production = await open({ ENVIRONMENT: 'production', PORTFOLIO_ADDR: address, ORDER_ADDR: address });
  try {
    await expect(toolOf(production).importProfiles({ profiles: [someone()] })).rejects.toMatchObject({
      code: 'permission_denied',
      reason: 'development_only',
    });
  } finally {
    await production.close();
  }
});
