import type { KeyPolicy } from './key-ring.ts';
import type { LockoutSchedule } from './lockout.ts';
import type { SessionPolicy } from './session.ts';

/** The numbers of all rules, as they are configured. */
export interface Policy {
  readonly sessions: SessionPolicy;
  readonly accountLockout: LockoutSchedule;
  readonly addressLockout: LockoutSchedule;
  readonly factorLockout: LockoutSchedule;
  readonly keys: KeyPolicy;
}

/** How long an access token is good; what it says is believed for so long without asking anybody. */
export const ACCESS_TOKEN_US = 300_000_000n;
