import { toMicros } from '@andvari/money';
import { format, microsOf } from '@andvari/money/decimal';
import type { OwnOrdersQuery } from '../../api/generated/graphql.ts';
import { isOpen, mayReplace } from '../../api/order-states.ts';
import { fromPicture } from '../../ui/number.ts';
import { nearestTick, type TicketInstrument } from './ticket-rules.ts';

export type OwnOrder = NonNullable<NonNullable<OwnOrdersQuery['account']>['orders']>['nodes'][number];

/** A price at which an order of one's own waits. */
export interface OwnLine {
  key: string;
  order: OwnOrder;
  field: 'limitPrice' | 'stopPrice';
  price: string;
  isMovable: boolean;
}

/** One for each price of what is open: a stop with a limit has two. What follows the market by itself is not moved by hand. */
export function linesOf(orders: readonly OwnOrder[]): OwnLine[] {
  return orders.filter(isOpen).flatMap((order) =>
    (['limitPrice', 'stopPrice'] as const).flatMap((field) => {
      const price = order[field];
      const isMovable = mayReplace(order) && order.type !== 'TRAILING_STOP';
      return price === null ? [] : [{ key: `${order.id}-${field}`, order, field, price, isMovable }];
    }),
  );
}

/** The allowed price nearest to where a finger is; never none. */
export function priceAt(value: number, instrument: TicketInstrument): string {
  const lowest = instrument.tickBelowOne;
  if (!(value > 0)) return lowest;
  const nearest = nearestTick(fromPicture(value, 6), instrument);
  return microsOf(nearest) <= 0n ? lowest : nearest;
}

/** So many ticks up, or down. */
export function stepped(price: string, ticks: number, instrument: TicketInstrument): string {
  const tick = microsOf(microsOf(price) >= microsOf('1') ? instrument.tick : instrument.tickBelowOne);
  const next = toMicros(microsOf(price) + tick * BigInt(ticks));
  return next <= 0n ? instrument.tickBelowOne : nearestTick(format(next), instrument);
}
