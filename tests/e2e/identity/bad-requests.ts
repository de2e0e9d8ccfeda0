import { eventually } from '@andvari/kit/testing/eventually';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Answer, Browser } from '../browser.ts';
import { type Person } from '../people.ts';
import type { IdentityWorld } from './world.ts';

type Send = (browser: Browser) => Promise<Answer>;
const evil = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
const stream = { accept: 'text/event-stream' };
const me = { query: '{ me { userId } }' };
const subscription = 'subscription { notifications { __typename } }';
const mutation = 'mutation { logoutEverywhere { __typename } }';
const byGet = (query: string): string => `/graphql?query=${encodeURIComponent(query)}`;
const aliases = `{ ${Array.from({ length: 16 }, (_, at) => `a${at}: health`).join(' ')} }`;
const costly = `{ ${Array.from({ length: 12 }, (_, at) => `a${at}: sessions(first: 100) { nodes { id address createdAt userAgent lastSeenAt } }`).join(' ')} }`;
const large = { query: `{ health } #${'x'.repeat(200_000)}` };
const broken = new Uint8Array([...Buffer.from('{"query":"{ health } #'), 0xc3, 0x28, ...Buffer.from('"}')]);

const refused: [rule: string, send: Send, status: number, code: string, reason: string | undefined][] = [
  [
    'without the header',
    (b) => b.post('/graphql', me, { 'x-andvari-csrf': '' }),
    403,
    'PERMISSION_DENIED',
    'csrf_header_missing',
  ],
  ['from another site', (b) => b.post('/graphql', me, evil), 403, 'PERMISSION_DENIED', 'cross_site'],
  ['a refresh from another site', (b) => b.post('/auth/refresh', {}, evil), 403, 'PERMISSION_DENIED', 'cross_site'],
  [
    'a sign-in without the header',
    (b) => b.post('/auth/login', {}, { 'x-andvari-csrf': '' }),
    403,
    'PERMISSION_DENIED',
    'csrf_header_missing',
  ],
  [
    'an event stream from another site',
    (b) => b.get(byGet(subscription), { ...stream, ...evil }),
    403,
    'PERMISSION_DENIED',
    'cross_site',
  ],
  [
    'an event stream that a form of another site opens',
    (b) => b.post('/graphql', me, { ...stream, ...evil }),
    403,
    'PERMISSION_DENIED',
    'cross_site',
  ],
  ['a mutation by GET', (b) => b.get(byGet(mutation)), 405, 'INVALID_ARGUMENT', 'method_not_allowed'],
  [
    'a form',
    (b) => b.post('/graphql', 'query={health}', { 'content-type': 'application/x-www-form-urlencoded' }),
    415,
    'INVALID_ARGUMENT',
    'not_json',
  ],
  [
    'plain text',
    (b) => b.post('/graphql', JSON.stringify(me), { 'content-type': 'text/plain' }),
    415,
    'INVALID_ARGUMENT',
    'not_json',
  ],
  [
    'files',
    (b) => b.post('/graphql', '--x--', { 'content-type': 'multipart/form-data; boundary=x' }),
    415,
    'INVALID_ARGUMENT',
    'not_json',
  ],
  [
    'a sign-in as a form',
    (b) => b.post('/auth/login', 'email=a', { 'content-type': 'application/x-www-form-urlencoded' }),
    415,
    'INVALID_ARGUMENT',
    'not_json',
  ],
  ['a body of 200 kB', (b) => b.post('/graphql', large), 413, 'INVALID_ARGUMENT', 'body_too_large'],
  [
    'a code for no challenge',
    (b) => b.post('/auth/second-factor', { challenge: 'a-challenge-that-nobody-was-given', code: '123456' }),
    401,
    'UNAUTHENTICATED',
    'factor_challenge_over',
  ],
  ['a sign-in of 200 kB', (b) => b.post('/auth/login', large), 413, 'INVALID_ARGUMENT', 'body_too_large'],
  ['no JSON', (b) => b.post('/graphql', '{"query": '), 400, 'INVALID_ARGUMENT', 'not_json'],
  ['no UTF-8', (b) => b.post('/graphql', broken), 400, 'INVALID_ARGUMENT', 'not_json'],
  ['a sign-in that is no UTF-8', (b) => b.post('/auth/login', broken), 400, 'INVALID_ARGUMENT', 'not_json'],
  ['an array of operations', (b) => b.post('/graphql', [me, me]), 400, 'INVALID_ARGUMENT', 'batch_not_allowed'],
  [
    'a member that no request has',
    (b) => b.post('/graphql', { ...me, admin: true }),
    400,
    'INVALID_ARGUMENT',
    undefined,
  ],
  [
    'a sign-in with more than that',
    (b) => b.post('/auth/login', { email: 'a', password: 'b', admin: true }),
    400,
    'INVALID_ARGUMENT',
    undefined,
  ],
  [
    'a subscription that is no stream',
    (b) => b.post('/graphql', { query: subscription }),
    400,
    'INVALID_ARGUMENT',
    'stream_not_accepted',
  ],
  ['what is no GraphQL', (b) => b.post('/graphql', { query: '{ me { userId }' }), 400, 'INVALID_ARGUMENT', undefined],
  [
    'a field that is not there',
    (b) => b.post('/graphql', { query: '{ secrets }' }),
    400,
    'INVALID_ARGUMENT',
    undefined,
  ],
  ['too many aliases', (b) => b.post('/graphql', { query: aliases }), 400, 'INVALID_ARGUMENT', 'too_many_aliases'],
  [
    'too deep',
    (b) => b.post('/graphql', { query: `${'{ node '.repeat(9)}{ id ${'}'.repeat(10)}` }),
    400,
    'INVALID_ARGUMENT',
    'too_deep',
  ],
  [
    'too many tokens',
    (b) => b.post('/graphql', { query: `{ ${'health '.repeat(1000)} }` }),
    400,
    'INVALID_ARGUMENT',
    undefined,
  ],
  ['too costly', (b) => b.post('/graphql', { query: costly }), 400, 'INVALID_ARGUMENT', 'too_costly'],
  ['nothing that is here', (b) => b.post('/graphql/console', me), 404, 'NOT_FOUND', 'no_route'],
  ['another way than POST to sign in', (b) => b.get('/auth/login'), 404, 'NOT_FOUND', 'no_route'],
];

