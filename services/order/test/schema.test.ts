import { kitMigrations } from '@andvari/kit/service/foundation';
import { schemaDrift } from '@andvari/kit/testing/schema-drift';
import { testDatabase } from '@andvari/kit/testing/test-database';
import { expect, inject, test } from 'vitest';
import { migrations } from '../src/main.ts';
import * as schema from '../src/store/schema.ts';

test('the tables are described as the migrations make them', async () => {
  const database = await testDatabase(inject('postgresUrl'), [kitMigrations, migrations]);
  expect(await schemaDrift(database.db, schema)).toEqual({ missing: [], wrong: [] });
  await database.drop();
});
