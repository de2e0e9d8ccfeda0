import { eventually } from '@andvari/kit/testing/eventually';
import { expect, test } from 'vitest';
import { PASSWORD } from '../people.ts';
import type { IdentityWorld } from './world.ts';

/** Sessions over the real processes: kept by whoever they belong to, and taken away from everybody else. */
export function sessions(world: IdentityWorld): void {
  test('two tabs that refresh at once both stay signed in', async () => {
    const { browser } = await world.people.registered();
    const other = browser.copy();
    const [one, two] = await Promise.all([browser.post('/auth/refresh', {}), other.post('/auth/refresh', {})]);
    expect([one.status, two.status]).toEqual([200, 200]);
    for (const tab of [browser, other]) expect((await tab.ask('{ me { userId } }')).errors).toEqual([]);
  });

  test('a stolen refresh token used twice ends the whole family', async () => {
    const { browser } = await world.people.registered();
    const thief = browser.copy();
    expect((await browser.post('/auth/refresh', {})).status).toBe(200);
    expect((await browser.post('/auth/refresh', {})).status).toBe(200);
    // Two generations old: nobody who is honest still holds it.
    expect((await thief.post('/auth/refresh', {})).status).toBe(401);
    await eventually(async () => expect((await browser.post('/auth/refresh', {})).status).toBe(401));
  });

  test('a revoked session is refused everywhere within a second', async () => {
    const { browser, email } = await world.people.registered();
    const other = world.people.visitor();
    expect((await other.post('/auth/login', { email, password: PASSWORD })).status).toBe(200);
    const { data } = await other.ask(
      'mutation { logoutEverywhere(keepCurrent: true) { ... on LoggedOut { revokedSessions } } }',
    );
    expect(data).toEqual({ logoutEverywhere: { revokedSessions: 1 } });
    const revokedAt = performance.now();
    await eventually(async () => expect((await browser.ask('{ me { userId } }')).data).not.toHaveProperty('me.userId'));
    expect(performance.now() - revokedAt).toBeLessThan(1000);
    expect((await other.ask('{ me { userId } }')).errors).toEqual([]);
  });
}
