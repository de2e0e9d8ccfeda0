import { readFileSync } from 'node:fs';
import { deviceWords } from '@andvari/kit/base/device-words';
import { kitMigrations } from '@andvari/kit/service/foundation';
import { type TestDatabase, testDatabase } from '@andvari/kit/testing/test-database';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { migrations } from '../src/main.ts';

/** Letters as they were written before a device was told in words, and what the migration makes of them. */
let database: TestDatabase;
let statement: string;
beforeAll(async () => {
  database = await testDatabase(inject('postgresUrl'), [kitMigrations, migrations]);
  statement = readFileSync(new URL('0008_devices_in_words.sql', migrations), 'utf8');
});
afterAll(() => database.drop());

const told = (device: string): string =>
  `Somebody signed in to your account from 203.0.113.7 with ${device}. If it was not you, change your password.`;

async function afterwards(body: string, kind = 'auth.login.new_device'): Promise<string> {
  const { db } = database;
  const [userId, id] = [uuidv7(), uuidv7()];
  await db`
    insert into profiles (user_id, locale, timezone, onboarding_state, created_at, updated_at)
    values (${userId}, 'en', 'UTC', 'new', now(), now())`;
  await db`
    insert into notifications (id, user_id, kind, title, body, subject_ref, created_at)
    values (${id}, ${userId}, ${kind}, 'Sign-in from a new device', ${body}, ${`session/${id}`}, now())`;
  await db.unsafe(statement);
  const [letter] = await db<{ body: string }[]>`select body from notifications where id = ${id}`;
  return letter?.body ?? '';
}

const webkit = 'AppleWebKit/537.36 (KHTML, like Gecko)';
test.each([
  `Mozilla/5.0 (X11; Linux x86_64) ${webkit} Chrome/156.0.0.0 Safari/537.36`,
  `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webkit} Chrome/156.0 Safari/537.36 Edg/156.0.1`,
  `Mozilla/5.0 (Windows NT 10.0) ${webkit} Chrome/156.0 Safari/537.36 OPR/120.0.0.0`,
  `Mozilla/5.0 (Linux; Android 16; Pixel 9) ${webkit} Chrome/156.0 Mobile Safari/537.36`,
  `Mozilla/5.0 (X11; CrOS x86_64 16181.61.0) ${webkit} Chrome/156.0 Safari/537.36`,
  'Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1 Version/26 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (iPad; CPU OS 26_0 like Mac OS X) AppleWebKit/605.1.15 Version/26.0 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:150.0) Gecko/20100101 Firefox/150.0',
  'Mozilla/5.0',
])('%s is told in the words of a letter of today', async (agent) => {
  expect(await afterwards(told(agent))).toBe(told(deviceWords(agent)));
});

test.each([
  ['a letter of today', told('Chrome on Linux'), undefined],
  ['a program', told('python-requests/2.32.3'), undefined],
  ['a letter of another kind', 'sell Mozilla/5.0 was rejected', 'order.rejected'],
])('%s stays as it is', async (_, body, kind) => {
  expect(await afterwards(body, kind)).toBe(body);
});
