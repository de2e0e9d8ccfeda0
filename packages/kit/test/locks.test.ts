import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Secret } from '../src/base/config.ts';
import { wakeable } from '../src/base/wakeable.ts';
import { type HeldLock, openLocks } from '../src/db/locks.ts';
import { eventually } from '../src/testing/eventually.ts';
import { testScope } from '../src/testing/test-scope.ts';
import { openWorld, type World } from './events-fixture.ts';

describe('a lock', () => {
  let world: World;
  let stop: AbortController;
  beforeEach(async () => {
    world = await openWorld();
    stop = new AbortController();
  });
  afterEach(async () => {
    stop.abort();
    await world.close();
  });

  /** Holds it until told otherwise, and notes who does. */
  const holder = () => {
    const scope = testScope();
    const locks = openLocks(scope, { url: new Secret(world.databaseUrl), service: 'holder' });
    const ownStop = new AbortController();
    let held: HeldLock | undefined;
    let times = 0;
    const over = locks.hold('the lock', AbortSignal.any([stop.signal, ownStop.signal]), async (lock) => {
      held = lock;
      times += 1;
      await new Promise<void>((resolve) => lock.signal.addEventListener('abort', () => resolve()));
      held = undefined;
    });
    return {
      holds: () => held !== undefined,
      times: () => times,
      signal: () => held?.signal,
      stop: () => ownStop.abort(),
      close: async () => {
        ownStop.abort();
        await over;
        await scope.close();
      },
    };
  };
  /** Waits for its bell while it holds it, and counts how often it was rung. */
  const waiter = () => {
    const scope = testScope();
    const locks = openLocks(scope, { url: new Secret(world.databaseUrl), service: 'holder' });
    const ownStop = new AbortController();
    const bell = wakeable();
    let holds = false;
    let heard = 0;
    const work = async ({ signal }: HeldLock): Promise<void> => {
      holds = true;
      while (!signal.aborted) if (await bell.wait(600_000, signal)) heard += 1;
      holds = false;
    };
    const over = locks.hold('the lock', AbortSignal.any([stop.signal, ownStop.signal]), work, bell);
    const close = async () => {
      ownStop.abort();
      await over;
      await scope.close();
    };
    return { bell, holds: () => holds, heard: () => heard, close };
  };
  const cutConnection = () =>
    world.db`select pg_terminate_backend(pid) from pg_stat_activity
             where application_name = 'holder locks' and datname = current_database()
               and pid in (select pid from pg_locks where locktype = 'advisory')`;

  test('is held by one process, and the standby takes over when that one gives it up', async () => {
    const [first, second] = [holder(), holder()];
    await eventually(() => expect([first.holds(), second.holds()].filter(Boolean)).toHaveLength(1));
    const [holding, waiting] = first.holds() ? [first, second] : [second, first];
    holding.stop();
    await eventually(() => expect(waiting.holds()).toBe(true));
    expect(holding.holds()).toBe(false);
    await Promise.all([first.close(), second.close()]);
  });

  test('that is lost with its connection says so at once, and is taken again', async () => {
    const only = holder();
    await eventually(() => expect(only.holds()).toBe(true));
    const signal = only.signal();
    await cutConnection();
    await eventually(() => expect(signal?.aborted).toBe(true));
    await eventually(() => expect(only.times()).toBe(2));
    expect(only.holds()).toBe(true);
    await only.close();
  });

  test('is not given twice to the same process', async () => {
    let working = 0;
    let most = 0;
    const work = async (lock: HeldLock): Promise<void> => {
      working += 1;
      most = Math.max(most, working);
      await new Promise<void>((resolve) => lock.signal.addEventListener('abort', () => resolve()));
      working -= 1;
    };
    const [first, second] = [new AbortController(), new AbortController()];
    const both = [first, second].map((own) => world.locks.hold('twice', own.signal, work));
    await eventually(() => expect(working).toBe(1));
    first.abort();
    second.abort();
    await Promise.all(both);
    expect(most).toBe(1);
  });

  test('is rung for by those that stand by: whoever holds it hears, and they hear themselves once they hold it', async () => {
    const first = waiter();
    await eventually(() => expect(first.holds()).toBe(true));
    const second = waiter();
    second.bell.ring();
    await eventually(() => expect(first.heard()).toBe(1));
    // One that is rung for while the word is on its way is not lost.
    for (let rings = 0; rings < 50; rings += 1) second.bell.ring();
    await eventually(() => expect(first.heard()).toBeGreaterThan(1));
    expect(second.heard()).toBe(0);
    await first.close();
    await eventually(() => expect(second.holds()).toBe(true));
    second.bell.ring();
    await eventually(() => expect(second.heard()).toBe(1));
    await second.close();
  });

  test('whose work fails is worked under again', async () => {
    let attempts = 0;
    void world.locks.hold('failing', stop.signal, async () => {
      attempts += 1;
      throw new Error('no');
    });
    await eventually(() => expect(attempts).toBeGreaterThanOrEqual(2));
  });
});
