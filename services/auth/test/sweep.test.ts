import { nowUs } from '@andvari/kit/base/clock';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sweep } from '../src/store/sweep.ts';
import { type AuthWorld, newPerson, openAuth } from './auth-world.ts';
import { challengeOf, guarded } from './guarded.ts';

let auth: AuthWorld;
beforeAll(async () => {
  auth = await openAuth();
});
afterAll(() => auth.close());

const DAY_US = 86_400_000_000n;

async function counts(): Promise<Record<string, number>> {
  const tables = [
    'sessions',
    'refresh_tokens',
    'registrations',
    'password_resets',
    'throttles',
    'known_clients',
    'factors',
    'factor_challenges',
    'users',
  ];
  const rows = await Promise.all(
    tables.map(async (table) => {
      const [row] = await auth.service.db<{ count: number }[]>`
        select count(*)::int as count from ${auth.service.db(table)}`;
      return [table, row?.count ?? 0] as const;
    }),
  );
  return Object.fromEntries(rows);
}

test('what is over is deleted, and nothing before', async () => {
  const person = await auth.member();
  await auth.login(person);
  await auth.anonymous.requestPasswordReset(newPerson());
  await challengeOf(auth, await guarded(auth));
  await auth.as(person.userId).enrolFactor({ userId: person.userId });
  await auth.login(person, 'wrong', { address: '192.0.2.1', userAgent: '' }).catch(() => undefined);
  const full = await counts();
  expect(Object.values(full)).not.toContain(0);
  expect(await sweep(auth.service.db, nowUs())).toBe(0);
  expect(await counts()).toEqual(full);

  await sweep(auth.service.db, nowUs() + 3n * DAY_US);
  expect(await counts()).toMatchObject({ registrations: 0, password_resets: 0, throttles: 0, sessions: 1 });
  expect(await counts()).toMatchObject({ factor_challenges: 0, factors: 1 });
  await sweep(auth.service.db, nowUs() + 9n * DAY_US);
  expect(await counts()).toMatchObject({ sessions: 0, refresh_tokens: 0, known_clients: 1 });
  await sweep(auth.service.db, nowUs() + 200n * DAY_US);
  expect(await counts()).toMatchObject({ known_clients: 0, users: 2, factors: 1 });
});
