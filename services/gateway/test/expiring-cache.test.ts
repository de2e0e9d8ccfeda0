import { describe, expect, test } from 'vitest';
import { ExpiringCache } from '../src/identity/expiring-cache.ts';

describe('a cache whose entries run out', () => {
  test('keeps one until its moment, and no longer', () => {
    let now = 0;
    const cache = new ExpiringCache<string>(2, () => now);
    cache.set('a', 'one', 100);
    now = 99;
    expect(cache.get('a')).toBe('one');
    now = 100;
    expect([cache.get('a'), cache.size]).toEqual([undefined, 0]);
    now = 99;
    expect(cache.get('a')).toBeUndefined();
  });

  test('makes room by the one that came first; what is set anew has come last', () => {
    const cache = new ExpiringCache<string>(2, () => 0);
    for (const [key, value] of [
      ['a', 'one'],
      ['b', 'two'],
      ['a', 'three'],
      ['c', 'four'],
    ] as const)
      cache.set(key, value, 1);
    expect(['a', 'b', 'c'].map((key) => cache.get(key))).toEqual(['three', undefined, 'four']);
    cache.deleteWhere((key, value) => key === 'a' && value === 'three');
    expect([cache.get('a'), cache.get('c'), cache.size]).toEqual([undefined, 'four', 1]);
  });
});
