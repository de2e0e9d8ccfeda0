import type { PreviewOrderResponse, PreviewReplacementResponse } from '@andvari/proto/order/v1/order';
import { builder } from '../builder.ts';
import { accountIdFrom } from '../portfolio/account.ts';
import { NotFound, NotPossible, Refusal, refusals } from '../refusals.ts';
import { amountOrNull } from '../text.ts';
import { Explanation } from './facts.ts';
import { clientOrderIdFrom, PlaceOrderInput, specFrom } from './inputs.ts';
import { orderIdFrom } from './order.ts';
import { changeFrom, ReplaceOrderInput, refusingChange } from './place.ts';
import {
  DuplicateClientOrderId,
  InvalidOrder,
  RateLimited,
  readingOrder,
  refusalFrom,
  refusingOrder,
} from './refusals.ts';

type Preview = PreviewOrderResponse & { accountId: string };

const OrderPreview = builder.objectRef<Preview>('OrderPreview').implement({
  description: 'What placing an order now would do.',
  fields: (t) => {
    const decimal = (description: string, read: (preview: Preview) => bigint) =>
      t.field({ type: 'Decimal', description, resolve: read });
    const decimalOrNull = (description: string, read: (preview: Preview) => bigint) =>
      t.field({ type: 'Decimal', nullable: true, description, resolve: (preview) => amountOrNull(read(preview)) });
    return {
      quantity: decimal('How many it is for, an amount of money worked out.', ({ qty }) => qty),
      fillsQuantity: decimal('What would trade at once.', ({ fillsQty }) => fillsQty),
      restsQuantity: decimal('What would rest or wait.', ({ restsQty }) => restsQty),
      averagePrice: decimalOrNull('Of what would trade at once.', ({ avgPx }) => avgPx),
      worstPrice: decimalOrNull('The worst of it.', ({ worstPx }) => worstPx),
      notional: decimal('What that would come to.', ({ notional }) => notional),
      slippage: decimalOrNull('How much worse than the best price the average is.', ({ slippagePx }) => slippagePx),
      slippageRatio: decimalOrNull('The same by that price: 0.01 is 1 %.', ({ slippageRatio }) => slippageRatio),
      maximumFee: decimal('The most that fees can come to.', ({ maxFee }) => maxFee),
      reserved: decimal('What would be held for it, fees included.', ({ reserved }) => reserved),
      reservedAsset: t.exposeString('reservedAsset', { description: 'A currency for a buy, the symbol for a sell.' }),
      availableBefore: decimal('What there is of it now.', ({ availableBefore }) => availableBefore),
      availableAfter: decimal('What would be left.', ({ availableAfter }) => availableAfter),
      bid: decimalOrNull('What buyers offer.', ({ bidPx }) => bidPx),
      ask: decimalOrNull('What sellers want.', ({ askPx }) => askPx),
      referencePrice: decimalOrNull('By which the order is judged.', ({ referencePx }) => referencePx),
      collarPrice: decimalOrNull('The worst price a market order may trade at.', ({ collarPx }) => collarPx),
      refusals: t.field({
        type: [Refusal],
        description: 'Everything that would refuse it now, in the order in which it would be met.',
        resolve: (preview) => preview.refusals.map((refusal) => refusalFrom(refusal, preview.accountId)),
      }),
      warnings: t.field({
        type: [Explanation],
        description: 'What does not refuse it and should be known.',
        resolve: (preview) => preview.warnings,
      }),
      asOf: t.field({ type: 'DateTime', description: 'Of when it is.', resolve: ({ asOfUs }) => asOfUs }),
    };
  },
});

builder.queryField('previewOrder', (t) =>
  t.field({
    type: OrderPreview,
    nullable: true,
    description: 'What placing this order now would do. Nothing is kept and nothing is reserved.',
    complexity: 20,
    errors: refusals(DuplicateClientOrderId, InvalidOrder, NotFound, NotPossible, RateLimited),
    authScopes: { may: 'order:place' },
    args: { input: t.arg({ type: PlaceOrderInput, required: true, description: 'The same as for placing it.' }) },
    resolve: async (_, { input }, { clients }) => {
      const accountId = accountIdFrom('accountId', input.accountId);
      const order = readingOrder(accountId, () => specFrom('order', input.order));
      const clientOrderId = input.clientOrderId ?? '';
      const asked = clients.order.previewOrder({ accountId, clientOrderId, order });
      return { accountId, ...(await refusingOrder(accountId, asked)) };
    },
  }),
);

const ReplacementPreview = builder.objectRef<PreviewReplacementResponse>('ReplacementPreview').implement({
  description: 'What replacing an order now would do.',
  fields: (t) => {
    const decimal = (description: string, read: (preview: PreviewReplacementResponse) => bigint) =>
      t.field({ type: 'Decimal', description, resolve: read });
    return {
      fillsQuantity: decimal('What would trade at once of what is left.', ({ fillsQty }) => fillsQty),
      restsQuantity: decimal('What would rest or wait.', ({ restsQty }) => restsQty),
      averagePrice: t.field({
        type: 'Decimal',
        nullable: true,
        description: 'Of what would trade at once.',
        resolve: ({ avgPx }) => amountOrNull(avgPx),
      }),
      maximumFee: decimal('The most that fees can come to, for all of the order.', ({ maxFee }) => maxFee),
      held: decimal(
        'What is held for the order that is replaced; for an exit, what all of its group holds.',
        ({ held }) => held,
      ),
      reserved: decimal(
        'What would be held besides until the engine has decided; what is not needed then is given back.',
        ({ reserved }) => reserved,
      ),
      reservedAsset: t.exposeString('reservedAsset', { description: 'A currency for a buy, the symbol for a sell.' }),
      availableBefore: decimal('What there is of it now.', ({ availableBefore }) => availableBefore),
      availableAfter: decimal('What would be left.', ({ availableAfter }) => availableAfter),
      refusals: t.field({
        type: [Refusal],
        description: 'What would refuse it now, in the order in which it would be met.',
        resolve: (preview) => preview.refusals.map((refusal) => refusalFrom(refusal, preview.accountId)),
      }),
      warnings: t.field({
        type: [Explanation],
        description: 'What does not refuse it and should be known.',
        resolve: (preview) => preview.warnings,
      }),
      asOf: t.field({ type: 'DateTime', description: 'Of when it is.', resolve: ({ asOfUs }) => asOfUs }),
    };
  },
});

builder.queryField('previewReplacement', (t) =>
  t.field({
    type: ReplacementPreview,
    nullable: true,
    description: 'What replacing an order so would do now. Nothing is kept and nothing is reserved.',
    complexity: 20,
    errors: refusals(DuplicateClientOrderId, InvalidOrder, NotFound, NotPossible, RateLimited),
    authScopes: { may: 'order:place' },
    args: { input: t.arg({ type: ReplaceOrderInput, required: true, description: 'The same as for replacing it.' }) },
    resolve: async (_, { input }, context) => {
      const orderId = orderIdFrom('orderId', input.orderId);
      const clientOrderId = clientOrderIdFrom(input.clientOrderId);
      const request = { accountId: '', orderId, clientOrderId, ...readingOrder('', () => changeFrom(input)) };
      return refusingChange(context, orderId, context.clients.order.previewReplacement(request));
    },
  }),
);
