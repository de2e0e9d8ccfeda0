import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Child, plainEnv, startChild } from '@andvari/servers/child';
import { checkoutRoot } from '@andvari/servers/data-home';
import { freePort } from '@andvari/servers/free-port';
import { startTestInfra, type TestInfra } from '@andvari/servers/test-infra';
import { until } from '@andvari/servers/until';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundle } from '../src/bundle.ts';

let infra: TestInfra;
let away: string;
let child: Child | undefined;

beforeAll(async () => {
  infra = await startTestInfra();
  away = mkdtempSync(join(tmpdir(), 'andvari-bundle-'));
});
afterAll(async () => {
  await child?.stop({ signal: 'SIGTERM' });
  await infra.stop();
  rmSync(away, { recursive: true, force: true });
});

test('a bundled service runs where there is no source, only installed packages', { timeout: 120_000 }, async () => {
  const service = join(checkoutRoot, 'services/user');
  await bundle(service);
  cpSync(join(service, 'dist'), away, { recursive: true });
  symlinkSync(join(checkoutRoot, 'node_modules'), join(away, 'node_modules'));
  const adminPort = await freePort();
  child = await startChild({
    command: process.execPath,
    args: [join(away, 'main.mjs')],
    cwd: away,
    env: plainEnv({
      ENVIRONMENT: 'development',
      GRPC_PORT: '0',
      ADMIN_PORT: String(adminPort),
      POSTGRES_URL: infra.postgresUrl,
      NATS_URL: infra.natsUrl,
      CALLER_KEY: 'a key that only tests use, 32 characters and more',
    }),
    stopSignal: 'SIGTERM',
    output: 'pipe',
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await until(
    async () => {
      expect(child?.hasExited(), said).toBe(false);
      const ready = await fetch(`http://127.0.0.1:${adminPort}/readyz`).catch(() => undefined);
      return ready?.status === 200;
    },
    { deadlineMs: 20_000, what: () => `the bundle is not ready: ${said}` },
  );
  expect(said).toContain('migrated');
});

test('functions go with the migrations they are applied after', { timeout: 120_000 }, async () => {
  const service = join(checkoutRoot, 'services/security');
  await bundle(service);
  const files = join(service, 'dist/files/security');
  expect(readdirSync(join(files, 'functions'))).toEqual(readdirSync(join(service, 'functions')));
  expect(readdirSync(join(files, 'migrations'))).toEqual(readdirSync(join(service, 'migrations')));
});
