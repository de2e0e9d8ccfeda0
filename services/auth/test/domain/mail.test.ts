import { expect, test } from 'vitest';
import { mailOf } from '../../src/domain/mail.ts';

test.each([
  [
    'verify_email',
    'Confirm your email address',
    'Open https://andvari.example/verify?token=abc to open your account. The link works for one day.',
  ],
  [
    'reset_password',
    'Choose a new password',
    'Open https://andvari.example/reset?token=abc to choose a new password. The link works once, within 30 minutes.',
  ],
  [
    'address_taken',
    'You have an account already',
    'Somebody asked for an account with your address. You have one: https://andvari.example/sign-in. If it was not you, do nothing.',
  ],
  ['one_of_another_release', 'one_of_another_release', ''],
])('%s', (template, subject, body) => {
  expect(mailOf(template, 'abc', 'https://andvari.example')).toEqual({ subject, body });
});
