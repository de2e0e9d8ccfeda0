import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ChannelCredentials } from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Metrics, openMetrics } from '../src/observe/metrics.ts';
import { ended, testCertificates } from '../src/testing/test-certificates.ts';
import { bareCall, echoClient, echoServer, rejection } from './echo-service.ts';

/** Two authorities; ours signs for a server, a client and one whose name is another's. */
const { folder, dir, authority, identity, remove } = testCertificates();
/** TLS checks names, and an address is none. */
const byName = (address: string): string => address.replace('127.0.0.1', 'localhost');

beforeAll(() => {
  authority('ours');
  authority('theirs');
  identity('server', 'ours', 'DNS:localhost');
  identity('client', 'ours', 'DNS:gateway');
  identity('stranger', 'theirs', 'DNS:gateway');
  identity('other-name', 'ours', 'DNS:elsewhere');
  identity('old-server', 'ours', 'DNS:localhost', ended);
  identity('old-client', 'ours', 'DNS:gateway', ended);
  // Knows our authority, but has a certificate of another one.
  mkdirSync(dir('half-known'));
  symlinkSync(join(dir('server'), 'ca.pem'), join(dir('half-known'), 'ca.pem'));
  for (const file of ['cert.pem', 'key.pem']) symlinkSync(join(dir('stranger'), file), join(dir('half-known'), file));
});
afterAll(remove);

test.each<[what: string, dir: () => string, says: RegExp]>([
  ['a folder that is not there', () => '/nowhere', /TLS_DIR: \/nowhere\/ca\.pem cannot be read/],
  ['a certificate that is none', withoutCertificate, /TLS_DIR: .*cert\.pem cannot be read/],
  ['a key of another certificate', withOtherKey, /TLS_DIR: .*key\.pem is not the key of the certificate beside it/],
])('%s is named by the variable that names it', (_, tlsDir, says) => {
  const metrics = openMetrics('test', { runtime: false });
  expect(() => echoClient('localhost:1', { metrics, tlsDir: tlsDir() })).toThrow(says);
});

function withOtherKey(): string {
  const mixed = dir('other-key');
  mkdirSync(mixed);
  for (const file of ['ca.pem', 'cert.pem']) symlinkSync(join(dir('server'), file), join(mixed, file));
  symlinkSync(join(dir('client'), 'key.pem'), join(mixed, 'key.pem'));
  return mixed;
}

function withoutCertificate(): string {
  const broken = dir('no-certificate');
  mkdirSync(broken);
  for (const file of ['ca.pem', 'key.pem']) symlinkSync(join(dir('server'), file), join(broken, file));
  writeFileSync(join(broken, 'cert.pem'), 'nothing');
  return broken;
}

test('both sides known: the call passes, with caller, error and stream as ever', async () => {
  const { address } = await echoServer({}, { tlsDir: dir('server') });
  const client = echoClient(byName(address), { tlsDir: dir('client') });
  expect(await client.ask({ text: 'hello' })).toEqual({ text: 'hello' });
  for await (const item of client.list({ text: 'hello' })) expect(item).toEqual({ text: 'hello' });
});

test.each<[who: string, open: () => Promise<Metrics>]>([
  ['a server', async () => (await echoServer({}, { tlsDir: dir('server') })).metrics],
  [
    'a client',
    async () => {
      const metrics = openMetrics('test', { runtime: false });
      echoClient('localhost:1', { metrics, tlsDir: dir('server') });
      return metrics;
    },
  ],
])('%s says when its certificate ends', async (_, open) => {
  const { body } = await (await open()).scrape();
  const endsAt = Number(/^cert_expiry_timestamp_seconds\S* (\S+)$/m.exec(body)?.[1]);
  const date = execFileSync('openssl', [
    'x509',
    '-enddate',
    '-noout',
    '-in',
    join(dir('server'), 'cert.pem'),
  ]).toString();
  expect(endsAt * 1000).toBe(Date.parse(date.trim().split('=')[1] ?? ''));
});

test.each<[string, { server: string; client: string | undefined }]>([
  ['a client without TLS', { server: 'server', client: undefined }],
  ['a client of another authority', { server: 'server', client: 'half-known' }],
  ['a server of another authority', { server: 'stranger', client: 'client' }],
  ['a server that is not who was called', { server: 'other-name', client: 'client' }],
  ['a client whose certificate has ended', { server: 'server', client: 'old-client' }],
  ['a server whose certificate has ended', { server: 'old-server', client: 'client' }],
])('%s gets no further', async (_, { server, client }) => {
  let reached = false;
  const { address } = await echoServer(
    {
      ask: async (request) => {
        reached = true;
        return request;
      },
    },
    { tlsDir: dir(server) },
  );
  const { ask } = echoClient(byName(address), { tlsDir: client && dir(client), idempotent: [], timeoutMs: 5000 });
  expect(await rejection(ask({ text: '' }))).toMatchObject({ code: 'unavailable' });
  expect(reached).toBe(false);
});

test('a client that shows no certificate at all gets no further', async () => {
  const { address } = await echoServer({}, { tlsDir: dir('server') });
  const trusting = ChannelCredentials.createSsl(readFileSync(join(dir('server'), 'ca.pem')));
  const { error } = await bareCall(byName(address), { credentials: trusting });
  // A call that came through would be refused for its caller: unauthenticated.
  expect(error?.details).toMatch(/No connection established|ECONNRESET|certificate required/);
});

test('a folder that lacks a file stops the start', async () => {
  await expect(echoServer({}, { tlsDir: folder })).rejects.toThrow(/ENOENT.*ca\.pem/);
});
