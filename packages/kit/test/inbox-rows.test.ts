import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { eventIdOf } from '../src/inbox/delivery.ts';
import { findContents, findPosition, INBOX_KEEP_MS, noteEvent, pruneInbox, receiveOnce } from '../src/inbox/rows.ts';
import { type TestDatabase, testDatabase } from '../src/testing/test-database.ts';

const DAY = 86_400_000;

test.each<[rule: string, ceId: string | undefined, id: string]>([
  ['is its own', 'one', 'one'],
  ['is its place where it names none', undefined, 'USER:7'],
  ['is its place where it names nothing', '', 'USER:7'],
  ['is its own of two hundred characters', 'x'.repeat(200), 'x'.repeat(200)],
  ['is its place where its own is longer', 'x'.repeat(201), 'USER:7'],
  ['is its place where its own cannot be kept', 'a\0', 'USER:7'],
  ['is its place where its own cannot be kept, wherever that stands', '\0a', 'USER:7'],
])('the id of a message %s', (_, ceId, id) => {
  expect(eventIdOf(ceId, 'USER', 7)).toBe(id);
});

test('an inbox remembers for two weeks: a stream keeps a message for one', () => {
  expect(INBOX_KEEP_MS).toBe(14 * DAY);
});

describe('an inbox', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase(inject('postgresUrl'), [new URL('../migrations/', import.meta.url)]);
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    await database.db`truncate inbox, inbox_positions`;
  });

  const receive = (consumer: string, ...messages: readonly (string | [id: string, contents: string])[]) =>
    database.db.begin(async (tx) => [
      ...(await receiveOnce(
        tx,
        consumer,
        messages.map((each) =>
          typeof each === 'string' ? { eventId: each } : { eventId: each[0], contents: each[1] },
        ),
        { sequence: messages.length, eventId: 'last' },
      )),
    ]);

  test('lets through what it has not seen, each consumer for itself', async () => {
    expect(await receive('c', 'a', 'b')).toEqual(['a', 'b']);
    expect(await receive('c', 'b', 'd')).toEqual(['d']);
    expect(await receive('d', 'a')).toEqual(['a']);
  });

  test('lets through once what comes twice at once', async () => {
    expect(await receive('c', 'a', 'a')).toEqual(['a']);
  });

  test('knows how far its consumer has come, and nothing of others', async () => {
    await receive('c', 'a', 'b');
    await receive('c', 'd');
    await receive('d', 'a', 'b', 'd');
    expect(await findPosition(database.db, 'c')).toEqual({ sequence: 1, eventId: 'last' });
    expect(await findPosition(database.db, 'd')).toEqual({ sequence: 3, eventId: 'last' });
    expect(await findPosition(database.db, 'e')).toBeUndefined();
  });

  test('knows what the events said, where that was kept', async () => {
    await receive('c', ['a', 'one'], 'b', ['d', 'other']);
    await receive('d', ['e', 'elsewhere']);
    const found = await database.db.begin((tx) => findContents(tx, 'c', ['a', 'b', 'e', 'f']));
    expect(found).toEqual(
      new Map([
        ['a', 'one'],
        ['b', undefined],
      ]),
    );
  });

  const note = (consumer: string) => database.db.begin((tx) => noteEvent(tx, consumer, 'a'));

  test('notes an event once', async () => {
    expect([await note('c'), await note('c'), await note('d')]).toEqual([true, false, true]);
    expect(await receive('c', 'a', 'b')).toEqual(['b']);
  });

  test('forgets what is old, five thousand at a time, and tells whether there may be more', async () => {
    const { db } = database;
    await db`insert into inbox (consumer, event_id, received_at)
      select 'c', n::text, now() - interval '15 days' from generate_series(1, 5001) as n`;
    await receive('c', 'young');
    expect([await pruneInbox(db, INBOX_KEEP_MS), await pruneInbox(db, INBOX_KEEP_MS)]).toEqual([true, false]);
    expect(await db`select event_id from inbox`).toEqual([{ event_id: 'young' }]);
  });
});
