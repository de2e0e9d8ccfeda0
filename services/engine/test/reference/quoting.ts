import { OrderStatus, OrderType, Reason, Side, TimeInForce } from '../../src/domain/codes.ts';
import {
  type Command,
  MAX_NOTIONAL,
  MAX_PRICE,
  MAX_QTY,
  MAX_QUOTE_LEVELS,
  MAX_SIDE_QTY,
} from '../../src/domain/command.ts';
import { end } from './groups.ts';
import { HOUSE, isId, type Market, onGrid, openOn, refuseCommand } from './market.ts';
import { enter } from './matching.ts';
import { create } from './placing.ts';
import { whole } from './refusals.ts';
import { show } from './stops.ts';

export function quote(market: Market, command: Extract<Command, { kind: 'quote' }>): void {
  if (!market.defined) return refuseCommand(market, Reason.unknown_symbol);
  if (!isId(command.accountId) || !isId(command.userId)) return refuseCommand(market, Reason.malformed);
  const { bids, asks, reference } = command;
  const good = [...bids, ...asks].every(
    ({ price, qty }) =>
      whole(price, MAX_PRICE) &&
      whole(qty, MAX_QTY) &&
      onGrid(market, price) &&
      qty % market.lot === 0 &&
      price * qty <= MAX_NOTIONAL,
  );
  const ladder = [...asks.map(({ price }) => price).toReversed(), ...bids.map(({ price }) => price)];
  if (
    (reference !== 0 && !whole(reference, MAX_PRICE)) ||
    !good ||
    !falling(ladder) ||
    Math.max(bids.length, asks.length) > MAX_QUOTE_LEVELS
  )
    return refuseCommand(market, Reason.quote_invalid);
  const sum = (side: Side, list: typeof bids) => list.reduce((total, level) => total + level.qty, openOn(market, side));
  if (Math.max(sum(Side.buy, bids), sum(Side.sell, asks)) > MAX_SIDE_QTY)
    return refuseCommand(market, Reason.quantity_ceiling);
  if (market.splitting) return;
  for (const order of market.orders) if (order.house) end(market, order, OrderStatus.canceled, Reason.none);
  const place = (side: Side, level: { price: number; qty: number }) => {
    const order = create(
      market,
      {
        orderId: { a: 0, b: 0, c: 0, d: HOUSE },
        side,
        type: OrderType.limit,
        timeInForce: TimeInForce.gtc,
        postOnly: false,
        qty: level.qty,
        limitPrice: level.price,
        stopPrice: 0,
        trailAmount: 0,
        trailPpm: 0,
        collarOffset: 0,
      },
      command.accountId.d,
      command.userId.d,
      false,
    );
    order.house = true;
    order.arrival = ++market.arrivals;
    market.orders.push(order);
    enter(market, order);
  };
  for (const level of bids) place(Side.buy, level);
  for (const level of asks) place(Side.sell, level);
  if (reference > 0) show(market, reference);
}

function falling(list: readonly number[]): boolean {
  return list.every((price, i) => i === 0 || price < list[i - 1]!);
}
