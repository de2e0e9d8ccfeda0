import { profileUpdated } from '@andvari/proto/events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { AppError } from '../src/base/errors.ts';
import type { Db, Tx } from '../src/db/types.ts';
import { isEvent, newEvent, type ReceivedEvent } from '../src/events/event.ts';
import {
  type ApplyOptions,
  batchApplier,
  contentsDiffer,
  type Delivered,
  worthRetrying,
} from '../src/inbox/apply-batch.ts';
import { listDeadLetters } from '../src/inbox/dead-letters.ts';
import type { Handler } from '../src/inbox/handlers.ts';
import { findPosition } from '../src/inbox/rows.ts';
import { openLog } from '../src/observe/log.ts';
import type { Scope } from '../src/process/scope.ts';
import { capturedLog } from '../src/testing/captured-log.ts';
import { type TestDatabase, testDatabase } from '../src/testing/test-database.ts';
import { testScope } from '../src/testing/test-scope.ts';

test.each<[rule: string, error: unknown, isWorthIt: boolean]>([
  ['a neighbour that is away', new AppError('unavailable', ''), true],
  ['one that has too much to do', new AppError('resource_exhausted', ''), true],
  ['a refusal', new AppError('failed_precondition', ''), false],
  ['a bug', new TypeError('no such field'), false],
  ['a lost connection', { code: 'ECONNRESET' }, true],
  ['a deadlock', { code: '40P01' }, true],
  ['a lock that was not to be had', { code: '55P03' }, true],
  ['a statement that took too long', { code: '57014' }, true],
  ['a transaction that stood still too long', { code: '25P03' }, true],
  ['a table that is not there yet', { code: '42P01' }, true],
  ['a right that is not given yet', { code: '42501' }, true],
  ['a database that is not there yet', { code: '3D000' }, true],
  ['a schema that is not there yet', { code: '3F000' }, true],
  ['a login that is refused', { code: '28P01' }, true],
  ['a value that a table does not take', { code: '23505' }, false],
  ['a number that is too large', { code: '22003' }, false],
  ['nothing at all', undefined, false],
])('%s: is it worth trying again?', (_, error, isWorthIt) => {
  expect(worthRetrying(error)).toBe(isWorthIt);
});

const delivered = (version: number, sequence = version): Delivered => {
  const message = { userId: 'ada', changedFields: [], version: BigInt(version) };
  const { subject, headers, payload } = newEvent(profileUpdated, message, { source: 'test' });
  const eventId = `event ${version}`;
  return { subject, headers, payload, eventId, position: { sequence, eventId }, deliveries: 1 };
};
const unreadable = (version: number, sequence = version): Delivered => {
  const good = delivered(version, sequence);
  return { ...good, headers: { ...good.headers, 'ce-type': 'andvari.user.v9.ProfileDreamt' } };
};
/** Applies what it is given, but for version 13, which cannot be. */
const handle = async (events: readonly ReceivedEvent[], tx: Tx): Promise<void> => {
  for (const event of events) {
    if (!isEvent(event, profileUpdated)) continue;
    if (event.message.version === 13n) throw new AppError('failed_precondition', 'unlucky');
    await tx`insert into effects values (${event.message.version})`;
  }
};

test('that another message was applied under an id is no fault of the moment', () => {
  expect(contentsDiffer()).toMatchObject({
    code: 'failed_precondition',
    reason: 'contents_differ',
    message: 'another message was applied under this id',
  });
});

