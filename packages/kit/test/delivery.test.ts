import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Delivery, openDelivery } from '../src/inbox/delivery.ts';
import type { InboxPosition } from '../src/inbox/rows.ts';
import { publishInOrder } from '../src/nats/publish-in-order.ts';
import { eventually } from '../src/testing/eventually.ts';
import { openWorld, type World } from './events-fixture.ts';

describe('a delivery', () => {
  let world: World;
  let delivery: Delivery | undefined;
  beforeEach(async () => {
    world = await openWorld();
  });
  afterEach(async () => {
    vi.useRealTimers();
    await delivery?.close();
    await world.close();
  });

  const publish = async (...versions: number[]): Promise<string[]> => {
    const events = versions.map((version) => world.event('ada', version));
    await publishInOrder(world.nats, events, world.scope.signal, world.scope.log);
    return events.map(({ headers }) => headers['ce-id'] ?? '');
  };
  const open = async (position?: InboxPosition, maxWaiting = 100): Promise<Delivery> => {
    const { nats, scope, stream } = world;
    delivery = await openDelivery(nats, scope.signal, { stream, durable: 'reader', position, maxWaiting });
    return delivery;
  };
  test('begins right behind the position', async () => {
    const ids = await publish(1, 2, 3);
    expect(await take(await open({ sequence: 2, eventId: ids[1] ?? '' }), 1)).toEqual([3]);
  });

  test('brings only what it asks for', async () => {
    const { nats, scope, stream } = world;
    const events = [world.event('ada', 1), world.event('bob', 1), world.event('ada', 2)];
    await publishInOrder(nats, events, scope.signal, scope.log);
    const filterSubject = events[1]?.subject;
    delivery = await openDelivery(nats, scope.signal, {
      stream,
      durable: 'reader',
      filterSubject,
      position: undefined,
      maxWaiting: 100,
    });
    expect(await take(delivery, 1)).toEqual([2]);
    expect((await nats.jsm.consumers.info(stream, 'reader')).num_pending).toBe(0);
  });

  test('begins at the beginning where the message at the position is another one', async () => {
    await publish(1, 2, 3);
    expect(await take(await open({ sequence: 2, eventId: 'from before the power failed' }), 3)).toEqual([1, 2, 3]);
  });

  test('begins at the beginning where the stream has not come so far', async () => {
    const ids = await publish(1, 2);
    expect(await take(await open({ sequence: 900, eventId: ids[1] ?? '' }), 2)).toEqual([1, 2]);
  });

  test('does not hand out twice what is sent again while it is in hand', async () => {
    await publish(1, 2);
    const reader = await open();
    const [first] = await reader.take(1);
    first?.nak();
    await eventually(async () => {
      const { num_redelivered } = await world.nats.jsm.consumers.info(world.stream, 'reader');
      expect(num_redelivered).toBe(1);
    });
    await publish(3);
    expect(await take(reader, 2)).toEqual([2, 3]);
  });

  test('ends when a message went elsewhere, rather than go on without it', async () => {
    const reader = await open();
    const stranger = await world.nats.js.consumers.get(world.stream, 'reader');
    let stolen = 0;
    const theft = await stranger.consume({
      callback: () => {
        stolen += 1;
      },
    });
    await publish(1, 2, 3, 4, 5, 6, 7, 8, 9);
    await eventually(() => expect(stolen).toBeGreaterThan(0));
    // Another one after the gap, at the latest, shows it.
    await theft.close();
    await publish(1000);
    const inOrder = await take(reader, 1000);
    expect(inOrder).toEqual(inOrder.map((_, index) => index + 1));
    expect(inOrder.length).toBeLessThan(10);
    expect(await reader.take(1)).toEqual([]);
  });

  test('keeps what is in hand and what waits from being sent again, every ten seconds', async () => {
    const acknowledged: string[] = [];
    world.nats.connection.subscribe(`$JS.ACK.${world.stream}.>`, {
      callback: (_, message) => void acknowledged.push(`${message.subject.split('.')[5]} ${message.string()}`),
    });
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    await publish(1, 2);
    const reader = await open();
    const taken = await reader.take(1);
    await eventually(async () => {
      const { delivered } = await world.nats.jsm.consumers.info(world.stream, 'reader');
      expect(delivered.stream_seq).toBe(2);
    });
    await vi.advanceTimersByTimeAsync(10_000);
    await eventually(() => expect(acknowledged.toSorted()).toEqual(['1 +WPI', '2 +WPI']));
    reader.done(taken);
    await vi.advanceTimersByTimeAsync(10_000);
    await eventually(() => expect(acknowledged.slice(2)).toEqual(['1 +ACK', '2 +WPI']));
  });

  test('acknowledges what is done, so that the server can tell how far behind we are', async () => {
    await publish(1, 2, 3);
    const reader = await open();
    reader.done(await reader.take(3));
    await eventually(async () => {
      const info = await world.nats.jsm.consumers.info(world.stream, 'reader');
      expect(info.num_ack_pending + info.num_pending).toBe(0);
    });
  });
});

/** The sequences of the next messages, however they are split. */
async function take(from: Delivery, count: number): Promise<number[]> {
  const taken: number[] = [];
  while (taken.length < count) {
    const messages = await from.take(count - taken.length);
    if (messages.length === 0) break;
    taken.push(...messages.map(({ seq }) => seq));
  }
  return taken;
}
