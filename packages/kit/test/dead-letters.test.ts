import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { AppError } from '../src/base/errors.ts';
import { transaction } from '../src/db/db.ts';
import {
  countDeadLetters,
  type DeadLetter,
  dropDeadLetters,
  findRequeued,
  listDeadLetters,
  noteFailedAgain,
  requeueDeadLetters,
  setAside,
  takeRequeued,
} from '../src/inbox/dead-letters.ts';
import { type OutboxRow, readOutbox } from '../src/outbox/rows.ts';
import { type TestDatabase, testDatabase } from '../src/testing/test-database.ts';

const caused = (cause: unknown) => new Error('a bug', { cause });
const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`h${at}`, `${at}`]));

describe('dead letters', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase(inject('postgresUrl'), [new URL('../migrations/', import.meta.url)]);
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    await database.db`truncate outbox, dead_letters restart identity`;
  });

  type Letter = Parameters<typeof setAside>[1];
  const put = (more: Partial<Letter> = {}, error: unknown = new Error('a bug')): Promise<void> => {
    const headers = { 'ce-id': 'one' };
    const letter = {
      consumer: 'c',
      eventId: 'one',
      subject: 'user.updated.7',
      headers,
      payload: Buffer.from([1, 2]),
      deliveries: 3,
    };
    return transaction(database.db, (tx) => setAside(tx, { ...letter, ...more }, error));
  };
  const kept = async (): Promise<DeadLetter> => {
    const [letter, ...others] = await listDeadLetters(database.db);
    if (letter === undefined || others.length > 0) throw new Error(`${others.length} letters beside it`);
    return letter;
  };
  const told = async (): Promise<OutboxRow> => {
    const [row] = await readOutbox(database.db, { after: 0n, upTo: 1000n, limit: 1 });
    if (row === undefined) throw new Error('nothing was told');
    return row;
  };
  const ids = async (): Promise<string[]> => (await listDeadLetters(database.db)).map(({ id }) => id);

  test('are kept with all that belongs to them', async () => {
    await put();
    const letter = await kept();
    expect({ ...letter, payload: [...letter.payload] }).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/) as string,
      consumer: 'c',
      eventId: 'one',
      subject: 'user.updated.7',
      headers: { 'ce-id': 'one' },
      payload: [1, 2],
      error: 'Error: a bug',
      failedAt: expect.any(Date) as Date,
      deliveries: 3,
      attempts: 0,
      requeued: false,
    });
  });

  test('are told to the DEAD stream with why and how long they are', async () => {
    await put();
    const { id, subject, headers, payload } = await told();
    expect([id, subject, [...payload]]).toEqual([(await kept()).id, 'dead.c.user.updated.7', [1, 2]]);
    expect(headers).toEqual({
      'ce-id': 'one',
      'dead-letter-id': id,
      'dead-letter-error': 'Error: a bug',
      'dead-letter-bytes': '2',
    });
  });

  test.each([
    ['whole up to 900,000 bytes', 900_000, 900_000],
    ['without what they say beyond that', 900_001, 0],
  ])('are told %s, and kept whole', async (_, bytes, published) => {
    await put({ payload: Buffer.alloc(bytes) });
    const { headers, payload } = await told();
    expect([payload.length, headers['dead-letter-bytes']]).toEqual([published, `${bytes}`]);
    expect((await kept()).payload).toHaveLength(bytes);
  });

  describe('say why', () => {
    test.each<[what: string, error: unknown, said: string]>([
      ['an error by its name and its message', new TypeError('no such field'), 'TypeError: no such field'],
      [
        'a refusal by its reason as well',
        new AppError('not_found', 'no user 7', { reason: 'user_not_found' }),
        'AppError (user_not_found): no user 7',
      ],
      ['with what caused it', caused(new RangeError('7 of 6')), 'Error: a bug; caused by RangeError: 7 of 6'],
      ['with no cause that is none', caused('7 of 6'), 'Error: a bug'],
      ['whatever else was thrown as it is', 'just words', 'just words'],
      ['in 2,000 characters at most', new Error('x'.repeat(3000)), `Error: ${'x'.repeat(1993)}`],
      ['in 2,000 characters at most, also of what is no error', 'x'.repeat(3000), 'x'.repeat(2000)],
      ['without what nobody can print', new Error('one\n\0two\u007f'), 'Error: one two '],
      ['without halves of characters', new Error('half \ud800'), 'Error: half \ufffd'],
    ])('%s', async (_, error, said) => {
      await put({}, error);
      expect((await kept()).error).toBe(said);
    });
  });

  describe('keep of their headers', () => {
    test.each<[what: string, headers: Record<string, string>, kept: Record<string, string>]>([
      ['a name of letters, digits, dots, dashes and underscores', { 'Ce-id_1.x': 'a' }, { 'Ce-id_1.x': 'a' }],
      ['no name with anything else, wherever it stands', { ' a': 'a', 'b ': 'b', 'c:d': 'c', é: 'e', '': 'f' }, {}],
      ['a name of a hundred', { ['n'.repeat(100)]: 'a' }, { ['n'.repeat(100)]: 'a' }],
      ['no longer name', { ['n'.repeat(101)]: 'a' }, {}],
      ['the first thirty-two', many(33), many(32)],
      ['2,000 characters of a value', { a: 'v'.repeat(2001) }, { a: 'v'.repeat(2000) }],
      ['what can be printed of a value', { a: 'one\r\ntwo' }, { a: 'one two' }],
    ])('%s', async (_, headers, expected) => {
      await put({ headers });
      expect((await kept()).headers).toEqual(expected);
      const {
        'dead-letter-id': __,
        'dead-letter-error': ___,
        'dead-letter-bytes': ____,
        ...rest
      } = (await told()).headers;
      expect(rest).toEqual(expected);
    });
  });

  test('are counted and listed for each consumer, the oldest first, page by page', async () => {
    for (const consumer of ['c', 'd', 'c', 'c']) await put({ consumer });
    const { db } = database;
    const [first, second, third, fourth] = await ids();
    const listed = async (page: Parameters<typeof listDeadLetters>[1]) =>
      (await listDeadLetters(db, page)).map(({ id }) => id);
    expect([await countDeadLetters(db, 'c'), await countDeadLetters(db, 'd'), await countDeadLetters(db, 'e')]).toEqual(
      [3, 1, 0],
    );
    expect(await listed({ consumer: 'c' })).toEqual([first, third, fourth]);
    expect(await listed({ limit: 2 })).toEqual([first, second]);
    expect(await listed({ after: second ?? '' })).toEqual([third, fourth]);
  });

  test('are listed a hundred at a time', async () => {
    const { db } = database;
    await db`insert into dead_letters (id, consumer, event_id, subject, headers, payload, error, deliveries)
      select gen_random_uuid(), 'c', n::text, 's', '{}', '', '', 1 from generate_series(1, 101) as n`;
    expect(await ids()).toHaveLength(100);
    await db`update dead_letters set requeued_at = now()`;
    expect(await findRequeued(db, 'c')).toHaveLength(100);
  });

  test('are asked for: those of a consumer, the oldest first, and none twice', async () => {
    const { db } = database;
    for (const consumer of ['c', 'd', 'c', 'c']) await put({ consumer });
    const [first = '', second = '', third = ''] = await ids();
    const asked = await requeueDeadLetters(db, [third, second, first]);
    expect(asked).toEqual((await listDeadLetters(db)).slice(0, 3));
    const [before] = await db`select requeued_at from dead_letters where id = ${first}`;
    await requeueDeadLetters(db, [first]);
    expect(await db`select requeued_at from dead_letters where id = ${first}`).toEqual([before]);
    expect(await findRequeued(db, 'c')).toEqual([first, third]);
    expect((await listDeadLetters(db)).map(({ requeued }) => requeued)).toEqual([true, true, true, false]);
  });

  test('are taken once they are asked for, and once', async () => {
    const { db } = database;
    await put();
    const letter = await kept();
    const take = () => transaction(db, (tx) => takeRequeued(tx, letter.id));
    expect(await take()).toBeUndefined();
    await requeueDeadLetters(db, [letter.id]);
    expect(await take()).toEqual({ ...letter, requeued: true });
    expect([await take(), await ids()]).toEqual([undefined, []]);
  });

  test('that fail again say how often and why now, and wait to be asked for', async () => {
    const { db } = database;
    await put();
    await put();
    const [first = '', second = ''] = await ids();
    await requeueDeadLetters(db, [first, second]);
    await noteFailedAgain(db, first, new Error('another\nbug'));
    expect(await listDeadLetters(db)).toMatchObject([
      { id: first, attempts: 1, requeued: false, error: 'Error: another bug' },
      { id: second, attempts: 0, requeued: true, error: 'Error: a bug' },
    ]);
  });

  test.each([
    ['asked for', requeueDeadLetters],
    ['dropped', dropDeadLetters],
  ])('are all of them %s or none, and those that are not there are named', async (_, act) => {
    const { db } = database;
    await put();
    const before = await kept();
    const [no, neither] = [crypto.randomUUID(), crypto.randomUUID()];
    await expect(act(db, [before.id, no, neither])).rejects.toMatchObject({
      code: 'not_found',
      message: `no dead letter ${no}, ${neither}`,
    });
    expect(await kept()).toEqual(before);
    await act(db, [before.id]);
  });

  test('that are dropped are gone, the others are not', async () => {
    await put();
    await put();
    const [first = '', second = ''] = await ids();
    await dropDeadLetters(database.db, [first]);
    expect(await ids()).toEqual([second]);
  });
});
