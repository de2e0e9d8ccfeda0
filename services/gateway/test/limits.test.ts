import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@andvari/kit/testing/eventually';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256 } from '../src/graphql/persisted-operations.ts';
import { userIdOf } from './fake-service.ts';
import { type GatewayRig, gatewayRig, randomAddress } from './gateway-rig.ts';

let rig: GatewayRig;
let token: string;
const csrf = { 'x-andvari-csrf': '1' };

beforeAll(async () => {
  rig = await gatewayRig({ LIMIT_LOGINS_PER_ADDRESS: '5', LIMIT_PER_USER: '600' });
  token = await rig.tokens.sign({ sub: userIdOf('ada') });
});
afterAll(() => rig.close());

const aliases = (count: number): string =>
  `{ ${Array.from({ length: count }, (_, at) => `a${at}: health`).join(' ')} }`;
const levels = (count: number): string => `${'{ me '.repeat(count - 1)}{ id ${'}'.repeat(count)}`;
const reasons = ({ errors }: { errors: { extensions: Record<string, string> }[] }) =>
  errors.map(({ extensions }) => extensions['reason']);

describe('what one request may ask', () => {
  test.each([
    ['fifteen aliases', aliases(15)],
    ['six levels', '{ sessions { edges { node { user { onboarding { state } } } } } }'],
    ['a connection of a hundred', '{ sessions(first: 100) { nodes { id address userAgent createdAt lastSeenAt } } }'],
    ['the same by way of its edges', '{ sessions(first: 100) { edges { node { id address userAgent createdAt } } } }'],
  ])('%s pass', async (_, query) => {
    expect(await rig.ask({ query, token })).toMatchObject({ status: 200, errors: [] });
  });

  test.each([
    ['sixteen aliases', aliases(16), 'too_many_aliases'],
    [
      'sixteen aliases on several levels',
      `{ a: me { ${Array.from({ length: 14 }, (_, at) => `b${at}: id`).join(' ')} c: onboarding { state } } }`,
      'too_many_aliases',
    ],
    [
      'sixteen aliases by way of a fragment',
      '{ ...F ...F ...F ...F } fragment F on Query { a: health b: health c: health d: health }',
      'too_many_aliases',
    ],
    ['nine levels', levels(9), 'too_deep'],
    [
      'nine levels by way of a fragment',
      `{ me { me { me { me { ...F } } } } } fragment F on User { me { me { me { me { id } } } } }`,
      'too_deep',
    ],
    [
      'lists within what they cost',
      `{ ${Array.from({ length: 12 }, (_, at) => `a${at}: grants(first: 100) { nodes { user { id email givenName phone } } }`).join(' ')} }`,
      'too_costly',
    ],
  ])('%s are too much', async (_, query, reason) => {
    rig.user.calls.length = 0;
    const answer = await rig.ask({ query, token });
    expect(answer.status).toBe(400);
    expect(reasons(answer)).toContain(reason);
    expect(rig.user.calls).toEqual([]);
  });

  test('a list’s size counts when it is a variable, too', async () => {
    const fields = Array.from(
      { length: 12 },
      (_, at) => `a${at}: grants(first: $n) { nodes { user { id email givenName phone } } }`,
    );
    const query = `query($n: Int) { ${fields.join(' ')} }`;
    expect(reasons(await rig.ask({ query, token, variables: { n: 100 } }))).toContain('too_costly');
    expect((await rig.ask({ query, token, variables: { n: 2 } })).errors).toEqual([]);
  });

  test('a thousand tokens are enough', async () => {
    const { status, errors } = await rig.ask({ query: `{ ${'health '.repeat(1000)} }` });
    expect(status).toBe(400);
    expect(errors[0]?.message).toContain('1000');
  });

  test('nobody is helped to guess the schema', async () => {
    const { errors } = await rig.ask({ query: '{ helth mee { idd } }', token });
    expect(errors.length).toBeGreaterThan(0);
    expect(errors.map(({ extensions }) => extensions['code'])).toEqual(errors.map(() => 'INVALID_ARGUMENT'));
    expect(JSON.stringify(errors)).not.toContain('Did you mean');
  });

  test('in production there is no introspection and no GraphiQL', async () => {
    const query = '{ __schema { queryType { name } } }';
    expect((await rig.ask({ query })).errors).toEqual([]);
    const production = await rig.another({ ENVIRONMENT: 'production' });
    const ask = await fetch(`${production.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    expect(ask.status).toBe(400);
    expect(await ask.text()).toContain('introspection_off');
    const page = await fetch(`${production.url}/graphql`, { headers: { accept: 'text/html' } });
    expect(await page.text()).not.toContain('GraphiQL');
    await production.close();
  });
});

describe('requests that are none', () => {
  test.each<[string, string, number, string]>([
    ['no JSON', '{"query":', 400, 'not_json'],
    ['a batch', '[{"query":"{ health }"},{"query":"{ health }"}]', 400, 'batch_not_allowed'],
    ['a string', '"{ health }"', 400, 'not_json'],
    ['null', 'null', 400, 'not_json'],
    ['more than 100 kB', JSON.stringify({ query: `{ health } #${'x'.repeat(100_000)}` }), 413, 'body_too_large'],
  ])('%s', async (_, body, status, reason) => {
    const response = await rig.post('/graphql', body);
    expect(response.status).toBe(status);
    const { errors } = (await response.json()) as { errors: { extensions: Record<string, string> }[] };
    expect(errors[0]?.extensions).toMatchObject({ reason, traceId: expect.stringMatching(/^[0-9a-f]{32}$/) as string });
  });

  test.each([
    ['no query', {}],
    ['a query that is no text', { query: 7 }],
    ['variables that are no object', { query: '{ health }', variables: [] }],
    ['a member that does not belong', { query: '{ health }', extra: 1 }],
    ['a query that cannot be read', { query: '{ health' }],
    ['an operation that is not there', { query: 'query A { health }', operationName: 'B' }],
  ])('%s', async (_, body) => {
    const response = await rig.post('/graphql', body);
    expect(response.status).toBe(400);
  });

  test('a body that goes on longer than it said is cut off', async () => {
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(new TextEncoder().encode('x'.repeat(10_000))),
    });
    const outcome = await fetch(`${rig.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: endless,
      duplex: 'half',
    } as RequestInit).then(
      ({ status }) => status,
      () => 'cut off',
    );
    expect([413, 'cut off']).toContain(outcome);
  });

  test('nothing else is here', async () => {
    expect((await fetch(`${rig.url}/graphql/../etc/passwd`)).status).toBe(404);
    expect((await fetch(`${rig.url}/auth/login`)).status).toBe(404);
  });
});

describe('how often', () => {
  test('every answer says what is left', async () => {
    const { headers } = await rig.ask({ query: '{ health }', token: await rig.tokens.sign({ sub: userIdOf('bob') }) });
    expect(headers.get('x-ratelimit-limit')).toBe('60');
    expect(Number(headers.get('x-ratelimit-remaining'))).toBe(59);
    expect(headers.get('x-ratelimit-reset')).toBe('1');
  });

  test('a user who asks too much is stopped, another is not', async () => {
    const eve = await rig.tokens.sign({ sub: userIdOf('eve') });
    const startedAt = performance.now();
    const answers = await Promise.all(Array.from({ length: 200 }, () => rig.ask({ query: '{ health }', token: eve })));
    const refused = answers.filter(({ status }) => status === 429);
    // Sixty at once, and ten more in each second that it took.
    const mayPass = 61 + (10 * (performance.now() - startedAt)) / 1000;
    expect(answers.length - refused.length).toBeLessThanOrEqual(mayPass);
    expect(answers.length - refused.length).toBeGreaterThanOrEqual(60);
    expect(refused[0]?.errors[0]?.extensions).toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await rig.ask({ query: '{ health }', token })).status).toBe(200);
  });

  test('a flood of sign-ins is stopped at the address it comes from, and nobody else feels it', async () => {
    const attacker = randomAddress();
    const login = (address: string): Promise<Response> =>
      rig.post('/auth/login', { email: 'a@example.com', password: 'wrong' }, { ...csrf, 'x-forwarded-for': address });
    const statuses = await Promise.all(Array.from({ length: 20 }, async () => (await login(attacker)).status));
    expect(statuses.filter((status) => status === 429)).toHaveLength(15);
    expect((await login(attacker)).headers.get('retry-after')).not.toBeNull();
    expect((await login(randomAddress())).status).toBe(401);
    expect((await rig.ask({ query: '{ health }', token })).status).toBe(200);
  });

  test('an address that is made up along the way does not help', async () => {
    const attacker = randomAddress();
    const login = (): Promise<Response> =>
      rig.post(
        '/auth/login',
        { email: 'a@example.com', password: 'wrong' },
        {
          ...csrf,
          'x-forwarded-for': `${randomAddress()}, ${attacker}`,
        },
      );
    const statuses = await Promise.all(Array.from({ length: 8 }, async () => (await login()).status));
    expect(statuses.filter((status) => status === 429)).toHaveLength(3);
  });

  test('bad credentials are counted as well', async () => {
    const headers = { 'x-forwarded-for': randomAddress() };
    const statuses = [];
    for (let time = 0; time < 8; time += 1)
      statuses.push((await rig.ask({ query: '{ health }', token: 'x.y.z', headers })).status);
    expect(statuses.slice(0, 5)).toEqual([401, 401, 401, 401, 401]);
    expect(statuses.at(-1)).toBe(429);
  });

  test('without Redis reading goes on and signing in does not', async () => {
    rig.redis.cut();
    try {
      const answers = [];
      for (let time = 0; time < 10; time += 1) answers.push(await rig.ask({ query: '{ me { userId } }', token }));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      expect(answers.at(-1)?.headers.get('x-ratelimit-limit')).toBeNull();
      const login = await rig.post('/auth/login', { email: 'a@example.com', password: 'correct' }, csrf);
      expect(login.status).toBe(503);
      expect(Number(login.headers.get('retry-after'))).toBeGreaterThan(0);
      expect((await fetch(`${rig.url}/readyz`)).status).toBe(200);
    } finally {
      rig.redis.mend();
    }
    await eventually(async () => {
      const login = await rig.post('/auth/login', { email: 'a@example.com', password: 'correct' }, csrf);
      expect(login.status).toBe(200);
    });
  });
});

describe('persisted operations', () => {
  const query = 'query Health { health }';
  const file = join(tmpdir(), `operations-${process.pid}.json`);
  writeFileSync(file, JSON.stringify({ [`sha256:${sha256(query)}`]: query }));
  const known = { extensions: { persistedQuery: { version: 1, sha256Hash: sha256(query) } } };

  test('only what is known is let in, by text or by hash', async () => {
    const strict = await rig.another({ PERSISTED_ONLY: 'true', PERSISTED_OPERATIONS: file });
    expect(await statusOf(strict.url, known)).toBe(200);
    expect(await statusOf(strict.url, { query })).toBe(200);
    expect(await statusOf(strict.url, { query: '{ health }' })).toBe(403);
    const byGet = await fetch(`${strict.url}/graphql?query=${encodeURIComponent('{ health }')}`);
    expect(await byGet.text()).not.toContain('"ok"');
    await strict.close();
  });

  test('the operations of the app in its folder are known, and no others', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'app-'));
    writeFileSync(join(dir, 'index.html'), '<!doctype html>');
    writeFileSync(join(dir, 'persisted-operations.json'), JSON.stringify({ [sha256(query)]: query }));
    const strict = await rig.another({ PERSISTED_ONLY: 'true', WEB_DIR: dir });
    expect(await statusOf(strict.url, { query })).toBe(200);
    expect(await statusOf(strict.url, { query: 'query Health { health } ' })).toBe(403);
    await strict.close();
    rmSync(dir, { recursive: true });
  });

  test('one that lets in known operations only, and knows none, does not start', async () => {
    await expect(rig.another({ PERSISTED_ONLY: 'true' })).rejects.toThrow('PERSISTED_OPERATIONS is not set');
  });

  test('a hash that is not known is said so', async () => {
    expect((await rig.post('/graphql', known)).status).toBe(404);
  });
});

async function statusOf(url: string, body: unknown): Promise<number> {
  const headers = { 'content-type': 'application/json' };
  return (await fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify(body) })).status;
}
