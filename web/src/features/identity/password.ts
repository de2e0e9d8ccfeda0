/** How hard a password is to guess, in words. A hint only: the server decides what it takes. */
export interface Strength {
  level: 0 | 1 | 2 | 3;
  words: string;
}

export const SHORTEST = 12;

export function strengthOf(password: string, email = ''): Strength {
  if (password === '') return { level: 0, words: `At least ${SHORTEST} characters. A few words are good.` };
  if (password.length < SHORTEST) {
    const missing = SHORTEST - password.length;
    return { level: 0, words: `${missing} more ${missing === 1 ? 'character' : 'characters'}.` };
  }
  const name = email.split('@')[0]?.toLowerCase() ?? '';
  if (name.length > 3 && password.toLowerCase().includes(name))
    return { level: 1, words: 'It holds your address: easy to guess.' };
  if (/^(.+?)\1+$/.test(password)) return { level: 1, words: 'It repeats itself: easy to guess.' };
  if (/^\d+$/.test(password)) return { level: 1, words: 'Digits alone are easy to guess.' };
  if (new Set(password).size < 6) return { level: 1, words: 'It has few different characters: easy to guess.' };
  return password.length < 16 ? { level: 2, words: 'Good.' } : { level: 3, words: 'Very good.' };
}
