import { describe, expect, test } from 'vitest';
import { keepersOf, presupposedBy } from '../src/seed/parts.ts';
import { UsageError } from '../src/system.ts';

describe('--db', () => {
  test.each<[given: string | undefined, writes: string[], presupposes: string[]]>([
    [undefined, ['auth', 'user', 'order', 'portfolio'], []],
    ['all', ['auth', 'user', 'order', 'portfolio'], []],
    ['auth', ['auth'], ['user']],
    ['user', ['user'], ['auth']],
    ['auth,user', ['auth', 'user'], []],
    ['order', ['order'], ['auth', 'user', 'portfolio']],
    ['portfolio', ['portfolio'], ['auth', 'user', 'order']],
    ['order,portfolio', ['order', 'portfolio'], ['auth', 'user']],
    ['security', [], []],
    ['stock,portfolio', ['portfolio'], ['auth', 'user', 'order']],
  ])('%s', (given, writes, presupposes) => {
    const keepers = keepersOf(given);
    expect([...keepers]).toEqual(writes);
    expect(presupposedBy(keepers)).toEqual(presupposes);
  });

  test.each(['ledger', '', 'auth,', 'auth user'])('is none that there is: "%s"', (given) => {
    expect(() => keepersOf(given)).toThrow(UsageError);
  });
});
