import { once } from 'node:events';
import { connect } from 'node:tls';
import { readTlsFolder } from '@andvari/kit/base/tls-folder';
import { testCertificates } from '@andvari/kit/testing/test-certificates';
import { testService } from '@andvari/kit/testing/test-service';
import { expect, onTestFinished, test } from 'vitest';
import { readConfig } from '../src/config.ts';
import { start } from '../src/main.ts';

test('with a folder of certificates the engine is called with mutual TLS', async () => {
  const certificates = testCertificates();
  certificates.authority('ours');
  certificates.identity('engine', 'ours', 'DNS:localhost');
  const tls = certificates.dir('engine');
  const engine = await testService({
    readConfig,
    start,
    streams: ['COMMANDS', 'EXECUTIONS', 'PORTFOLIO', 'DEAD'],
    env: { MARKET_MAKER: 'false', LEASE_MS: '300', TLS_DIR: tls },
  });
  onTestFinished(async () => {
    await engine.close();
    certificates.remove();
  });
  const { port } = engine.started;
  const socket = connect({
    port,
    host: '127.0.0.1',
    servername: 'localhost',
    ALPNProtocols: ['h2'],
    ...readTlsFolder(tls),
  });
  await once(socket, 'secureConnect');
  expect(socket.authorized).toBe(true);
  socket.destroy();
});
