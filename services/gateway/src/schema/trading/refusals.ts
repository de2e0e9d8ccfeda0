import { AppError, type ErrorCode, errorCodes, invalid, isAppError } from '@andvari/kit/base/errors';
import type { Refusal as RefusalMessage } from '@andvari/proto/order/v1/order';
import { builder } from '../builder.ts';
import { Account } from '../portfolio/account.ts';
import {
  asValue,
  InvalidInput,
  isA,
  NotFound,
  NotPossible,
  Refusal,
  type RefusalClass,
  RefusalError,
} from '../refusals.ts';
import { timeOrNull } from '../scalars.ts';
import { InsufficientShares, Shortfall, shortfallFields } from '../shortfalls.ts';
import { OrderStatus } from './enums.ts';
import { Fact, factsOf } from './facts.ts';
import { percentFrom } from './percent.ts';

/** Why the market, the ledger or the rules say no to an order; each with the numbers that a person needs. */
export class InsufficientBuyingPower extends Shortfall {}
export class InvalidOrder extends RefusalError {}
export class MarketClosed extends RefusalError {}
export class SymbolHalted extends RefusalError {}
export class NoPrice extends RefusalError {}
export class ApiKeyCapExceeded extends RefusalError {}
export class TooLate extends RefusalError {}
export class RateLimited extends RefusalError {}
export class DuplicateClientOrderId extends RefusalError {}

builder.objectType(InsufficientBuyingPower, {
  name: 'InsufficientBuyingPower',
  isTypeOf: isA(InsufficientBuyingPower),
  description: 'The account cannot pay for it, fees included.',
  interfaces: [Refusal],
  fields: (t) => ({
    ...shortfallFields(t),
    currency: t.string({
      description: 'Of these amounts.',
      resolve: async ({ accountId }, _args, context) => (await Account.getDataloader(context).load(accountId)).currency,
    }),
  }),
});

interface AllowedRange {
  readonly numbers: Readonly<Record<string, bigint>>;
}

const Allowed = builder.objectRef<AllowedRange>('Allowed').implement({
  description: 'What would be accepted, as far as it can be said.',
  fields: (t) => {
    const either = (description: string, ...names: string[]) =>
      t.field({
        type: 'Decimal',
        nullable: true,
        description,
        resolve: ({ numbers }) => names.map((name) => numbers[name]).find((value) => value !== undefined) ?? null,
      });
    return {
      minimum: either('No less than this.', 'minimum', 'lowest', 'filled'),
      maximum: either('No more than this.', 'maximum', 'highest'),
      step: either('Multiples of this.', 'tick', 'lot'),
      nearestBelow: either('The next below what was given.', 'below'),
      nearestAbove: either('The next above what was given.', 'above'),
    };
  },
});

const allowances = new Set(['minimum', 'lowest', 'filled', 'maximum', 'highest', 'tick', 'lot', 'below', 'above']);

/** Bounds of a percentage are told in percent, as it was given. */
function asSpoken({ field, numbers }: Pick<RefusalError, 'field' | 'numbers'>): Readonly<Record<string, bigint>> {
  if (!field.endsWith('trailPercent')) return numbers;
  return Object.fromEntries(Object.entries(numbers).map(([name, ratio]) => [name, percentFrom(ratio)]));
}

builder.objectType(InvalidOrder, {
  name: 'InvalidOrder',
  isTypeOf: isA(InvalidOrder),
  description: 'The order itself makes no sense, or lies outside of what is allowed.',
  interfaces: [Refusal],
  fields: (t) => ({
    field: t.exposeString('field', {
      description: 'The input at fault, as a path within the arguments: `order.limitPrice`; may be empty.',
    }),
    allowed: t.field({
      type: Allowed,
      nullable: true,
      description: 'What would be accepted; null where that is not a matter of numbers.',
      resolve: (refusal) => {
        const numbers = asSpoken(refusal);
        return Object.keys(numbers).some((name) => allowances.has(name)) ? { numbers } : null;
      },
    }),
    facts: t.field({
      type: [Fact],
      description: 'All numbers it comes from.',
      resolve: (refusal) => factsOf(asSpoken(refusal)),
    }),
  }),
});

builder.objectType(MarketClosed, {
  name: 'MarketClosed',
  isTypeOf: isA(MarketClosed),
  description: 'Such an order is taken in a session only.',
  interfaces: [Refusal],
  fields: (t) => ({
    opensAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the next begins.',
      resolve: ({ numbers }) => timeOrNull(numbers['opens_at_us'] ?? 0n),
    }),
  }),
});

builder.objectType(SymbolHalted, {
  name: 'SymbolHalted',
  isTypeOf: isA(SymbolHalted),
  description: 'Trading in it is interrupted.',
  interfaces: [Refusal],
  fields: (t) => ({
    since: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Since when.',
      resolve: ({ numbers }) => timeOrNull(numbers['since_us'] ?? 0n),
    }),
  }),
});

builder.objectType(NoPrice, {
  name: 'NoPrice',
  isTypeOf: isA(NoPrice),
  description: 'There is no price fresh enough to say what the order may cost.',
  interfaces: [Refusal],
  fields: (t) => ({
    asOf: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Of when the last one is; null where there is none.',
      resolve: ({ numbers }) => timeOrNull(numbers['as_of_us'] ?? 0n),
    }),
  }),
});

