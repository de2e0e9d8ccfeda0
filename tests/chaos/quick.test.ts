import { afterAll, beforeAll, expect, test } from 'vitest';
import { killed } from './faults.ts';
import { repeatEverything } from './repeater.ts';
import { openWorld, type World, whileTrading } from './world.ts';

/** The one of the failure tests that is always run; the others take minutes, and `make chaos` runs them. */
let world: World | undefined;
beforeAll(async () => {
  world = await openWorld({ clients: 2, seed: 1 });
}, 180_000);
afterAll(() => world?.close(), 60_000);

test('who takes orders, who matches and who books die in one moment while everything is told twice', {
  timeout: 240_000,
}, async () => {
  const broken = world;
  if (broken === undefined) throw new Error('nothing has been started');
  const repeater = await repeatEverything(broken.system.nats.url);
  await whileTrading(broken, () =>
    Promise.all(['order', 'engine', 'portfolio'].map((name) => killed(name).happen(broken))),
  );
  expect(repeater.count()).toBeGreaterThan(20);
  await repeater.stop();
});
