import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-react';
import { SignInForm } from '../../src/features/identity/sign-in-form.tsx';

/** Signing in with a second factor, before a gateway that is a function. */
interface Told {
  status: number;
  body: unknown;
  retryAfter?: number;
}
let asked: { path: string; body: Record<string, string> }[] = [];
let answers: Told[] = [];
let isIn = false;

const challenged: Told = { status: 200, body: { secondFactor: { challenge: 'the challenge', expiresAt: '' } } };
const signedIn: Told = { status: 200, body: { userId: 'ada' } };
const refusedFor = (status: number, reason: string, retryAfter?: number): Told => ({
  status,
  body: { error: { code: status === 429 ? 'RESOURCE_EXHAUSTED' : 'UNAUTHENTICATED', reason, message: reason } },
  ...(retryAfter === undefined ? {} : { retryAfter }),
});

beforeEach(async () => {
  await page.viewport(600, 800);
  [asked, answers, isIn] = [[], [], false];
  vi.stubGlobal('fetch', (path: string, { body }: { body: string }) => {
    asked.push({ path, body: JSON.parse(body) as Record<string, string> });
    const told = answers.shift();
    if (told === undefined) return Promise.reject(new TypeError('cut'));
    const response = new Response(JSON.stringify(told.body), { status: told.status });
    if (told.retryAfter !== undefined) response.headers.set('retry-after', String(told.retryAfter));
    return Promise.resolve(response);
  });
});
afterEach(() => void vi.unstubAllGlobals());

async function withPassword(...then: Told[]) {
  answers = [challenged, ...then];
  const screen = await render(<SignInForm onDone={() => (isIn = true)} />);
  await screen.getByLabelText('Email').fill('ada@example.com');
  await screen.getByLabelText('Password').fill('a few words');
  await screen.getByRole('button', { name: 'Sign in' }).click();
  await expect.element(screen.getByLabelText('Code')).toHaveFocus();
  return screen;
}

test('the code of the device comes after the password, and may be pasted with its space', async () => {
  const screen = await withPassword(signedIn);
  expect(isIn).toBe(false);
  const code = screen.getByLabelText('Code');
  await expect.element(code).toHaveAttribute('autocomplete', 'one-time-code');
  await expect.element(code).toHaveAttribute('inputmode', 'numeric');
  await code.fill('123 456');
  await userEvent.keyboard('{Enter}');
  await expect.poll(() => isIn).toBe(true);
  expect(asked.at(-1)).toEqual({
    path: '/auth/second-factor',
    body: { challenge: 'the challenge', code: '123 456' },
  });
});

test('a wrong code is said, and the next one goes to the same challenge', async () => {
  const screen = await withPassword(refusedFor(401, 'factor_code_wrong'), signedIn);
  await screen.getByLabelText('Code').fill('000000');
  await screen.getByRole('button', { name: 'Sign in' }).click();
  await expect.element(screen.getByText(/not right, or has been used/)).toBeVisible();
  expect(isIn).toBe(false);
  await screen.getByLabelText('Code').fill('123456');
  await screen.getByRole('button', { name: 'Sign in' }).click();
  await expect.poll(() => isIn).toBe(true);
});

test('a recovery code takes its place', async () => {
  const screen = await withPassword(signedIn);
  await screen.getByRole('button', { name: 'Use a recovery code' }).click();
  await expect.element(screen.getByLabelText('Recovery code')).toHaveFocus();
  await screen.getByLabelText('Recovery code').fill('abcd-efgh-2345-6777');
  await screen.getByRole('button', { name: 'Sign in' }).click();
  await expect.poll(() => isIn).toBe(true);
  expect(asked.at(-1)?.body).toEqual({ challenge: 'the challenge', recoveryCode: 'abcd-efgh-2345-6777' });
});

test('a lock counts down, and leaves recovery codes', async () => {
  const screen = await withPassword(refusedFor(429, 'login_locked', 100));
  await screen.getByLabelText('Code').fill('123456');
  const send = screen.getByRole('button', { name: 'Sign in' });
  await send.click();
  await expect.element(screen.getByText(/Too many tries\. Try again in \d+ s, or use a recovery code/)).toBeVisible();
  await expect.element(screen.getByText(/Try again in \d\d s/)).toBeVisible();
  await expect.element(send).toBeDisabled();
  await screen.getByRole('button', { name: 'Use a recovery code' }).click();
  await expect.element(send).toBeEnabled();
});

test('after a lock the same code can be sent', async () => {
  const screen = await withPassword(refusedFor(429, 'login_locked', 1), signedIn);
  await screen.getByLabelText('Code').fill('123456');
  const send = screen.getByRole('button', { name: 'Sign in' });
  await send.click();
  await expect.element(screen.getByRole('alert')).toBeVisible();
  await expect.element(send, { timeout: 20_000 }).toBeEnabled();
  await send.click();
  await expect.poll(() => isIn).toBe(true);
});

test('a challenge that is over leads back to the password, with words', async () => {
  const screen = await withPassword(refusedFor(401, 'factor_challenge_over'));
  await screen.getByLabelText('Code').fill('123456');
  await screen.getByRole('button', { name: 'Sign in' }).click();
  await expect.element(screen.getByLabelText('Password')).toBeVisible();
  await expect.element(screen.getByText(/Sign in with your password again/)).toBeVisible();
});

test('without an answer the step stays, and says so', async () => {
  const screen = await withPassword();
  await screen.getByLabelText('Code').fill('123456');
  await screen.getByRole('button', { name: 'Sign in' }).click();
  await expect.element(screen.getByText(/cannot be reached/)).toBeVisible();
  await screen.getByRole('button', { name: 'Back' }).click();
  await expect.element(screen.getByLabelText('Password')).toBeVisible();
});
