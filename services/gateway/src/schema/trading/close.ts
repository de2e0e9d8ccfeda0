import { randomUUID } from 'node:crypto';
import { assert, invalid } from '@andvari/kit/base/errors';
import type { ItemResult } from '@andvari/proto/order/v1/order';
import { builder } from '../builder.ts';
import { inCapitals } from '../market/symbols.ts';
import { Account, accountIdFrom } from '../portfolio/account.ts';
import { NotFound, NotPossible, Refusal, refusals } from '../refusals.ts';
import { REASON, textOrNull } from '../text.ts';
import { CLIENT_ORDER_ID, clientOrderIdFrom } from './inputs.ts';
import { Order } from './order.ts';
import { ratioFrom } from './percent.ts';
import { placingRefusals, RateLimited, readingOrder, refusalFrom, refuseZero, refusingOrder } from './refusals.ts';

/** Every one of several is answered for itself, and knows whose it is. */
interface Outcome {
  readonly result: ItemResult;
  readonly accountId: string;
}

const OrderOutcome = builder.objectRef<Outcome>('OrderOutcome').implement({
  description: 'How it went with one of several: there is an order, or a refusal.',
  fields: (t) => ({
    symbol: t.string({ description: 'Of which symbol.', resolve: ({ result }) => result.symbol }),
    orderId: t.id({
      nullable: true,
      description: 'The UUID of the order it is about, where there is one.',
      resolve: ({ result }) => textOrNull(result.orderId),
    }),
    order: t.field({
      type: Order,
      nullable: true,
      description: 'As it is now.',
      resolve: ({ result: { outcome } }) => (outcome?.$case === 'order' ? outcome.value : null),
    }),
    refusal: t.field({
      type: Refusal,
      nullable: true,
      description: 'Why it was not done.',
      resolve: ({ result: { outcome }, accountId }) =>
        outcome?.$case === 'refusal' ? refusalFrom(outcome.value, accountId) : null,
    }),
  }),
});

interface Bulk {
  readonly accountId: string;
  readonly results: ItemResult[];
  readonly cancelled?: ItemResult[];
  readonly hasMore: boolean;
}

const MORE = 'Not everything could be done at once: ask again until it is false.';
const outcomesOf = (results: ItemResult[], accountId: string): Outcome[] =>
  results.map((result) => ({ result, accountId }));

const CancelledOrders = builder.objectRef<Bulk>('CancelledOrders').implement({
  description: 'Orders that were asked to be cancelled.',
  fields: (t) => ({
    account: t.field({
      type: Account,
      nullable: true,
      description: 'The account as it is now.',
      resolve: ({ accountId }) => accountId,
    }),
    requested: t.int({ description: 'How many.', resolve: ({ results }) => results.length }),
    results: t.field({
      type: [OrderOutcome],
      description: 'How it went with each, the oldest first; 500 at the most.',
      resolve: ({ results, accountId }) => outcomesOf(results, accountId),
    }),
    hasMore: t.exposeBoolean('hasMore', { description: MORE }),
  }),
});

const ClosedPositions = builder.objectRef<Bulk>('ClosedPositions').implement({
  description: 'Sales of all that was free, and orders that were cancelled for it.',
  fields: (t) => ({
    account: t.field({
      type: Account,
      nullable: true,
      description: 'The account as it is now.',
      resolve: ({ accountId }) => accountId,
    }),
    results: t.field({
      type: [OrderOutcome],
      description: 'How it went with each symbol.',
      resolve: ({ results, accountId }) => outcomesOf(results, accountId),
    }),
    cancelled: t.field({
      type: [OrderOutcome],
      description: 'How it went with each open order.',
      resolve: ({ cancelled = [], accountId }) => outcomesOf(cancelled, accountId),
    }),
    hasMore: t.exposeBoolean('hasMore', { description: MORE }),
  }),
});

const LiquidatedAccount = builder.objectRef<Bulk>('LiquidatedAccount').implement({
  description: 'An account whose orders are cancelled and whose shares are sold.',
  fields: (t) => ({
    account: t.field({
      type: Account,
      nullable: true,
      description: 'The account as it is now.',
      resolve: ({ accountId }) => accountId,
    }),
    closed: t.field({
      type: [OrderOutcome],
      description: 'How it went with each symbol.',
      resolve: ({ results, accountId }) => outcomesOf(results, accountId),
    }),
    cancelled: t.field({
      type: [OrderOutcome],
      description: 'How it went with each open order.',
      resolve: ({ cancelled = [], accountId }) => outcomesOf(cancelled, accountId),
    }),
    hasMore: t.exposeBoolean('hasMore', { description: MORE }),
  }),
});

const ClosePositionInput = builder.inputType('ClosePositionInput', {
  description: 'Shares to sell at market. Without quantity and percent: all that are free.',
  fields: (t) => ({
    accountId: t.id({ required: true, description: 'Of which account.' }),
    symbol: t.string({ required: true, description: 'Which.' }),
    clientOrderId: t.string({ description: CLIENT_ORDER_ID }),
    quantity: t.field({ type: 'Decimal', description: 'So many.' }),
    percent: t.field({
      type: 'Decimal',
      description:
        'So many percent of those that are free when it is asked for the first time: 25 is a quarter. Four decimals at the most.',
    }),
  }),
});

