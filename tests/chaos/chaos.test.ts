import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { manyFaults } from './faults.ts';
import { openWorld, say, type World, whileTrading } from './world.ts';

/**
 * Real processes are broken while people trade through the gateway. After each fault everything heals by itself, `verify` finds
 * nothing, and what the people were told is what the rows say, order by order. It takes minutes: ANDVARI_LONG=1.
 */
const SEED = Number(process.env['ANDVARI_CHAOS_SEED'] ?? Date.now() % 100_000);
const SECONDS = Number(process.env['ANDVARI_CHAOS_SECONDS'] ?? 60);

describe.skipIf(process.env['ANDVARI_LONG'] !== '1')(`while people trade, seed ${SEED}`, () => {
  let world: World;
  beforeAll(async () => {
    say(`again with the same: make chaos SEED=${SEED}`);
    world = await openWorld({ clients: 4, seed: SEED });
  }, 180_000);
  afterAll(() => world?.close(), 120_000);

  test.each(manyFaults)('$what', { timeout: 300_000 }, async ({ happen }) => {
    await whileTrading(world, async () => {
      await world.moment(1000);
      await happen(world);
    });
  });

  test(`${SECONDS} s of one after another at random`, { timeout: 600_000 + SECONDS * 1000 }, async () => {
    const until = performance.now() + SECONDS * 1000;
    const happened: string[] = [];
    await whileTrading(world, async () => {
      while (performance.now() < until) {
        const fault = manyFaults[Math.floor(world.random() * manyFaults.length)];
        if (fault === undefined) break;
        happened.push(fault.what);
        await fault.happen(world);
        await world.moment(3000);
      }
    });
    expect(happened.length).toBeGreaterThan(0);
    const acknowledged = world.clients.reduce((sum, client) => sum + client.acknowledged.size, 0);
    say(`${happened.length} faults, ${acknowledged} orders acknowledged in all:\n  ${happened.join('\n  ')}`);
  });
});
