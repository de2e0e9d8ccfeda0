import '../../src/ui/tokens.css';
import type { Operation } from '@urql/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { page } from 'vitest/browser';
import { useIsAsked } from '../../src/api/confirmation.ts';
import { ConfirmAgain } from '../../src/app/confirm-again.tsx';
import { AdminPage } from '../../src/features/admin/page.tsx';
import { Toasts } from '../../src/ui/toasts.tsx';
import { inputOf, renderBefore } from './before-gateway.tsx';

/** An operator looks after users, before a gateway that is a function. */
const user = (userId: string) => ({
  id: `User ${userId}`,
  userId,
  email: `${userId}@example.com`,
  givenName: 'Ada',
  familyName: 'Lovelace',
  country: 'GB',
  createdAt: '2026-11-26T14:30:00Z',
  onboarding: { state: 'APPROVED', reason: null },
});
const removed = { __typename: 'SecondFactorRemoved', userId: 'ada' };

let permissions: string[] = [];
let answers: Record<string, string>[] = [];
let sent: Record<string, unknown>[] = [];
let passwords: string[] = [];

function answerTo(operation: Operation): unknown {
  if (operation.kind === 'mutation') {
    sent.push(inputOf(operation));
    return { removeSecondFactor: answers.shift() };
  }
  const text = operation.query.loc?.source.body ?? '';
  if (text.includes('myPermissions')) return { myPermissions: { roles: [], permissions }, me: user('me') };
  if (text.includes('users(')) return { users: { nodes: [user('ada'), user('me')], pageInfo: { hasNextPage: false } } };
  return { accounts: { nodes: [] } };
}

function Desk() {
  return (
    <>
      <AdminPage />
      {useIsAsked() && <ConfirmAgain />}
      <Toasts />
    </>
  );
}

async function opened(userId: string) {
  const screen = await renderBefore((operation) => ({ data: answerTo(operation) }), Desk);
  await screen.getByLabelText('Address or name begins with').fill('love');
  const row = screen.getByRole('row', { name: new RegExp(`^${userId}@example`) });
  await row.getByRole('button', { name: 'More' }).click();
  const trail = screen.getByRole('link', { name: 'In the audit trail' });
  await expect.element(trail).toHaveAttribute('href', `/admin/audit?entity=${encodeURIComponent(`user/${userId}`)}`);
  return screen;
}

async function asked(...then: Record<string, string>[]) {
  answers = then;
  const screen = await opened('ada');
  await screen.getByRole('button', { name: 'Remove the second factor' }).click();
  const dialog = screen.getByRole('dialog', { name: 'Remove the second factor?' });
  await expect.element(dialog.getByText('ada@example.com')).toBeVisible();
  return { screen, dialog };
}

beforeEach(async () => {
  await page.viewport(1300, 700);
  [permissions, answers, sent, passwords] = [['profile:read', 'factor:remove'], [], [], []];
  vi.stubGlobal('fetch', (_: string, { body }: { body: string }) => {
    passwords.push((JSON.parse(body) as { password: string }).password);
    return Promise.resolve(new Response('{}', { status: 200 }));
  });
});
afterEach(() => void vi.unstubAllGlobals());

describe('a second factor', () => {
  test.each([
    ['by whoever has not the right', ['profile:read'], 'ada'],
    ['from oneself, whose own is in the settings', ['profile:read', 'factor:remove'], 'me'],
  ])('is not removed %s', async (_, rights, userId) => {
    permissions = rights;
    const screen = await opened(userId);
    await expect.element(screen.getByRole('button', { name: 'Remove the second factor' })).not.toBeInTheDocument();
    const own = screen.getByRole('link', { name: 'Your own second factor' });
    if (userId === 'me') await expect.element(own).toHaveAttribute('href', '/settings/security');
    else await expect.element(own).not.toBeInTheDocument();
  });

  test('is removed for a reason', async () => {
    const { screen, dialog } = await asked(removed);
    await expect.element(dialog.getByLabelText('Reason')).toHaveFocus();
    await dialog.getByRole('button', { name: 'Remove it' }).click();
    expect((dialog.getByLabelText('Reason').element() as HTMLInputElement).validity.valueMissing).toBe(true);
    expect(sent).toEqual([]);
    await dialog.getByLabelText('Reason').fill('lost both, seen at the desk');
    await dialog.getByRole('button', { name: 'Remove it' }).click();
    await expect.element(screen.getByText('The second factor of ada@example.com is removed')).toBeVisible();
    await expect.element(dialog).not.toBeInTheDocument();
    expect(sent).toEqual([{ userId: 'ada', reason: 'lost both, seen at the desk' }]);
  });

  test('can be left alone', async () => {
    const { dialog } = await asked();
    await dialog.getByRole('button', { name: 'Leave it' }).click();
    await expect.element(dialog).not.toBeInTheDocument();
    expect(sent).toEqual([]);
  });

  const confirm = { __typename: 'ConfirmPassword', code: 'recent_sign_in_required', message: 'sign in again' };
  test('asks for the password of whoever signed in some time ago, and goes on by itself', async () => {
    const { screen, dialog } = await asked(confirm, removed);
    await dialog.getByLabelText('Reason').fill('lost both');
    await dialog.getByRole('button', { name: 'Remove it' }).click();
    const again = screen.getByRole('dialog', { name: 'Your password, once more' });
    await again.getByLabelText('Password').fill('a few words');
    await again.getByRole('button', { name: 'Go on' }).click();
    await expect.element(screen.getByText('The second factor of ada@example.com is removed')).toBeVisible();
    expect(passwords).toEqual(['a few words']);
    expect(sent).toHaveLength(2);
  });

  test('stays where the password is not given', async () => {
    const { screen, dialog } = await asked(confirm);
    await dialog.getByLabelText('Reason').fill('lost both');
    await dialog.getByRole('button', { name: 'Remove it' }).click();
    const again = screen.getByRole('dialog', { name: 'Your password, once more' });
    await again.getByRole('button', { name: 'Leave it' }).click();
    await expect.element(dialog.getByRole('alert').getByText(/your password was not confirmed/)).toBeVisible();
  });

  test.each([
    ['where there is none', 'NotPossible', 'factor_not_enabled', /There is no second factor to remove/],
    ['of a user that is gone', 'NotFound', 'user_not_found', /this user is gone/],
    ['for a reason that it cannot take', 'InvalidInput', 'too_long', /^Input\.reason: is too long$/],
  ])('%s is not removed, and the dialog says so', async (_, __typename, code, words) => {
    const { dialog } = await asked({ __typename, code, message: 'input.reason: is too long' });
    await dialog.getByLabelText('Reason').fill('lost both');
    await dialog.getByRole('button', { name: 'Remove it' }).click();
    await expect.element(dialog.getByRole('alert').getByText(words)).toBeVisible();
    await expect.element(dialog.getByRole('button', { name: 'Remove it' })).toBeEnabled();
  });
});
