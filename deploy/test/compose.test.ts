import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { composeFiles, composeSecrets } from '../compose.ts';
import { madeUpSecrets } from '../make-secrets.ts';
import { services } from '../services.ts';
import { composeFolder } from '../write-chart-files.ts';

interface Part {
  image: string;
  environment?: Record<string, string>;
  ports?: string[];
  read_only?: boolean;
  user?: string;
  command?: string[];
  profiles?: string[];
  volumes?: string[];
  depends_on?: Record<string, { condition: string }>;
}

/** No engine runs here: what it would be given is looked at, and its servers' files are given to real ones in infra/local/test. */
const written = readFileSync(new URL('system.json', composeFolder), 'utf8');
const { services: parts } = JSON.parse(written) as { services: Record<string, Part> };
const values = Object.fromEntries([...madeUpSecrets, ...composeSecrets].map((name) => [name, 'a'.repeat(43)]));

test('the files are as they would be written now', () => {
  for (const [name, text] of Object.entries(composeFiles())) {
    expect(readFileSync(new URL(name, composeFolder), 'utf8'), name).toBe(text);
  }
});

test('whatever is asked of the .env is made up, and nothing is made up for nobody', () => {
  const asked = [...written.matchAll(/\$\{(\w+):\?/g)].map(([, name = '']) => name);
  expect(new Set(asked)).toEqual(new Set(Object.keys(values)));
});

describe.each(services)('$name', ({ name, port, protocol, database, calls }) => {
  const part = parts[name];
  const migration = parts[`${name}-migrate`];

  test('is told what it reads, all of it and nothing else', async () => {
    const config = (await import(fileURLToPath(new URL(`../../services/${name}/src/config.ts`, import.meta.url)))) as {
      readConfig: (env: NodeJS.ProcessEnv) => unknown;
      variables: (env: NodeJS.ProcessEnv) => Record<string, unknown>;
    };
    for (const told of [part, migration].flatMap((one) => (one === undefined ? [] : [filledIn(one.environment)]))) {
      expect(() => config.readConfig(told)).not.toThrow();
      const known = new Set([...Object.keys(config.variables(told)), 'NODE_OPTIONS']);
      expect(Object.keys(told).filter((variable) => !known.has(variable))).toEqual([]);
    }
    // A default that is right on one machine is wrong among containers.
    for (const callee of calls) expect(part?.environment?.[`${callee.toUpperCase()}_ADDR`]).toMatch(`${callee}:`);
  });

  test('runs as nobody, on a root that it cannot write to; only the way in is published, on loopback', () => {
    expect(part).toMatchObject({
      image: expect.stringContaining(`andvari-${name}:`),
      read_only: true,
      user: '10001:10001',
    });
    expect(part?.ports ?? []).toEqual(protocol === 'http' ? [`127.0.0.1:${port}:${port}`] : []);
  });

  test('its tables are there before it is, made by who owns them', () => {
    expect(migration === undefined).toBe(database === undefined);
    if (migration === undefined) return;
    expect(migration.command).toEqual(['--migrate-only']);
    expect(migration.environment).toHaveProperty('POSTGRES_OWNER_URL');
    expect(part?.environment).not.toHaveProperty('POSTGRES_OWNER_URL');
    expect(part?.depends_on?.[`${name}-migrate`]?.condition).toBe('service_completed_successfully');
  });
});

test('every part that is waited for is there, every image is of one version, and every file that is mounted exists', () => {
  for (const [name, { image, depends_on: waits = {}, volumes = [] }] of Object.entries(parts)) {
    expect(
      Object.keys(waits).filter((other) => parts[other] === undefined),
      name,
    ).toEqual([]);
    expect(image, name).toMatch(/:(?!latest$)/);
    const mounted = volumes.map((volume) => volume.split(':')[0] ?? '').filter((path) => path.startsWith('.'));
    for (const path of mounted) expect(() => readIfFile(path), `${name} ${path}`).not.toThrow();
  }
});

function readIfFile(path: string): void {
  try {
    readFileSync(new URL(path, composeFolder));
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('EISDIR')) throw error;
  }
}

function filledIn(environment: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [
      name,
      value
        .replaceAll(/\$\{(\w+):\?[^}]*\}/g, (_, asked: string) => values[asked] ?? '')
        .replaceAll(/\$\{\w+:-\}/g, ''),
    ]),
  );
}
