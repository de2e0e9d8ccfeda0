import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Child, plainEnv, startChild } from '@andvari/servers/child';
import { checkoutRoot } from '@andvari/servers/data-home';
import { freePort } from '@andvari/servers/free-port';
import { startTestInfra, type TestInfra } from '@andvari/servers/test-infra';
import { until } from '@andvari/servers/until';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundle } from '../src/bundle.ts';
import { imageFiles } from '../src/image-files.ts';

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

test('what an image holds of a service runs where there is nothing else: no source, no other packages', {
  timeout: 120_000,
}, async () => {
  await imageFiles('user', away);
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
  expect(await ended(adminPort)).toBe(0);
  expect(await ended(await freePort())).toBe(1);
});

/** As the image's health check asks. */
async function ended(adminPort: number): Promise<number | null> {
  const asked = spawn(process.execPath, [join(away, 'answers.ts')], {
    env: plainEnv({ ADMIN_PORT: String(adminPort) }),
    stdio: 'ignore',
  });
  const [code] = (await once(asked, 'exit')) as [number | null];
  return code;
}

test('an image of what there is not is refused by name', async () => {
  await expect(imageFiles('ledger', join(away, 'none'))).rejects.toThrow('there is no service ledger');
});

test('functions go with the migrations they are applied after', { timeout: 120_000 }, async () => {
  const service = join(checkoutRoot, 'services/security');
  await bundle(service);
  const files = join(service, 'dist/files/security');
  expect(readdirSync(join(files, 'functions'))).toEqual(readdirSync(join(service, 'functions')));
  expect(readdirSync(join(files, 'migrations'))).toEqual(readdirSync(join(service, 'migrations')));
});
