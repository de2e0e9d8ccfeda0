import { describe, expect, test } from 'vitest';
import { addressGroup } from '../src/http/client-address.ts';
import { ExpiringCache } from '../src/identity/expiring-cache.ts';

describe('an address counts with', () => {
  test.each([
    ['itself, as IPv4', '203.0.113.7', '203.0.113.7'],
    ['its /64', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['its /64, however it is spelt', '2001:DB8:1:2::6', '2001:db8:1:2::/64'],
    ['its true first four, where zeros are left out among them', '2001:db8::1:2:3:4:5', '2001:db8:0:1::/64'],
    ['its true first four, where one zero is', '1::2:3:4:5:6:7', '1:0:2:3::/64'],
    ['loopback', '::1', '0:0:0:0::/64'],
    ['what ends in zeros', '2001:db8::', '2001:db8:0:0::/64'],
    ['no zone', 'fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('%s', (_, address, group) => {
    expect(addressGroup(address)).toBe(group);
  });
});

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
