import type { ReceivedEvent } from '@andvari/kit/events/event';
import { traceIdOf } from '@andvari/kit/observe/tracing';
import { ExecType, OrderStatus } from '@andvari/proto/engine/v1/reports';
import type { EventType } from '@andvari/proto/events';
import * as events from '@andvari/proto/events';
import { AccountKind, FundingState, FundingType } from '@andvari/proto/portfolio/v1/portfolio';
import { CorporateActionType } from '@andvari/proto/stock/v1/stock';
import { OnboardingState } from '@andvari/proto/user/v1/user';
import type { Action } from '../domain/audit-entry.ts';

/** What an event says for the audit trail; what is left out is taken from its headers. */
interface Said {
  actor?: string;
  entity: string;
  /** `ok` where nothing else is said. */
  result?: string;
  details?: Record<string, string | bigint | number | boolean>;
  /** Whose address and user agent it was, and why it was done: what goes with the user. */
  personal?: { ofUser: string; address?: string; userAgent?: string; reason?: string };
}
type Mapping = (message: never) => Said | typeof NOT_RECORDED;

/** Neither security nor money: the trail would drown in it. */
const NOT_RECORDED = 'not recorded';

/** Undefined where the event does not belong into the trail. A kind that is not in the table is recorded all the same. */
export function actionFrom(event: ReceivedEvent): Action | undefined {
  const said = (mappings[event.type.type] ?? generic(event))(event.message as never);
  if (said === NOT_RECORDED) return undefined;
  const { actor, entity, result = 'ok', details = {}, personal } = said;
  const own = `service:${event.source}`;
  return {
    eventId: clean(event.id),
    source: clean(event.source),
    occurredAtUs: microseconds(event.time),
    actor: clean(actor === undefined || actor === '' ? own : actor),
    action: actionName(event.type),
    entity: clean(entity),
    result: clean(result),
    traceId: traceIdOf(event.traceparent) ?? '',
    details: Object.fromEntries(Object.entries(details).map(([name, value]) => [name, clean(String(value))])),
    personal:
      personal === undefined
        ? undefined
        : {
            ofUser: clean(personal.ofUser),
            address: clean(personal.address ?? ''),
            userAgent: clean(personal.userAgent ?? ''),
            reason: clean(personal.reason ?? ''),
          },
  };
}

/** `auth.login.succeeded.{user_id}` without its variables. */
export function actionName({ subject }: Pick<EventType<unknown>, 'subject'>): string {
  return subject.replaceAll(/\.\{\w+\}/g, '');
}

const ANONYMOUS = 'anonymous';

/**
 * Who did what to what, by the type of the event. Only ids, numbers and words from closed sets go in: no names, no email
 * addresses, no token. What is written here can never be taken out again. Why somebody did it, in their words, is the one text that
 * people wrote: it is in the part that is erased with the user whom it is about.
 */
