import type { Operation } from '@urql/core';
import type { ReactElement } from 'react';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cdp, page } from 'vitest/browser';
import { setSession } from '../../src/api/session.ts';
import { RolesTab } from '../../src/features/admin/roles-tab.tsx';
import { OrdersPage } from '../../src/features/orders/page.tsx';
import { ActivityPage } from '../../src/features/portfolio/activity-page.tsx';
import { KeysTab } from '../../src/features/settings/keys-tab.tsx';
import { inputOf, renderBefore } from './before-gateway.tsx';

/** A day that somebody picks, in a browser elsewhere, before a gateway that keeps what it is asked. */
const account = { id: 'Account 1', accountId: '1', kind: 'INVESTMENT', status: 'OPEN', currency: 'USD', cash: '0' };
const ada = { id: 'Ada', userId: 'ada', email: 'ada@example.com', givenName: 'Ada', familyName: 'Lovelace' };
const none = { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } };
let asked: unknown[] = [];
const PATIENT = { timeout: 20_000 };

function answerTo(operation: Operation): unknown {
  if (operation.kind === 'mutation') {
    asked.push(inputOf(operation)['expiresAt']);
    return { done: { __typename: 'NotPossible', message: 'no' } };
  }
  const { filter } = operation.variables as { filter?: { from?: string } };
  if (filter?.from !== undefined) asked.push(filter.from);
  return {
    accounts: { nodes: [account] },
    account: { ...account, activities: none, orders: none, statements: none },
    users: { ...none, nodes: [ada] },
    grants: none,
    roles: { nodes: [{ name: 'SUPPORT', description: '' }] },
    apiKeys: none,
    apiKeyScopes: ['order:read:own'],
  };
}

const shown = (component: () => ReactElement) =>
  renderBefore((operation) => ({ data: answerTo(operation) }), component);

interface Emulating {
  send(method: 'Emulation.setTimezoneOverride', params: { timezoneId: string }): Promise<void>;
}
const browserIn = (timezoneId: string): Promise<void> =>
  (cdp() as Emulating).send('Emulation.setTimezoneOverride', { timezoneId });

beforeEach(async () => {
  await page.viewport(1300, 900);
  asked = [];
  setSession('signedIn');
});
afterEach(() => browserIn(''));

const zones = [
  ['Pacific/Auckland', '2026-11-26T11:00:00.000Z'],
  ['America/Los_Angeles', '2026-11-27T08:00:00.000Z'],
] as const;

test.each(
  [
    ['orders', OrdersPage],
    ['activity', ActivityPage],
  ].flatMap(([what, Listed]) => zones.map(([zone, begins]) => [what, zone, Listed, begins] as const)),
)('%s since a day are those since midnight in %s', async (_, zone, Listed, begins) => {
  await browserIn(zone);
  const screen = await shown(Listed as () => ReactElement);
  await screen.getByLabelText('Since').fill('2026-11-27');
  await expect.poll(() => [...new Set(asked)], PATIENT).toEqual([begins]);
});

test.each(zones)('in %s a role and a key that end on a day end where it begins there', async (zone, ends) => {
  await browserIn(zone);
  const screen = await shown(() => (
    <>
      <RolesTab />
      <KeysTab />
    </>
  ));
  await screen.getByLabelText('Address').fill('ada');
  await screen.getByLabelText('Reason').fill('holidays');
  await screen.getByLabelText('Until').first().fill('2026-11-27');
  await screen.getByRole('button', { name: 'Grant' }).click();
  await screen.getByLabelText('Name').fill('a bot');
  await screen.getByLabelText('order read').click();
  await screen.getByLabelText('Until').last().fill('2026-11-27');
  await screen.getByRole('button', { name: 'Make the key' }).click();
  await expect.poll(() => asked, PATIENT).toEqual([ends, ends]);
});
