import { ExecType, OrderStatus, Reason } from '../../src/domain/codes.ts';
import { isLive, type Market, report, startStatus, type Working } from './market.ts';
import { enter } from './matching.ts';

export function activate(market: Market, entry: Working): void {
  const exits = entry.exits;
  entry.exits = [];
  for (const exit of exits) {
    exit.entry = undefined;
    exit.qty = entry.cum;
    exit.leaves = entry.cum;
    exit.where = 'nowhere';
    exit.arrival = ++market.arrivals;
    exit.status = startStatus(market, exit);
    report(market, exit, ExecType.RESTATED, Reason.entry_done);
  }
  for (const exit of exits) if (isLive(exit)) enter(market, exit);
}

export function end(market: Market, order: Working, status: OrderStatus, reason: Reason): void {
  order.status = status;
  order.leaves = 0;
  order.where = 'nowhere';
  if (order.house) return;
  report(market, order, status === OrderStatus.expired ? ExecType.EXPIRED : ExecType.CANCELED, reason);
  if (order.exits.length > 0) {
    if (order.cum > 0) {
      market.agenda.push(() => activate(market, order));
      return;
    }
    const exits = order.exits;
    order.exits = [];
    for (const exit of exits) {
      exit.entry = undefined;
      exit.sibling = undefined;
    }
    for (const exit of exits) end(market, exit, OrderStatus.canceled, Reason.group);
    return;
  }
  const { sibling, entry } = order;
  cut(order);
  if (reason === Reason.self_trade || reason === Reason.notional_ceiling) return;
  if (sibling !== undefined) end(market, sibling, OrderStatus.canceled, Reason.group);
  if (entry !== undefined && isLive(entry)) end(market, entry, OrderStatus.canceled, Reason.group);
}

export function cut(leg: Working): void {
  for (const order of [leg, leg.sibling]) {
    if (order === undefined) continue;
    if (order.entry !== undefined) order.entry.exits = [];
    order.entry = undefined;
  }
  if (leg.sibling !== undefined) leg.sibling.sibling = undefined;
  leg.sibling = undefined;
}
