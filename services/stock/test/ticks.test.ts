import { eventually } from '@andvari/kit/testing/eventually';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stockWorld, type World } from './stock-world.ts';

let world: World;
beforeAll(async () => {
  world = await stockWorld({ env: { TICK_EVERY_MS: '200' } });
});
afterAll(() => world.close());

test('a round of prices goes out in two portions while nobody watches, and in ten once somebody does', async () => {
  const { started, nats } = world.service;
  await eventually(() => expect(started.app.ticks.partMs()).toBe(100));
  nats.connection.publish('md.watched');
  await eventually(() => expect(started.app.ticks.partMs()).toBe(20));
});
