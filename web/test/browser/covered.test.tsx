import '../../src/ui/tokens.css';
import { CombinedError } from '@urql/core';
import { expect, test } from 'vitest';
import { page } from 'vitest/browser';
import { setSession } from '../../src/api/session.ts';
import { Root } from '../../src/app/root.tsx';
import { startSession } from '../../src/app/start-session.ts';
import { setLocale } from '../../src/ui/number.ts';
import { clientBefore, type Gateway, renderBefore } from './before-gateway.tsx';

/** What of a person stays to be read after they have signed out in another tab: nothing. */
let here = 'ada';
const summary = { equity: '11233.53', dayPnl: '0', currency: 'USD', staleSymbols: [] };
const account = {
  id: 'a',
  accountId: 'a',
  kind: 'INVESTMENT',
  state: 'ACTIVE',
  currency: 'USD',
  name: 'Trading',
  buyingPower: { amount: '5', currency: 'USD' },
  summary,
};
const gateway: Gateway = ({ query }) => {
  const text = JSON.stringify(query);
  const me = { id: here, givenName: 'Ada', familyName: '', email: 'ada@example.com', locale: 'en', timezone: 'UTC' };
  if (text.includes('WhoIsHere')) return { data: { me, myPermissions: null, preferences: null, inbox: null } };
  if (text.includes('BarNumbers')) return { data: { account } };
  if (text.includes('query Accounts')) return { data: { accounts: { nodes: [account] } } };
  return { data: undefined, error: new CombinedError({ networkError: new Error('not asked for here') }) };
};

test('money is covered while nobody is signed in, is there again for the same person, and never for another', async () => {
  await page.viewport(1280, 800);
  setLocale('en-US');
  setSession('signedOut');
  let begunAnew = 0;
  startSession(clientBefore(gateway), () => (begunAnew += 1));
  setSession('signedIn');
  const screen = await renderBefore(gateway, Root);
  const money = screen.getByText('$11,233.53');
  await expect.element(money).toBeVisible();

  setSession('signedOut');
  const dialog = screen.getByRole('dialog', { name: 'Signed out' });
  await expect.element(dialog).toBeVisible();
  expect(screen.container.innerText).not.toContain('11,233.53');
  expect(getComputedStyle(screen.getByRole('main', { includeHidden: true }).element()).visibility).toBe('hidden');

  setSession('signedIn');
  await expect.element(money).toBeVisible();
  await expect.element(dialog).not.toBeInTheDocument();
  expect(begunAnew).toBe(0);

  setSession('signedOut');
  here = 'bob';
  setSession('signedIn');
  await expect.poll(() => begunAnew).toBe(1);
  expect(screen.container.innerText).not.toContain('11,233.53');
});