const mappings: Record<string, Mapping> = Object.fromEntries([
  to(events.loginSucceeded, ({ userId, sessionId, newDevice, address, userAgent }) => ({
    actor: userId,
    entity: `session/${sessionId}`,
    details: { new_device: newDevice },
    personal: { ofUser: userId, address, userAgent },
  })),
  // Whoever tried is not known to be the user: the user is what it was tried on.
  to(events.loginFailed, ({ userId, address, reason }) => ({
    actor: ANONYMOUS,
    entity: userId === '' ? 'user' : `user/${userId}`,
    result: reason,
    personal: { ofUser: userId, address },
  })),
  to(events.sessionRevoked, ({ userId, sessionId, reason }) => ({
    actor: userId,
    entity: `session/${sessionId}`,
    details: { reason },
  })),
  to(events.refreshReused, ({ userId, sessionId, address }) => ({
    actor: ANONYMOUS,
    entity: `session/${sessionId}`,
    result: 'refused',
    details: { user_id: userId },
    personal: { ofUser: userId, address },
  })),
  to(events.passwordChanged, ({ userId, how }) => ({ actor: userId, entity: `user/${userId}`, details: { how } })),
  to(events.factorEnabled, ({ userId }) => ({ actor: userId, entity: `user/${userId}` })),
  to(events.factorDisabled, ({ userId, changedBy, reason }) => ({
    actor: changedBy,
    entity: `user/${userId}`,
    ...because(userId, reason),
  })),
  to(events.factorGuessed, ({ userId, address }) => ({
    actor: ANONYMOUS,
    entity: `user/${userId}`,
    personal: { ofUser: userId, address },
  })),
  to(events.factorRecoveryUsed, ({ userId, recoveryCodesLeft }) => ({
    actor: userId,
    entity: `user/${userId}`,
    details: { recovery_codes_left: recoveryCodesLeft },
  })),
  to(events.factorRecoveryRenewed, ({ userId }) => ({ actor: userId, entity: `user/${userId}` })),
  to(events.passwordResetRequested, ({ userId }) => ({ actor: ANONYMOUS, entity: `user/${userId}` })),
  to(events.accountLocked, ({ userId, untilUs }) => ({ entity: `user/${userId}`, details: { until_us: untilUs } })),
  to(events.apiKeyCreated, ({ userId, apiKeyId, scopes }) => ({
    actor: userId,
    entity: `api_key/${apiKeyId}`,
    details: { scopes: scopes.join(' ') },
  })),
  to(events.apiKeyRevoked, ({ userId, apiKeyId }) => ({ actor: userId, entity: `api_key/${apiKeyId}` })),
  // The mail's values let their bearer in, and the address is personal: neither is recorded.
  to(events.mailRequested, ({ userId, template }) => ({
    entity: userId === '' ? 'user' : `user/${userId}`,
    details: { template },
  })),
  to(events.signingKeyRotated, ({ keyId }) => ({ entity: `signing_key/${keyId}` })),

  to(events.rolesChanged, ({ userId, changedBy, change, role, rolesVersion, reason }) => ({
    actor: changedBy,
    entity: `user/${userId}`,
    details: { change, role, roles_version: rolesVersion },
    ...because(userId, reason),
  })),
  // They have a table of their own; recorded as well, each would ask for the next.
  to(events.auditCheckpointSigned, () => NOT_RECORDED),

  to(events.userRegistered, ({ userId }) => ({ actor: userId, entity: `user/${userId}` })),
  to(events.userVerified, ({ userId }) => ({ actor: userId, entity: `user/${userId}` })),
  to(events.profileUpdated, ({ userId, changedFields, version }) => ({
    actor: userId,
    entity: `user/${userId}`,
    details: { changed_fields: changedFields.join(' '), version },
  })),
  to(events.onboardingChanged, ({ userId, state, changedBy, reason }) => ({
    actor: changedBy,
    entity: `user/${userId}`,
    result: enumName(OnboardingState, state),
    ...because(userId, reason),
  })),
  to(events.watchlistChanged, () => NOT_RECORDED),
  to(events.notificationCreated, () => NOT_RECORDED),
  to(events.deletionRequested, ({ userId }) => ({ actor: userId, entity: `user/${userId}` })),
  to(events.deletionRefused, ({ userId, reason }) => ({ entity: `user/${userId}`, result: reason })),
  // The pseudonym beside the id would undo what the pseudonym is for.
  to(events.userErasureStarted, ({ userId }) => ({ entity: `user/${userId}` })),
  to(events.userErased, ({ userId, service }) => ({ entity: `user/${userId}`, details: { service } })),
  to(events.userDeleted, ({ userId }) => ({ entity: `user/${userId}` })),

  to(events.orderPlaced, ({ userId, orderId, accountId, symbol }) => ({
    actor: userId,
    entity: `order/${orderId}`,
    details: { account_id: accountId, symbol },
  })),
  to(events.orderRefused, ({ userId, accountId, symbol, reason }) => ({
    actor: userId,
    entity: `account/${accountId}`,
    result: reason,
    details: { symbol },
  })),
  to(events.operatorActed, ({ userId, accountId, operatorId, action, orderId, reason }) => ({
    actor: operatorId,
    entity: `account/${accountId}`,
    details: { action, ...(orderId === '' ? {} : { order_id: orderId }) },
    ...because(userId, reason),
  })),
  to(events.executionReport, (report) => ({
    entity: `order/${report.orderId}`,
    result: enumName(OrderStatus, report.ordStatus),
    details: {
      exec_id: report.execId,
      exec_type: enumName(ExecType, report.execType),
      account_id: report.accountId,
      user_id: report.userId,
      symbol: report.symbol,
      last_qty: report.lastQty,
      last_px: report.lastPx,
      reason: report.reason,
    },
  })),

  to(events.accountOpened, ({ accountId, account }) => ({
    actor: account?.userId ?? '',
    entity: `account/${accountId}`,
    details: { kind: enumName(AccountKind, account?.kind ?? 0), currency: account?.currency ?? '' },
  })),
  to(events.accountClosed, ({ accountId, userId }) => ({ actor: userId, entity: `account/${accountId}` })),
  to(events.fillSettled, (leg) => ({
    entity: `account/${leg.accountId}`,
    details: {
      user_id: leg.userId,
      order_id: leg.orderId,
      exec_id: leg.execId,
      symbol: leg.symbol,
      qty: leg.qty,
      px: leg.px,
      amount: leg.amount,
      fee: leg.fee,
    },
  })),
  to(events.fundingChanged, ({ userId, accountId, funding }) => ({
    actor: userId,
    entity: `funding/${funding?.id ?? ''}`,
    result: enumName(FundingState, funding?.state ?? 0),
    details: {
      account_id: accountId,
      type: enumName(FundingType, funding?.type ?? 0),
      currency: funding?.currency ?? '',
      amount: funding?.amount ?? 0n,
    },
  })),
  to(events.transferPosted, (transfer) => ({
    actor: transfer.userId,
    entity: `account/${transfer.accountId}`,
    details: {
      to_account_id: transfer.toAccountId,
      amount_out: transfer.amountOut,
      amount_in: transfer.amountIn,
      journal_id: transfer.journalId,
    },
  })),
  to(events.adjustmentPosted, ({ operatorId, accountId, userId, asset, amount, costBasis, journalId, reason }) => ({
    actor: operatorId,
    entity: `account/${accountId}`,
    details: { asset, amount, ...(costBasis === 0n ? {} : { cost_basis: costBasis }), journal_id: journalId },
    ...because(userId, reason),
  })),
  to(events.deadLetterDropped, ({ operatorId, letterId, reason }) => ({
    actor: operatorId,
    entity: `dead_letter/${letterId}`,
    ...aboutNobody(reason),
  })),

  // What the service lists by itself at its first start, and sessions that come and go by the calendar, nobody did.
  to(events.instrumentChanged, ({ instrument, changedBy }) =>
    changedBy.startsWith('service:')
      ? NOT_RECORDED
      : {
          actor: changedBy,
          entity: `symbol/${instrument?.symbol ?? ''}`,
          details: { version: instrument?.version ?? 0n, tradable: instrument?.tradable ?? false },
        },
  ),
  to(events.sessionChanged, () => NOT_RECORDED),
  to(events.symbolHalted, ({ symbol, version, changedBy, reason }) => ({
    actor: changedBy,
    entity: `symbol/${symbol}`,
    details: { version },
    ...aboutNobody(reason),
  })),
  to(events.symbolResumed, ({ symbol, version, changedBy }) => ({
    actor: changedBy,
    entity: `symbol/${symbol}`,
    details: { version },
  })),
  to(events.corporateActionApplied, ({ action, changedBy }) => ({
    actor: changedBy,
    entity: `symbol/${action?.symbol ?? ''}`,
    details: {
      action_id: action?.id ?? '',
      type: enumName(CorporateActionType, action?.type ?? 0),
      ex_date: action?.exDate ?? '',
      ratio_to: action?.ratioTo ?? 0n,
      ratio_from: action?.ratioFrom ?? 0n,
      amount: action?.amount ?? 0n,
      currency: action?.currency ?? '',
    },
  })),
]);

