import { expect, test } from 'vitest';
import { addressGroup, newClient } from '../../src/domain/client.ts';

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['::FFFF:203.0.113.7', '203.0.113.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:0001:2::6', '2001:db8:1:2::/64'],
  ['2001:db8::1:2:3:4:5', '2001:db8:0:1::/64'],
  ['1::2:3:4:5:6:7', '1:0:2:3::/64'],
  ['::1', '0:0:0:0::/64'],
  ['::', '0:0:0:0::/64'],
  ['1:2::', '1:2:0:0::/64'],
  ['1:2:3:4:5:6:7::', '1:2:3:4::/64'],
  ['::ffff:203.0.113.77', '203.0.113.77'],
  ['::ffff:203.100.113.7', '203.100.113.7'],
  ['1::ffff:203.0.113.7', '1:0:0:0::/64'],
  ['::ffff:203.0.113.7:1', '0:0:0:0::/64'],
  ['', ''],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
])('%s counts with all of %s', (address, group) => expect(addressGroup(address)).toBe(group));

test('what a caller says of itself is bounded, and disturbs no terminal', () => {
  expect(newClient(' 10.0.0.1 ', `a\u001b[31m${'b'.repeat(300)}`)).toEqual({
    address: '10.0.0.1',
    userAgent: `a[31m${'b'.repeat(251)}`,
  });
});
