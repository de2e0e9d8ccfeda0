/** How often an attempt has failed lately, for one account or one address. */
export interface Throttle {
  readonly failures: number;
  readonly lastFailedAtUs: bigint;
  /** Refused until then; 0 where it is not locked. */
  readonly lockedUntilUs: bigint;
}

export interface LockoutSchedule {
  /** Failures that cost nothing; people mistype. */
  readonly free: number;
  readonly firstDelayUs: bigint;
  readonly maxDelayUs: bigint;
  /** Failures are forgotten when none has been added for so long. */
  readonly forgetAfterUs: bigint;
}

export const noFailures: Throttle = { failures: 0, lastFailedAtUs: 0n, lockedUntilUs: 0n };

/** Each failure beyond the free ones doubles the delay, up to the longest. */
export function afterFailure(throttle: Throttle, schedule: LockoutSchedule, atUs: bigint): Throttle {
  const forgotten = atUs - throttle.lastFailedAtUs >= schedule.forgetAfterUs;
  const failures = (forgotten ? 0 : throttle.failures) + 1;
  const delayUs = lockoutDelay(failures, schedule);
  return { failures, lastFailedAtUs: atUs, lockedUntilUs: delayUs === 0n ? 0n : atUs + delayUs };
}

export function lockoutDelay(failures: number, { free, firstDelayUs, maxDelayUs }: LockoutSchedule): bigint {
  if (failures < free) return 0n;
  // Far beyond the longest delay the power would only grow the number.
  const delayUs = firstDelayUs << BigInt(Math.min(failures - free, 40));
  return delayUs < maxDelayUs ? delayUs : maxDelayUs;
}

export function isLocked(throttle: Throttle, atUs: bigint): boolean {
  return atUs < throttle.lockedUntilUs;
}
