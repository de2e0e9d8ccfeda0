import { expect, test } from 'vitest';
import { z } from 'zod';
import { variable } from '../src/base/config.ts';
import { describeVariables, type Otherwise } from '../src/base/describe-variables.ts';

test.each<[what: string, type: z.ZodType, should: string, otherwise: Otherwise]>([
  ['one that must be given', variable.address(), 'host:port', { kind: 'required' }],
  ['one that may be missing', variable.secret(32).optional(), 'a secret of at least 32 characters', { kind: 'absent' }],
  [
    'one with a default',
    variable.port().default(8083),
    'a port number from 0 to 65535',
    { kind: 'default', value: 8083 },
  ],
  [
    'one whose default is read like what is given',
    variable.wholeNumber(1, 9).transform(BigInt).prefault('5'),
    'a whole number from 1 to 9',
    { kind: 'default', value: '5' },
  ],
  [
    'one whose default comes before a transformation',
    z
      .string({ error: 'numbers with commas between' })
      .default('0')
      .transform((text) => text.split(',')),
    'numbers with commas between',
    { kind: 'default', value: '0' },
  ],
  ['a word of a set', variable.oneOf(['a', 'b']), 'one of a, b', { kind: 'required' }],
])('%s', (_, type, should, otherwise) => {
  expect(describeVariables({ X: type })).toEqual([{ name: 'X', should, otherwise }]);
});
