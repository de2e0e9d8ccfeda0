import { AppError } from '@andvari/kit/base/errors';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Passwords } from '../src/ports/passwords.ts';
import { type AuthWorld, cheapHashes, openAuth } from './auth-world.ts';

/** Hashes that are all outdated, and a queue that has no turn for a new one, or worse. */
let trouble: Error | undefined;
let auth: AuthWorld;
const passwords: Passwords = {
  async hash(password) {
    if (trouble !== undefined) throw trouble;
    return `hash of ${password}`;
  },
  verify: async (stored, password) => stored === `hash of ${password}`,
  isOutdated: () => true,
};
beforeAll(async () => {
  auth = await openAuth(cheapHashes, { passwords });
});
afterAll(() => auth.close());

test.each([
  ['a full queue', new AppError('resource_exhausted', 'too many wait', { reason: 'login_queue_full' }), 'signed in'],
  ['a fault of ours', new Error('no memory'), 'refused'],
  ['nothing', undefined, 'signed in'],
])('whoever has shown the password and meets %s when its hash is renewed is answered', async (_, met, outcome) => {
  trouble = undefined;
  const person = await auth.member();
  trouble = met;
  const login = auth.login(person).then(
    () => 'signed in',
    () => 'refused',
  );
  expect(await login).toBe(outcome);
});
