import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { readTlsFolder } from '@andvari/kit/base/tls-folder';
import { openMetrics } from '@andvari/kit/observe/metrics';
import { testCertificates } from '@andvari/kit/testing/test-certificates';
import { testScope } from '@andvari/kit/testing/test-scope';
import { expect, onTestFinished, test } from 'vitest';
import { connectClients } from '../src/clients.ts';
import { readConfig } from '../src/config.ts';

test('with a folder of certificates the gateway calls with mutual TLS, as whom its certificate names', async () => {
  const certificates = testCertificates();
  certificates.authority('ours');
  certificates.identity('auth', 'ours', 'DNS:localhost');
  certificates.identity('gateway', 'ours', 'DNS:gateway');
  const options = { ...readTlsFolder(certificates.dir('auth')), requestCert: true, ALPNProtocols: ['h2'] };
  const auth = createServer(options).listen(0, '127.0.0.1');
  await once(auth, 'listening');
  const scope = testScope();
  onTestFinished(async () => {
    await scope.close();
    auth.close();
    certificates.remove();
  });
  const called = new Promise<string | undefined>((resolve) => {
    auth.once('secureConnection', (socket: TLSSocket) => resolve(socket.getPeerCertificate().subject.CN?.toString()));
    auth.once('tlsClientError', (error) => resolve(error.message));
  });
  const config = readConfig({
    ENVIRONMENT: 'test',
    CALLER_KEY: 'a key that only tests use, 32 characters and more',
    NATS_URL: 'nats://127.0.0.1:1',
    REDIS_URL: 'redis://127.0.0.1:1',
    AUTH_ADDR: `localhost:${(auth.address() as AddressInfo).port}`,
    TLS_DIR: certificates.dir('gateway'),
  });
  const clients = connectClients(scope, config, openMetrics('test', { runtime: false }));
  // What listens is no auth: that it was called is all that is asked.
  const asked = clients.auth.getJwks({}).catch(() => undefined);
  expect(await called).toBe('gateway');
  auth.close();
  await asked;
});
