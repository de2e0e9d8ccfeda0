import { eventually } from '@andvari/kit/testing/eventually';
import { SecurityServiceService } from '@andvari/proto/security/v1/security';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser, Reply } from './browser.ts';
import { PASSWORD, type People, type Person, peopleOf } from './people.ts';
import { identityServices, type System, startSystem } from './system.ts';

/** One part of the system is killed: what hangs on it fails in its own way, all else goes on, and it heals by itself. */
const FRESH_MS = 500;
const STALE_MS = 3000;

let system: System;
let people: People;

beforeAll(async () => {
  system = await startSystem(identityServices, {
    // A person's rights are taken for granted for half a second, and for three more while nobody can be asked.
    PERMISSIONS_FRESH_MS: String(FRESH_MS),
    PERMISSIONS_STALE_MS: String(STALE_MS),
  });
  people = peopleOf(system);
});
afterAll(() => system.close());

const ME = '{ me { userId email } }';
const login = (browser: Browser, { email }: Person) => browser.post('/auth/login', { email, password: PASSWORD });
const codes = ({ errors }: Reply) => errors.map(({ extensions }) => extensions?.['code']);

describe('without auth', () => {
  test('whoever is signed in goes on reading, and nobody signs in', async () => {
    const person = await people.registered();
    const { browser, email, userId } = person;
    await system.stop('auth', 'SIGKILL');
    const { data, errors } = await browser.ask('{ me { userId email } sessions { nodes { id } } }');
    expect(data).toEqual({ me: { userId, email }, sessions: null });
    expect(errors).toMatchObject([{ path: ['sessions'], extensions: { code: 'UNAVAILABLE' } }]);
    const refused = await login(people.visitor(), person);
    expect(refused).toMatchObject({ status: 503, json: { error: { code: 'UNAVAILABLE' } } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);

    await system.start('auth');
    await eventually(async () => expect((await login(people.visitor(), person)).status).toBe(200));
    await eventually(async () => expect((await browser.ask('{ sessions { nodes { id } } }')).errors).toEqual([]));
  });
});

describe('without security', () => {
  test('what was decided holds for a while, then nothing is allowed', async () => {
    const [person, stranger] = [await people.registered(), await people.registered()];
    const { browser, userId } = person;
    const security = system.client('security', SecurityServiceService);
    await security.grantRole({ userId, role: 'admin', expiresAtUs: 0n, reason: 'a test' });
    await eventually(async () => expect((await browser.ask(TRAIL)).data).toMatchObject({ me: { userId } }));
    await eventually(async () => expect(codes(await browser.ask(TRAIL))).toEqual([]));

    await system.stop('security', 'SIGKILL');
    const killedAt = performance.now();
    // The trail is security's own; that this person may read it is remembered like everything else.
    const during = await browser.ask(TRAIL);
    expect(during.data).toMatchObject({ me: { userId }, auditLog: null });
    expect(during.errors).toMatchObject([{ path: ['auditLog'], extensions: { code: 'UNAVAILABLE' } }]);
    // A sign-in makes nothing known of what somebody may do.
    const newcomer = people.visitor();
    expect((await login(newcomer, stranger)).status).toBe(200);

    await eventually(async () => expect(codes(await browser.ask(ME))).toEqual(['UNAVAILABLE']));
    expect(performance.now() - killedAt).toBeGreaterThan(STALE_MS - FRESH_MS);
    for (const refused of [browser, newcomer]) {
      const { data, errors, status } = await refused.ask(`{ health ${ME.slice(1)}`);
      expect({ data, status }).toEqual({ data: { health: 'ok', me: null }, status: 200 });
      expect(errors).toMatchObject([{ message: 'this is not available at the moment' }]);
    }
    expect(codes(await browser.ask('mutation { logoutEverywhere { __typename } }'))).toEqual(['UNAVAILABLE']);

    await system.start('security');
    await eventually(async () => expect((await browser.ask(ME)).data).toMatchObject({ me: { userId } }));
  });
});

const TRAIL = '{ me { userId } auditLog(first: 1) { nodes { action } } }';

describe('without Redis', () => {
  test('reading goes on uncounted, nobody signs in, and a session that is revoked is out', {}, async () => {
    const person = await people.registered();
    const { browser, userId } = person;
    const other = people.visitor();
    expect((await login(other, person)).status).toBe(200);
    expect((await browser.ask(ME)).headers.get('x-ratelimit-limit')).not.toBeNull();

    await system.redis.kill();
    // What Redis said last holds for a tenth of a second.
    await eventually(async () => expect((await browser.ask(ME)).headers.has('x-ratelimit-limit')).toBe(false));
    for (let time = 0; time < 20; time += 1) {
      const { status, data, headers } = await browser.ask(ME);
      expect({ status, data, counted: headers.has('x-ratelimit-limit') }).toMatchObject({
        status: 200,
        data: { me: { userId } },
        counted: false,
      });
    }
    for (const path of ['/auth/login', '/auth/request-password-reset']) {
      const refused = await people.visitor().post(path, { email: person.email, password: PASSWORD });
      expect(refused).toMatchObject({ status: 503, json: { error: { code: 'UNAVAILABLE' } } });
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect((await browser.post('/auth/refresh', {})).status).toBe(200);
    expect((await browser.get('/readyz')).status).toBe(200);
    expect(codes(await browser.ask('mutation { logoutEverywhere { __typename } }'))).toEqual([]);
    await eventually(async () => expect((await other.ask(ME)).status).toBe(401));

    await system.redis.restart();
    await eventually(async () => expect((await login(people.visitor(), person)).status).toBe(200));
    expect((await browser.ask(ME)).headers.get('x-ratelimit-limit')).not.toBeNull();
    expect((await other.ask(ME)).status).toBe(401);
  });
});
