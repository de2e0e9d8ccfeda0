import { expect, test } from 'vitest';
import { newClient } from '../../src/domain/client.ts';

test('what a caller says of itself is bounded, and disturbs no terminal', () => {
  expect(newClient(' 10.0.0.1 ', `a\u001b[31m${'b'.repeat(300)}`)).toEqual({
    address: '10.0.0.1',
    userAgent: `a[31m${'b'.repeat(251)}`,
  });
});
