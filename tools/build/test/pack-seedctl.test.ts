import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { startTestInfra, type TestInfra } from '@andvari/servers/test-infra';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packSeedctl } from '../src/pack-seedctl.ts';

/** seedctl as somebody has it who has no checkout: installed from its tarball, in a folder of their own, with no registry to ask. */
let infra: TestInfra;
const away = mkdtempSync(join(tmpdir(), 'andvari-pack-'));

beforeAll(async () => {
  infra = await startTestInfra();
  const tarball = await packSeedctl(away);
  writeFileSync(join(away, 'package.json'), '{}');
  execFileSync('npm', ['install', '--offline', '--no-audit', '--no-fund', '--silent', tarball], { cwd: away });
});
afterAll(async () => {
  await infra.stop();
  rmSync(away, { recursive: true, force: true });
});

function seedctl(...words: string[]) {
  const command = join(away, 'node_modules/.bin/seedctl');
  const path = `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`;
  return spawnSync(command, words, { cwd: away, encoding: 'utf8', env: { PATH: path, HOME: away } });
}

test('it is one package that needs no other', () => {
  expect(readdirSync(join(away, 'node_modules/@andvari'))).toEqual(['seedctl']);
  expect(readdirSync(join(away, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['@andvari']);
});

test('its help, and what needs no system', () => {
  const help = seedctl('--help');
  expect({ status: help.status, stderr: help.stderr }).toEqual({ status: 0, stderr: '' });
  expect(help.stdout).toContain('dead-letters requeue');
  expect(seedctl('completion', 'bash').stdout).toContain('complete -F _seedctl seedctl');
  expect(seedctl('certs', join(away, 'certs')).status).toBe(0);
  expect(existsSync(join(away, 'certs/portfolio/cert.pem'))).toBe(true);
});

describe('without a checkout', () => {
  test.each([['status'], ['reset', '--yes'], ['config', 'check', 'portfolio']])(
    '%s %s %s says what it wants',
    (...words) => {
      const { status, stderr } = seedctl(...words);
      expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(/checkout/) });
    },
  );
});

test('it looks at a system that a file names', () => {
  const file = join(away, 'system.json');
  const places = { environment: 'staging', gateway: 'http://127.0.0.1:1', services: {}, keys: {} };
  writeFileSync(file, JSON.stringify({ ...places, nats: infra.natsUrl, databases: {} }));
  const { status, stdout, stderr } = seedctl('status', '--system', file);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain('no service');
});
