import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runWords } from './run-words.ts';

const folder = mkdtempSync(join(tmpdir(), 'andvari-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(variables: Record<string, string>): string {
  const file = join(folder, 'variables.env');
  writeFileSync(
    file,
    Object.entries(variables)
      .map(([name, value]) => `${name}=${value}`)
      .join('\n'),
  );
  return file;
}

const SECRET = 'a word that nobody may read in what is said about it';
const good = {
  POSTGRES_URL: `postgres://user:${encodeURIComponent(SECRET)}@localhost/portfolio_db`,
  NATS_URL: 'nats://localhost:4222',
  CALLER_KEY: SECRET,
};

async function problemsOf(service: string, variables: Record<string, string>): Promise<unknown[]> {
  const { said } = await runWords('config', 'check', service, '--env', fileOf({ ...good, ...variables }), '--json');
  return said.split('\n').map((line) => JSON.parse(line));
}

test('a service that would start', async () => {
  const { code, said } = await runWords('config', 'check', 'portfolio', '--env', fileOf(good));
  expect({ code, said }).toEqual({ code: 0, said: 'portfolio would start.' });
});

test('one that would not: every variable that is wrong, and no value of any', async () => {
  const wrong = { ...good, NATS_URL: SECRET, GRPC_PORT: 'eight' };
  const { code, said } = await runWords('config', 'check', 'portfolio', '--env', fileOf(wrong), '--json');
  expect(code).toBe(1);
  const problems = said.split('\n').map((line) => JSON.parse(line) as { variable: string });
  expect(problems.map(({ variable }) => variable)).toEqual(['GRPC_PORT', 'NATS_URL']);
  expect(said).not.toContain(SECRET);
});

test('what is named and cannot serve is looked at: folders, files and addresses', async () => {
  const empty = join(folder, 'empty');
  mkdirSync(empty);
  expect(
    await problemsOf('gateway', { REDIS_URL: 'redis://localhost', PERSISTED_OPERATIONS: '/nowhere.json' }),
  ).toEqual([
    { variable: 'PERSISTED_OPERATIONS', problem: expect.stringMatching(/^should be a JSON file; .*\/nowhere\.json/) },
  ]);
  expect(await problemsOf('gateway', { REDIS_URL: 'redis://localhost', WEB_DIR: empty, TLS_DIR: '/nowhere' })).toEqual([
    {
      variable: 'TLS_DIR',
      problem: expect.stringMatching(/^should be a folder with ca\.pem, cert\.pem and key\.pem; .*\/nowhere\/ca\.pem/),
    },
    { variable: 'WEB_DIR', problem: expect.stringMatching(/^should be a folder with index\.html; .*\/index\.html/) },
  ]);
  const replay = {
    REDIS_URL: 'redis://localhost',
    MARKET_DATA: 'replay',
    REPLAY_FILE: empty,
    LISTEN_HOST: '0.0.0.0:80',
  };
  expect(await problemsOf('stock', replay)).toEqual([
    { variable: 'LISTEN_HOST', problem: 'should be an address like 0.0.0.0' },
    { variable: 'REPLAY_FILE', problem: expect.stringMatching(/^should be a file of minute bars; .* is no file/) },
  ]);
});

test('a service that nobody knows is asked wrongly, and a file that is not there cannot be read', async () => {
  expect((await runWords('config', 'check', 'nobody')).code).toBe(2);
  expect(await runWords('config', 'check', 'portfolio', '--env', '/nowhere')).toMatchObject({ code: 1, said: '' });
});
