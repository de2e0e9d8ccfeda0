import { describe, expect, test } from 'vitest';
import { reasonFrom, requireText } from '../src/handler/inputs.ts';

describe('a reason', () => {
  test.each<[rule: string, given: string, taken: string]>([
    ['is taken without the spaces around it', '  margin call \n', 'margin call'],
    ['may have 500 characters', 'x'.repeat(500), 'x'.repeat(500)],
    ['may have 500 that JavaScript counts twice', '🦉'.repeat(500), '🦉'.repeat(500)],
    ['may be of any language', 'تصحیح می\u200cشود', 'تصحیح می\u200cشود'],
  ])('%s', (_, given, taken) => expect(reasonFrom('reason', given)).toBe(taken));

  test.each<[rule: string, given: string, problem: string]>([
    ['is wanted', '', 'should have 1 to 500 characters'],
    ['is more than spaces', ' \t ', 'should have 1 to 500 characters'],
    ['is not too long', 'x'.repeat(501), 'should have 1 to 500 characters'],
    ['is not too long in any script', '🦉'.repeat(501), 'should have 1 to 500 characters'],
    ['is one line', 'first\nsecond', 'should have no control characters'],
    ['is seen', '\u200b', 'should have no invisible characters'],
    ['does not turn what stands beside it around', 'x\u202ey', 'should have no invisible characters'],
    ['is more than a filler', '\u3164', 'should not be blank'],
  ])('%s', (_, given, problem) => {
    expect(() => reasonFrom('input.reason', given)).toThrow(
      expect.objectContaining({ code: 'invalid_argument', field: 'input.reason', message: `input.reason: ${problem}` }),
    );
  });
});

test.each([
  ['a text of one character, however it is stored', '🦉', 1, 1],
  ['two of them', '🦉🦉', 2, 2],
])('%s has its length', (_, text, min, max) => {
  expect(() => requireText('text', text, { min, max })).not.toThrow();
  expect(() => requireText('text', text, { min: min + 1, max: max + 1 })).toThrow(`should have ${min + 1} to`);
  expect(() => requireText('text', text, { max: max - 1 })).toThrow(`should have 0 to ${max - 1}`);
});
