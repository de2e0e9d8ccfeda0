import { ExecType, OrderStatus, OrderType, Phase, Reason, Side, TimeInForce } from '../../src/domain/codes.ts';
import { end } from './groups.ts';
import {
  byArrival,
  gridDown,
  gridUp,
  type Market,
  queue,
  refuseCommand,
  report,
  tickAt,
  type Working,
} from './market.ts';
import { stand, trade } from './matching.ts';
import { show } from './stops.ts';

export function setPhase(market: Market, phase: Phase): void {
  if (!market.defined) return refuseCommand(market, Reason.unknown_symbol);
  if (!Object.values(Phase).includes(phase)) return refuseCommand(market, Reason.malformed);
  const from = market.phase;
  if (from === phase) return;
  market.phase = phase;
  if (phase === Phase.open) {
    call(market, TimeInForce.opg);
    if (!market.halted) openTrading(market);
  }
  if (phase === Phase.closing || (phase === Phase.closed && from === Phase.open)) call(market, TimeInForce.cls);
  if (phase === Phase.closed && from !== Phase.pre_open) {
    const price = market.halted ? 0 : auction(market);
    if (price > 0) market.mark = price;
    endLeftovers(market);
  }
}

function call(market: Market, timeInForce: TimeInForce): void {
  for (const order of byArrival(market.orders)) {
    if (order.where !== 'auction' || order.timeInForce !== timeInForce) continue;
    stand(market, order);
  }
}

export function openTrading(market: Market): void {
  const price = auction(market);
  endLeftovers(market);
  for (const order of byArrival(market.orders)) {
    if (order.where !== 'book' || order.status !== OrderStatus.accepted) continue;
    order.status = OrderStatus.new;
    report(market, order, ExecType.RESTATED, Reason.session_open);
  }
  const last = price > 0 ? price : market.mark;
  if (last > 0) show(market, last);
}

function endLeftovers(market: Market): void {
  for (const order of byArrival(market.orders)) {
    if (order.where !== 'book') continue;
    if (order.timeInForce >= TimeInForce.opg) end(market, order, OrderStatus.expired, Reason.auction_remainder);
    else if (order.type === OrderType.market) end(market, order, OrderStatus.canceled, Reason.auction_remainder);
  }
}

export function auction(market: Market): number {
  let last = 0;
  for (;;) {
    const [bid, ask] = [queue(market, Side.buy)[0], queue(market, Side.sell)[0]];
    if (bid === undefined || ask === undefined || bid.price < ask.price) return last;
    const price = clearingPrice(market, ask.price, bid.price);
    const self = selfTrade(market, price);
    if (self !== undefined) {
      end(market, self, OrderStatus.canceled, Reason.self_trade);
      continue;
    }
    last = price;
    for (;;) {
      const pair = [
        ...eligible(market, Side.buy, price).slice(0, 1),
        ...eligible(market, Side.sell, price).slice(0, 1),
      ];
      if (pair.length < 2 || pair[0]!.user === pair[1]!.user) break;
      const [maker, taker] = byArrival(pair) as [Working, Working];
      trade(market, maker, taker, Math.min(maker.leaves, taker.leaves), price);
    }
  }
}

function clearingPrice(market: Market, low: number, high: number): number {
  let best = { price: 0, volume: -1, imbalance: 0, distance: 0 };
  for (const price of candidates(market, low, high)) {
    const total = (side: Side) => eligible(market, side, price).reduce((sum, order) => sum + order.leaves, 0);
    const [demand, supply] = [total(Side.buy), total(Side.sell)];
    const next = {
      price,
      volume: Math.min(demand, supply),
      imbalance: Math.abs(demand - supply),
      distance: Math.abs(price - market.mark),
    };
    const order = next.volume - best.volume || best.imbalance - next.imbalance || best.distance - next.distance;
    if (order > 0) best = next;
  }
  return best.price;
}

const FEW = 2000;

/** Every price of the grid, and those of orders from before it changed; of a vast grid, where it can matter. */
function candidates(market: Market, low: number, high: number): number[] {
  const ordered = market.orders.filter(({ where }) => where === 'book').map(({ price }) => price);
  const prices = new Set(ordered);
  if ((high - low) / tickAt(market, low) < FEW) {
    for (let price = gridUp(market, low); price <= high; price += tickAt(market, price)) prices.add(price);
  } else {
    for (const price of [market.mark, ...ordered].flatMap((one) => [one - 1, one, one + 1])) {
      prices.add(gridDown(market, price)).add(gridUp(market, price));
    }
  }
  return [...prices].filter((price) => price >= low && price <= high).toSorted((a, b) => a - b);
}

function selfTrade(market: Market, price: number): Working | undefined {
  const [bids, asks] = [Side.buy, Side.sell].map((side) =>
    eligible(market, side, price).map((order) => ({ order, left: order.leaves })),
  );
  while (bids!.length > 0 && asks!.length > 0) {
    const [bid, ask] = [bids![0]!, asks![0]!];
    if (bid.order.user === ask.order.user) return bid.order.arrival > ask.order.arrival ? bid.order : ask.order;
    const qty = Math.min(bid.left, ask.left);
    bid.left -= qty;
    ask.left -= qty;
    if (bid.left === 0) bids!.shift();
    if (ask.left === 0) asks!.shift();
  }
  return undefined;
}

function eligible(market: Market, side: Side, price: number): Working[] {
  return queue(market, side).filter((order) => (side === Side.buy ? order.price >= price : order.price <= price));
}
