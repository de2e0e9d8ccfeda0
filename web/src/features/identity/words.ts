import type { AuthAnswer } from '../../api/session.ts';

/** What went wrong, in words that say the same for an address that is known and for one that is not. */
export function wordsForSignIn(answer: AuthAnswer): string {
  if (answer.ok) return '';
  if (answer.status === 0 || answer.status >= 502)
    return 'The server cannot be reached. Nothing was changed; try again.';
  if (answer.status === 429 || answer.code === 'RESOURCE_EXHAUSTED') return 'Too many tries.';
  if (answer.status === 401) return 'The address or the password is not right.';
  if (answer.status === 403) return 'This page may not sign in here. Open it at the address that it was given to you.';
  return wordsForField(answer);
}

export function wordsForSignUp(answer: AuthAnswer): { field: string; words: string } {
  if (answer.ok) return { field: '', words: '' };
  if (answer.status === 0 || answer.status >= 502) {
    return { field: '', words: 'The server cannot be reached. Try again: nothing is done twice.' };
  }
  if (answer.status === 429) return { field: '', words: 'Too many tries.' };
  if (/password/.test(`${answer.reason} ${answer.field}`)) return { field: 'password', words: wordsForField(answer) };
  return { field: answer.field, words: wordsForField(answer) };
}

function wordsForField({ message }: AuthAnswer): string {
  const [, words = message] = /^[\w.]+: (.*)$/.exec(message) ?? [];
  return words === ''
    ? 'This did not work.'
    : `${words.replace(/^./, (first) => first.toUpperCase())}.`.replace(/\.\.$/, '.');
}

export const inDuration = (seconds: number): string =>
  seconds >= 120 ? `in ${Math.ceil(seconds / 60)} minutes` : `in ${seconds} s`;
