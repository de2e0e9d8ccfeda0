import { asc, getColumns } from 'drizzle-orm';
import { boolean, integer, smallint, snakeCase, text, uuid } from 'drizzle-orm/pg-core';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { copyRows } from '../src/db/copy-rows.ts';
import { connectDb, transaction } from '../src/db/db.ts';
import { isUniqueViolation } from '../src/db/errors.ts';
import { bytes, int64, on, timeUs } from '../src/db/tables.ts';
import { type TestDatabase, testDatabase } from '../src/testing/test-database.ts';
import { rejection } from './echo-service.ts';

const things = snakeCase.table('things', {
  place: int64().generatedAlwaysAsIdentity(),
  id: uuid().primaryKey(),
  name: text().notNull(),
  amount: int64().notNull(),
  madeAtUs: timeUs('made_at').notNull(),
  goneAtUs: timeUs('gone_at'),
  pieces: integer(),
  leg: smallint(),
  isOdd: boolean().notNull(),
});
const hashed = snakeCase.table('hashed', { hash: bytes().notNull() });
type Thing = typeof things.$inferInsert;

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase(inject('postgresUrl'), []);
  await database.db`
    create table things (place bigint generated always as identity, id uuid primary key, name text not null check (name <> 'wrong'),
      amount bigint not null, made_at timestamptz not null, gone_at timestamptz, pieces integer, leg smallint, is_odd boolean not null)`;
});
beforeEach(() => database.db`truncate things`);
afterAll(() => database.drop());

function thing(name: string, more: Partial<Thing> = {}): Thing {
  return { id: uuidv7(), name, amount: -1n, madeAtUs: 1_700_000_000_123_000n, isOdd: false, ...more };
}

const copied = (list: readonly Thing[]) => transaction(database.db, (tx) => copyRows(tx, things, list, (one) => one));

async function stored() {
  const { place, ...given } = getColumns(things);
  return on(database.db).select(given).from(things).orderBy(asc(place));
}

const nothing = { goneAtUs: null, pieces: null, leg: null };

test.each<[string, Partial<Thing>]>([
  ['nothing that may be absent', {}],
  ['everything', { goneAtUs: 1_700_000_000_999_000n, pieces: -2_147_483_648, leg: 2, isOdd: true }],
  ['the largest number', { amount: 9_223_372_036_854_775_807n }],
  ['the smallest number', { amount: -9_223_372_036_854_775_808n }],
  ['a moment before 2000', { madeAtUs: 915_148_800_000_000n }],
  ['no letter', { name: '' }],
  ['letters of all kinds', { name: 'ä"\\{},\t\n\u{1f642}日本' }],
  ['an id in capitals', { id: '0198A2B4-0000-7ABC-8DEF-0123456789AB' }],
])('a row comes back as it was given: %s', async (_, more) => {
  const given = thing('a name', more);
  await copied([given]);
  expect(await stored()).toEqual([{ ...nothing, ...given, id: given.id.toLowerCase() }]);
});

test('many rows, and one that is larger than what is sent at once, come in the order in which they were given', async () => {
  const given = Array.from({ length: 5000 }, (_, index) => thing(`number ${index}`, { amount: BigInt(index) }));
  given.push(thing('x'.repeat(1_000_000)), thing(`${'y'.repeat(500_000)}ü`));
  await copied(given);
  expect(await stored()).toEqual(given.map((one) => ({ ...nothing, ...one })));
});

test('without a row nothing is written', async () => {
  await copied([]);
  expect(await stored()).toEqual([]);
});

test.each<[string, () => Thing[], string]>([
  ['that is there already', () => repeated(), '23505'],
  ['that a check refuses', () => [thing('right'), thing('wrong')], '23514'],
  [
    'after many that were sent before it',
    () => [...Array.from({ length: 5000 }, () => thing('right')), thing('wrong')],
    '23514',
  ],
])('a row %s is an error as any statement’s, and nothing of the transaction remains', async (_, rows, code) => {
  const caught = await rejection(copied(rows()));
  expect(caught.cause ?? caught).toMatchObject({ code });
  expect(isUniqueViolation(caught, 'things_pkey')).toBe(code === '23505');
  expect(await stored()).toEqual([]);
});

function repeated(): Thing[] {
  const one = thing('once');
  return [one, one];
}

test('after a refused row the connection is as good as before', async () => {
  const single = connectDb(database.url, { maxConnections: 1 });
  try {
    await rejection(transaction(single, (tx) => copyRows(tx, things, repeated(), (one) => one)));
    const given = thing('next');
    await transaction(single, (tx) => copyRows(tx, things, [given], (one) => one));
    expect(await stored()).toMatchObject([{ name: 'next' }]);
  } finally {
    await single.end();
  }
});

test('an error of whoever makes the rows ends it, and nothing remains', async () => {
  const broken = (tx: Parameters<typeof copyRows>[0]) =>
    copyRows(tx, things, ['first', 'second'], (name) => {
      if (name === 'second') throw new Error('cannot be made');
      return thing(name);
    });
  await expect(transaction(database.db, broken)).rejects.toThrow('cannot be made');
  await copied([thing('next')]);
  expect(await stored()).toMatchObject([{ name: 'next' }]);
});

test('a connection that is lost in the middle ends the transaction, and nothing remains', async () => {
  const isUnderWay = Promise.withResolvers<void>();
  function* many(): Generator<Thing> {
    for (let index = 0; index < 1_000_000; index += 1) {
      if (index === 10_000) isUnderWay.resolve();
      yield thing('and one more');
    }
  }
  let pid = 0;
  const copying = transaction(database.db, async (tx) => {
    const [backend] = await tx<{ pid: number }[]>`select pg_backend_pid() as pid`;
    pid = backend?.pid ?? 0;
    await copyRows(tx, things, many(), (one) => one);
  });
  const caught = rejection(copying);
  await isUnderWay.promise;
  await database.db`select pg_terminate_backend(${pid})`;
  expect(await caught).toMatchObject({ code: 'unavailable' });
  expect(await stored()).toEqual([]);
});

test('what is no id is refused before it is sent', async () => {
  await expect(copied([thing('a', { id: '0198a2b4' })])).rejects.toThrow('is no UUID');
});

test('what cannot be copied is refused by its name', async () => {
  const hash = Buffer.from('a');
  const copying = transaction(database.db, (tx) => copyRows(tx, hashed, [{ hash }], (one) => one));
  await expect(copying).rejects.toThrow('hash is a bytea');
});
