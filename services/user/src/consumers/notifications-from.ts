import { deviceWords } from '@andvari/kit/base/device-words';
import type { ReceivedEvent } from '@andvari/kit/events/event';
import { repeatsCommand } from '@andvari/kit/events/repeated-command';
import { toMicros, toPrice, toQuantity } from '@andvari/money';
import { format } from '@andvari/money/decimal';
import type {
  ApiKeyCreated,
  FactorDisabled,
  FactorGuessed,
  FactorRecoveryUsed,
  LoginSucceeded,
  PasswordChanged,
} from '@andvari/proto/auth/v1/events';
import { Side } from '@andvari/proto/engine/v1/commands';
import { ExecType, type ExecutionReport, OrderStatus } from '@andvari/proto/engine/v1/reports';
import type { FundingChanged } from '@andvari/proto/portfolio/v1/events';
import { FundingState, FundingType } from '@andvari/proto/portfolio/v1/portfolio';
import type { OnboardingChanged } from '@andvari/proto/user/v1/events';
import { OnboardingState } from '@andvari/proto/user/v1/user';
import type { Notice, NotificationKind } from '../domain/notification.ts';

/** What of each event a user may want to know; nothing of most. */
export function notificationsFromReport({ message: report }: ReceivedEvent<ExecutionReport>): Notice[] {
  if (repeatsCommand(report)) return [];
  const { userId, symbol, reason } = report;
  const about = { userId, subjectRef: `order/${report.orderId}` };
  const side = report.side === Side.SIDE_SELL ? 'sell' : 'buy';
  if (report.execType === ExecType.EXEC_TYPE_REJECTED) {
    // Without its quantity: the engine reports no terms of what it does not take.
    return [{ ...about, kind: 'order.rejected', values: { side, symbol, reason: readable(reason) } }];
  }
  // Fills in part are many and each says little; the last one tells of all.
  if (report.execType !== ExecType.EXEC_TYPE_FILL || report.ordStatus !== OrderStatus.ORDER_STATUS_FILLED) return [];
  const filled = { side, qty: format(toQuantity(report.cumQty)), symbol, price: format(toPrice(report.avgPx)) };
  return [{ ...about, kind: 'order.filled', values: filled }];
}

export function notificationsFromFunding({ message: { userId, funding } }: ReceivedEvent<FundingChanged>): Notice[] {
  if (funding?.type !== FundingType.FUNDING_TYPE_DEPOSIT || funding.state !== FundingState.FUNDING_STATE_SETTLED) {
    return [];
  }
  const values = { amount: format(toMicros(funding.amount)), currency: funding.currency };
  return [{ userId, kind: 'deposit.settled', values, subjectRef: `funding/${funding.id}` }];
}

export function notificationsFromLogin({ message }: ReceivedEvent<LoginSucceeded>): Notice[] {
  const { userId, sessionId, newDevice, address, userAgent } = message;
  if (!newDevice) return [];
  const values = { address, device: deviceWords(userAgent) };
  return [{ userId, kind: 'auth.login.new_device', values, subjectRef: `session/${sessionId}` }];
}

/** Told of every change: any of them may have been somebody else's. */
export function noticeOfFactor(kind: 'auth.factor.enabled' | 'auth.factor.recovery_renewed', userId: string): Notice {
  return { userId, kind, values: {}, subjectRef: `user/${userId}` };
}

export function noticeOfFactorDisabled({ userId, changedBy }: FactorDisabled): Notice {
  const who = changedBy === userId ? 'you' : 'an operator';
  return { userId, kind: 'auth.factor.disabled', values: { who }, subjectRef: `user/${userId}` };
}

export function noticeOfGuess({ userId, address }: FactorGuessed): Notice {
  const where = address === '' ? 'in a session of yours' : `after your right password, from ${address}`;
  return { userId, kind: 'auth.factor.guessed', values: { where }, subjectRef: `user/${userId}` };
}

export function noticeOfRecovery({ userId, recoveryCodesLeft }: FactorRecoveryUsed): Notice {
  const left = String(recoveryCodesLeft);
  return { userId, kind: 'auth.factor.recovery_used', values: { left }, subjectRef: `user/${userId}` };
}

export function notificationsFromPassword({ message: { userId, how } }: ReceivedEvent<PasswordChanged>): Notice[] {
  const words = how === 'reset' ? 'reset by a link that was sent to your address' : 'changed';
  return [{ userId, kind: 'auth.password.changed', values: { how: words }, subjectRef: `user/${userId}` }];
}

export function notificationsFromApiKey({ message }: ReceivedEvent<ApiKeyCreated>): Notice[] {
  const { userId, apiKeyId, scopes } = message;
  const values = { scopes: scopes.join(', ') };
  return [{ userId, kind: 'auth.api_key.created', values, subjectRef: `api_key/${apiKeyId}` }];
}

export function notificationsFromOnboarding({
  message: { userId, state, reason },
}: ReceivedEvent<OnboardingChanged>): Notice[] {
  const kind = onboardingKinds[state];
  return kind === undefined ? [] : [{ userId, kind, values: { reason }, subjectRef: `user/${userId}` }];
}

const onboardingKinds: Partial<Record<OnboardingState, NotificationKind>> = {
  [OnboardingState.ONBOARDING_STATE_VERIFIED]: 'onboarding.verified',
  [OnboardingState.ONBOARDING_STATE_APPROVED]: 'onboarding.approved',
  [OnboardingState.ONBOARDING_STATE_REJECTED]: 'onboarding.rejected',
};

/** `insufficient_buying_power` as people read it. */
function readable(reason: string): string {
  return reason === '' ? 'no reason was given' : reason.replaceAll('_', ' ');
}
