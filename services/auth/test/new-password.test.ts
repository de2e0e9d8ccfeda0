import { expect, test } from 'vitest';
import { requireFitPassword } from '../src/app/new-password.ts';

const first = 'is one of the first that anybody would try';
test.each<[rule: string, password: string, problem: string | undefined]>([
  ['a sentence is good', 'seven blue horses', undefined],
  ['ten random characters are good', 'x7!kQp2zWe', undefined],
  ['a common word inside a longer one is good', 'my password is a haiku', undefined],
  ['not a row of the keyboard', 'qwertyuiop', first],
  ['not the digits backwards', '9876543210', first],
  ['not the commonest word with a year', 'Password2024!', first],
  ['not a common word in other letters', 'P@ssw0rd123', first],
  ['not one of the lists of leaked ones', 'liverpoolfc', first],
  ['not two names and a year', 'michaeljordan23', first],
  ['not a date', '12.12.1987', first],
  ['not the own name with a number', 'lovelace1815', first],
  ['not a sentence that is only one word over and over', 'abcdabcdabcd', first],
  ['not one word twice', 'sunshinesunshine', first],
])('%s', (_, password, problem) => {
  const choose = () => requireFitPassword('password', password, 'ada.byron@example.com', ['Ada', 'Lovelace']);
  if (problem === undefined) expect(choose).not.toThrow();
  else expect(choose).toThrow(problem);
});
