import { ExecType, Liquidity, OrderStatus, OrderType, Reason, Side, TimeInForce } from '../../src/domain/codes.ts';
import { activate, cut, end } from './groups.ts';
import { continuous, type Market, other, PARTITION, queue, report, type Working } from './market.ts';
import { show, waitForTrigger } from './stops.ts';

export function enter(market: Market, order: Working): void {
  if (order.type >= OrderType.stop && !order.triggered) return waitForTrigger(market, order);
  if (order.timeInForce >= TimeInForce.opg) {
    order.where = 'auction';
    return;
  }
  if (continuous(market)) execute(market, order);
  else stand(market, order);
}

export function execute(market: Market, order: Working): void {
  if (order.timeInForce === TimeInForce.fok && !fillable(market, order)) {
    return end(market, order, OrderStatus.canceled, Reason.fok_unfillable);
  }
  for (;;) {
    const maker = partners(market, order)[0];
    if (maker === undefined || order.leaves === 0) break;
    if (maker.user === order.user) return end(market, order, OrderStatus.canceled, Reason.self_trade);
    trade(market, maker, order, Math.min(maker.leaves, order.leaves), maker.price);
    show(market, maker.price);
  }
  if (order.leaves === 0) return;
  if (order.type === OrderType.market) {
    const empty = queue(market, other(order.side)).length === 0;
    return end(market, order, OrderStatus.canceled, empty ? Reason.no_liquidity : Reason.collar);
  }
  if (order.timeInForce === TimeInForce.ioc) return end(market, order, OrderStatus.canceled, Reason.ioc_remainder);
  stand(market, order);
}

export function stand(market: Market, order: Working): void {
  order.where = 'book';
  order.arrival = ++market.arrivals;
}

function fillable(market: Market, order: Working): boolean {
  let left = order.leaves;
  const passed: Working[] = [];
  for (const maker of partners(market, order)) {
    if (left <= 0) break;
    if (maker.user === order.user) return false;
    // Two exits of a pair protect the same shares.
    if (!passed.some((earlier) => earlier === maker.sibling)) left -= maker.leaves;
    passed.push(maker);
  }
  return left <= 0;
}

export function partners(market: Market, order: Working): Working[] {
  return queue(market, other(order.side)).filter((maker) =>
    order.side === Side.buy ? maker.price <= order.price : maker.price >= order.price,
  );
}

export function trade(market: Market, maker: Working, taker: Working, qty: number, price: number): void {
  for (const order of [maker, taker]) {
    order.leaves -= qty;
    order.cum += qty;
    order.value += BigInt(price) * BigInt(qty);
    order.status = order.leaves === 0 ? OrderStatus.filled : OrderStatus.partially_filled;
  }
  const tradeId = `${PARTITION}-${market.command.sequence}-t${market.trades++}`;
  const fill = { lastQty: qty, lastPx: price, tradeId };
  report(market, maker, ExecType.FILL, Reason.none, { ...fill, liquidity: Liquidity.maker });
  report(market, taker, ExecType.FILL, Reason.none, { ...fill, liquidity: Liquidity.taker });
  for (const order of [maker, taker]) {
    if (order.leaves === 0) {
      order.where = 'nowhere';
      if (order.exits.length > 0) market.agenda.push(() => activate(market, order));
    }
    const sibling = order.sibling;
    if (sibling === undefined) continue;
    sibling.leaves -= qty;
    if (sibling.leaves > 0) {
      sibling.qty -= qty;
      report(market, sibling, ExecType.RESTATED, Reason.sibling_filled);
    } else {
      cut(order);
      end(market, sibling, OrderStatus.canceled, Reason.group);
    }
  }
}
