import { ExecType, OrderStatus, OrderType, Reason, Side } from '../../src/domain/codes.ts';
import { MAX_NOTIONAL, MAX_PRICE } from '../../src/domain/command.ts';
import { end } from './groups.ts';
import {
  byArrival,
  continuous,
  gridDown,
  gridUp,
  isLive,
  type Market,
  report,
  trailOf,
  type Working,
} from './market.ts';
import { execute } from './matching.ts';

export function show(market: Market, price: number): void {
  market.mark = price;
  if (!continuous(market)) return;
  for (const side of [Side.buy, Side.sell]) {
    const sign = side === Side.buy ? 1 : -1;
    const waiting = byArrival(market.orders.filter((order) => order.where === 'stop' && order.side === side));
    for (const order of waiting.toSorted((a, b) => (a.stopPrice - b.stopPrice) * sign)) {
      if (order.stopPrice * sign <= price * sign) trigger(market, order, price);
    }
  }
  for (const order of byArrival(market.orders.filter((one) => one.where === 'trailing'))) {
    const better = order.side === Side.buy ? price < order.highWater : price > order.highWater;
    if (better || order.highWater === 0) order.highWater = price;
    if (trailed(order, price)) trigger(market, order, price);
  }
}

export function waitForTrigger(market: Market, order: Working): void {
  const live = continuous(market) && market.mark > 0;
  if (order.type === OrderType.trailing_stop) {
    order.where = 'trailing';
    if (live && order.highWater === 0) order.highWater = market.mark;
    if (live && trailed(order, market.mark)) trigger(market, order, market.mark);
    return;
  }
  order.where = 'stop';
  const beyond = order.side === Side.buy ? market.mark >= order.stopPrice : market.mark <= order.stopPrice;
  if (live && beyond) trigger(market, order, market.mark);
}

function trailed(order: Working, price: number): boolean {
  const { side, highWater } = order;
  return side === Side.buy ? price >= highWater + trailOf(order) : price <= highWater - trailOf(order);
}

function trigger(market: Market, order: Working, price: number): void {
  order.where = 'nowhere';
  order.triggered = true;
  order.status = OrderStatus.new;
  if (order.type !== OrderType.stop_limit) {
    const { collarOffset } = order;
    order.price =
      order.side === Side.buy
        ? gridDown(market, Math.min(price + collarOffset, MAX_PRICE))
        : gridUp(market, Math.max(price - collarOffset, 1));
  }
  report(market, order, ExecType.TRIGGERED);
  if (order.price * order.leaves > MAX_NOTIONAL)
    return end(market, order, OrderStatus.canceled, Reason.notional_ceiling);
  market.agenda.push(() => {
    if (isLive(order)) execute(market, order);
  });
}
