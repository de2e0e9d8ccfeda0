import { newEvent } from '@andvari/kit/events/event';
import { eventually } from '@andvari/kit/testing/eventually';
import { type TestService, testService } from '@andvari/kit/testing/test-service';
import { userRegistered } from '@andvari/proto/events';
import { OnboardingState, UserServiceService } from '@andvari/proto/user/v1/user';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../src/config.ts';
import { migrations, start } from '../src/main.ts';

const nobody = { email: 'n@example.com', givenName: 'N', familyName: 'N', locale: 'en', createdAtUs: 1n };

/** Every method there is, on somebody else's things; a method that is added to the contract is missed here at once. */
type Method = keyof typeof UserServiceService;
const requests: Record<Method, (userId: string) => object> = {
  getProfile: (userId) => ({ userId }),
  batchGetProfiles: (userId) => ({ userIds: [userId] }),
  searchProfiles: (userId) => ({ text: userId, page: undefined }),
  updateProfile: (userId) => ({ userId, givenName: 'Eve' }),
  getPreferences: (userId) => ({ userId }),
  updatePreferences: (userId) => ({ userId, theme: 'dark' }),
  reviewOnboarding: (userId) => ({ userId, state: OnboardingState.ONBOARDING_STATE_APPROVED, reason: '' }),
  listWatchlists: (userId) => ({ userId }),
  createWatchlist: (userId) => ({ userId, name: 'x', symbols: [] }),
  updateWatchlist: (userId) => ({ userId, id: uuidv7(), name: 'x' }),
  deleteWatchlist: (userId) => ({ userId, id: uuidv7() }),
  reorderWatchlists: (userId) => ({ userId, ids: [] }),
  listNotifications: (userId) => ({ userId, unreadOnly: false, ids: [], page: undefined }),
  countUnreadNotifications: (userId) => ({ userId }),
  markNotificationsRead: (userId) => ({ userId, ids: [] }),
  requestDeletion: (userId) => ({ userId }),
  getDeletion: (userId) => ({ userId }),
  importProfiles: (userId) => ({ profiles: [{ ...nobody, userId }] }),
};

let user: TestService<Awaited<ReturnType<typeof start>>>;
const victim = uuidv7();
const own = [
  'profile:read:own',
  'profile:update:own',
  'preferences:read:own',
  'preferences:update:own',
  'watchlist:read:own',
  'watchlist:update:own',
  'notification:read:own',
  'notification:update:own',
  'account_deletion:request:own',
];
const reading = ['profile:read', 'preferences:read', 'watchlist:read', 'notification:read'];

beforeAll(async () => {
  // One connection: whatever waits for a second one inside a transaction would hang here.
  user = await testService({ readConfig, start, migrations, streams: ['USER'], env: { POSTGRES_CONNECTIONS: '1' } });
  const message = { userId: victim, email: 'v@example.com', givenName: 'V', familyName: '', locale: 'en' };
  await user.publish(newEvent(userRegistered, message, { source: 'auth' }));
  await eventually(async () => expect(await user.db`select from profiles`).toHaveLength(1));
});
afterAll(() => user.close());

function call(method: Method, caller: { userId: string; scopes: string[] }, request: object): Promise<unknown> {
  const client = user.client(UserServiceService, caller) as Record<string, (request: object) => Promise<unknown>>;
  return client[method]?.(request) ?? Promise.reject(new Error(`no ${method}`));
}

describe.each(Object.keys(requests) as Method[])('%s', (method) => {
  test.each<[who: string, caller: { userId: string; scopes: string[] }]>([
    ['another member', { userId: uuidv7(), scopes: own }],
    ['nobody', { userId: '', scopes: own }],
    ['the user without the right', { userId: victim, scopes: [] }],
  ])('is refused to %s', async (_, caller) => {
    await expect(call(method, caller, requests[method](victim))).rejects.toMatchObject({ code: 'permission_denied' });
  });

  test('is open to support only for reading', async () => {
    const outcome = call(method, { userId: uuidv7(), scopes: reading }, requests[method](victim));
    if (/^(get|batchGet|search|list|count)/.test(method) && method !== 'getDeletion') await outcome;
    else await expect(outcome).rejects.toMatchObject({ code: 'permission_denied' });
  });

  test('wants an id that is one, of whoever may ask at all', async () => {
    const client = { userId: 'x', scopes: [...own, ...reading, 'onboarding:review'] };
    // Nobody who has an id imports; importing.test.ts looks at the ids that the operators' tool gives.
    const code = method === 'importProfiles' ? 'permission_denied' : 'invalid_argument';
    await expect(call(method, client, requests[method]('x'))).rejects.toMatchObject({ code });
  });
});

test('nothing of it has changed anything', async () => {
  expect(await user.db`select onboarding_state, version from profiles`).toMatchObject([
    { onboarding_state: 'new', version: 1n },
  ]);
  for (const table of ['preferences', 'watchlists', 'deletions']) {
    expect(await user.db.unsafe(`select from ${table}`)).toHaveLength(0);
  }
});

test.each([
  ['a session whose password was typed long ago', { authenticatedAtUs: 1n }, 'recent_sign_in_required'],
  ['an API key', { apiKeyId: uuidv7() }, 'api_key_not_allowed'],
])('an account is not ended by %s', async (_, session, reason) => {
  const client = user.client(UserServiceService, { userId: victim, scopes: own, ...session });
  await expect(client.requestDeletion({ userId: victim })).rejects.toMatchObject({ reason });
  expect(await user.db`select from deletions`).toHaveLength(0);
});
