import { mulberry32 } from '@andvari/kit/base/mulberry32';
import { expect, test } from 'vitest';
import { isExit } from '../src/domain/group-prices.ts';
import { complaintsOf } from './saga-complaints.ts';
import { SagaWorld } from './saga-world.ts';

const SCHEDULES = Number(process.env['SAGA_SCHEDULES'] ?? 10_000);
const SEED = Number(process.env['SAGA_SEED'] ?? 1);
const STEPS = 120;

/**
 * The order service's rules, the ledger's and the engine itself under an adversary who loses, delays, repeats and reorders, and
 * kills whom it likes. Once it stops, everything must be at rest and nobody poorer. A failure names its seed: SAGA_SEED=… SAGA_SCHEDULES=1.
 */
test(`${SCHEDULES} schedules from seed ${SEED} on end with every order ended or resting, and the books right`, {
  timeout: 300_000,
}, () => {
  let placed = 0;
  let filled = 0;
  let exits = 0;
  for (let seed = SEED; seed < SEED + SCHEDULES; seed += 1) {
    const world = new SagaWorld(mulberry32(seed));
    const complaints = run(world);
    if (complaints.length > 0) expect.fail(`seed ${seed}: ${complaints.join('; ')}`);
    placed += world.orders.size;
    filled += [...world.orders.values()].filter(({ life }) => life.cumQty > 0n).length;
    exits += [...world.orders.values()].filter(
      ({ group, life }) => group !== undefined && isExit(group.type, group.leg) && life.cumQty > 0n,
    ).length;
  }
  // An adversary who lets nothing happen would prove nothing.
  expect(placed).toBeGreaterThan(SCHEDULES * 3);
  expect(filled).toBeGreaterThan(SCHEDULES);
  expect(exits).toBeGreaterThan(SCHEDULES / 10);
});

function run(world: SagaWorld): string[] {
  try {
    for (let step = 0; step < STEPS; step += 1) world.act();
    world.settleDown();
  } catch (error) {
    return [String(error), ...complaintsOf(world)];
  }
  return complaintsOf(world);
}
