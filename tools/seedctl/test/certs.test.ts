import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { services } from '@andvari/deploy/services';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runWords } from './run-words.ts';

const folder = mkdtempSync(join(tmpdir(), 'andvari-certs-'));
const ours = join(folder, 'ours');
const theirs = join(folder, 'theirs');
const pem = (dir: string, name: string, file: string) => readFileSync(join(dir, name, file));
const certificate = (dir: string, name: string) => new X509Certificate(pem(dir, name, 'cert.pem'));

beforeAll(async () => {
  for (const dir of [ours, theirs]) {
    const { code, complained } = await runWords('certs', dir, '--days', '30');
    expect({ code, complained }).toEqual({ code: 0, complained: '' });
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

const names = [...services.map(({ name }) => name), 'operator-tool'];

test.each(names)(
  '%s has a certificate of its own name, signed by the authority it knows, for as long as was asked',
  (name) => {
    const ca = new X509Certificate(pem(ours, name, 'ca.pem'));
    const own = certificate(ours, name);
    expect(own.checkHost(name)).toBe(name);
    expect(own.checkHost('localhost')).toBe('localhost');
    expect(own.checkHost('another')).toBeUndefined();
    expect(own.verify(ca.publicKey)).toBe(true);
    expect(own.ca).toBe(false);
    const days = (own.validToDate.getTime() - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(29);
    expect(days).toBeLessThan(31);
    expect(statSync(join(ours, name, 'key.pem')).mode & 0o077).toBe(0);
  },
);

test('done again, the authority stays and the certificates are new', async () => {
  const [ca, before] = [pem(ours, 'authority', 'ca.pem'), certificate(ours, 'order').serialNumber];
  expect((await runWords('certs', ours)).code).toBe(0);
  expect(pem(ours, 'authority', 'ca.pem')).toEqual(ca);
  expect(certificate(ours, 'order').serialNumber).not.toBe(before);
});

describe('a handshake of both sides', () => {
  test('between two of the same authority', async () => {
    expect(await handshake({ server: [ours, 'portfolio'], client: [ours, 'order'] })).toBe('order');
  });

  test('fails with a client of another', async () => {
    await expect(handshake({ server: [ours, 'portfolio'], client: [theirs, 'order'] })).rejects.toThrow();
  });
});

const identity = (of: [string, string]) => ({
  ca: pem(...of, 'ca.pem'),
  cert: pem(...of, 'cert.pem'),
  key: pem(...of, 'key.pem'),
});

/** Who the server takes its client for. */
async function handshake(who: { server: [string, string]; client: [string, string] }): Promise<string> {
  const server = createServer({ ...identity(who.server), requestCert: true, rejectUnauthorized: true });
  const named = new Promise<string>((resolve, reject) => {
    server.once('secureConnection', (socket: TLSSocket) => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.end();
    });
    server.once('tlsClientError', reject);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = connect({ ...identity(who.client), port, host: '127.0.0.1', servername: who.server[1] });
  try {
    const failed = new Promise<never>((_, reject) => client.once('error', reject));
    return await Promise.race([named, failed]);
  } finally {
    client.destroy();
    server.close();
  }
}
