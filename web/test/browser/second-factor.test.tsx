import type { Operation } from '@urql/core';
import { decodeQR } from 'qr/decode.js';
import { beforeEach, expect, test } from 'vitest';
import { type Locator, page } from 'vitest/browser';
import '../../src/ui/tokens.css';
import { SecondFactorSettings } from '../../src/features/settings/second-factor.tsx';
import { Toasts } from '../../src/ui/toasts.tsx';
import { renderBefore } from './before-gateway.tsx';

/** The settings of a second factor, before a gateway that takes one code and one recovery code. */
const off = { __typename: 'SecondFactor', enabled: false, enabledAt: null as string | null, recoveryCodesLeft: 0 };
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const uriOf = (email: string): string =>
  `otpauth://totp/Andvari:${encodeURIComponent(email)}?secret=${secret}&issuer=Andvari&algorithm=SHA1&digits=6&period=30`;
const codes = Array.from({ length: 10 }, (_, index) => `abcd-efgh-2345-666${'abcdefghij'.charAt(index)}`);
let kept = off;
let email = 'ada@example.com';

function answerTo({ kind, query, variables }: Operation): unknown {
  if (kind === 'query') return { me: { id: 'me', email }, secondFactor: kept };
  const text = query.loc?.source.body ?? '';
  const { proof, ...alone } = variables as { proof?: Record<string, string> } & Record<string, string>;
  const given: Record<string, string> = proof ?? alone;
  const isRight = given['code'] === '123456' || given['recoveryCode'] === codes[0];
  const wrong = { __typename: 'WrongCode', message: 'code: is not right' };
  if (text.includes('enrolSecondFactor')) {
    return { enrolSecondFactor: { __typename: 'SecondFactorSecret', secret, uri: uriOf(email) } };
  }
  if (text.includes('confirmSecondFactor')) {
    if (!isRight) return { confirmSecondFactor: wrong };
    kept = { ...off, enabled: true, enabledAt: '2026-11-27T09:00:00Z', recoveryCodesLeft: 10 };
    return { confirmSecondFactor: { __typename: 'SecondFactorEnabled', recoveryCodes: codes } };
  }
  if (text.includes('renewRecoveryCodes')) {
    return { renewRecoveryCodes: isRight ? { __typename: 'RecoveryCodesRenewed', recoveryCodes: codes } : wrong };
  }
  if (!isRight) return { disableSecondFactor: wrong };
  kept = off;
  return { disableSecondFactor: { __typename: 'SecondFactorDisabled', secondFactor: off } };
}

const settings = () =>
  renderBefore(
    (operation) => ({ data: answerTo(operation) }),
    () => (
      <>
        <SecondFactorSettings />
        <Toasts />
      </>
    ),
  );

beforeEach(async () => {
  await page.viewport(900, 900);
  [kept, email] = [off, 'ada@example.com'];
  delete document.documentElement.dataset['theme'];
});

/** What a camera before the screen would read. */
async function scanned(picture: Locator): Promise<string> {
  const base64 = await page.screenshot({ element: picture, save: false });
  const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${base64}`)).blob());
  const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d');
  if (canvas === null) throw new Error('this browser draws nothing');
  canvas.drawImage(image, 0, 0);
  return decodeQR(canvas.getImageData(0, 0, image.width, image.height));
}

test.each([
  ['dark at a desk', 'dark', 900, 'ada@example.com'],
  ['light at a desk', 'light', 900, 'ada@example.com'],
  ['dark on a phone', 'dark', 320, 'ada@example.com'],
  ['for the longest address there is', 'light', 900, `${'a+'.repeat(32)}@${'long.'.repeat(35)}example.com`],
])('the secret is scanned: %s', async (_, theme, width, address) => {
  await page.viewport(width, 700);
  document.documentElement.dataset['theme'] = theme;
  email = address;
  const screen = await settings();
  await screen.getByRole('button', { name: 'Set it up' }).click();
  const picture = screen.getByRole('img', { name: 'The secret as a QR code' });
  await expect.element(picture).toBeVisible();
  expect(await scanned(picture)).toBe(uriOf(address));
});

test('is set up in steps: the secret, a first code, and the recovery codes this once', async () => {
  const screen = await settings();
  await screen.getByRole('button', { name: 'Set it up' }).click();
  await expect.element(screen.getByText('GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ')).toBeVisible();
  const link = screen.getByRole('link', { name: 'Open in an authenticator on this device' });
  await expect.element(link).toHaveAttribute('href', expect.stringMatching(/^otpauth:\/\/totp\//));
  await screen.getByLabelText('Code').fill('000000');
  await screen.getByRole('button', { name: 'Switch it on' }).click();
  await expect.element(screen.getByText(/This code is not right/)).toBeVisible();
  await screen.getByLabelText('Code').fill('123456');
  await screen.getByRole('button', { name: 'Switch it on' }).click();
  for (const code of codes) await expect.element(screen.getByText(code)).toBeVisible();
  await screen.getByRole('button', { name: 'I have kept them' }).click();
  await expect.element(screen.getByRole('list', { name: 'Recovery codes' })).not.toBeInTheDocument();
});

test('says since when it is on and how many codes are left, and warns when they are few', async () => {
  kept = { ...off, enabled: true, enabledAt: '2026-11-27T09:00:00Z', recoveryCodesLeft: 1 };
  const screen = await settings();
  await expect.element(screen.getByText(/On since .*2026.*\. 1 recovery code left\./)).toBeVisible();
  await expect.element(screen.getByText(/Make new recovery codes/)).toBeVisible();
});

test('new recovery codes take a code, and are shown', async () => {
  kept = { ...off, enabled: true, enabledAt: '2026-11-27T09:00:00Z', recoveryCodesLeft: 9 };
  const screen = await settings();
  await screen.getByRole('button', { name: 'New recovery codes' }).click();
  const dialog = screen.getByRole('dialog', { name: 'New recovery codes?' });
  await dialog.getByLabelText('Code').fill('000000');
  await dialog.getByRole('button', { name: 'Make them' }).click();
  await expect.element(dialog.getByText(/This code is not right/)).toBeVisible();
  await dialog.getByLabelText('Code').fill('123456');
  await dialog.getByRole('button', { name: 'Make them' }).click();
  await expect.element(screen.getByText(codes[9] ?? '')).toBeVisible();
});

test('is switched off with a recovery code by whoever has lost the device', async () => {
  kept = { ...off, enabled: true, enabledAt: '2026-11-27T09:00:00Z', recoveryCodesLeft: 9 };
  const screen = await settings();
  await screen.getByRole('button', { name: 'Switch it off' }).click();
  const dialog = screen.getByRole('dialog', { name: 'Switch the second factor off?' });
  await dialog.getByRole('button', { name: 'Use a recovery code' }).click();
  await dialog.getByLabelText('Recovery code').fill('made up');
  await dialog.getByRole('button', { name: 'Switch it off' }).click();
  await expect.element(dialog.getByText(/This recovery code is not right/)).toBeVisible();
  await dialog.getByLabelText('Recovery code').fill(codes[0] ?? '');
  await dialog.getByRole('button', { name: 'Switch it off' }).click();
  await expect.element(screen.getByText('The second factor is off')).toBeVisible();
  await expect.element(dialog).not.toBeInTheDocument();
});
