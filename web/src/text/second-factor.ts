import type { InputHTMLAttributes } from 'react';

/** The words of the second factor, where one signs in and where one sets it up. */
export type FactorKind = 'code' | 'recoveryCode';

/** Where each is typed, or filled in by whatever keeps it. */
export const proofFields: Record<
  FactorKind,
  { label: string; hint: string; name: FactorKind } & InputHTMLAttributes<HTMLInputElement>
> = {
  code: {
    label: 'Code',
    hint: 'Six digits, as your device shows them for Andvari.',
    name: 'code',
    inputMode: 'numeric',
    autoComplete: 'one-time-code',
    maxLength: 12,
  },
  recoveryCode: {
    label: 'Recovery code',
    hint: 'One of those that you kept; each works once.',
    name: 'recoveryCode',
    autoComplete: 'off',
    autoCapitalize: 'none',
    spellCheck: false,
    maxLength: 40,
  },
};

export const otherKind: Record<FactorKind, FactorKind> = { code: 'recoveryCode', recoveryCode: 'code' };

/** To the other of the two. */
export const switchWords: Record<FactorKind, string> = {
  code: 'Use a recovery code',
  recoveryCode: 'Use a code of the device',
};

export const overWords = 'That took too long, or too many tries. Sign in with your password again.';

export const wrongWords: Record<FactorKind, string> = {
  code: 'This code is not right, or has been used. Your device shows a new one every half minute.',
  recoveryCode: 'This recovery code is not right, or has been used.',
};

export function wordsForFactor(answer: { status: number }, kind: FactorKind): string {
  if (answer.status === 0 || answer.status >= 502) return 'The server cannot be reached. Try again.';
  if (answer.status === 429) return 'Too many tries.';
  return wrongWords[kind];
}

/** To be read and typed: `ABCD EFGH …`. */
export const inFours = (secret: string): string => secret.replaceAll(/(.{4})(?=.)/g, '$1 ');

/** What one keeps: says of itself what it is for. */
export const recoverySheet = (email: string, codes: readonly string[]): string =>
  [`Recovery codes of ${email} for Andvari. Each lets you in once, without your device.`, '', ...codes, ''].join('\n');
