import type { Caller } from '@andvari/proto/common/v1/common';
import { nowUs } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';

/**
 * The second check of every right, by the service that holds the row: the gateway has decided what the user may do in
 * general, this decides whether they may do it to this row. Permissions are `resource:action`, with `:own` for what is
 * one's own: `profile:read:own`.
 */
export function authorize(caller: Caller, permission: string, ownerId: string): void {
  if (isOwnBehalf(caller)) return;
  if (caller.scopes.includes(permission)) return;
  if (caller.userId !== '' && caller.userId === ownerId && caller.scopes.includes(`${permission}:own`)) return;
  throw new AppError('permission_denied', `not allowed: ${permission}`, { reason: 'permission_missing' });
}

/** For what has no owner: an operator's action. */
export function authorizeAny(caller: Caller, permission: string): void {
  if (isOwnBehalf(caller) || caller.scopes.includes(permission)) return;
  throw new AppError('permission_denied', `not allowed: ${permission}`, { reason: 'permission_missing' });
}

/** How long a password that was typed speaks for what is hard to undo. */
export const RECENT_SIGN_IN_US = 15n * 60_000_000n;

/**
 * For what is hard to undo: granting rights, making keys, ending an account. Whoever found an open browser, or holds a
 * stolen session, has to know the password too; an API key never does.
 */
export function requireRecentSignIn(caller: Caller, atUs: bigint = nowUs()): void {
  if (isOwnBehalf(caller)) return;
  if (caller.apiKeyId !== '') {
    throw new AppError('permission_denied', 'not with an API key', { reason: 'api_key_not_allowed' });
  }
  if (caller.authenticatedAtUs === undefined || atUs - caller.authenticatedAtUs > RECENT_SIGN_IN_US) {
    throw new AppError('failed_precondition', 'confirm your password first', { reason: 'recent_sign_in_required' });
  }
}

/** Another service doing its own work. The gateway never does: without a user behind it, its caller is anybody. */
function isOwnBehalf(caller: Caller): boolean {
  return caller.userId === '' && caller.service !== 'gateway' && caller.service !== '';
}
