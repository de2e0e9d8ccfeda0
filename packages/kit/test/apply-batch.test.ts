import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AppError } from '../src/base/errors.ts';
import type { Tx } from '../src/db/types.ts';
import { isEvent, type ReceivedEvent } from '../src/events/event.ts';
import { batchApplier, type Delivered } from '../src/inbox/apply-batch.ts';
import { listDeadLetters } from '../src/inbox/dead-letters.ts';
import { openWorld, type World } from './events-fixture.ts';

describe('a batch', () => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld();
    await world.db`create table effects (version bigint)`;
  });
  afterEach(() => world.close());

  const delivered = (version: number, sequence = version): Delivered => {
    const { subject, headers, payload } = world.event('ada', version);
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
      if (!isEvent(event, world.type)) continue;
      if (event.message.version === 13n) throw new AppError('failed_precondition', 'unlucky');
      await tx`insert into effects values (${event.message.version})`;
    }
  };
  const apply = (...batch: Delivered[]) => {
    const { db, scope, type } = world;
    return batchApplier({
      db,
      consumer: 'c',
      handler: { types: [type], handle },
      log: scope.log,
      signal: scope.signal,
    })(batch);
  };
  const effects = async (): Promise<number[]> => {
    const rows = await world.db<{ version: bigint }[]>`select version from effects order by version`;
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
    expect((await listDeadLetters(world.db)).map(({ eventId }) => eventId).toSorted()).toEqual(['event 13', 'event 5']);
  });

  test('has a message twice, and applies it once', async () => {
    expect(await apply(delivered(1), delivered(1, 2))).toEqual({ applied: 1, repeated: 1, setAside: 0, differing: 0 });
    expect(await effects()).toEqual([1]);
  });

  test('of what was applied before is no dead letter, though it cannot be read any more', async () => {
    await apply(delivered(1));
    expect(await apply(unreadable(1, 2))).toEqual({ applied: 0, repeated: 1, setAside: 0, differing: 0 });
    expect(await listDeadLetters(world.db)).toEqual([]);
  });

  test('of what was set aside before is set aside once', async () => {
    await apply(delivered(13));
    expect(await apply(delivered(13, 14))).toEqual({ applied: 0, repeated: 1, setAside: 0, differing: 0 });
    expect(await listDeadLetters(world.db)).toHaveLength(1);
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

  test('of one unreadable message sets that one aside', async () => {
    expect(await apply(unreadable(1))).toEqual({ applied: 0, repeated: 0, setAside: 1, differing: 0 });
    expect(await effects()).toEqual([]);
  });
});
