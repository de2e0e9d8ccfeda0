import { useLocation } from '@tanstack/react-router';
import { CombinedError } from '@urql/core';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ResetPage, VerifyPage } from '../../src/features/identity/page.tsx';
import { renderBefore } from './before-gateway.tsx';

/** What a letter's link leads to. Scanners open links as well, and whoever looks over a shoulder reads addresses. */
let posted: { path: string; body: Record<string, string> }[] = [];
let status = 200;

beforeEach(() => {
  [posted, status] = [[], 200];
  vi.stubGlobal('fetch', (path: string, { method, body }: { method?: string; body: string }) => {
    if (method === 'POST') posted.push({ path, body: JSON.parse(body) as Record<string, string> });
    return Promise.resolve(new Response('{}', { status: method === 'POST' ? status : 404 }));
  });
});
afterEach(() => void vi.unstubAllGlobals());

const address = (): string | null | undefined => document.querySelector('output')?.textContent;

const opened = async (Shown: () => React.ReactElement, at: string) => {
  const screen = await renderBefore(
    () => ({ data: undefined, error: new CombinedError({ networkError: new Error('not asked for here') }) }),
    () => (
      <>
        <Shown />
        <output>{useLocation().href}</output>
      </>
    ),
    at,
  );
  await expect.element(screen.getByRole('heading', { level: 1 })).toBeVisible();
  return screen;
};

test('a link that is opened confirms nothing; whoever presses the button does', async () => {
  const screen = await opened(VerifyPage, '/verify?token=secret-1');
  const confirm = screen.getByRole('button', { name: 'Confirm the address' });
  await expect.element(confirm).toBeVisible();
  await expect.poll(address).toBe('/verify');
  expect(posted).toEqual([]);
  await confirm.click();
  await expect.element(screen.getByRole('heading', { name: 'Address verified' })).toBeVisible();
  expect(posted).toEqual([{ path: '/auth/verify-email', body: { token: 'secret-1' } }]);
});

test('a link that works no more says so', async () => {
  status = 400;
  const screen = await opened(VerifyPage, '/verify?token=secret-1');
  await screen.getByRole('button', { name: 'Confirm the address' }).click();
  await expect.element(screen.getByRole('heading', { name: 'This link does not work' })).toBeVisible();
});

test('a code that is typed is sent with its button, and never stands in the address', async () => {
  const screen = await opened(VerifyPage, '/verify');
  await screen.getByLabelText('The code from the letter').fill(' secret-2 ');
  await screen.getByRole('button', { name: 'Confirm the address' }).click();
  await expect.element(screen.getByRole('heading', { name: 'Address verified' })).toBeVisible();
  expect(posted).toEqual([{ path: '/auth/verify-email', body: { token: 'secret-2' } }]);
  await expect.poll(address).toBe('/verify');
});

test('a new password is set with the token of the letter, which is taken out of the address at once', async () => {
  const screen = await opened(ResetPage, '/reset?token=secret-3');
  await expect.poll(address).toBe('/reset');
  await screen.getByLabelText('New password').fill('a few more words');
  await screen.getByRole('button', { name: 'Set it' }).click();
  await expect.element(screen.getByRole('heading', { name: 'The password is new' })).toBeVisible();
  expect(posted).toEqual([
    { path: '/auth/reset-password', body: { token: 'secret-3', newPassword: 'a few more words' } },
  ]);
});

test('whoever asks for another letter is asked for an address again', async () => {
  const screen = await opened(ResetPage, '/reset?token=secret-3');
  await screen.getByRole('button', { name: 'Ask for another letter' }).click();
  await expect.element(screen.getByRole('button', { name: 'Send a letter' })).toBeVisible();
});
