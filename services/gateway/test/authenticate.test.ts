import { describe, expect, test } from 'vitest';
import type { Claims } from '../src/identity/access-tokens.ts';
import { type Authenticators, createAuthenticate, credentialFrom } from '../src/identity/authenticate.ts';
import { callerOf } from '../src/identity/caller-of.ts';
import { anonymous, type Rights, rightsOf } from '../src/identity/viewer.ts';

const shownToken = (of: string, isCookie = false) => ({ kind: 'token', token: of, isCookie });

describe('a request shows', () => {
  const cookie = 'a=1; __Host-andvari_access=C';
  const rows: [rule: string, headers: Record<string, string | string[]>, shows: object][] = [
    ['nothing', {}, { kind: 'none' }],
    ['nothing of ours', { cookie: 'a=1' }, { kind: 'none' }],
    ['a token', { authorization: 'Bearer a.b-c_d~e+f/g=' }, shownToken('a.b-c_d~e+f/g=')],
    ['a token, however its scheme is written', { authorization: 'bearer T' }, shownToken('T')],
    ['a cookie', { cookie }, shownToken('C', true)],
    ['a token before a cookie', { authorization: 'Bearer T', cookie }, shownToken('T')],
    [
      'a key before all else',
      { 'x-api-key-id': 'k', 'x-api-key-secret': 's', authorization: 'Bearer T', cookie },
      { kind: 'api_key', id: 'k', secret: 's' },
    ],
    ['half a key, which is not known', { 'x-api-key-id': 'k', cookie }, { kind: 'unknown' }],
    ['the other half, which is not known', { 'x-api-key-secret': 's', cookie }, { kind: 'unknown' }],
    [
      'two halves of which one came twice',
      { 'x-api-key-id': ['k', 'l'], 'x-api-key-secret': 's' },
      { kind: 'unknown' },
    ],
    ['half a key twice', { 'x-api-key-id': 'k', 'x-api-key-secret': ['s', 't'] }, { kind: 'unknown' }],
    ['half a key, and a token, which is one', { 'x-api-key-id': 'k', authorization: 'Bearer T' }, shownToken('T')],
    ['another scheme', { authorization: 'Basic T', cookie }, { kind: 'unknown' }],
    ['a scheme that begins otherwise', { authorization: 'xBearer T' }, { kind: 'unknown' }],
    ['a scheme without a token', { authorization: 'Bearer' }, { kind: 'unknown' }],
    ['a scheme and a blank', { authorization: 'Bearer ' }, { kind: 'unknown' }],
    ['a token with something behind it', { authorization: 'Bearer T,U' }, { kind: 'unknown' }],
    ['two tokens', { authorization: 'Bearer T U' }, { kind: 'unknown' }],
    ['a token that is none', { authorization: 'Bearer é' }, { kind: 'unknown' }],
  ];
  test.each(rows)('%s', (_, headers, shows) => {
    expect(credentialFrom(headers)).toEqual(shows);
  });
});

const claims: Claims = {
  userId: 'ada',
  sessionId: 's',
  rolesVersion: 7n,
  issuedAtMs: 1000,
  authenticatedAtUs: 5n,
  expiresAtMs: 9000,
};
const rights = rightsOf(['memo:add', 'memo:read'], 7n);
const ofToken = { kind: 'token', token: 'T', isCookie: false } as const;
const ofKey = { kind: 'api_key', id: 'k', secret: 's' } as const;

function asked(more: Partial<Authenticators> = {}) {
  const questions: unknown[][] = [];
  const authenticate = createAuthenticate({
    verifyToken: (token) => {
      questions.push(['token', token]);
      return claims;
    },
    apiKeys: {
      authenticate: (id, secret) => {
        questions.push(['key', id, secret]);
        return { userId: 'ada', scopes: ['memo:add'], dailyCap: 3n, untilMs: 0 };
      },
    },
    permissions: {
      of: (userId, version) => {
        questions.push(['rights', userId, version]);
        return rights;
      },
    },
    revocations: {
      isRevoked: (sessionId, issuedAtMs) => {
        questions.push(['revoked', sessionId, issuedAtMs]);
        return false;
      },
    },
    ...more,
  });
  return { authenticate, questions };
}

const session = {
  kind: 'session',
  userId: 'ada',
  sessionId: 's',
  apiKeyId: '',
  authenticatedAtUs: 5n,
  rights,
  untilMs: 9000,
};

const verifyToken = () => Promise.resolve(claims);

