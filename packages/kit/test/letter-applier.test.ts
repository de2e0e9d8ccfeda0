import { profileUpdated } from '@andvari/proto/events';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { AppError } from '../src/base/errors.ts';
import { transaction } from '../src/db/db.ts';
import type { Db } from '../src/db/types.ts';
import { isEvent, newEvent, type ReceivedEvent } from '../src/events/event.ts';
import { type LetterOptions, letterApplier } from '../src/inbox/apply-letters.ts';
import { dropDeadLetters, listDeadLetters, requeueDeadLetters, setAside } from '../src/inbox/dead-letters.ts';
import { capturedLog } from '../src/testing/captured-log.ts';
import { type TestDatabase, testDatabase } from '../src/testing/test-database.ts';

const contentsOf = (payload: Uint8Array): string => `${payload.length} bytes`;
const length = () => profileUpdated.codec.encode({ userId: 'ada', changedFields: [], version: 1n }).finish().length;

describe('letters that somebody asked for', () => {
  let database: TestDatabase;
  let db: Db;
  let log: ReturnType<typeof capturedLog>;
  let end: AbortController;
  beforeAll(async () => {
    database = await testDatabase(inject('postgresUrl'), [new URL('../migrations/', import.meta.url)]);
    ({ db } = database);
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    log = capturedLog();
    end = new AbortController();
    await db`truncate inbox, dead_letters, outbox`;
  });

  /** Sets one aside that says this version, and asks for it. */
  const ask = async (version: number, more: Partial<Parameters<typeof setAside>[1]> = {}): Promise<string> => {
    const message = { userId: 'ada', changedFields: [], version: BigInt(version) };
    const { subject, headers, payload } = newEvent(profileUpdated, message, { source: 'test', id: `event ${version}` });
    const letter = { consumer: 'c', eventId: `event ${version}`, subject, headers, payload, deliveries: 1, ...more };
    await transaction(db, (tx) => setAside(tx, letter, new Error('before')));
    const id = (await listDeadLetters(db)).at(-1)?.id ?? '';
    await requeueDeadLetters(db, [id]);
    return id;
  };
  /** Answers with what the handler was given, and with whether all is done. */
  const apply = async (
    fails: (version: bigint) => Error | undefined = () => undefined,
    more: Partial<LetterOptions> = {},
  ) => {
    const given: number[] = [];
    const handler = {
      types: [profileUpdated],
      async handle(events: readonly ReceivedEvent[]) {
        for (const event of events) {
          if (!isEvent(event, profileUpdated)) continue;
          given.push(Number(event.message.version));
          const error = fails(event.message.version);
          if (error !== undefined) throw error;
        }
      },
    };
    const options = { db, consumer: 'c', handler, log: log.log, signal: end.signal, ...more };
    return { isDone: await letterApplier(options)(), given };
  };
  const left = async () =>
    (await listDeadLetters(db)).map(({ eventId, attempts, requeued, error }) => [eventId, attempts, requeued, error]);

  test('are none where nobody did', async () => {
    await ask(1, { consumer: 'another' });
    expect(await apply()).toEqual({ isDone: true, given: [] });
    expect(log.lines()).toEqual([]);
  });

  test('are applied in their order, and known from then on', async () => {
    for (const version of [1, 2]) await ask(version);
    expect(await apply()).toEqual({ isDone: true, given: [1, 2] });
    expect([await left(), await db`select event_id from inbox order by event_id`]).toEqual([
      [],
      [{ event_id: 'event 1' }, { event_id: 'event 2' }],
    ]);
    expect(log.lines()).toMatchObject(
      [1, 2].map((version) => ({
        event: 'dead_letter_applied',
        msg: 'a dead letter was applied',
        eventId: `event ${version}`,
        subject: expect.stringContaining('ada') as string,
      })),
    );
  });

  test('are all applied, though they are looked for a hundred at a time', async () => {
    const id = await ask(1);
    await db`insert into dead_letters
      select gen_random_uuid(), consumer, n::text, subject, headers, payload, error, failed_at, deliveries, requeued_at, attempts
      from dead_letters, generate_series(1, 100) as n where id = ${id}`;
    const { isDone, given } = await apply();
    expect([isDone, given.length, await left()]).toEqual([true, 101, []]);
  });

  test('that fail for good keep none of the others', async () => {
    const id = await ask(1);
    await ask(2);
    expect(await apply((version) => (version === 1n ? new Error('a bug') : undefined))).toEqual({
      isDone: true,
      given: [1, 2],
    });
    expect(await left()).toEqual([['event 1', 1, false, 'Error: a bug']]);
    expect(await db`select event_id from inbox`).toEqual([{ event_id: 'event 2' }]);
    expect(log.lines()[0]).toMatchObject({
      level: 'error',
      event: 'dead_letter_failed_again',
      msg: 'a dead letter failed again',
      letter: id,
      err: { message: 'a bug' },
    });
  });

  test('that cannot be applied now wait, and so do those behind them', async () => {
    const id = await ask(1);
    await ask(2);
    const away = new AppError('unavailable', 'a neighbour is away');
    expect(await apply(() => away)).toEqual({ isDone: false, given: [1] });
    expect(await left()).toEqual([
      ['event 1', 0, true, 'Error: before'],
      ['event 2', 0, true, 'Error: before'],
    ]);
    expect(log.lines()).toMatchObject([
      { level: 'warn', event: 'letter_waits', msg: 'dead letters cannot be applied now', letter: id },
    ]);
  });

  test('that can be applied again after all say so once', async () => {
    await ask(1);
    let isAway = true;
    const handler = {
      types: [profileUpdated],
      async handle() {
        if (isAway) throw new AppError('unavailable', 'a neighbour is away');
      },
    };
    const applyAll = letterApplier({ db, consumer: 'c', handler, log: log.log, signal: end.signal });
    expect(await applyAll()).toBe(false);
    isAway = false;
    expect(await applyAll()).toBe(true);
    expect(log.lines().map(({ event }) => event)).toEqual(['letter_waits', 'letter_waits_over', 'dead_letter_applied']);
  });

  test('that somebody drops meanwhile are passed over', async () => {
    await ask(1);
    const second = await ask(2);
    const handler = {
      types: [profileUpdated],
      handle: () => dropDeadLetters(db, [second]),
    };
    expect(await apply(undefined, { handler })).toMatchObject({ isDone: true });
    expect([await left(), log.lines().map(({ event }) => event)]).toEqual([[], ['dead_letter_applied']]);
  });

  test('of a consumer that does not go by contents are applied, whatever was said under their id', async () => {
    await db`insert into inbox (consumer, event_id, contents) values ('c', 'event 1', 'other')`;
    await ask(1);
    expect(await apply()).toEqual({ isDone: true, given: [1] });
    expect(await left()).toEqual([]);
  });

  test('are not begun at the end', async () => {
    await ask(1);
    end.abort();
    expect(await apply()).toEqual({ isDone: false, given: [] });
  });

  test('that fail at the end have not failed', async () => {
    await ask(1);
    const failing = await apply(() => {
      end.abort();
      return new Error('a bug');
    });
    expect(failing).toEqual({ isDone: false, given: [1] });
    expect(await left()).toEqual([['event 1', 0, true, 'Error: before']]);
  });

  const known = (contents: string | null, id = 'event 1') =>
    db`insert into inbox (consumer, event_id, contents) values ('c', ${id}, ${contents})`;

  describe('of a consumer that goes by contents', () => {
    const refused = [
      ['event 1#other', 1, false, 'AppError (contents_differ): another message was applied under this id'],
    ];
    test.each<[rule: string, prepare: () => Promise<unknown>, left: unknown[]]>([
      ['are applied where nothing is known of their id', async () => undefined, []],
      ['are applied where it was not kept what that said', () => known(null), []],
      ['are applied where that said the same', () => known(`${length()} bytes`), []],
      ['are refused where that said something else', () => known('other'), refused],
    ])('%s', async (_, prepare, expected) => {
      await prepare();
      await ask(1, { eventId: 'event 1#other' });
      await apply(undefined, { contentsOf });
      expect(await left()).toEqual(expected);
    });

    test('are looked for under their place where they have no id', async () => {
      await known('other', 'USER:7');
      await ask(1, { eventId: 'USER:7', headers: {} });
      await apply(undefined, { contentsOf });
      expect(await left()).toMatchObject([['USER:7', 1, false, expect.stringContaining('contents_differ') as string]]);
    });
  });
});
