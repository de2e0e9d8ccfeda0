import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { Secret } from '../src/base/config.ts';
import { transaction } from '../src/db/db.ts';
import { openLocks } from '../src/db/locks.ts';
import { publishInOrder } from '../src/nats/publish-in-order.ts';
import { appendEvents } from '../src/outbox/append.ts';
import { openOutbox } from '../src/outbox/commit.ts';
import { watchHorizon } from '../src/outbox/horizon.ts';
import { startRelay } from '../src/outbox/relay.ts';
import { advanceCursor, pruneOutbox, readCursor } from '../src/outbox/rows.ts';
import { eventually } from '../src/testing/eventually.ts';
import { testScope } from '../src/testing/test-scope.ts';
import { openWorld, type World } from './events-fixture.ts';

describe('the outbox and its relay', () => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld();
  });
  afterEach(() => world.close());

  test('what a transaction appends is published in its order after the commit', async () => {
    startRelay(world.scope, world);
    await world.append('ada', 600);
    const expected = Array.from({ length: 600 }, (_, index) => `ada ${index + 1}`);
    await eventually(async () => expect(await world.stored()).toEqual(expected));
  });

  test('the relay is woken by what is committed, not by what is still to be', async () => {
    let woken = 0;
    const { append } = openOutbox(world.db, { wake: () => void (woken += 1) });
    await transaction(world.db, async (tx) => {
      await append(tx, [world.event('ada', 1)]);
      expect(woken).toBe(0);
    });
    expect(woken).toBe(1);
  });

  test('an event that is too large undoes the change it tells of', async () => {
    const { commit, append } = openOutbox(world.db, { wake: () => undefined });
    await world.db`create table changed (by text)`;
    const event = { ...world.event('ada', 1), payload: new Uint8Array(1_000_001) };
    const tooLarge = { code: 'invalid_argument', reason: 'event_too_large' };
    const committed = commit(async (tx, say) => {
      await tx`insert into changed values ('commit')`;
      say(event);
    });
    await expect(committed).rejects.toMatchObject(tooLarge);
    const appended = transaction(world.db, async (tx) => {
      await tx`insert into changed values ('append')`;
      await append(tx, [event]);
    });
    await expect(appended).rejects.toMatchObject(tooLarge);
    expect(await world.db`select by from changed`).toEqual([]);
  });

  test('what is rolled back is never published', async () => {
    startRelay(world.scope, world);
    await expect(
      world.db.begin(async (tx) => {
        await appendEvents(tx, [world.event('ada', 1)]);
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    await world.append('ada', 1, 2);
    await eventually(async () => expect(await world.stored()).toEqual(['ada 2']));
  });

  test('an event that its stream refuses is counted, and goes out once it is taken', async () => {
    startRelay(world.scope, world);
    const refused = async (): Promise<string | undefined> =>
      /^outbox_unpublishable_total\S* (\d+)$/m.exec((await world.metrics.scrape()).body)?.[1];
    const { stream } = world;
    await world.nats.jsm.streams.update(stream, { max_msg_size: 10 });
    await world.append('ada', 1);
    await eventually(async () => expect(await refused()).toBe('1'));
    await world.nats.jsm.streams.update(stream, { max_msg_size: -1 });
    await eventually(async () => expect(await world.stored()).toEqual(['ada 1']));
  });

  test('a transaction that commits late is not skipped', async () => {
    startRelay(world.scope, world);
    const late = Promise.withResolvers<void>();
    const appended = Promise.withResolvers<void>();
    const slow = world.db.begin(async (tx) => {
      await appendEvents(tx, [world.event('late', 1)]);
      appended.resolve();
      await late.promise;
    });
    await appended.promise;
    await world.append('early', 3);
    late.resolve();
    await slow;
    await eventually(async () =>
      expect((await world.stored()).toSorted()).toEqual(['early 1', 'early 2', 'early 3', 'late 1']),
    );
  });

  test('a transaction whose first write is the event itself is not skipped', async () => {
    const { db } = world;
    // Holds a writer between taking its position and storing the row.
    await db.unsafe(`
      create function wait_at_the_gate() returns trigger language plpgsql as $$
      begin
        perform pg_advisory_xact_lock_shared(1);
        return new;
      end $$;
      create trigger wait_at_the_gate before insert on outbox
        for each row when (new.subject like '%.held') execute function wait_at_the_gate()`);
    const gate = await db.reserve();
    await gate`select pg_advisory_lock(1)`;
    startRelay(world.scope, world);
    // The very first position of a sequence brings a transaction id along by itself.
    await world.append('first', 1);
    const held = db.begin((tx) => appendEvents(tx, [world.event('held', 1)]));
    await eventually(async () => expect(await gate`select from pg_locks where not granted`).toHaveLength(1));
    await world.append('early', 1);
    // Now the relay looks, before the held one can appear.
    const horizon = watchHorizon(gate);
    await horizon.look();
    expect(await horizon.look()).toEqual({ head: 3n, safe: 0n });
    await gate`select pg_advisory_unlock(1)`;
    gate.release();
    await held;
    await eventually(async () => expect(await world.stored()).toEqual(['first 1', 'held 1', 'early 1']));
  });

  test('a transaction that began first and appended last comes in the order of its locks', async () => {
    startRelay(world.scope, world);
    const { db } = world;
    await db`create table accounts (id int primary key)`;
    await db`insert into accounts values (1)`;
    const first = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    // The older transaction, by its id, gets the account's lock after the younger one let it go.
    const older = db.begin(async (tx) => {
      await tx`select pg_current_xact_id()`;
      started.resolve();
      await first.promise;
      await tx`select from accounts where id = 1 for update`;
      await appendEvents(tx, [world.event('account', 2)]);
    });
    await started.promise;
    // One between the two keeps the younger from being final when the older is.
    const between = Promise.withResolvers<void>();
    const open = Promise.withResolvers<void>();
    const middle = db.begin(async (tx) => {
      await tx`select pg_current_xact_id()`;
      open.resolve();
      await between.promise;
    });
    await open.promise;
    await db.begin(async (tx) => {
      await tx`select from accounts where id = 1 for update`;
      await appendEvents(tx, [world.event('account', 1)]);
    });
    first.resolve();
    await older;
    between.resolve();
    await middle;
    await eventually(async () => expect(await world.stored()).toEqual(['account 1', 'account 2']));
  });

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

  test('whoever gives up while the stream refuses is not kept until the next attempt', async () => {
    const giveUp = new AbortController();
    let attempts = 0;
    const nats = {
      ...world.nats,
      connected: (signal: AbortSignal) => {
        attempts += 1;
        return world.nats.connected(signal);
      },
    };
    await world.nats.jsm.streams.update(world.stream, { max_msg_size: 10 });
    const publishing = publishInOrder(nats, [world.event('ada', 1)], giveUp.signal, world.scope.log, () =>
      giveUp.abort(),
    );
    await expect(publishing).rejects.toMatchObject({ name: 'AbortError' });
    expect(attempts).toBe(1);
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

  test('depth and age are told while nothing relays', async () => {
    const scope = testScope();
    startRelay(scope, world);
    await scope.close();
    await world.append('ada', 3);
    const { body } = await world.metrics.scrape();
    expect(body).toMatch(/^outbox_depth\{.*\} 3$/m);
    expect(body).toMatch(/^outbox_age_seconds\{.*\} 0\.\d+$/m);
  });

  test('an event too large for any stream is refused where it is written', async () => {
    const event = { ...world.event('ada', 1), payload: new Uint8Array(1_000_001) };
    await expect(world.db.begin((tx) => appendEvents(tx, [event]))).rejects.toMatchObject({
      reason: 'event_too_large',
    });
  });
});

/** Answers with how to end it. */
function startRelayIn(world: World): () => Promise<unknown> {
  const scope = testScope();
  startRelay(scope, world);
  return () => scope.close();
}
