import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { connectDb } from '@andvari/kit/db/db';
import { testDatabase } from '@andvari/kit/testing/test-database';
import { expect, inject, test } from 'vitest';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

test('--migrate-only brings the database to the newest schema and ends, with nothing served', async () => {
  const database = await testDatabase(inject('postgresUrl'), []);
  const { status, stdout } = spawnSync(process.execPath, [main, '--migrate-only'], {
    encoding: 'utf8',
    env: {
      PATH: process.env['PATH'],
      ENVIRONMENT: 'test',
      GRPC_PORT: '0',
      ADMIN_PORT: '0',
      CALLER_KEY: 'a key that only tests use, 32 characters and more',
      POSTGRES_URL: database.serviceUrl,
      POSTGRES_OWNER_URL: database.url,
      NATS_URL: inject('natsUrl'),
    },
  });
  expect(status, stdout).toBe(0);
  expect(stdout).not.toContain('"ready"');
  // By the role that the service runs as, which owns none of it.
  const db = connectDb(database.serviceUrl);
  const [row] = await db<{ count: number }[]>`select count(*)::int as count from profiles`;
  expect(row).toEqual({ count: 0 });
  await db.end();
  await database.drop();
});
