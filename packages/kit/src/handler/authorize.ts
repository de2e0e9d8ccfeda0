import type { Caller } from '@andvari/proto/common/v1/common';
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

/** Another service doing its own work. The gateway never does: without a user behind it, its caller is anybody. */
function isOwnBehalf(caller: Caller): boolean {
  return caller.userId === '' && caller.service !== 'gateway' && caller.service !== '';
}