builder.objectType(DuplicateClientOrderId, {
  name: 'DuplicateClientOrderId',
  isTypeOf: isA(DuplicateClientOrderId),
  description: 'The id stands for another order of this account, for ever.',
  interfaces: [Refusal],
  fields: (t) => ({ orderId: t.exposeID('entity', { description: 'The UUID of that order.' }) }),
});

builder.objectType(ApiKeyCapExceeded, {
  name: 'ApiKeyCapExceeded',
  isTypeOf: isA(ApiKeyCapExceeded),
  description: 'The key may not order so much in a day.',
  interfaces: [Refusal],
  fields: (t) => ({
    cap: t.field({ type: 'Decimal', description: 'What it may.', resolve: ({ numbers }) => numbers['cap'] ?? 0n }),
    used: t.field({ type: 'Decimal', description: 'What it has.', resolve: ({ numbers }) => numbers['used'] ?? 0n }),
    required: t.field({
      type: 'Decimal',
      description: 'What this would add.',
      resolve: ({ numbers }) => numbers['required'] ?? 0n,
    }),
  }),
});

builder.objectType(TooLate, {
  name: 'TooLate',
  isTypeOf: isA(TooLate),
  description: 'The order has ended, or the engine decided otherwise first.',
  interfaces: [Refusal],
  fields: (t) => ({
    status: t.field({
      type: OrderStatus.type,
      description: 'How it ended.',
      resolve: ({ numbers }) => OrderStatus.from(Number(numbers['status'] ?? 0n)),
    }),
  }),
});

builder.objectType(RateLimited, {
  name: 'RateLimited',
  isTypeOf: isA(RateLimited),
  description: 'Too much at a time; nothing was done.',
  interfaces: [Refusal],
  fields: (t) => ({
    retryAfterSeconds: t.int({ description: 'Try again in so many seconds.', resolve: () => RETRY_AFTER_SECONDS }),
  }),
});

const RETRY_AFTER_SECONDS = 1;

const byReason: Readonly<Record<string, RefusalClass>> = {
  // The name of an intent, which operations have that place no order of their own.
  client_order_id_invalid: InvalidInput,
  insufficient_buying_power: InsufficientBuyingPower,
  insufficient_shares: InsufficientShares,
  market_closed: MarketClosed,
  symbol_halted: SymbolHalted,
  no_price: NoPrice,
  price_outside_collar: InvalidOrder,
  duplicate_client_order_id: DuplicateClientOrderId,
  api_key_cap_exceeded: ApiKeyCapExceeded,
  too_late: TooLate,
};

const byCode: Record<ErrorCode, RefusalClass | undefined> = {
  // What no rule of orders has a name for is a matter of form: an id that is none.
  invalid_argument: InvalidOrder,
  not_found: NotFound,
  failed_precondition: NotPossible,
  already_exists: NotPossible,
  resource_exhausted: RateLimited,
  permission_denied: undefined,
  unauthenticated: undefined,
  unavailable: undefined,
};

/** What placing, of whatever kind, may run into. */
export const placingRefusals = [
  ApiKeyCapExceeded,
  DuplicateClientOrderId,
  InsufficientBuyingPower,
  InsufficientShares,
  InvalidOrder,
  MarketClosed,
  NoPrice,
  NotFound,
  NotPossible,
  RateLimited,
  SymbolHalted,
];

/** Does the work; what is refused becomes the type that says why. */
export async function refusingOrder<T>(accountId: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw isAppError(error) ? orderRefusal(error, accountId) : error;
  }
}

/** Reads an input: what is wrong with its form is refused like everything else about the order. */
export function readingOrder<T>(accountId: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw isAppError(error) ? orderRefusal(error, accountId) : error;
  }
}

/** A zero that somebody wrote is not a number that was left out. */
export function refuseZero(field: string, value: bigint | null | undefined, reason: string): void {
  if (value === 0n) throw invalid(field, 'should be above zero, or left out', reason);
}

/** As a type of the schema, or as it came where a client cannot be expected to handle it. */
export function orderRefusal(error: AppError, accountId: string): Error {
  const isForm = error.code === 'invalid_argument' && error.reason === 'invalid_argument';
  const Class = isForm ? InvalidInput : (byReason[error.reason] ?? byCode[error.code]);
  if (Class === undefined) return error;
  const refusal = new Class(error);
  if (refusal instanceof Shortfall) refusal.accountId = accountId;
  return refusal;
}

/** One that came as an answer, not as an error: of a preview, or of one order of many. */
export function refusalFrom({ detail, message }: RefusalMessage, accountId: string): Error {
  const { code = '', reason = '', field = '', numbers = {}, entity = '' } = detail ?? {};
  const known = errorCodes.find((each) => each === code) ?? 'failed_precondition';
  const error = new AppError(known, message, { reason, field, numbers, entity });
  const refusal = orderRefusal(error, accountId);
  return asValue(refusal instanceof RefusalError ? refusal : new NotPossible(error));
}
