import { addressGroup } from '@andvari/kit/base/address';
import { AppError } from '@andvari/kit/base/errors';
import type { Db, Tx } from '@andvari/kit/db/types';
import type { Client } from '../domain/client.ts';
import { afterFailure, isLocked, type LockoutSchedule, type Throttle } from '../domain/lockout.ts';
import type { Policy } from '../domain/policy.ts';
import { lookupKey } from '../ports/secrets.ts';
import { isKnownAddress } from '../store/known-clients.ts';
import { findThrottles, lockThrottles, saveThrottles } from '../store/throttles.ts';

/** One count of failures and how it grows. */
export interface Counted {
  readonly key: Buffer;
  readonly schedule: LockoutSchedule;
}

/**
 * What a sign-in is counted under: the account first, then the address. An address from which this account has been used
 * before has a count of its own for it; so strangers who guess lock each other out, and not the owner at home. An account
 * that does not exist is counted and locked like any other: being locked tells nothing.
 */
export async function countedFor(db: Db, email: string, client: Client, policy: Policy): Promise<[Counted, Counted]> {
  const atHome = await isKnownAddress(db, email, addressGroup(client.address));
  const account = atHome ? atHomeKey(email, client) : accountKey(email);
  return [
    { key: account, schedule: policy.accountLockout },
    { key: addressKey(client), schedule: policy.addressLockout },
  ];
}

export function accountKey(email: string): Buffer {
  return lookupKey('account', email);
}

export function atHomeKey(email: string, { address }: Client): Buffer {
  return lookupKey('account at home', email, addressGroup(address));
}

export function addressKey({ address }: Client): Buffer {
  return lookupKey('address', addressGroup(address));
}

/** A change of password asks for the old one; whoever found an open browser gets as few guesses. */
export function passwordChangeKey(userId: string): Buffer {
  return lookupKey('password change', userId);
}

export async function refuseLocked(db: Db | Tx, counted: readonly Counted[], atUs: bigint): Promise<void> {
  const throttles = await findThrottles(
    db,
    counted.map(({ key }) => key),
  );
  refuseWhileLocked(throttles, atUs);
}

export function refuseWhileLocked(throttles: readonly Throttle[], atUs: bigint): void {
  const locked = throttles.filter((throttle) => isLocked(throttle, atUs));
  if (locked.length === 0) return;
  const untilUs = locked.reduce((latest, { lockedUntilUs }) => (lockedUntilUs > latest ? lockedUntilUs : latest), 0n);
  throw new AppError('resource_exhausted', 'too many attempts have failed; try again later', {
    reason: 'login_locked',
    numbers: { retry_after_ms: (untilUs - atUs + 999n) / 1000n },
  });
}

/**
 * Adds a failure to each count, and answers with the new counts. Where one was locked while the password was checked, it is
 * refused as a good password is: of guesses sent all at once, those beyond the free ones learn nothing.
 */
export async function countFailure(tx: Tx, counted: readonly Counted[], atUs: bigint): Promise<Throttle[]> {
  const keys = counted.map(({ key }) => key);
  const before = await lockThrottles(tx, keys, atUs);
  refuseWhileLocked(before, atUs);
  const after = counted.map(({ schedule }, index) => {
    const throttle = before[index];
    if (throttle === undefined) throw new Error('a count was not locked');
    return afterFailure(throttle, schedule, atUs);
  });
  await saveThrottles(tx, keys, after);
  return after;
}
