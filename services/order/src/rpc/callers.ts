import { AppError, invalid } from '@andvari/kit/base/errors';
import { authorize } from '@andvari/kit/handler/authorize';
import { requireUuid } from '@andvari/kit/handler/inputs';
import type { Caller } from '@andvari/proto/common/v1/common';
import type { Actor } from '../app/change-request.ts';

/**
 * Whose orders the caller may touch: their own, or with `undefined` anybody's. Whoever has the right for none at all is denied; with
 * the right for their own, another's order is as if it were not there, so that nobody learns which ids exist.
 */
export function reach(caller: Caller, permission: string): string | undefined {
  authorize(caller, permission, caller.userId);
  const isService = caller.userId === '';
  return isService || caller.scopes.includes(permission) ? undefined : caller.userId;
}

/** The user who places, and on which account. */
export function placerOf(caller: Caller, accountId: string) {
  const placing = userPlacing(caller);
  requireUuid('account_id', accountId);
  return { accountId, ...placing };
}

/** Nobody places for somebody else, and a service for nobody. */
export function userPlacing(caller: Caller) {
  authorize(caller, 'order:place', caller.userId);
  if (caller.userId === '') {
    throw new AppError('permission_denied', 'only users place orders', { reason: 'permission_missing' });
  }
  const { userId, apiKeyId, apiKeyDailyCap } = caller;
  return {
    userId,
    apiKeyId: apiKeyId === '' ? undefined : apiKeyId,
    dailyCap: apiKeyId === '' ? undefined : apiKeyDailyCap,
  };
}

export function actorOf({ userId, apiKeyId, service }: Caller): Actor {
  if (userId === '') return { kind: 'service', id: service };
  return apiKeyId === '' ? { kind: 'user', id: userId } : { kind: 'api_key', id: apiKeyId };
}

/** The client's own name for its intent: printable ASCII, so that it reads the same everywhere. */
export function clientOrderIdFrom(value: string, field = 'client_order_id', max = MAX_CLIENT_ID): string {
  if (!/^[\u0020-\u007e]+$/.test(value) || value.length > max) {
    throw invalid(field, `should have 1 to ${max} printable characters of ASCII`, 'client_order_id_invalid');
  }
  return value;
}

const MAX_CLIENT_ID = 64;

export function timeFrom(field: string, value: bigint): bigint {
  if (value < 0n || value > LAST_US) throw invalid(field, 'should be microseconds since 1970');
  return value;
}

const LAST_US = 253_402_300_799_000_000n;