/** Requests that a page of ours would never send, from a browser that is signed in: each refused for its own reason. */
export function badRequests(world: IdentityWorld): void {
  let victim: Person;
  beforeAll(async () => {
    victim = await world.people.registered();
  });

  describe('refused', () => {
    test.each(refused)('%s', async (_, send, status, code, reason) => {
      const answer = await send(victim.browser);
      expect(answer.status, answer.text).toBe(status);
      const said = errorsOf(answer);
      expect(new Set(said.map((error) => error['code']))).toEqual(new Set([code]));
      expect(said.map((error) => error['reason'])).toContain(reason);
      for (const error of said) expect(error['traceId']).toMatch(/^[0-9a-f]{32}$/);
      expect(answer.headers.getSetCookie()).toEqual([]);
    });

    // Streams go another way, and it is as narrow.
    test.each<[string, unknown, number, string | undefined]>([
      ['a body of 200 kB', large, 413, 'body_too_large'],
      ['no JSON', '{"query": ', 400, 'not_json'],
      ['no UTF-8', broken, 400, 'not_json'],
      ['an array of operations', [me, me], 400, 'batch_not_allowed'],
      ['a member that no request has', { ...me, admin: true }, 400, undefined],
    ])('%s, when a stream is asked for', async (_, body, status, reason) => {
      const answer = await victim.browser.post('/graphql', body, stream);
      expect(answer.status, answer.text).toBe(status);
      expect(errorsOf(answer)).toMatchObject([
        { code: 'INVALID_ARGUMENT', ...(reason === undefined ? {} : { reason }) },
      ]);
    });

    test.each([
      ['too many aliases', aliases, 'too_many_aliases'],
      ['too costly', costly, 'too_costly'],
    ])('%s, in a stream', async (_, query, reason) => {
      const events = await victim.browser.subscribe(query);
      await eventually(() => expect(events.ended()).toBe(true));
      expect(events.received).toMatchObject([{ errors: [{ extensions: { code: 'INVALID_ARGUMENT', reason } }] }]);
    });

    test('a socket from another site', async () => {
      expect(await victim.browser.openSocket(evil)).toBe(403);
      expect(await world.people.visitor().openSocket(evil)).toBe(403);
      expect(await victim.browser.openSocket()).toBe(101);
    });

    test('a header of 20 kB', async () => {
      expect((await victim.browser.post('/graphql', me, { 'x-much': 'x'.repeat(20_000) })).status).toBe(431);
    });
  });

  test('after all of that the gateway serves, and nobody was signed out', async () => {
    expect((await victim.browser.ask(me.query)).data).toEqual({ me: { userId: victim.userId } });
    expect((await victim.browser.ask('{ sessions { nodes { isCurrent } } }')).data).toEqual({
      sessions: { nodes: [{ isCurrent: true }] },
    });
  });
}

/** GraphQL's errors and those of the other routes, as one. */
function errorsOf({ json }: Answer): Record<string, unknown>[] {
  const { error, errors = [] } = json as {
    error?: Record<string, unknown>;
    errors?: { extensions?: Record<string, unknown> }[];
  };
  return error === undefined ? errors.map(({ extensions = {} }) => extensions) : [error];
}
