import { describe, expect, test } from 'vitest';
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

function failedTimes(count: number, atUs: bigint): Throttle {
  let throttle = noFailures;
  for (let i = 0; i < count; i += 1) throttle = afterFailure(throttle, schedule, atUs);
  return throttle;
}
