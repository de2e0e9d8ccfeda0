import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AppError } from '../src/base/errors.ts';
import { isEvent } from '../src/events/event.ts';
import { startConsumer } from '../src/inbox/consumer.ts';
import { dropDeadLetters, listDeadLetters, requeueDeadLetters } from '../src/inbox/dead-letters.ts';
import { publishInOrder } from '../src/nats/publish-in-order.ts';
import { Scope } from '../src/process/scope.ts';
import { eventually } from '../src/testing/eventually.ts';
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
