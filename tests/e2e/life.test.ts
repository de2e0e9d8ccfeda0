import { eventually } from '@andvari/kit/testing/eventually';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PASSWORD, type People, peopleOf } from './people.ts';
import { identityServices, type System, startSystem } from './system.ts';

/** A user's life over the real processes, from registration to the end of the account. */
const NEW_PASSWORD = 'an entirely different phrase 42';

let system: System;
let people: People;

beforeAll(async () => {
  // The ledger has a say in whether an account may end.
  system = await startSystem([...identityServices, 'portfolio']);
  people = peopleOf(system);
});
afterAll(() => system.close());

test('registers, proves the address, signs in, changes things, and leaves', { timeout: 120_000 }, async () => {
  const { browser, email, givenName, userId } = await people.registered();
  expect((await browser.ask('{ me { email givenName onboarding { state } version } }')).data).toMatchObject({
    me: { email, givenName },
  });
  const changed = await browser.ask(
    'mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { ... on User { timezone version } ... on Refusal { message } } }',
    { input: { timezone: 'America/Toronto', phone: '+14165550100' } },
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
    expect((await people.visitor().post('/auth/login', { email, password: PASSWORD })).status).toBe(401),
  );
});

test('a password is changed and one that was forgotten is reset', async () => {
  const { browser, email } = await people.registered();
  const login = async (password: string): Promise<number> =>
    (await people.visitor().post('/auth/login', { email, password })).status;
  const changed = await browser.ask(
    'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { __typename } }',
    { input: { currentPassword: PASSWORD, newPassword: NEW_PASSWORD } },
  );
  expect(changed.data).toEqual({ changePassword: { __typename: 'PasswordChanged' } });
  expect(await login(PASSWORD)).toBe(401);
  await people.visitor().post('/auth/request-password-reset', { email });
  const token = await people.mailTo(email, /reset/i);
  const reset = async (newPassword: string): Promise<number> =>
    (await people.visitor().post('/auth/reset-password', { token, newPassword })).status;
  expect(await reset(PASSWORD)).toBe(200);
  expect(await reset(NEW_PASSWORD)).toBe(400);
  expect(await login(PASSWORD)).toBe(200);
});