const CloseAllPositionsInput = builder.inputType('CloseAllPositionsInput', {
  description: 'An account whose shares are all to be sold at market.',
  fields: (t) => ({
    accountId: t.id({ required: true, description: 'Which.' }),
    clientOrderId: t.string({
      description:
        'Each order is named by this, a dot and its symbol; 40 characters at the most. Asked again with the same, it sells what has come free since: that order has a dot and a number behind its name.',
    }),
    cancelOrders: t.boolean({
      description: 'Cancels all open orders first; their shares are free once the engine has said so.',
    }),
  }),
});

const LiquidateInput = builder.inputType('LiquidateInput', {
  description: 'An account to empty.',
  fields: (t) => ({
    accountId: t.id({ required: true, description: 'Which.' }),
    reason: t.string({ required: true, description: REASON }),
    idempotencyKey: t.string({
      required: true,
      description:
        'Made for this intent, 40 printable characters of ASCII at the most: asked again with the same until `hasMore` is false, it sells what has come free since.',
    }),
  }),
});

const bulkRefusals = refusals(NotFound, NotPossible, RateLimited);

builder.mutationFields((t) => ({
  cancelAllOrders: t.field({
    type: CancelledOrders,
    nullable: true,
    description: 'Asks the engine to cancel all open orders of an account, or those of a symbol.',
    errors: bulkRefusals,
    authScopes: { may: 'order:cancel' },
    args: {
      accountId: t.arg.id({ required: true, description: 'Of which account.' }),
      symbol: t.arg.string({ description: 'Of this symbol only.' }),
    },
    resolve: async (_, { accountId: given, symbol }, { clients }) => {
      const accountId = accountIdFrom('accountId', given);
      const asked = clients.order.cancelAllOrders({ accountId, symbol: inCapitals(symbol ?? '') });
      return { accountId, ...(await refusingOrder(accountId, asked)) };
    },
  }),
  closePosition: t.field({
    type: Order,
    nullable: true,
    description: 'Sells shares that are held, at market.',
    errors: refusals(...placingRefusals),
    authScopes: { may: 'order:place' },
    args: { input: t.arg({ type: ClosePositionInput, required: true, description: 'Which.' }) },
    resolve: async (_, { input }, { clients }) => {
      const accountId = accountIdFrom('accountId', input.accountId);
      const clientOrderId = clientOrderIdFrom(input.clientOrderId);
      const symbol = inCapitals(input.symbol);
      const part = readingOrder(accountId, () => partFrom(input));
      const request = { accountId, symbol, clientOrderId, part };
      const { order } = await refusingOrder(accountId, clients.order.closePosition(request));
      assert(order, 'ClosePosition answered without an order');
      return order;
    },
  }),
  closeAllPositions: t.field({
    type: ClosedPositions,
    nullable: true,
    description:
      'Sells all shares of an account, at market; each symbol is answered for itself, with a refusal where open orders hold all of it.',
    errors: bulkRefusals,
    authScopes: { may: 'order:place' },
    args: { input: t.arg({ type: CloseAllPositionsInput, required: true, description: 'Which.' }) },
    resolve: async (_, { input }, { clients }) => {
      const accountId = accountIdFrom('accountId', input.accountId);
      const clientOrderId = input.clientOrderId ?? randomUUID();
      const request = { accountId, clientOrderId, cancelOrders: input.cancelOrders ?? false };
      const asked = clients.order.closeAllPositions(request);
      return { accountId, ...(await refusingOrder(accountId, asked)) };
    },
  }),
  liquidate: t.field({
    type: LiquidatedAccount,
    nullable: true,
    description: 'For operators: cancels all orders of an account and sells all its shares.',
    errors: bulkRefusals,
    authScopes: { mayToAll: 'order:place' },
    args: { input: t.arg({ type: LiquidateInput, required: true, description: 'Which, and why.' }) },
    resolve: async (_, { input }, { clients }) => {
      const request = { ...input, accountId: accountIdFrom('accountId', input.accountId) };
      const { accountId } = request;
      const asked = clients.order.liquidateAccount(request);
      const { closed, ...rest } = await refusingOrder(accountId, asked);
      return { accountId, results: closed, ...rest };
    },
  }),
}));

function partFrom({ quantity, percent }: typeof ClosePositionInput.$inferInput) {
  // Nothing said is all that is free: a zero must not be taken for that.
  refuseZero('quantity', quantity, 'quantity_invalid');
  refuseZero('percent', percent, 'percent_invalid');
  if (quantity && percent) throw invalid('percent', 'give a quantity or a percentage, not both');
  if (quantity) return { $case: 'qty' as const, value: quantity };
  return percent ? { $case: 'percent' as const, value: ratioFrom('percent', percent) } : undefined;
}
