import { AppError } from '@andvari/kit/base/errors';
import { openLog } from '@andvari/kit/observe/log';
import { expect, test } from 'vitest';
import { createPermissions } from '../src/identity/permissions.ts';

const log = openLog('test', 'silent');
const away = new AppError('unavailable', 'away');
const answer = { roles: ['member'], permissions: ['profile:read:own'], rolesVersion: 1n, validUntilUs: 0n };

test('after a gap everything is asked for again, and serves on while security is away', async () => {
  let asked = 0;
  let isAway = false;
  const permissions = createPermissions({
    ask: () => {
      asked += 1;
      return isAway ? Promise.reject(away) : Promise.resolve(answer);
    },
    freshMs: 60_000,
    staleMs: 60_000,
    log,
    now: () => 0,
  });
  await permissions.of('ada', 1n);
  await permissions.of('ada', 1n);
  expect(asked).toBe(1);
  permissions.doubtAll();
  isAway = true;
  expect(await permissions.of('ada', 1n)).toMatchObject({ known: true });
  expect(asked).toBe(2);
  // Of whoever nothing was known before, nothing is known now.
  expect(await permissions.of('bob', 1n)).toEqual({ known: false });
});
