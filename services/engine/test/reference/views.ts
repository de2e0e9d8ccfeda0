import { Side } from '../../src/domain/codes.ts';
import { MAX_PRICE } from '../../src/domain/command.ts';
import { type OrderView } from '../../src/domain/queries.ts';
import { type Uuid } from '../../src/domain/uuid.ts';
import { averageOf, type Market, trailOf, type Working } from './market.ts';

/** A live order as the engine would show it. */
export function viewOf(markets: readonly Market[], order: Working): OrderView | undefined {
  const market = markets.find(({ orders }) => orders.includes(order));
  if (market === undefined) return undefined;
  const { side, type, timeInForce, status, price, highWater, qty, cum, leaves } = order;
  const trailed = side === Side.buy ? Math.min(highWater + trailOf(order), MAX_PRICE) : highWater - trailOf(order);
  const ahead = market.orders.filter((other) => order.where === 'book' && isAhead(other, order));
  const stopPrice = highWater > 0 ? Math.max(trailed, 0) : order.stopPrice;
  return {
    orderId: idOf(order.id),
    accountId: idOf(order.account),
    userId: idOf(order.user),
    symbol: market.symbol,
    side,
    type,
    timeInForce,
    status,
    limitPrice: price,
    stopPrice,
    highWater,
    qty,
    cumQty: cum,
    leavesQty: leaves,
    avgPx: averageOf(order),
    aheadQty: ahead.reduce((all, other) => all + other.leaves, 0),
    aheadOrders: ahead.length,
  };
}

function isAhead(other: Working, order: Working): boolean {
  const together = other.where === 'book' && other.side === order.side && other.price === order.price;
  return together && other.arrival < order.arrival;
}

function idOf(d: number): Uuid {
  return { a: 0, b: 0, c: 0, d };
}
