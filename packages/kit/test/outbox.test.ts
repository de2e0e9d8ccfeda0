import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { appendEvents } from '../src/outbox.ts';
import { startRelay } from '../src/relay.ts';
import { eventually } from '../src/testing/eventually.ts';
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
});
