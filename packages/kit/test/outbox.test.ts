import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { transaction } from '../src/db/db.ts';
import { publishInOrder } from '../src/nats/publish-in-order.ts';
import { appendEvents } from '../src/outbox/append.ts';
import { openOutbox } from '../src/outbox/commit.ts';
import { watchHorizon } from '../src/outbox/horizon.ts';
import { startRelay } from '../src/outbox/relay.ts';
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

  test('depth and age are told while nothing relays', async () => {
    const scope = testScope();
    startRelay(scope, world);
    await scope.close();
    await world.append('ada', 3);
    const { body } = await world.metrics.scrape();
    expect(body).toMatch(/^outbox_depth\{.*\} 3$/m);
    expect(body).toMatch(/^outbox_age_seconds\{.*\} 0\.\d+$/m);
  });
});