describe('whoever shows', () => {
  test('nothing is nobody', () => {
    expect(asked().authenticate({ kind: 'none' })).toBe(anonymous);
  });

  test('what is not known is refused', () => {
    expect(() => asked().authenticate({ kind: 'unknown' })).toThrow(
      expect.objectContaining({
        code: 'unauthenticated',
        reason: 'credential_unknown',
        message: 'the credential is of no kind that is known here',
      }),
    );
  });

  test('a token is whose it is, at once where all of it is known', () => {
    const { authenticate, questions } = asked();
    expect(authenticate(ofToken)).toEqual(session);
    expect(questions).toEqual([
      ['token', 'T'],
      ['revoked', 's', 1000],
      ['rights', 'ada', 7n],
    ]);
  });

  test('a token is whose it is where it has to be asked for', async () => {
    expect(await asked({ verifyToken }).authenticate(ofToken)).toEqual(session);
    const permissions = { of: () => Promise.resolve<Rights>(rights) };
    expect(await asked({ permissions }).authenticate(ofToken)).toEqual(session);
  });

  test('a token of a session that has ended is refused', () => {
    const revocations = { isRevoked: () => true };
    expect(() => asked({ revocations }).authenticate(ofToken)).toThrow(
      expect.objectContaining({ code: 'unauthenticated', reason: 'session_revoked', message: 'the session has ended' }),
    );
  });

  test('a key may what its owner may and it is for, for five minutes at a time', async () => {
    const { authenticate, questions } = asked();
    const before = Date.now();
    const viewer = await authenticate(ofKey);
    expect(viewer).toEqual({
      kind: 'api_key',
      userId: 'ada',
      sessionId: '',
      apiKeyId: 'k',
      apiKeyDailyCap: 3n,
      authenticatedAtUs: undefined,
      rights: rightsOf(['memo:add'], 7n),
      untilMs: expect.any(Number) as number,
    });
    const until = viewer.kind === 'anonymous' ? 0 : viewer.untilMs;
    expect(until - before).toBeGreaterThanOrEqual(300_000);
    expect(until - Date.now()).toBeLessThanOrEqual(300_000);
    expect(questions).toEqual([
      ['key', 'k', 's'],
      ['rights', 'ada', 0n],
    ]);
  });

  test('a key may nothing that is known while its owner’s rights are not', async () => {
    const permissions = { of: (): Rights => ({ known: false }) };
    expect(await asked({ permissions }).authenticate(ofKey)).toMatchObject({ rights: { known: false } });
  });
});

describe('services are told', () => {
  const origin = { address: '198.51.100.7', userAgent: 'Browser/1' };
  const from = { service: 'gateway', requestId: '', ...origin };
  const nobody = { ...from, userId: '', sessionId: '', apiKeyId: '', scopes: [], rolesVersion: 0n };
  const signedIn = {
    kind: 'session',
    userId: 'ada',
    sessionId: 's',
    apiKeyId: '',
    authenticatedAtUs: undefined,
    rights,
    untilMs: 0,
  } as const;
  const ada = { ...from, userId: 'ada', sessionId: 's', apiKeyId: '', scopes: rights.scopes, rolesVersion: 7n };

  test('of nobody where it comes from', () => {
    expect(callerOf(anonymous, origin)).toEqual(nobody);
  });

  test('of somebody who they are and what they may', () => {
    expect(callerOf(signedIn, origin)).toStrictEqual(ada);
    const more = { ...signedIn, authenticatedAtUs: 5n, apiKeyDailyCap: 3n };
    expect(callerOf(more, origin)).toEqual({ ...ada, authenticatedAtUs: 5n, apiKeyDailyCap: 3n });
  });

  test('nothing of what somebody may while nobody knows it', () => {
    const unknown = { ...signedIn, userId: 'bob', rights: { known: false } as const };
    expect(callerOf(unknown, origin)).toEqual({ ...ada, userId: 'bob', scopes: [], rolesVersion: 0n });
  });

  test('the same of all that one credential asks from one place, as long as its rights are the same', () => {
    const first = callerOf(signedIn, origin);
    expect(callerOf({ ...signedIn, untilMs: 1 }, { ...origin })).toBe(first);
    const other = rightsOf(['memo:add'], 8n);
    expect(callerOf({ ...signedIn, rights: other }, origin)).toMatchObject({ rolesVersion: 8n });
    expect(callerOf(anonymous, origin)).toBe(callerOf(anonymous, origin));
  });

  test.each<[string, object, object]>([
    ['another user', { userId: 'eve' }, {}],
    ['another session', { sessionId: 't' }, {}],
    ['another key', { apiKeyId: 'k' }, {}],
    ['another time of the password', { authenticatedAtUs: 6n }, {}],
    ['another address', {}, { address: '198.51.100.8' }],
    ['another program', {}, { userAgent: 'Browser/2' }],
  ])('another of %s', (_, viewer, place) => {
    const first = callerOf(signedIn, origin);
    const other = callerOf({ ...signedIn, ...viewer }, { ...origin, ...place });
    expect(other).not.toBe(first);
    expect(other).toMatchObject({ ...viewer, ...place });
  });
});
