import '../../src/ui/tokens.css';
import { CURRENCIES } from '@andvari/money/currency';
import { CombinedError } from '@urql/core';
import { expect, test } from 'vitest';
import { WelcomePage } from '../../src/features/identity/welcome-page.tsx';
import { renderBefore } from './before-gateway.tsx';

const me = {
  id: 'ada',
  userId: 'ada',
  email: 'ada@example.com',
  givenName: 'Ada',
  familyName: 'Lovelace',
  country: 'GB',
  phone: '',
  timezone: 'UTC',
  locale: 'en',
  version: 1,
  onboarding: { state: 'VERIFIED', reason: null },
};

test('an account is offered in the currencies that the ledger keeps, and in no other', async () => {
  const screen = await renderBefore(
    ({ query }) =>
      JSON.stringify(query).includes('query Welcome')
        ? { data: { me, accounts: { nodes: [] } } }
        : { data: undefined, error: new CombinedError({ networkError: new Error('not asked for here') }) },
    WelcomePage,
  );
  const choice = screen.getByLabelText('Currency');
  await expect.element(choice).toBeVisible();
  const offered = [...(choice.element() as HTMLSelectElement).options].map(({ value }) => value);
  expect(offered).toEqual([...CURRENCIES]);
});
