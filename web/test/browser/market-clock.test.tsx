import { expect, test } from 'vitest';
import { useMarketClock } from '../../src/api/market-clock.ts';
import { renderBefore } from './before-gateway.tsx';

/** A market that is about to open whenever it is asked, until it has. */
test('a page that is left open says that the market has opened, without being asked to', async () => {
  let isOpen = false;
  const times = { now: '2026-11-27T14:29:59.500Z', nextClose: '2026-11-27T21:00:00Z', timeZone: 'UTC' };
  const screen = await renderBefore(
    () => {
      const day = isOpen
        ? { state: 'REGULAR', nextOpen: '2026-11-30T14:30:00Z' }
        : { state: 'PRE', nextOpen: '2026-11-27T14:30:00Z' };
      return { data: { marketClock: { ...times, ...day, alwaysOpen: false } } };
    },
    function Shown() {
      return <p>It is {useMarketClock(true).clock?.state ?? 'unknown'}</p>;
    },
  );
  await expect.element(screen.getByText('It is PRE')).toBeVisible();
  isOpen = true;
  await expect.element(screen.getByText('It is REGULAR'), { timeout: 15_000 }).toBeVisible();
});