describe('a batch', () => {
  let database: TestDatabase;
  let db: Db;
  let scope: Scope;
  beforeAll(async () => {
    database = await testDatabase(inject('postgresUrl'), [new URL('../migrations/', import.meta.url)]);
    ({ db } = database);
    await db`create table effects (version bigint)`;
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    scope = testScope();
    await db`truncate effects, inbox, inbox_positions, dead_letters, outbox`;
  });
  afterEach(async () => void (await scope.close()));

  const applier = (more: Partial<ApplyOptions> = {}) => {
    const handler = { types: [profileUpdated], handle };
    return batchApplier({ db, consumer: 'c', handler, log: scope.log, signal: scope.signal, ...more });
  };
  const apply = (...batch: Delivered[]) => applier()(batch);
  const effects = async (): Promise<number[]> => {
    const rows = await db<{ version: bigint }[]>`select version from effects order by version`;
    return rows.map(({ version }) => Number(version));
  };

  test('of good, known and bad messages answers how many there were of each', async () => {
    expect(await apply(delivered(1), delivered(2))).toEqual({ applied: 2, repeated: 0, setAside: 0, differing: 0 });
    const mixed = [
      delivered(1, 3),
      delivered(3, 4),
      delivered(13, 5),
      delivered(4, 6),
      delivered(2, 7),
      unreadable(5, 8),
    ];
    expect(await apply(...mixed)).toEqual({ applied: 2, repeated: 2, setAside: 2, differing: 0 });
    expect(await effects()).toEqual([1, 2, 3, 4]);
    expect((await listDeadLetters(db)).map(({ eventId }) => eventId).toSorted()).toEqual(['event 13', 'event 5']);
  });

  test('has a message twice, and applies it once', async () => {
    expect(await apply(delivered(1), delivered(1, 2))).toEqual({ applied: 1, repeated: 1, setAside: 0, differing: 0 });
    expect(await effects()).toEqual([1]);
  });

  test('of what was applied before is no dead letter, though it cannot be read any more', async () => {
    await apply(delivered(1));
    expect(await apply(unreadable(1, 2))).toEqual({ applied: 0, repeated: 1, setAside: 0, differing: 0 });
    expect(await listDeadLetters(db)).toEqual([]);
  });

  test('of what was set aside before is set aside once', async () => {
    await apply(delivered(13));
    expect(await apply(delivered(13, 14))).toEqual({ applied: 0, repeated: 1, setAside: 0, differing: 0 });
    expect(await listDeadLetters(db)).toHaveLength(1);
  });

  test('of an id that was another message’s is set aside, and told apart from those', async () => {
    await apply({ ...delivered(1), contents: 'one' });
    expect(await apply({ ...delivered(1, 2), contents: 'one' }, { ...delivered(1, 3), contents: 'other' })).toEqual({
      applied: 0,
      repeated: 1,
      setAside: 1,
      differing: 1,
    });
    expect(await effects()).toEqual([1]);
  });

  test('of nothing does nothing', async () => {
    expect(await apply()).toEqual({ applied: 0, repeated: 0, setAside: 0, differing: 0 });
  });

  test('keeps its order around what cannot be applied, and asks each time for no more than it must', async () => {
    const handed: number[][] = [];
    const handler: Handler = {
      types: [profileUpdated],
      async handle(events, tx) {
        handed.push(events.map(({ message }) => Number((message as { version: bigint }).version)));
        await handle(events, tx);
      },
    };
    const batch = [1, 2, 13, 3, 4].map((version, at) => delivered(version, at + 1));
    expect(await applier({ handler })(batch)).toEqual({ applied: 4, repeated: 0, setAside: 1, differing: 0 });
    expect(handed).toEqual([[1, 2, 13, 3, 4], [1, 2], [13, 3, 4], [13], [3, 4]]);
    expect(await findPosition(db, 'c')).toEqual({ sequence: 5, eventId: 'event 4' });
  });

  test('under ids of others is counted with what is good, and once however often it comes', async () => {
    await apply({ ...delivered(1), contents: 'one' }, { ...delivered(2), contents: 'two' });
    const mixed = [
      { ...delivered(1, 3), contents: 'other' },
      { ...delivered(3, 4), contents: 'three' },
      { ...delivered(2, 5), contents: 'two' },
    ];
    expect(await apply(...mixed)).toEqual({ applied: 1, repeated: 1, setAside: 1, differing: 1 });
    expect(await apply(...mixed)).toEqual({ applied: 0, repeated: 3, setAside: 0, differing: 0 });
    expect((await listDeadLetters(db)).map(({ eventId, error }) => [eventId, error])).toEqual([
      ['event 1#other', 'AppError (contents_differ): another message was applied under this id'],
    ]);
  });

  test('under an id of another, and unreadable, is set aside as that', async () => {
    await apply({ ...delivered(1), contents: 'one' });
    const outcome = { applied: 0, repeated: 0, setAside: 1, differing: 1 };
    expect(await apply({ ...unreadable(1, 2), contents: 'other' })).toEqual(outcome);
  });

  test('of which nothing is new is not handed over', async () => {
    let asked = 0;
    const handler: Handler = { types: [profileUpdated], handle: async () => void (asked += 1) };
    const applyBatch = applier({ handler });
    for (const sequence of [1, 2]) await applyBatch([delivered(1, sequence)]);
    expect(asked).toBe(1);
  });

  test('halved counts on both sides', async () => {
    await apply({ ...delivered(1), contents: 'one' });
    expect(await apply(delivered(13, 2), delivered(1, 3))).toEqual({
      applied: 0,
      repeated: 1,
      setAside: 1,
      differing: 0,
    });
    const other = { ...delivered(1, 5), contents: 'other' };
    expect(await apply(unreadable(2, 4), other)).toEqual({ applied: 0, repeated: 0, setAside: 2, differing: 1 });
  });

  test('without contents is known by its id, though those were kept', async () => {
    await apply({ ...delivered(1), contents: 'one' });
    expect(await apply(delivered(1, 2))).toEqual({ applied: 0, repeated: 1, setAside: 0, differing: 0 });
  });

  test('known without contents is a repetition whatever it says', async () => {
    await apply(delivered(1));
    const repeated = { applied: 0, repeated: 1, setAside: 0, differing: 0 };
    expect(await apply({ ...delivered(1, 2), contents: 'one' })).toEqual(repeated);
  });

  test('that cannot be applied now is tried again until it can, which the log tells once', async () => {
    const { log, lines } = capturedLog();
    let left = 3;
    const handler: Handler = {
      types: [profileUpdated],
      async handle(events, tx) {
        if ((left -= 1) >= 0) throw new AppError('unavailable', 'a neighbour is away');
        await handle(events, tx);
      },
    };
    const outcome = await applier({ handler, log })([delivered(1), delivered(2)]);
    expect(outcome).toEqual({ applied: 2, repeated: 0, setAside: 0, differing: 0 });
    expect(lines()).toMatchObject([
      { event: 'apply_failed', msg: 'messages cannot be applied now; trying again', messages: 2, attempt: 0 },
      { event: 'apply_failed_over', failures: 3 },
    ]);
  });

  test('that cannot be applied before the end stays where it is', async () => {
    const end = new AbortController();
    let tried = 0;
    const handler: Handler = {
      types: [profileUpdated],
      async handle() {
        tried += 1;
        end.abort();
        throw new AppError('unavailable', 'a neighbour is away');
      },
    };
    const applying = applier({ handler, signal: end.signal })([delivered(1), delivered(2)]);
    await expect(applying).rejects.toMatchObject({ code: 'unavailable' });
    expect([tried, await listDeadLetters(db), await findPosition(db, 'c')]).toEqual([1, [], undefined]);
  });

  test('that ends while it waits to be tried again is not tried again', async () => {
    const end = new AbortController();
    let tried = 0;
    const handler: Handler = {
      types: [profileUpdated],
      async handle() {
        tried += 1;
        throw new AppError('unavailable', 'a neighbour is away');
      },
    };
    // It is told of right before it waits.
    const log = openLog('test', 'debug', { write: () => void setImmediate(() => end.abort()) });
    const applying = applier({ handler, log, signal: end.signal })([delivered(1)]);
    await expect(applying).rejects.toMatchObject({ code: 'unavailable' });
    expect(tried).toBe(1);
  });

  test('that fails at the end sets nothing aside', async () => {
    const end = new AbortController();
    const handler: Handler = {
      types: [profileUpdated],
      async handle() {
        end.abort();
        throw new Error('a bug');
      },
    };
    await expect(applier({ handler, signal: end.signal })([delivered(1)])).rejects.toThrow('a bug');
    expect(await listDeadLetters(db)).toEqual([]);
  });

  test('of which one is set aside says so in the log', async () => {
    const { log, lines } = capturedLog();
    await applier({ log })([delivered(13)]);
    const { subject } = delivered(13);
    expect(lines()).toMatchObject([
      { level: 'error', event: 'dead_letter', msg: 'a message became a dead letter', subject, eventId: 'event 13' },
    ]);
  });

  test('of one unreadable message sets that one aside', async () => {
    expect(await apply(unreadable(1))).toEqual({ applied: 0, repeated: 0, setAside: 1, differing: 0 });
    expect(await effects()).toEqual([]);
  });
});
