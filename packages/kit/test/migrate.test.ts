import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, inject, onTestFinished, test } from 'vitest';
import { connectDb } from '../src/db/db.ts';
import { grantRows, migrate } from '../src/db/migrate.ts';
import { capturedLog } from '../src/testing/captured-log.ts';
import { testDatabase } from '../src/testing/test-database.ts';
import { rejection } from './echo-service.ts';

const home = mkdtempSync(join(tmpdir(), 'andvari-migrate-'));
afterAll(() => rmSync(home, { recursive: true }));

const things = 'create table things (id int primary key); insert into things values (1)';

test('files are applied in order, once, and new ones after those that were', async () => {
  const db = await emptyDatabase();
  const migrations = folder('order', {
    '0002_b.sql': 'insert into things values (2)',
    '0001_a.sql': things,
    'README.md': 'no',
  });
  const { log, lines } = capturedLog();
  await migrate(db, [migrations.url], log);
  await migrate(db, [migrations.url], log);
  migrations.write('0003_c.sql', 'insert into things values (3)');
  await migrate(db, [migrations.url], log);
  expect(await db`select id from things order by id`).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
  expect(lines().map(({ migration }) => migration)).toEqual([
    'order/0001_a.sql',
    'order/0002_b.sql',
    'order/0003_c.sql',
  ]);
});

test('the kit’s files and a service’s own may share a number', async () => {
  const db = await emptyDatabase();
  const kit = folder('kit', { '0001_a.sql': things });
  const service = folder('service', { '0001_a.sql': 'insert into things values (2)' });
  await migrate(db, [kit.url, service.url]);
  expect(await db`select name from schema_migrations order by name`).toEqual([
    { name: 'kit/0001_a.sql' },
    { name: 'service/0001_a.sql' },
  ]);
});

test('a role that owns nothing finds a complete schema complete, and completes none', async () => {
  const migrations = folder('owned', { '0001_a.sql': things });
  const database = await testDatabase(inject('postgresUrl'), [migrations.url]);
  onTestFinished(() => database.drop());
  const service = pool(database.serviceUrl);
  await migrate(service, [migrations.url]);
  expect(await service`select id from things`).toEqual([{ id: 1 }]);
  migrations.write('0002_b.sql', 'create table more (id int)');
  expect((await rejection(migrate(service, [migrations.url]))).message).toContain('permission denied');
  await migrate(database.db, [migrations.url]);
  expect((await rejection(service`select id from more`)).message).toContain('permission denied');
  await grantRows(database.db, new URL(database.serviceUrl).username);
  await migrate(service, [migrations.url]);
  expect(await service`select id from more`).toEqual([]);
});

test('many instances that start at once apply everything once', async () => {
  const { url } = await emptyDatabaseUrl();
  const migrations = folder('race', {
    '0001_a.sql': `${things}; select pg_sleep(0.1)`,
    '0002_b.sql': 'update things set id = id + 1',
  });
  await Promise.all(Array.from({ length: 5 }, () => migrate(pool(url), [migrations.url])));
  expect(await pool(url)`select id from things`).toEqual([{ id: 2 }]);
});

test('a file may take longer than a statement may, and so may the wait of another instance', async () => {
  const { url } = await emptyDatabaseUrl();
  const migrations = folder('slow', { '0001_a.sql': `${things}; select pg_sleep(0.5)` });
  const impatient = { statementTimeoutMs: 100, maxConnections: 1 };
  const db = pool(url, impatient);
  await Promise.all([migrate(db, [migrations.url]), migrate(pool(url, impatient), [migrations.url])]);
  expect(await db`show statement_timeout`).toEqual([{ statement_timeout: '100ms' }]);
});

test('a file that was changed after it had been applied stops the start, before anything is applied', async () => {
  const db = await emptyDatabase();
  const migrations = folder('changed', { '0001_a.sql': things });
  await migrate(db, [migrations.url]);
  migrations.write('0001_a.sql', `${things}, (7)`);
  migrations.write('0002_b.sql', 'insert into things values (2)');
  expect((await rejection(migrate(db, [migrations.url]))).message).toBe(
    'migration changed/0001_a.sql was changed after it had been applied',
  );
  expect(await db`select id from things`).toEqual([{ id: 1 }]);
});

