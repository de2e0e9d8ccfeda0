import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { transaction } from '../src/db/db.ts';
import type { Tx } from '../src/db/types.ts';
import type { OutgoingEvent } from '../src/events/event.ts';
import { appendEvents } from '../src/outbox/append.ts';
import { committer, openOutbox } from '../src/outbox/commit.ts';
import { watchHorizon } from '../src/outbox/horizon.ts';
import { advanceCursor, pruneOutbox, readCursor, readOutbox } from '../src/outbox/rows.ts';
import { eventually } from '../src/testing/eventually.ts';
import { type TestDatabase, testDatabase } from '../src/testing/test-database.ts';

const DAY = 86_400_000;
const ALL = { after: 0n, upTo: 9_223_372_036_854_775_807n, limit: 100 };

const event = (subject: string, more: Partial<OutgoingEvent> = {}): OutgoingEvent => ({
  id: crypto.randomUUID(),
  subject,
  headers: { 'ce-id': 'x' },
  payload: Buffer.from([1]),
  ...more,
});

/** Whether it was let through to the database. */
async function isWritten(...events: OutgoingEvent[]): Promise<boolean> {
  let asked = false;
  const tx = () => ({
    execute: async () => {
      asked = true;
      return [];
    },
  });
  await appendEvents(tx as unknown as Tx, events);
  return asked;
}

/** A name of 1, a value of 2 and 4 for each header, 100 for what is around them. */
const sized = (headers: number, bytes: number): OutgoingEvent =>
  event('s', {
    headers: Object.fromEntries(Array.from({ length: headers }, (_, index) => [`${index}`, 'ab'])),
    payload: Buffer.alloc(bytes),
  });

describe('what is written', () => {
  test('is nothing where there is nothing', async () => {
    expect(await isWritten()).toBe(false);
  });

  test.each([
    ['without headers', 0, 999_900],
    ['with a header', 1, 999_893],
    ['with two', 2, 999_886],
  ])('is no longer than a stream takes, %s', async (_, headers, most) => {
    expect(await isWritten(sized(headers, most))).toBe(true);
    await expect(isWritten(sized(headers, most + 1))).rejects.toMatchObject({
      code: 'invalid_argument',
      reason: 'event_too_large',
      message: `an event of ${most + 1} bytes on s is too large to publish`,
    });
  });

  test('is all of it or nothing', async () => {
    await expect(isWritten(sized(0, 1), sized(0, 1_000_000))).rejects.toMatchObject({ reason: 'event_too_large' });
  });
});

const asWords = ({ id, subject, headers, payload }: OutgoingEvent) => [id, subject, headers, [...payload]];

