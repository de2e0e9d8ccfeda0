import { expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { SecurityTab } from '../../src/features/settings/security-tab.tsx';
import { renderBefore } from './before-gateway.tsx';

/** The sessions of somebody with a browser and a program that says nothing of itself. */
const session = (id: string, device: string, userAgent: string) => ({
  id,
  device,
  userAgent,
  address: '203.0.113.7',
  createdAt: '2026-11-26T14:30:00Z',
  lastSeenAt: '2026-11-26T14:30:00Z',
  isCurrent: id === 'here',
});
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0';
const sessions = [session('here', 'Firefox on Linux', firefox), session('there', 'an unknown device', '')];

test('a device is told in words, and what it says of itself is a key away', async () => {
  await page.viewport(900, 900);
  const data = {
    me: { id: 'me', email: 'ada@example.com' },
    secondFactor: { enabled: false, enabledAt: null, recoveryCodesLeft: 0 },
    sessions: { nodes: sessions, pageInfo: { hasNextPage: false, endCursor: null } },
  };
  const screen = await renderBefore(
    () => ({ data }),
    () => <SecurityTab />,
  );
  await expect.element(screen.getByText('Firefox on Linux')).toBeVisible();
  await expect.element(screen.getByText(firefox)).not.toBeVisible();
  (screen.getByText('Firefox on Linux').element().closest('summary') as HTMLElement).focus();
  await userEvent.keyboard('{Enter}');
  await expect.element(screen.getByText(firefox)).toBeVisible();
  await screen.getByText('an unknown device').click();
  await expect.element(screen.getByText('nothing')).toBeVisible();
});
