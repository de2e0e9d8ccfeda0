import { toMicros } from '@andvari/money';
import { format, microsOf } from '@andvari/money/decimal';
import type { OwnOrdersQuery } from '../../api/generated/graphql.ts';
import { isOpen, mayReplace } from '../../api/order-states.ts';
import { fromPicture } from '../../ui/number.ts';
import { nearestTick, type TicketInstrument } from './ticket-rules.ts';
import { stopFor, type Trail, trailFor, trailStepped } from './trail.ts';

export type OwnOrder = NonNullable<NonNullable<OwnOrdersQuery['account']>['orders']>['nodes'][number];

/** Where a line stands, and the figure of its order that puts it there: the same, but for a stop that follows the market. */
export interface Place {
  price: string;
  value: string;
}

/** A price at which an order of one's own waits. */
export interface OwnLine extends Place {
  key: string;
  order: OwnOrder;
  field: 'limitPrice' | 'stopPrice' | Trail['unit'];
  isMovable: boolean;
}

/** One for each price of what is open: a stop with a limit has two. `stops` says where those that follow the market stand now. */
export function linesOf(orders: readonly OwnOrder[], stops: ReadonlyMap<string, string> = new Map()): OwnLine[] {
  return orders.filter(isOpen).flatMap((order) => {
    const isMovable = mayReplace(order);
    return placesOf(order, stops.get(order.orderId)).map(({ field, price, value }) => ({
      key: `${order.id}-${field}`,
      order,
      field,
      price,
      value,
      isMovable,
    }));
  });
}

function placesOf(order: OwnOrder, stop: string | undefined): Pick<OwnLine, 'field' | 'price' | 'value'>[] {
  if (order.type === 'TRAILING_STOP') {
    const field = order.trailAmount === null ? 'trailPercent' : 'trailAmount';
    const value = order[field];
    return stop === undefined || value === null ? [] : [{ field, price: stop, value }];
  }
  return (['limitPrice', 'stopPrice'] as const).flatMap((field) => {
    const price = order[field];
    return price === null ? [] : [{ field, price, value: price }];
  });
}

/** Where a finger is, as the nearest place that there is. */
export function placeAt(line: OwnLine, at: number, instrument: TicketInstrument): Place {
  const price = priceAt(at, instrument);
  const trail = trailOf(line);
  return trail === undefined ? { price, value: price } : placeOf(trail, trailFor(trail, price, instrument), instrument);
}

/** So many steps up, or down. */
export function placeBeside(line: OwnLine, from: Place, steps: number, instrument: TicketInstrument): Place {
  const trail = trailOf(line);
  if (trail !== undefined) return placeOf(trail, trailStepped(trail, from.value, steps, instrument), instrument);
  const price = stepped(from.price, steps, instrument);
  return { price, value: price };
}

function trailOf({ field, order, price, value }: OwnLine): Trail | undefined {
  if (field === 'limitPrice' || field === 'stopPrice') return undefined;
  return { side: order.side === 'SELL' ? 'SELL' : 'BUY', unit: field, value, stop: price };
}

const placeOf = (trail: Trail, value: string, instrument: TicketInstrument): Place => ({
  value,
  price: stopFor(trail, value, instrument),
});

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
