import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Child, plainEnv } from '@andvari/servers/child';
import { checkoutRoot } from '@andvari/servers/data-home';
import { freePort } from '@andvari/servers/free-port';
import { startTestInfra, type TestInfra } from '@andvari/servers/test-infra';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundle } from '../src/bundle.ts';
import { imageFiles } from '../src/image-files.ts';
import { startBuilt } from './running.ts';

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
  const running = await startBuilt(infra, { command: process.execPath, args: [join(away, 'main.mjs')], cwd: away });
  child = running.child;
  expect(running.said).toContain('migrated');
  expect(await ended(running.adminPort)).toBe(0);
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