describe('the rows of an outbox', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase(inject('postgresUrl'), [new URL('../migrations/', import.meta.url)]);
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    await database.db`truncate outbox restart identity`;
    await database.db`update outbox_cursor set position = 0`;
  });

  const subjects = async (range: Partial<typeof ALL> = {}): Promise<string[]> =>
    (await readOutbox(database.db, { ...ALL, ...range })).map(({ subject }) => subject);
  const write = (...names: string[]) =>
    database.db.begin((tx) =>
      appendEvents(
        tx,
        names.map((name) => event(name)),
      ),
    );

  test('are read as they were written, in their order', async () => {
    const whole = Buffer.from([9, 0, 255, 7, 9]);
    const events = [
      event('b', { headers: { 'ce-id': '"{}\\,', traceparent: '' }, payload: whole.subarray(1, 4) }),
      event('a', { headers: {}, payload: new Uint8Array() }),
      event('c'),
    ];
    await database.db.begin((tx) => appendEvents(tx, events));
    const rows = await readOutbox(database.db, ALL);
    expect(rows.map(asWords)).toEqual(events.map(asWords));
    expect(rows.map(({ position }) => position)).toEqual([1n, 2n, 3n]);
    expect(Math.abs((rows[0]?.createdAt.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  test.each<[rule: string, range: Partial<typeof ALL>, subjects: string[]]>([
    ['all of them', {}, ['a', 'b', 'c', 'd']],
    ['behind a position', { after: 2n }, ['c', 'd']],
    ['up to one', { upTo: 3n }, ['a', 'b', 'c']],
    ['no more than so many, the first', { limit: 2 }, ['a', 'b']],
    ['between two', { after: 1n, upTo: 2n }, ['b']],
  ])('are read %s', async (_, range, expected) => {
    await write('a', 'b', 'c', 'd');
    expect(await subjects(range)).toEqual(expected);
  });

  test('are noted as published from where the relay knows to be, and from nowhere else', async () => {
    const { db } = database;
    await advanceCursor(db, 0n, 5n);
    await expect(advanceCursor(db, 4n, 6n)).rejects.toMatchObject({
      code: 'failed_precondition',
      reason: 'relay_superseded',
      message: 'another relay has moved the cursor',
    });
    expect(await readCursor(db)).toBe(5n);
  });

  test('are not noted anywhere without the row for that', async () => {
    const { db } = database;
    await db`delete from outbox_cursor`;
    await expect(readCursor(db)).rejects.toThrow('outbox_cursor has lost its row');
    await db`insert into outbox_cursor (position) values (0)`;
  });

  test('are final when no transaction that was under way may still bring one', async () => {
    const { db } = database;
    const horizon = watchHorizon(db);
    const [written, mayEnd] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const open = db.begin(async (tx) => {
      await appendEvents(tx, [event('a')]);
      written.resolve();
      await mayEnd.promise;
    });
    await written.promise;
    await write('b');
    expect(await horizon.look()).toEqual({ head: 2n, safe: 0n });
    mayEnd.resolve();
    await open;
    // Transactions of other tests are under way as well.
    await eventually(async () => expect(await horizon.look()).toEqual({ head: 2n, safe: 2n }));
  });

  test('are pruned a thousand at a time, and it is told whether there may be more', async () => {
    const { db } = database;
    await db`insert into outbox (id, subject, headers, payload, created_at)
      select gen_random_uuid(), 's', '{}', '', now() - interval '8 days' from generate_series(1, 1001)`;
    await advanceCursor(db, 0n, 1001n);
    expect([await pruneOutbox(db, 7 * DAY), await pruneOutbox(db, 7 * DAY)]).toEqual([true, false]);
    expect(await subjects()).toEqual([]);
  });

  test('are pruned neither young nor unpublished', async () => {
    const { db } = database;
    await write('old', 'young', 'waiting');
    await db`update outbox set created_at = now() - interval '8 days' where subject <> 'young'`;
    await advanceCursor(db, 0n, 2n);
    expect(await pruneOutbox(db, 7 * DAY)).toBe(false);
    expect(await subjects()).toEqual(['young', 'waiting']);
  });

  describe('of a change', () => {
    let woken = 0;
    beforeEach(() => {
      woken = 0;
    });
    const relay = { wake: () => void (woken += 1) };

    test('are written with it, and then the relay is woken', async () => {
      const { commit } = openOutbox(database.db, relay);
      const done = await commit(async (_, say) => {
        say(event('a'), event('b'));
        say(event('c'));
        expect(woken).toBe(0);
        return 'done';
      });
      expect([done, await subjects(), woken]).toEqual(['done', ['a', 'b', 'c'], 1]);
    });

    test('that says nothing are none, and nobody is woken', async () => {
      const { commit, append } = openOutbox(database.db, relay);
      expect(await commit(async () => 'done')).toBe('done');
      await transaction(database.db, (tx) => append(tx, []));
      expect([await subjects(), woken]).toEqual([[], 0]);
    });

    test('that fails are not written', async () => {
      const { commit } = openOutbox(database.db, relay);
      const failing = commit(async (_, say) => {
        say(event('a'));
        throw new Error('no');
      });
      await expect(failing).rejects.toThrow('no');
      expect([await subjects(), woken]).toEqual([[], 0]);
    });

    test('come after the change itself, whose locks are what keeps their order', async () => {
      const steps: string[] = [];
      const commit = committer(
        database.db,
        async () => void steps.push('append'),
        () => void steps.push('wake'),
      );
      await commit(async (_, say) => {
        say(event('a'));
        steps.push('change');
      });
      expect(steps).toEqual(['change', 'append', 'wake']);
    });

    test('in the transaction of whoever calls are written there, and leave once it has ended', async () => {
      const { append } = openOutbox(database.db, relay);
      await transaction(database.db, async (tx) => {
        await append(tx, [event('a')]);
        expect(woken).toBe(0);
      });
      expect([await subjects(), woken]).toEqual([['a'], 1]);
    });
  });
});
