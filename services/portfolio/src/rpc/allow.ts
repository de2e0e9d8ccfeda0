import { AppError, isAppError } from '@andvari/kit/base/errors';
import { authorize } from '@andvari/kit/handler/authorize';
import type { Caller } from '@andvari/proto/common/v1/common';
import { refusal } from '../app/refusals.ts';

/**
 * Who may do a thing to what belongs to somebody. Without the right for any account at all the caller is denied; with the
 * right for their own, what is another's is as if it were not there, so nobody learns which ids exist.
 */
export function allowOn<Owned extends { readonly userId: string }>(
  caller: Caller,
  permission: string,
  owned: Owned | undefined,
  missing: () => AppError = () => refusal('account_not_found'),
): Owned {
  authorize(caller, permission, caller.userId);
  if (owned === undefined || !mayTouch(caller, permission, owned.userId)) throw missing();
  return owned;
}

function mayTouch(caller: Caller, permission: string, ownerId: string): boolean {
  try {
    authorize(caller, permission, ownerId);
    return true;
  } catch (error) {
    if (isAppError(error, 'permission_denied')) return false;
    throw error;
  }
}

/**
 * Reserving and releasing are the order service's: whoever released what an order still needs would spend it twice. On a user's
 * behalf it does so for that user's accounts only.
 */
export function allowOrders(caller: Caller): void {
  if (caller.service !== '' && caller.service !== 'gateway') return;
  throw new AppError('permission_denied', 'only orders reserve', { reason: 'permission_missing' });
}
