import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { subscribeLive } from '../src/nats/subscribe-live.ts';
import { eventually } from '../src/testing/eventually.ts';
import { openWorld, type World } from './events-fixture.ts';

describe('a live subscription', () => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld();
  });
  afterEach(() => world.close());

  const send = (message: string) => world.nats.connection.publish(`${world.stream}.live.x`, message);

  test('hands over one message after the other, and outlives a handler that fails', async () => {
    const heard: string[] = [];
    subscribeLive(world.scope, world.nats, `${world.stream}.live.>`, async ({ payload }) => {
      heard.push(text(payload));
      await Promise.resolve();
      if (text(payload) === '2') throw new Error('no');
    });
    for (const message of ['1', '2', '3']) send(message);
    await eventually(() => expect(heard).toEqual(['1', '2', '3']));
  });

  test('drops the oldest when the handler cannot keep up, and counts them', async () => {
    const heard: string[] = [];
    const gate = Promise.withResolvers<void>();
    const live = subscribeLive(
      world.scope,
      world.nats,
      `${world.stream}.live.>`,
      async ({ payload }) => {
        heard.push(text(payload));
        await gate.promise;
      },
      { maxWaiting: 10 },
    );
    for (let message = 0; message < 100; message += 1) send(`${message}`);
    await world.nats.connection.flush();
    await eventually(() => expect(live.dropped()).toBeGreaterThan(0));
    gate.resolve();
    await eventually(() => expect(heard.at(-1)).toBe('99'));
    expect(heard[0]).toBe('0');
    expect(heard.length + live.dropped()).toBe(100);
  });

  test('hears nothing more once it is stopped', async () => {
    const heard: string[] = [];
    const live = subscribeLive(world.scope, world.nats, `${world.stream}.live.>`, ({ payload }) => {
      heard.push(text(payload));
    });
    send('1');
    await eventually(() => expect(heard).toEqual(['1']));
    live.stop();
    send('2');
    await world.nats.connection.flush();
    expect(heard).toEqual(['1']);
  });
});

function text(payload: Uint8Array): string {
  return Buffer.from(payload).toString();
}
