import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../src/config.ts';
import { signingKey } from '../src/ports/signing-key.ts';

const env = {
  CALLER_KEY: 'a key that only tests use, 32 characters and more',
  POSTGRES_URL: 'postgres://localhost/x',
  NATS_URL: 'nats://localhost:4222',
  ENVIRONMENT: 'test',
};
const pem = { format: 'pem', type: 'pkcs8' } as const;
const seed = Buffer.alloc(32, 7).toString('base64');
const keyFrom = (variables: Record<string, string>) => {
  const { AUDIT_SIGNING_KEY, AUDIT_RETIRED_KEYS } = readConfig({ ...env, ...variables });
  return signingKey(AUDIT_SIGNING_KEY, AUDIT_RETIRED_KEYS);
};

describe('the signing key', () => {
  test('may be missing in development, where it is always the same', () => {
    const ENVIRONMENT = 'development';
    expect(keyFrom({ ENVIRONMENT }).id).toBe(keyFrom({ ENVIRONMENT }).id);
    expect(keyFrom({ ENVIRONMENT }).id).not.toBe(keyFrom({ ENVIRONMENT, CALLER_KEY: `${env.CALLER_KEY}!` }).id);
  });

  test('must be given in production', () => {
    expect(() => keyFrom({ ENVIRONMENT: 'production' })).toThrow('AUDIT_SIGNING_KEY: missing');
    expect(() => keyFrom({ ENVIRONMENT: '' })).toThrow('AUDIT_SIGNING_KEY: missing');
  });

  test.each(['nonsense', Buffer.alloc(31).toString('base64'), generateKeyPairSync('x25519').privateKey.export(pem)])(
    'is refused when it is none, without being repeated: %#',
    (AUDIT_SIGNING_KEY) => {
      const read = () => keyFrom({ AUDIT_SIGNING_KEY });
      expect(read).toThrow('AUDIT_SIGNING_KEY: should be an Ed25519 private key');
      expect(read).not.toThrow(AUDIT_SIGNING_KEY);
    },
  );

  test('is taken as a seed or as PEM, and never printed', () => {
    for (const AUDIT_SIGNING_KEY of [seed, generateKeyPairSync('ed25519').privateKey.export(pem)]) {
      const key = keyFrom({ AUDIT_SIGNING_KEY });
      expect(key.check('text', key.id, key.sign('text'))).toBe('right');
      expect(key.check('other', key.id, key.sign('text'))).toBe('wrong');
      const config = readConfig({ ...env, AUDIT_SIGNING_KEY });
      expect(inspect(config, { depth: 5 }) + JSON.stringify(config)).not.toContain(AUDIT_SIGNING_KEY);
    }
  });

  test('that was retired still checks what it signed', () => {
    const pair = generateKeyPairSync('ed25519');
    const old = signingKey(pair.privateKey);
    const publicKey = pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64');
    expect(keyFrom({ AUDIT_SIGNING_KEY: seed }).check('text', old.id, old.sign('text'))).toBe('unknown_key');
    const knowing = keyFrom({ AUDIT_SIGNING_KEY: seed, AUDIT_RETIRED_KEYS: `${publicKey},${publicKey}` });
    expect(knowing.check('text', old.id, old.sign('text'))).toBe('right');
  });

  test.each([
    ['a seed', 0, Buffer.alloc(32, 251).toString('base64')],
    ['a seed as it is made up', 0, Buffer.alloc(32, 251).toString('base64url')],
    ['PEM', 1, generateKeyPairSync('ed25519').privateKey.export(pem)],
  ])('that is retired has the public key that the runbook says how to get: %s', (_, at, retired) => {
    const runbook = readFileSync(join(import.meta.dirname, '../../../docs/runbooks/secret-rotation.md'), 'utf8');
    const commands = runbook.split('\n').filter((line) => /\bold-key\b.*\| base64$/.test(line));
    expect(commands).toHaveLength(2);
    const folder = mkdtempSync(join(tmpdir(), 'andvari-retired-'));
    writeFileSync(join(folder, 'old-key'), retired);
    const AUDIT_RETIRED_KEYS = execFileSync('sh', ['-c', commands[at] ?? ''], { cwd: folder, encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    const old = keyFrom({ AUDIT_SIGNING_KEY: retired });
    const knowing = keyFrom({ AUDIT_SIGNING_KEY: seed, AUDIT_RETIRED_KEYS });
    expect(knowing.check('text', old.id, old.sign('text'))).toBe('right');
  });
});
