import type { NotificationKind } from '../../api/generated/graphql.ts';

/** What one can be told of, as one would say it. */
export const kindWords: Record<NotificationKind, string> = {
  AUTH_API_KEY_CREATED: 'new API keys',
  AUTH_FACTOR_DISABLED: 'the second factor turned off',
  AUTH_FACTOR_ENABLED: 'the second factor turned on',
  AUTH_FACTOR_GUESSED: 'wrong codes for the second factor',
  AUTH_FACTOR_RECOVERY_RENEWED: 'new recovery codes',
  AUTH_FACTOR_RECOVERY_USED: 'recovery codes that were used',
  AUTH_LOGIN_NEW_DEVICE: 'sign-ins from new devices',
  AUTH_PASSWORD_CHANGED: 'changes of your password',
  DEPOSIT_SETTLED: 'deposits',
  ONBOARDING_APPROVED: 'approval of your profile',
  ONBOARDING_REJECTED: 'rejection of your profile',
  ONBOARDING_VERIFIED: 'proof of your address',
  ORDER_FILLED: 'filled orders',
  ORDER_REJECTED: 'rejected orders',
  UNKNOWN: 'news of this kind',
};

/** What guards the account cannot be muted: the backend refuses it. */
export function canBeMuted(kind: NotificationKind): boolean {
  return !kind.startsWith('AUTH_');
}
