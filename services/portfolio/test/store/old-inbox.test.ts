import { readFileSync } from 'node:fs';
import { kitMigrations } from '@andvari/kit/service/foundation';
import { type TestDatabase, testDatabase } from '@andvari/kit/testing/test-database';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { migrations } from '../../src/main.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase(inject('postgresUrl'), [kitMigrations, migrations]);
});
afterAll(() => database.drop());

const migration = readFileSync(new URL('../../migrations/0019_reports_by_id.sql', import.meta.url), 'utf8');
const CONSUMER = 'portfolio-executions';
const [one, other] = ['abcdefghijklmno', 'ABCDEFGHIJK-_12'];

/** Rows as they were written while an id and its contents were one text. */
test('what the inbox knew by id and contents together it knows by both', async () => {
  const { db } = database;
  await db`
    insert into inbox (consumer, event_id, received_at) values
      (${CONSUMER}, ${`0-7-0#${one}`}, now() - interval '2 s'), (${CONSUMER}, ${`0-7-0#${other}`}, now()),
      (${CONSUMER}, ${`0-8-0#${one}`}, now()), (${CONSUMER}, 'EXECUTIONS:12', now()), ('portfolio-erasures', ${`x#${one}`}, now())`;
  const letter = (id: string) => db`
    insert into dead_letters (id, consumer, event_id, subject, headers, payload, error, deliveries)
    values (gen_random_uuid(), ${CONSUMER}, ${id}, 's', '{}', '', 'e', 1)`;
  await letter(`0-7-0#${other}`);
  await letter(`0-8-0#${one}`);
  await db`insert into early_reports (event_id, order_id, cum_qty, report, headers, subject)
    values (${`0-9-0#${one}`}, gen_random_uuid(), 1, '', '{}', 's')`;
  await db.unsafe(migration);
  const inbox = await db`select consumer, event_id, contents from inbox order by consumer desc, event_id`;
  expect(inbox.map(({ event_id: id, contents }) => [id, contents])).toEqual([
    ['0-7-0', one],
    [`0-7-0#${other}`, null],
    ['0-8-0', one],
    ['EXECUTIONS:12', null],
    [`x#${one}`, null],
  ]);
  const letters = await db<{ event_id: string }[]>`select event_id from dead_letters order by event_id`;
  expect(letters.map(({ event_id: id }) => id)).toEqual([`0-7-0#${other}`, '0-8-0']);
  expect(await db`select event_id from early_reports`).toEqual([{ event_id: '0-9-0' }]);
});
