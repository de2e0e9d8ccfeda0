import { kitMigrations } from '@andvari/kit/service/foundation';
import { schemaDrift } from '@andvari/kit/testing/schema-drift';
import { schemaText } from '@andvari/kit/testing/schema-text';
import { type TestDatabase, testDatabase } from '@andvari/kit/testing/test-database';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { migrations } from '../src/main.ts';
import * as schema from '../src/store/schema.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase(inject('postgresUrl'), [kitMigrations, migrations]);
});
afterAll(() => database.drop());

test('store/schema.ts describes the tables as the migrations make them', async () => {
  expect(await schemaDrift(database.db, schema)).toEqual({ missing: [], wrong: [] });
});

test('schema.sql is what the migrations make', async () => {
  await expect(await schemaText(database.db)).toMatchFileSnapshot('../schema.sql');
});
