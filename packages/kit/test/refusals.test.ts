import { expect, test } from 'vitest';
import { requireAtMost } from '../src/handler/inputs.ts';
import { refusalsOf } from '../src/handler/refusals.ts';

const refusal = refusalsOf<'too_many' | 'name_taken' | 'too_dear'>({
  too_many: { code: 'failed_precondition', message: 'no more' },
  name_taken: { code: 'already_exists', message: 'another has it', field: 'name' },
  too_dear: { code: 'failed_precondition', message: ({ most }) => `should be ${most} at most` },
});

test.each([
  [
    'a reason is told with its code and sentence',
    refusal('too_many'),
    ['failed_precondition', 'no more', 'too_many', ''],
  ],
  [
    'and with the field that is always at fault',
    refusal('name_taken'),
    ['already_exists', 'another has it', 'name_taken', 'name'],
  ],
  [
    'or with the one of this time',
    refusal('name_taken', { field: 'legs[1].name' }),
    ['already_exists', 'another has it', 'name_taken', 'legs[1].name'],
  ],
])('%s', (_, { code, message, reason, field }, expected) => {
  expect([code, message, reason, field]).toEqual(expected);
});

test('numbers come along', () => {
  expect(refusal('too_many', { numbers: { most: 3n } }).numbers).toEqual({ most: 3n });
});

test('and may be said in the sentence', () => {
  expect(refusal('too_dear', { numbers: { most: 3n } }).message).toBe('should be 3 at most');
});

test.each<[what: string, values: readonly unknown[] | undefined, refused: boolean]>([
  ['as many as may be', [1, 2], false],
  ['one more', [1, 2, 3], true],
  ['none', [], false],
  ['a list that was not given', undefined, false],
])('a list of at most two: %s', (_, values, refused) => {
  const check = () => requireAtMost('ids', values, 2);
  if (refused) expect(check).toThrow(expect.objectContaining({ code: 'invalid_argument', field: 'ids' }));
  else expect(check).not.toThrow();
});
