import { desc, eq, sql } from 'drizzle-orm';
import { snakeCase, text, uuid } from 'drizzle-orm/pg-core';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { transaction } from '../src/db/db.ts';
import { isUniqueViolation } from '../src/db/errors.ts';
import { bytes, int64, isAny, microsecondsOf, on, statement, texts, timeUs, unnested } from '../src/db/tables.ts';
import { schemaDrift } from '../src/testing/schema-drift.ts';
import { type TestDatabase, testDatabase } from '../src/testing/test-database.ts';
import { rejection } from './echo-service.ts';

const things = snakeCase.table('things', {
  id: uuid().primaryKey(),
  name: text().notNull(),
  amount: int64().notNull(),
  madeAtUs: timeUs('made_at').notNull(),
  goneAtUs: timeUs('gone_at'),
  hash: bytes(),
  kind: text({ enum: ['a', 'b'] }).notNull(),
});
const tagged = snakeCase.table('tagged', {
  id: uuid()
    .primaryKey()
    .references(() => things.id),
  place: int64().generatedAlwaysAsIdentity(),
  tags: texts().notNull(),
});

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase(inject('postgresUrl'), []);
  await database.db`
    create table things (id uuid primary key, name text not null unique,
      amount bigint not null, made_at timestamptz not null, gone_at timestamptz, hash bytea,
      kind text not null check (kind in ('a', 'b')))`;
  await database.db`create table tagged (id uuid primary key references things, place bigint generated always as identity,
    tags text[] not null)`;
});
afterAll(() => database.drop());

const thing = (name: string, more: Partial<typeof things.$inferInsert> = {}) => ({
  id: uuidv7(),
  name,
  amount: 9_223_372_036_854_775_807n,
  madeAtUs: 1_700_000_000_123_000n,
  kind: 'a' as const,
  ...more,
});
const byName = statement({ name: things.name }, (db, { name }) =>
  db.select().from(things).where(eq(things.name, name)),
);

test.each<[string, Partial<typeof things.$inferInsert>]>([
  ['with everything', { goneAtUs: 1_700_000_000_999_000n, hash: Buffer.from([0, 255]) }],
  ['with nothing that may be absent', {}],
])('a row comes back as it was given: %s', async (name, more) => {
  const { db } = database;
  const given = thing(name, more);
  await on(db).insert(things).values(given);
  const expected = { goneAtUs: null, hash: null, ...given };
  expect(await on(db).select().from(things).where(eq(things.id, given.id))).toEqual([expected]);
  expect(await byName(db, { name })).toEqual([expected]);
});

test('queries and statements are part of the transaction they are given', async () => {
  const { db } = database;
  const kept = new Error('changed my mind');
  const given = thing('never');
  const caught = await rejection(
    transaction(db, async (tx) => {
      await on(tx).insert(things).values(given);
      expect(await byName(tx, { name: 'never' })).toHaveLength(1);
      expect(await byName(db, { name: 'never' })).toHaveLength(0);
      throw kept;
    }),
  );
  expect(caught).toBe(kept);
  expect(await byName(db, { name: 'never' })).toEqual([]);
});

test('an error is the driver’s own, and its words carry no values', async () => {
  const { db } = database;
  await on(db).insert(things).values(thing('secret'));
  const error = await rejection(on(db).insert(things).values(thing('secret')).execute());
  expect(isUniqueViolation(error, 'things_name_key')).toBe(true);
  expect(String(error)).not.toContain('secret');
  expect(JSON.stringify(error)).not.toContain('9223372036854775807');
});

test('values of a statement are encoded by the columns they are like, null among them', async () => {
  const { db } = database;
  const columns = { id: things.id, madeAtUs: things.madeAtUs, goneAtUs: things.goneAtUs, hash: things.hash };
  const change = statement(columns, (q, { id, madeAtUs, ...rest }) =>
    q.update(things).set(rest).where(sql`${things.id} = ${id} and ${things.madeAtUs} = ${madeAtUs}`),
  );
  const { id, madeAtUs } = thing('encoded');
  await on(db).insert(things).values(thing('encoded', { id }));
  const done = await change(db, { id, madeAtUs, goneAtUs: madeAtUs + 1000n, hash: Buffer.from('x') });
  expect(done.count).toBe(1);
  expect(await byName(db, { name: 'encoded' })).toMatchObject([{ goneAtUs: madeAtUs + 1000n, hash: Buffer.from('x') }]);
  await change(db, { id, madeAtUs, goneAtUs: null, hash: null });
  expect(await byName(db, { name: 'encoded' })).toMatchObject([{ goneAtUs: null, hash: null }]);
});

