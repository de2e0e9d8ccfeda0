import { describe, expect, test } from 'vitest';
import { addressGroup, newClient } from '../../src/domain/client.ts';
import { afterFailure, isLocked, lockoutDelay, noFailures, type Throttle } from '../../src/domain/lockout.ts';

const S = 1_000_000n;
const schedule = { free: 5, firstDelayUs: 30n * S, maxDelayUs: 900n * S, forgetAfterUs: 3600n * S };

describe('a lock-out', () => {
  test.each<[failures: number, seconds: bigint]>([
    [0, 0n],
    [4, 0n],
    [5, 30n],
    [6, 60n],
    [7, 120n],
    [9, 480n],
    [10, 900n],
    [1000, 900n],
  ])('after %i failures lasts %i seconds', (failures, seconds) => {
    expect(lockoutDelay(failures, schedule)).toBe(seconds * S);
  });

  test('begins with the last of the free failures and ends to the microsecond', () => {
    const throttle = failedTimes(5, 100n * S);
    expect(isLocked(throttle, 130n * S - 1n)).toBe(true);
    expect(isLocked(throttle, 130n * S)).toBe(false);
  });

  test('grows when the next attempt fails as well', () => {
    expect(afterFailure(failedTimes(5, 100n * S), schedule, 131n * S).lockedUntilUs).toBe((131n + 60n) * S);
  });

  test('is forgotten when nothing has failed for long enough', () => {
    const before = failedTimes(8, 100n * S);
    expect(afterFailure(before, schedule, 100n * S + 3600n * S - 1n).failures).toBe(9);
    expect(afterFailure(before, schedule, 100n * S + 3600n * S)).toMatchObject({ failures: 1, lockedUntilUs: 0n });
  });
});

describe('an address', () => {
  test.each<[rule: string, address: string, group: string]>([
    ['IPv4 is itself', '203.0.113.7', '203.0.113.7'],
    ['IPv4 in IPv6 is IPv4', '::ffff:203.0.113.7', '203.0.113.7'],
    ['IPv6 is its /64', '2001:db8:1:2:aaaa:bbbb:cccc:dddd', '2001:db8:1:2::/64'],
    ['however it is spelt', '2001:0DB8:1:2::9', '2001:db8:1:2::/64'],
    ['with zeros left out', '2001:db8::1', '2001:db8:0:0::/64'],
    ['loopback', '::1', '0:0:0:0::/64'],
    ['a zone is no part of it', 'fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['unknown is one of its own', '', ''],
  ])('%s', (_, address, group) => {
    expect(addressGroup(address)).toBe(group);
  });

  test('a user agent is cut and cannot move the cursor of a terminal', () => {
    expect(newClient('::1', `\u001b[2J${'x'.repeat(400)}`).userAgent).toBe(`[2J${'x'.repeat(253)}`);
  });
});

function failedTimes(count: number, atUs: bigint): Throttle {
  let throttle = noFailures;
  for (let i = 0; i < count; i += 1) throttle = afterFailure(throttle, schedule, atUs);
  return throttle;
}
