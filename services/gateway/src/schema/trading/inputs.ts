import { randomUUID } from 'node:crypto';
import type {
  OrderType as OrderTypes,
  Side as Sides,
  TimeInForce as TimesInForce,
} from '@andvari/proto/engine/v1/commands';
import type { OrderSpec } from '@andvari/proto/order/v1/order';
import { builder } from '../builder.ts';
import { OrderSide } from '../market/book.ts';
import { inCapitals } from '../market/symbols.ts';
import { OrderType, TimeInForce } from './enums.ts';
import { ratioFrom } from './percent.ts';
import { refuseZero } from './refusals.ts';

export const CLIENT_ORDER_ID =
  'The client’s own name for this intent, 64 printable characters of ASCII at the most and unique per account for ever: the same again with the same order is that order, however often. Made up where it is left out.';

export const OrderSpecInput = builder.inputType('OrderSpecInput', {
  description: 'What is to be traded, and how.',
  fields: (t) => ({
    symbol: t.string({ required: true, description: 'What.' }),
    side: t.field({ type: OrderSide.type, required: true, description: 'Buy or sell.' }),
    type: t.field({ type: OrderType.type, required: true, description: 'By what it trades.' }),
    timeInForce: t.field({
      type: TimeInForce.type,
      description: 'How long it is good for; for the day where it is left out.',
    }),
    quantity: t.field({ type: 'Decimal', description: 'How many: this, or an amount of money.' }),
    notional: t.field({
      type: 'Decimal',
      description:
        'For how much money: market orders for the day only. Its shares are counted at the best price of the moment and may trade a little further, so that it may cost more than this, and never more than its `reserved`: the same shares at `collarPrice`, fees included.',
    }),
    limitPrice: t.field({ type: 'Decimal', description: 'No worse than this.' }),
    stopPrice: t.field({ type: 'Decimal', description: 'Triggered at this.' }),
    trailAmount: t.field({ type: 'Decimal', description: 'Of a trailing stop: so far behind.' }),
    trailPercent: t.field({ type: 'Decimal', description: 'The same in percent: 5 is 5 %.' }),
    postOnly: t.boolean({ description: 'Never comes to the other’s price.' }),
    extendedHours: t.boolean({ description: 'Trades outside of the regular session too.' }),
  }),
});

export const PlaceOrderInput = builder.inputType('PlaceOrderInput', {
  description: 'An order to place.',
  fields: (t) => ({
    accountId: t.id({ required: true, description: 'For which account.' }),
    clientOrderId: t.string({ description: CLIENT_ORDER_ID }),
    order: t.field({ type: OrderSpecInput, required: true, description: 'What.' }),
  }),
});

const DAY = 1;

/** Zero on the wire is a number that was left out; who writes one means something else. */
export function specFrom(path: string, input: typeof OrderSpecInput.$inferInput): OrderSpec {
  refuseZero(`${path}.quantity`, input.quantity, 'quantity_invalid');
  refuseZero(`${path}.notional`, input.notional, 'notional_below_minimum');
  refuseZero(`${path}.limitPrice`, input.limitPrice, 'price_invalid');
  refuseZero(`${path}.stopPrice`, input.stopPrice, 'price_invalid');
  refuseZero(`${path}.trailAmount`, input.trailAmount, 'trail_invalid');
  refuseZero(`${path}.trailPercent`, input.trailPercent, 'trail_invalid');
  return {
    symbol: inCapitals(input.symbol),
    side: input.side as Sides,
    type: input.type as OrderTypes,
    timeInForce: (input.timeInForce ?? DAY) as TimesInForce,
    qty: input.quantity ?? 0n,
    notional: input.notional ?? 0n,
    limitPx: input.limitPrice ?? 0n,
    stopPx: input.stopPrice ?? 0n,
    trailAmount: input.trailAmount ?? 0n,
    trailPercent: ratioFrom(`${path}.trailPercent`, input.trailPercent ?? 0n),
    postOnly: input.postOnly ?? false,
    extendedHours: input.extendedHours ?? false,
  };
}

/** A client that gives none cannot try again, and may not care. */
export function clientOrderIdFrom(given: string | null | undefined): string {
  return given ?? randomUUID();
}