test('many rows and many values are one statement, whatever their number', async () => {
  const { db } = database;
  const insert = statement({ rows: things }, (q, { rows }) => q.insert(things).select(unnested(things, rows)));
  const named = statement({ ids: [things.id] }, (q, { ids }) =>
    q.select({ name: things.name }).from(things).where(isAny(things.id, ids)).orderBy(desc(things.name)),
  );
  const rows = [thing('m1', { hash: Buffer.from('1') }), thing('m2', { goneAtUs: 5000n }), thing('m3')];
  await insert(db, { rows });
  await insert(db, { rows: [] });
  const ids = rows.map(({ id }) => id);
  expect(await named(db, { ids })).toEqual([{ name: 'm3' }, { name: 'm2' }, { name: 'm1' }]);
  expect(await named(db, { ids: [] })).toEqual([]);
  expect(
    await on(db)
      .select({ name: things.name })
      .from(things)
      .where(isAny(things.hash, [Buffer.from('1')])),
  ).toEqual([{ name: 'm1' }]);
  expect(
    await on(db)
      .select({ at: things.goneAtUs })
      .from(things)
      .where(isAny(things.name, ['m1', 'm2', 'm3'])),
  ).toEqual(expect.arrayContaining([{ at: 5000n }, { at: null }]));
});

test('lists of words, and what was joined to nothing', async () => {
  const { db } = database;
  const [with1, without] = [thing('tags 1'), thing('tags 0')];
  await on(db)
    .insert(things)
    .select(unnested(things, [with1, without]));
  await on(db)
    .insert(tagged)
    .values({ id: with1.id, tags: ['a,b', '"', ''] });
  const rows = await on(db)
    .select({ name: things.name, tagged })
    .from(things)
    .leftJoin(tagged, eq(tagged.id, things.id))
    .where(isAny(things.id, [with1.id, without.id]))
    .orderBy(things.name);
  expect(rows).toEqual([
    { name: 'tags 0', tagged: null },
    { name: 'tags 1', tagged: { id: with1.id, place: 1n, tags: ['a,b', '"', ''] } },
  ]);
});

test('rows that the database numbers go in many at a time, rows with lists do not', async () => {
  const { db } = database;
  const lines = snakeCase.table('lines', {
    place: int64().primaryKey().generatedAlwaysAsIdentity(),
    line: text().notNull(),
  });
  await db`create table lines (place bigint primary key generated always as identity, line text not null)`;
  const insert = statement({ rows: lines, word: lines.line }, (q, { rows, word }) =>
    q.insert(lines).select(unnested(lines, rows, sql`where new.line <> ${word} order by new.line`)),
  );
  await insert(db, { rows: [{ line: 'b' }, { line: 'not this' }, { line: 'a' }], word: 'not this' });
  expect(await on(db).select().from(lines).orderBy(lines.place)).toEqual([
    { place: 1n, line: 'a' },
    { place: 2n, line: 'b' },
  ]);
  await db`drop table lines`;
  expect(() => on(db).insert(tagged).select(unnested(tagged, []))).toThrow('holds lists');
});

test('the last microsecond is there for who asks for it', async () => {
  const { db } = database;
  const { id } = thing('micro');
  await db`insert into things (id, name, amount, made_at, kind)
    values (${id}, 'micro', 1, '2026-01-01 00:00:00.123456+00', 'a')`;
  const asked = await on(db)
    .select({ us: microsecondsOf(things.madeAtUs), ms: things.madeAtUs })
    .from(things)
    .where(eq(things.id, id));
  expect(asked).toEqual([{ us: 1_767_225_600_123_456n, ms: 1_767_225_600_123_000n }]);
});

test('the client stays as it was: raw statements beside it get dates', async () => {
  await on(database.db).select().from(things);
  const [row] = await database.db`select now() as now, 1::bigint as one, '{"a":1}'::jsonb as json`;
  expect(row).toEqual({ now: expect.any(Date), one: 1n, json: { a: 1 } });
});

test('what a table is not told apart from is found', async () => {
  const { db } = database;
  expect(await schemaDrift(db, { things, tagged })).toEqual({ missing: [], wrong: [] });
  const other = snakeCase.table('tagged', { id: uuid().primaryKey(), place: int64(), tags: text() });
  expect(await schemaDrift(db, { things, other })).toEqual({
    missing: ['tagged.place bigint not null identity', 'tagged.tags text[] not null', 'tagged (id) -> things (id)'],
    wrong: ['tagged.place bigint', 'tagged.tags text'],
  });
});
