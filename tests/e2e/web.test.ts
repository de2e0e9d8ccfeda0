import { chromiumForTests, HOW_TO_GET_CHROMIUM } from '@andvari/servers/chromium';
import { describe, expect, test } from 'vitest';
import { failures } from './web/failures.ts';
import { newcomer } from './web/newcomer.ts';
import { orders } from './web/orders.ts';
import { reach } from './web/reach.ts';
import { secondFactor } from './web/second-factor.ts';
import { staff } from './web/staff.ts';
import { useWebWorld } from './web/world.ts';

/**
 * The app as a person meets it: Chromium, the built pages, the whole system behind them. With ANDVARI_PICTURES=1 each story leaves its pictures
 * in tests/artefacts/web, and one that fails does in any case. Left out, and counted as skipped, only where there is no Chromium and nobody decides by it (CI).
 */
const chromium = chromiumForTests();
if (chromium === undefined) process.stdout.write(`The web app's stories are left out. ${HOW_TO_GET_CHROMIUM}\n`);

describe.runIf(chromium !== undefined)('the web app', () => {
  const world = useWebWorld(chromium ?? '', { AAPL: 200, MSFT: 200, NVDA: 200, AMZN: 200, META: 200, GOOGL: 10 });
  newcomer(world);
  orders(world);
  reach(world);
  failures(world);
  staff(world);
  secondFactor(world);

  test('no page ever broke its own policy, or threw', () => {
    expect(world.complaints).toEqual([]);
  });
});