/** Events of before have no reason, or nobody with whom it would go. */
function because(ofUser: string, reason: string): Pick<Said, 'personal'> {
  return reason === '' || ofUser === '' ? {} : { personal: { ofUser, reason } };
}

/** Of what concerns no user: it stays. */
function aboutNobody(reason: string): Pick<Said, 'personal'> {
  return reason === '' ? {} : { personal: { ofUser: '', reason } };
}

/** That it happened and where it was said; nothing of its content, which nobody has looked at. */
function generic(event: ReceivedEvent): Mapping {
  return () => ({ entity: `subject/${event.subject}` });
}

function to<T>(type: EventType<T>, mapping: (message: T) => Said | typeof NOT_RECORDED): [string, Mapping] {
  return [type.type, mapping];
}

/** `ORDER_STATUS_FILLED` is `filled`; a number that we do not know stays a number. */
function enumName(names: Record<string, number | string>, value: number): string {
  const all = Object.keys(names);
  const prefix = all.find((name) => name.endsWith(UNSPECIFIED))?.length ?? 0;
  const name = all.find((one) => names[one] === value);
  return name === undefined ? String(value) : name.slice(prefix - UNSPECIFIED.length).toLowerCase();
}

const UNSPECIFIED = 'UNSPECIFIED';
const MAX_LENGTH = 500;

/** What others sent us is bounded, and holds nothing that PostgreSQL could not store. */
function clean(text: string): string {
  const kept = text.replaceAll(/[\p{Cc}\p{Cs}]/gu, ' ');
  if (kept.length <= MAX_LENGTH) return kept;
  // Half a character would be kept otherwise than it was hashed.
  return Array.from(kept.slice(0, 2 * MAX_LENGTH))
    .slice(0, MAX_LENGTH)
    .join('');
}

function microseconds(time: Date): bigint {
  const ms = time.getTime();
  return Number.isNaN(ms) ? 0n : BigInt(ms) * 1000n;
}