test('a file that fails leaves nothing of itself, stops the start, and is tried again at the next', async () => {
  const db = await emptyDatabase();
  const migrations = folder('failing', {
    '0001_a.sql': things,
    '0002_b.sql': 'insert into things values (2); create table others (id int); select nothing',
    '0003_c.sql': 'insert into things values (3)',
  });
  const error = await rejection(migrate(db, [migrations.url]));
  expect(error.message).toBe('migration failing/0002_b.sql failed: column "nothing" does not exist');
  expect(error.cause).toMatchObject({ code: '42703' });
  expect(await db`select id from things`).toEqual([{ id: 1 }]);
  expect(await db`select to_regclass('others') as others`).toEqual([{ others: null }]);

  // The lock is free again too: another instance would wait for ever.
  migrations.write('0002_b.sql', 'insert into things values (2)');
  await migrate(db, [migrations.url]);
  expect(await db`select id from things order by id`).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
});

const answer = (what: number): string =>
  `create or replace function answer() returns int language sql as $$ select ${what} + (select max(id) from things) $$`;

test('functions are applied after the migrations, and again when their text is new', async () => {
  const db = await emptyDatabase();
  const migrations = folder('functions', { '0001_a.sql': things });
  const functions = folder('functions', { 'answer.sql': answer(10) }, 'functions');
  const { log, lines } = capturedLog();
  await migrate(db, [migrations.url], log);
  await migrate(db, [migrations.url], log);
  expect(await db`select answer()`).toEqual([{ answer: 11 }]);
  functions.write('answer.sql', answer(20));
  migrations.write('0002_b.sql', 'insert into things values (2)');
  await migrate(db, [migrations.url], log);
  expect(await db`select answer()`).toEqual([{ answer: 22 }]);
  expect(lines().map(({ migration }) => String(migration).replace(/ [0-9a-f]{16}$/, ' text'))).toEqual([
    'functions/0001_a.sql',
    'functions/functions/answer.sql text',
    'functions/0002_b.sql',
    'functions/functions/answer.sql text',
  ]);
});

test('an older release that starts beside a newer one leaves the newer functions alone', async () => {
  const { url } = await emptyDatabaseUrl();
  const older = folder('older/rolled', { '0001_a.sql': things });
  const newer = folder('newer/rolled', { '0001_a.sql': things });
  folder('older/rolled', { 'answer.sql': answer(10) }, 'functions');
  folder('newer/rolled', { 'answer.sql': answer(20) }, 'functions');
  await migrate(pool(url), [older.url]);
  await migrate(pool(url), [newer.url]);
  await migrate(pool(url), [older.url]);
  expect(await pool(url)`select answer()`).toEqual([{ answer: 21 }]);
});

test('a function that fails stops the start and leaves the one from before', async () => {
  const db = await emptyDatabase();
  const migrations = folder('mistaken', { '0001_a.sql': things });
  const functions = folder('mistaken', { 'answer.sql': answer(10) }, 'functions');
  await migrate(db, [migrations.url]);
  functions.write('answer.sql', `${answer(20)}; select nothing`);
  expect((await rejection(migrate(db, [migrations.url]))).message).toMatch(
    /^migration mistaken\/functions\/answer\.sql [0-9a-f]{16} failed: column "nothing" does not exist$/,
  );
  expect(await db`select answer()`).toEqual([{ answer: 11 }]);
});

test('a pool of one connection is enough, and has it back afterwards', async () => {
  const { url } = await emptyDatabaseUrl();
  const db = pool(url, { maxConnections: 1 });
  await migrate(db, [folder('one', { '0001_a.sql': things }).url]);
  expect(await db`select id from things`).toEqual([{ id: 1 }]);
});

async function emptyDatabaseUrl(): Promise<{ url: string }> {
  const database = await testDatabase(inject('postgresUrl'), []);
  onTestFinished(() => database.drop());
  return { url: database.url };
}

async function emptyDatabase() {
  return pool((await emptyDatabaseUrl()).url);
}

function pool(url: string, options: Parameters<typeof connectDb>[1] = { maxConnections: 2 }) {
  const db = connectDb(url, options);
  onTestFinished(() => db.end({ timeout: 1 }));
  return db;
}

function folder(
  owner: string,
  files: Record<string, string>,
  kind = 'migrations',
): { url: URL; write: (name: string, sql: string) => void } {
  const path = join(home, owner, kind);
  mkdirSync(path, { recursive: true });
  const write = (name: string, sql: string): void => writeFileSync(join(path, name), sql);
  for (const [name, sql] of Object.entries(files)) write(name, sql);
  return { url: pathToFileURL(`${path}/`), write };
}
