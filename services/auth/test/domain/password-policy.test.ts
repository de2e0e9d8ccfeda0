import { describe, expect, test } from 'vitest';
import { normaliseEmail } from '../../src/domain/email.ts';
import { normalisePassword, passwordProblem } from '../../src/domain/password-policy.ts';

describe('a password', () => {
  test.each<[rule: string, password: string, problem: RegExp | undefined]>([
    ['a sentence is good', 'seven blue horses', undefined],
    ['nine characters are too few', 'x7!kQp2zW', /at least 10/],
    ['ten are enough', 'x7!kQp2zWe', undefined],
    ['characters count, not code units', '😀😁😂🤣😃😄😅😆😉', /at least 10/],
    ['128 are not too many', 'abcdefgh'.repeat(16), undefined],
    ['129 are', `${'abcdefgh'.repeat(16)}i`, /at most 128/],
    ['not the email address', 'Ada.Lovelace@example.com', /email/],
    ['not what stands before the @', 'ada.lovelace', /email/],
    ['not three characters over and over', 'abcabcabcabc', /so few/],
    ['four are enough of them', 'abcdabcdabcd', undefined],
  ])('%s', (_, password, problem) => {
    const found = passwordProblem(password, 'ada.lovelace@example.com');
    if (problem === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(problem);
  });

  test('is the same however its accents were typed', () => {
    expect(normalisePassword('caf\u0065\u0301 au lait')).toBe(normalisePassword('caf\u00e9 au lait'));
  });
});

describe('an email address', () => {
  test.each<[rule: string, text: string, email: string | undefined]>([
    ['is trimmed and in lower case', '  Ada@Example.COM ', 'ada@example.com'],
    ['is composed', 'rene\u0301@example.com', 'ren\u00e9@example.com'],
    ['has an @', 'ada.example.com', undefined],
    ['has only one', 'ada@b@example.com', undefined],
    ['has a domain with a dot', 'ada@localhost', undefined],
    ['has no line break', 'ada@example.com\nbcc:x@y.zz', undefined],
    ['has at most 64 characters before the @', `${'a'.repeat(65)}@example.com`, undefined],
    ['may have 254 characters', `a@${'b'.repeat(248)}.com`, `a@${'b'.repeat(248)}.com`],
    ['has at most 254 characters', `a@${'b'.repeat(250)}.com`, undefined],
    ['is not empty', '', undefined],
    ['is no page of blanks, though one is in it', `${' '.repeat(1200)}ada@example.com`, undefined],
    ['may have some around it', `${' '.repeat(1001)}ada@example.com`, 'ada@example.com'],
  ])('%s', (_, text, email) => {
    expect(normaliseEmail(text)).toBe(email);
  });
});
