import { profileUpdated } from '@andvari/proto/events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { AppError } from '../src/base/errors.ts';
import { transaction } from '../src/db/db.ts';
import type { Db } from '../src/db/types.ts';
import { isEvent, newEvent, type ReceivedEvent } from '../src/events/event.ts';
import { type LetterOptions, letterApplier } from '../src/inbox/apply-letters.ts';
import { startConsumer } from '../src/inbox/consumer.ts';
import { dropDeadLetters, listDeadLetters, requeueDeadLetters, setAside } from '../src/inbox/dead-letters.ts';
import { publishInOrder } from '../src/nats/publish-in-order.ts';
import { Scope } from '../src/process/scope.ts';
import { capturedLog } from '../src/testing/captured-log.ts';
import { eventually } from '../src/testing/eventually.ts';
import { type TestDatabase, testDatabase } from '../src/testing/test-database.ts';
import { openWorld, type World } from './events-fixture.ts';

const idsOf = (found: readonly { id: string }[]): string[] => found.map(({ id }) => id);

describe('dead letters that are asked for', () => {
  let world: World;
  let consuming: Scope[];
  /** What goes wrong with every message. */
  let fault: Error | undefined;
  /** How often a handler was called, and whether it ever was while it worked. */
  let [calls, inside, overlapped] = [0, 0, false];
  /** What it waits for while it works. */
  let held: () => Promise<unknown>;

  beforeEach(async () => {
    world = await openWorld();
    await world.db`create table effects (place bigserial, consumer text, key text, version bigint)`;
    consuming = [];
    fault = new Error('a bug');
    [calls, inside, overlapped] = [0, 0, false];
    held = async () => undefined;
  });
  afterEach(async () => {
    for (const scope of consuming) await scope.close();
    await world.close();
  });

  const start = (durable = 'effects', fails = () => fault): Scope => {
    const scope = new Scope(world.scope.log);
    consuming.push(scope);
    startConsumer(scope, {
      ...world,
      durable,
      handler: {
        types: [world.type],
        async handle(events, tx) {
          calls += 1;
          // The other consumer works beside this one, as it may.
          if (durable === 'effects') inside += 1;
          overlapped ||= inside > 1;
          try {
            if (durable === 'effects') await held();
            for (const event of events) {
              if (!isEvent(event, world.type)) continue;
              const { userId, version } = event.message;
              await tx`insert into effects (consumer, key, version) values (${durable}, ${userId}, ${version})`;
            }
            const error = fails();
            if (error !== undefined) throw error;
          } finally {
            if (durable === 'effects') inside -= 1;
          }
        },
      },
    });
    return scope;
  };
  const publish = (count: number, first = 1) =>
    publishInOrder(
      world.nats,
      Array.from({ length: count }, (_, index) => world.event('ada', first + index)),
      world.scope.signal,
      world.scope.log,
    );
  const effects = async (durable = 'effects'): Promise<bigint[]> => {
    const rows = await world.db<{ version: bigint }[]>`
      select version from effects where consumer = ${durable} order by place`;
    return rows.map(({ version }) => version);
  };
  const letters = (count: number) =>
    eventually(async () => {
      const found = await listDeadLetters(world.db);
      expect(found).toHaveLength(count);
      return found;
    });

  test('are applied once, in their order, however often they are asked for, and nothing is published', async () => {
    start();
    start('others', () => undefined);
    await publish(3);
    const ids = idsOf(await letters(3));
    await eventually(async () => expect(await effects('others')).toEqual([1n, 2n, 3n]));
    fault = undefined;
    // Whoever asks when they have been applied is told that there are none.
    const asked = await Promise.allSettled([1, 2, 3].map(() => requeueDeadLetters(world.db, ids)));
    expect(asked.map(({ status }) => status)).toContain('fulfilled');
    await eventually(async () => expect(await effects()).toEqual([1n, 2n, 3n]));
    await publish(1, 4);
    await eventually(async () => expect(await effects()).toEqual([1n, 2n, 3n, 4n]));
    expect(await listDeadLetters(world.db)).toEqual([]);
    await eventually(async () => expect(await effects('others')).toEqual([1n, 2n, 3n, 4n]));
    expect((await world.nats.jsm.streams.info(world.stream)).state.messages).toBe(4);
    expect(await world.db`select subject from outbox where subject not like 'dead.%'`).toEqual([]);
    expect(overlapped).toBe(false);
  });

  test('take turns with the messages that come: a handler may remember what it did last', async () => {
    const first = start();
    await publish(1);
    const ids = idsOf(await letters(1));
    await first.close();
    fault = undefined;
    await requeueDeadLetters(world.db, ids);
    await publish(1, 2);
    // Whoever works gives the other time to begin as well.
    held = () => eventually(() => expect(inside).toBe(2), { timeoutMs: 500 }).catch(() => undefined);
    start();
    await eventually(async () => expect(await effects()).toEqual([1n, 2n]));
    expect(overlapped).toBe(false);
  });

  test('that fail again stay, with how often and why now', async () => {
    start();
    await publish(1);
    const ids = idsOf(await letters(1));
    for (const attempts of [1, 2]) {
      fault = new Error(`another bug ${attempts}`);
      await requeueDeadLetters(world.db, ids);
      await eventually(async () => {
        expect(await listDeadLetters(world.db)).toMatchObject([
          { id: ids[0], attempts, requeued: false, error: `Error: another bug ${attempts}` },
        ]);
      });
    }
    expect(await effects()).toEqual([]);
    fault = undefined;
    await requeueDeadLetters(world.db, ids);
    await eventually(async () => expect(await effects()).toEqual([1n]));
    expect(await listDeadLetters(world.db)).toEqual([]);
  });

  test('wait while they cannot be applied, and that counts for nothing', async () => {
    start();
    await publish(2);
    const ids = idsOf(await letters(2));
    fault = new AppError('unavailable', 'a neighbour is away');
    const before = calls;
    await requeueDeadLetters(world.db, ids);
    await eventually(() => expect(calls).toBeGreaterThan(before));
    expect(await listDeadLetters(world.db)).toMatchObject([
      { attempts: 0, requeued: true },
      { attempts: 0, requeued: true },
    ]);
    fault = undefined;
    await eventually(async () => expect(await effects()).toEqual([1n, 2n]));
  });

  test('while nobody consumes wait for who does; what is dropped meanwhile is not applied', async () => {
    const first = start();
    await publish(3);
    const [one, two, three] = idsOf(await letters(3));
    await first.close();
    fault = undefined;
    await requeueDeadLetters(world.db, [one ?? '', two ?? '']);
    await dropDeadLetters(world.db, [one ?? '']);
    start();
    await eventually(async () => expect(await effects()).toEqual([2n]));
    expect(idsOf(await listDeadLetters(world.db))).toEqual([three]);
  });

  test('are all of them there, or none is asked for', async () => {
    start();
    await publish(1);
    const ids = idsOf(await letters(1));
    await expect(requeueDeadLetters(world.db, [...ids, crypto.randomUUID()])).rejects.toMatchObject({
      code: 'not_found',
    });
    expect(await listDeadLetters(world.db)).toMatchObject([{ requeued: false }]);
  });
});

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
