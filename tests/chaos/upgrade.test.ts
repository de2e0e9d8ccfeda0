import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { services } from '@andvari/deploy/services';
import { checkoutRoot } from '@andvari/servers/data-home';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkOut, earlierRelease } from './earlier-release.ts';
import { openWorld, say, type World, whileTrading } from './world.ts';

/**
 * docs/operations/upgrade.md, done: the release before runs, people trade, and one service after the other is another release's, first
 * forward and then back. Whatever fails meanwhile is cured by asking again. It takes minutes: ANDVARI_LONG=1.
 */
describe.skipIf(process.env['ANDVARI_LONG'] !== '1')('a release and the one before, under traffic', () => {
  const from = earlierRelease();
  let before: string;
  let world: World;

  beforeAll(async () => {
    before = checkOut(from);
    world = await openWorld({ clients: 3, seed: 1, root: before });
  }, 240_000);
  afterAll(async () => {
    await world?.close();
    rmSync(before, { recursive: true, force: true });
  }, 60_000);

  test(`from ${from.slice(0, 10)}: the schema first, then service by service, new beside old`, {
    timeout: 300_000,
  }, async () => {
    await whileTrading(world, async () => {
      await world.system.migrate(checkoutRoot);
      for (const { name } of services) await passOn(name, checkoutRoot);
    });
  });

  test('and back again, on the schema as it is now', { timeout: 300_000 }, async () => {
    await whileTrading(world, async () => {
      for (const { name } of services.toReversed()) await passOn(name, before);
    });
  });

  /** Nobody is told where the new one is; the one before ends what it has in hand. */
  async function passOn(name: string, root: string): Promise<void> {
    const troubles = (): number =>
      world.clients.flatMap(({ unanswered }) => [...unanswered.values()]).reduce((sum, count) => sum + count, 0);
    const acknowledged = (): number => world.clients.reduce((sum, client) => sum + client.acknowledged.size, 0);
    const [troublesBefore, acknowledgedBefore] = [troubles(), acknowledged()];
    const stop = await world.system.replace(name, join(root, 'services', name, 'src/main.ts'));
    const startedAt = performance.now();
    const how = await stop();
    const stopped = Math.round(performance.now() - startedAt);
    expect(how, name).toBe('exit code 0');
    const asked = troubles() - troublesBefore;
    say(
      `${name}: the old one ended after ${stopped} ms; ${acknowledged() - acknowledgedBefore} orders acknowledged, ${asked} requests asked again`,
    );
  }
});
