import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import { eventually } from '@andvari/kit/testing/eventually';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { userIdOf } from './fake-service.ts';
import { type GatewayRig, gatewayRig } from './gateway-rig.ts';

const dir = mkdtempSync(join(tmpdir(), 'web-app-'));
const INDEX = '<!doctype html><title>Andvari</title><script type="module" src="/assets/main-1a2b.js"></script>';
const SCRIPT = 'document.title = "Andvari";';
mkdirSync(join(dir, 'assets'));
writeFileSync(join(dir, 'index.html'), INDEX);
writeFileSync(join(dir, 'favicon.svg'), '<svg/>');
writeFileSync(join(dir, 'assets/main-1a2b.js'), SCRIPT);
writeFileSync(join(dir, 'assets/main-1a2b.js.br'), brotliCompressSync(SCRIPT));

let rig: GatewayRig;
beforeAll(async () => {
  rig = await gatewayRig({ WEB_DIR: dir, ENVIRONMENT: 'production' });
});
afterAll(async () => {
  await rig.close();
  rmSync(dir, { recursive: true });
});

const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${rig.url}${path}`, { headers, redirect: 'manual' });
const html = { accept: 'text/html,*/*' };

describe('the web app', () => {
  test.each(['/', '/trade/ACME?tf=1m', '/verify?token=x', '/settings/security', '/index.html'])(
    '%s is its page',
    async (path) => {
      const response = await get(path, html);
      expect(response.status).toBe(200);
      expect(await response.text()).toBe(INDEX);
      expect(response.headers.get('cache-control')).toBe('no-cache');
      const policy = response.headers.get('content-security-policy');
      expect(policy).toContain("script-src 'self';");
      expect(policy).toContain("require-trusted-types-for 'script'");
      expect(policy).not.toContain('unsafe');
    },
  );

  test('a page that has not changed is not sent again', async () => {
    const etag = (await get('/', html)).headers.get('etag') ?? '';
    const again = await get('/orders', { ...html, 'if-none-match': etag });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe('');
  });

  test('assets are kept for good, and are sent as the build compressed them', async () => {
    const small = await get('/assets/main-1a2b.js', { 'accept-encoding': 'gzip, br' });
    expect(small.headers.get('content-encoding')).toBe('br');
    expect(await small.text()).toBe(SCRIPT);
    expect(brotliDecompressSync(brotliCompressSync(SCRIPT)).toString()).toBe(SCRIPT);
    const plain = await get('/assets/main-1a2b.js', { 'accept-encoding': 'identity' });
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(plain.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(plain.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(await plain.text()).toBe(SCRIPT);
  });

  test.each([
    ['an asset that is not there', '/assets/gone-0000.js', html],
    ['an asset that is not there, by a program', '/assets/gone-0000.js', {}],
    ['a page, by a program', '/orders', { accept: 'application/json' }],
    ['what lies beside the build', '/assets/%2e%2e/%2e%2e/package.json', {}],
    ['a route of signing in', '/auth/nothing', html],
    ['what is well known', '/.well-known/nothing', html],
  ])('%s is missing', async (_, path, headers) => {
    expect((await get(path, headers)).status).toBe(404);
  });

  test.each(['/verify', '/reset'])(
    'the link of a letter, %s, opens whatever its reader says of what it takes',
    async (path) => {
      for (const headers of [{}, { accept: '*/*' }, html]) {
        const { status, headers: said } = await get(`${path}?token=t`, headers);
        expect(status).toBe(200);
        expect(said.get('content-type')).toContain('text/html');
      }
    },
  );

  test('the API is where it was, and tells which build is served', async () => {
    const page = await get('/', html);
    const { status, headers } = await rig.ask({ query: '{ health }' });
    expect(status).toBe(200);
    expect(headers.get('x-build-id')).toMatch(/^[0-9a-f]{16}$/);
    expect(headers.get('x-build-id')).toBe(page.headers.get('x-build-id'));
    expect((await get('/healthz', html)).status).toBe(200);
  });
});

describe('every answer', () => {
  const always = {
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'strict-transport-security': 'max-age=63072000; includeSubDomains',
  };
  const csrf = { 'x-andvari-csrf': '1' };

  test.each<[string, () => Promise<Response>, Record<string, string>]>([
    ['of GraphQL', () => rig.post('/graphql', { query: '{ health }' }), { 'cache-control': 'no-store' }],
    ['that refuses', () => rig.post('/graphql', '{'), { 'cache-control': 'no-store' }],
    [
      'of signing in',
      () => rig.post('/auth/login', { email: 'a@example.com', password: 'correct' }, csrf),
      { 'cache-control': 'no-store' },
    ],
    ['that has nothing', () => get('/nothing'), { 'cache-control': 'no-store' }],
    ['with the keys', () => get('/.well-known/jwks.json'), { 'cache-control': 'public, max-age=300' }],
    ['that is a page', () => get('/', html), { 'cross-origin-opener-policy': 'same-origin' }],
    ['that is an asset', () => get('/assets/main-1a2b.js'), { 'cross-origin-resource-policy': 'same-origin' }],
  ])('%s says how it may be used', async (_, ask, own) => {
    const { headers } = await ask();
    const found = Object.fromEntries(Object.keys({ ...always, ...own }).map((name) => [name, headers.get(name)]));
    expect(found).toEqual({ ...always, ...own });
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  });

  test('of an event stream as well', async () => {
    const token = await rig.tokens.sign({ sub: userIdOf('ada') });
    const abort = new AbortController();
    const request = {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: 'subscription { notifications { __typename } }' }),
      signal: abort.signal,
    };
    // A machine that is busy may take longer than a gateway asks who somebody is.
    const response = await eventually(async () => {
      const answer = await fetch(`${rig.url}/graphql`, request);
      expect(answer.status).toBe(200);
      return answer;
    });
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('x-accel-buffering')).toBe('no');
    abort.abort();
  });
});

test('in development GraphiQL comes from here alone, and asks as whoever is signed in', async () => {
  const development = await rig.another({ ENVIRONMENT: 'development' });
  const page = await fetch(`${development.url}/graphql`, { headers: html });
  expect(page.status).toBe(200);
  const text = await page.text();
  expect(text).toContain('x-andvari-csrf');
  expect(text).not.toMatch(/<(?:script|link)[^>]+(?:src|href)="https?:/);
  expect(page.headers.get('content-security-policy')).toContain("connect-src 'self'");
  expect(page.headers.get('strict-transport-security')).toBeNull();
  await development.close();
});
