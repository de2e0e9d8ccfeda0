import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { Secret } from '../src/base/config.ts';
import { openLocks } from '../src/db/locks.ts';
import { openOutbox } from '../src/outbox/commit.ts';
import { startRelay } from '../src/outbox/relay.ts';
import { advanceCursor, pruneOutbox, readCursor } from '../src/outbox/rows.ts';
import { eventually } from '../src/testing/eventually.ts';
import { testScope } from '../src/testing/test-scope.ts';
import { openWorld, type World } from './events-fixture.ts';

/** The relay waits less than this while somebody has yet to commit, and at least this while nothing happens. */
const IDLE_FROM_MS = 100;

describe('the relay of an outbox', () => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld();
  });
  afterEach(() => world.close());

  /** A lock's work as the relay does it, counted, and how to take the lock from it. */
  const counted = () => {
    let begun = 0;
    let lost = new AbortController();
    const locks: typeof world.locks = {
      hold: (name, stop, work, bell) => {
        const counting: typeof work = (held) => {
          begun += 1;
          lost = new AbortController();
          return work({ ...held, signal: AbortSignal.any([held.signal, lost.signal]) });
        };
        return world.locks.hold(name, stop, counting, bell);
      },
    };
    return { locks, begun: () => begun, lose: () => lost.abort() };
  };

  test('a relay that has lost its lock takes it again, and goes on', async () => {
    const { locks, begun, lose } = counted();
    const relay = startRelay(world.scope, { ...world, locks });
    await eventually(() => expect(begun()).toBe(1));
    lose();
    relay.wake();
    await eventually(() => expect(begun()).toBe(2));
    await world.append('ada', 1);
    await eventually(async () => expect(await world.stored()).toEqual(['ada 1']));
  });

  test('what one that stands by commits is told to the one that works', async () => {
    let told = 0;
    const standingBy: typeof world.locks = {
      hold: async (_, stop, __, bell) => {
        if (bell !== undefined) bell.instead = () => void (told += 1);
        await new Promise((resolve) => stop.addEventListener('abort', resolve));
      },
    };
    const scope = testScope();
    const { commit } = openOutbox(world.db, startRelay(scope, { ...world, locks: standingBy }));
    await commit(async (_, say) => say(world.event('ada', 1)));
    expect(told).toBe(1);
    await scope.close();
  });

  test.each([
    ['by the process that works', 0],
    ['by one that stands by', 1],
  ])('the first event after an idle hour goes out at once, committed %s', async (_, by) => {
    let isAsleep = false;
    // Who has nothing to do looks again in an hour, and not in five seconds.
    const drowsy: typeof world.locks = {
      hold: (name, stop, work, bell) => {
        const wait = bell?.wait.bind(bell);
        if (bell !== undefined && wait !== undefined)
          bell.wait = (ms, signal) => {
            isAsleep ||= ms >= 1000;
            return wait(ms >= 1000 ? 3_600_000 : ms, signal);
          };
        return locks.hold(name, stop, work, bell);
      },
    };
    const scopes = [testScope(), testScope()] as const;
    let locks = world.locks;
    const outboxOf = (scope: (typeof scopes)[number]) => {
      locks = openLocks(scope, { url: new Secret(world.databaseUrl), service: 'relay' });
      return openOutbox(world.db, startRelay(scope, { ...world, locks: drowsy }));
    };
    const [working, standingBy] = scopes;
    const first = outboxOf(working);
    await eventually(() => expect(isAsleep).toBe(true));
    const outboxes = [first, outboxOf(standingBy)];
    await outboxes[by]?.commit(async (__, say) => say(world.event('ada', 1)));
    await eventually(async () => expect(await world.stored()).toEqual(['ada 1']));
    for (const scope of scopes.toReversed()) await scope.close();
  });

  test('a relay that has published all of it at shutdown is done, and does not begin again', async () => {
    const { locks, begun } = counted();
    const scope = testScope();
    startRelay(scope, { ...world, locks });
    await eventually(() => expect(begun()).toBe(1));
    await world.append('ada', 3);
    expect(await scope.close()).toEqual({ failed: [] });
    expect([await world.stored(), begun()]).toEqual([['ada 1', 'ada 2', 'ada 3'], 1]);
  });

  test('what comes once the rest is out is found by one look, and none follows it', async () => {
    let looks = 0;
    let slept = 0;
    const watched: typeof world.locks = {
      hold: (name, stop, work, bell) => {
        const wait = bell?.wait.bind(bell);
        if (bell !== undefined && wait !== undefined)
          bell.wait = (ms, signal) => {
            // A transaction of somebody else keeps it from being sure: the look after this is not one too many.
            if (ms < IDLE_FROM_MS) looks -= 1;
            else slept += 1;
            return wait(ms < IDLE_FROM_MS ? ms : 3_600_000, signal);
          };
        const looking: typeof work = (held) =>
          work({
            ...held,
            connection: new Proxy(held.connection, {
              apply(connection, self, args: [TemplateStringsArray]) {
                if (args[0].join('').includes('outbox_position_seq')) looks += 1;
                return Reflect.apply(connection, self, args);
              },
            }),
          });
        return world.locks.hold(name, stop, looking, bell);
      },
    };
    const { commit } = openOutbox(world.db, startRelay(world.scope, { ...world, locks: watched }));
    await eventually(() => expect(slept).toBe(1));
    for (const n of [1, 2, 3]) {
      const before = looks;
      await commit(async (_, say) => say(world.event('ada', n)));
      await eventually(() => expect(slept).toBe(n + 1));
      expect(looks - before).toBe(1);
    }
    expect(await world.stored()).toEqual(['ada 1', 'ada 2', 'ada 3']);
  });

  test('a relay that only stood by is not waited for', async () => {
    startRelay(world.scope, world);
    await world.append('ada', 1);
    await eventually(async () => expect(await world.stored()).toHaveLength(1));
    // No limit to a shutdown comes to help.
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    try {
      await startRelayIn(world)();
    } finally {
      vi.useRealTimers();
    }
  });

  test('published rows are pruned when they are old, the others never', async () => {
    const stop = startRelayIn(world);
    await world.append('ada', 5);
    await eventually(async () => expect(await world.stored()).toHaveLength(5));
    await stop();
    await world.append('ada', 1, 6);
    await world.db`update outbox set created_at = now() - interval '8 days' where position in (1, 2, 6)`;
    await pruneOutbox(world.db, 7 * 86_400_000);
    const rows = await world.db<{ position: bigint }[]>`select position from outbox order by position`;
    expect(rows.map(({ position }) => position)).toEqual([3n, 4n, 5n, 6n]);
  });

  test('a relay prunes what is old every ten seconds, and not in between', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    onTestFinished(() => void vi.useRealTimers());
    const stop = startRelayIn(world);
    await world.append('ada', 3);
    await eventually(async () => expect(await world.stored()).toHaveLength(3));
    await stop();
    const age = (position: number) =>
      world.db`update outbox set created_at = now() - interval '8 days' where position = ${position}`;
    const kept = async () =>
      (await world.db<{ position: bigint }[]>`select position from outbox order by position`).map(({ position }) =>
        Number(position),
      );
    // Once the second has gone out, the relay has come to its pruning after the first.
    let last = 3;
    const twoMore = async () => {
      for (let n = 0; n < 2; n += 1) {
        last += 1;
        await world.append('ada', 1, last);
        await eventually(async () => expect(await world.stored()).toHaveLength(last));
      }
    };

    await age(1);
    startRelay(world.scope, world);
    await twoMore();
    expect(await kept()).toEqual([1, 2, 3, 4, 5]);
    vi.setSystemTime(Date.now() + 10_001);
    await twoMore();
    await eventually(async () => expect(await kept()).toEqual([2, 3, 4, 5, 6, 7]));
    await age(2);
    await twoMore();
    expect(await kept()).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('a relay that was overtaken by another one finds out', async () => {
    await advanceCursor(world.db, 0n, 5n);
    await expect(advanceCursor(world.db, 0n, 3n)).rejects.toMatchObject({ reason: 'relay_superseded' });
    expect(await readCursor(world.db)).toBe(5n);
  });
});

/** Answers with how to end it. */
function startRelayIn(world: World): () => Promise<unknown> {
  const scope = testScope();
  startRelay(scope, world);
  return () => scope.close();
}
