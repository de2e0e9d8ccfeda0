import {
  ExecType,
  Liquidity,
  OrderStatus,
  OrderType,
  Phase,
  Reason,
  Refused,
  Side,
  TimeInForce,
} from '../../src/domain/codes.ts';
import { type OrderTerms } from '../../src/domain/command.ts';
import { type Uuid } from '../../src/domain/uuid.ts';

/**
 * The engine again, as the rules read: plain objects in one array, sorted and filtered anew for every question. It is
 * slow on purpose; the property tests hold the real one against it, report by report and level by level.
 */
export interface Row {
  execType: ExecType;
  order: number;
  status: OrderStatus;
  lastQty: number;
  lastPx: number;
  cum: number;
  leaves: number;
  avgPx: number;
  liquidity: Liquidity;
  trade: number | undefined;
  reason: Reason;
  refused: Refused;
  linked: number | undefined;
}

type Where = 'book' | 'stop' | 'trailing' | 'auction' | 'held' | 'nowhere';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export interface Working extends Mutable<Omit<OrderTerms, 'orderId'>> {
  id: number;
  account: number;
  user: number;
  price: number;
  leaves: number;
  cum: number;
  value: bigint;
  status: OrderStatus;
  where: Where;
  arrival: number;
  highWater: number;
  house: boolean;
  triggered: boolean;
  grouped: boolean;
  sibling?: Working | undefined;
  entry?: Working | undefined;
  exits: Working[];
}

export interface Market {
  orders: Working[];
  used: Set<number>;
  rows: Row[];
  agenda: (() => void)[];
  defined: boolean;
  tick: number;
  lot: number;
  phase: Phase;
  halted: boolean;
  mark: number;
  arrivals: number;
  trades: number;
  refusal: Reason;
}

export function createMarket(): Market {
  return {
    orders: [],
    used: new Set(),
    rows: [],
    agenda: [],
    defined: false,
    tick: 1,
    lot: 1,
    phase: Phase.closed,
    halted: false,
    mark: 0,
    arrivals: 0,
    trades: 0,
    refusal: Reason.none,
  };
}

export function report(
  market: Market,
  order: Working,
  execType: ExecType,
  reason: Reason = Reason.none,
  extra: Partial<Row> = {},
): void {
  const { id, status, cum, leaves } = order;
  market.rows.push({
    execType,
    order: order.house ? -1 : id,
    status,
    lastQty: 0,
    lastPx: 0,
    cum,
    leaves,
    avgPx: roundHalfEven(order.value, BigInt(cum)),
    liquidity: Liquidity.none,
    trade: undefined,
    reason,
    refused: Refused.nothing,
    linked: undefined,
    ...extra,
  });
}

export function refuse(market: Market, orderId: Uuid, reason: Reason, refused: Refused, linked?: number): void {
  market.rows.push({
    execType: ExecType.REJECTED,
    order: orderId.d,
    status: OrderStatus.rejected,
    lastQty: 0,
    lastPx: 0,
    cum: 0,
    leaves: 0,
    avgPx: 0,
    liquidity: Liquidity.none,
    trade: undefined,
    reason,
    refused,
    linked,
  });
}

export function refuseCommand(market: Market, reason: Reason): void {
  market.refusal = reason;
}

export function queue(market: Market, side: Side): Working[] {
  const sign = side === Side.buy ? -1 : 1;
  const standing = byArrival(market.orders.filter((order) => order.where === 'book' && order.side === side));
  return standing.toSorted((a, b) => (a.price - b.price) * sign);
}

/** [price, quantity, orders] per level, best first. */
export function levelsOn(market: Market, side: Side): [number, number, number][] {
  const result: [number, number, number][] = [];
  for (const order of queue(market, side)) {
    const last = result.at(-1);
    if (last !== undefined && last[0] === order.price) {
      last[1] += order.leaves;
      last[2]++;
    } else {
      result.push([order.price, order.leaves, 1]);
    }
  }
  return result;
}

export function byArrival(orders: Working[]): Working[] {
  return orders.toSorted((a, b) => a.arrival - b.arrival);
}

export function find(market: Market, command: { symbol: string; accountId: Uuid; orderId: Uuid }): Working | undefined {
  if (command.symbol !== 'ACME') return undefined;
  return market.orders.find(
    (order) => !order.house && order.id === command.orderId.d && order.account === command.accountId.d,
  );
}

export function missing(market: Market, orderId: Uuid): Reason {
  const live = market.orders.some((order) => order.id === orderId.d);
  return market.used.has(orderId.d) && !live ? Reason.too_late : Reason.unknown_order;
}

export function isLive(order: Working): boolean {
  return order.status <= OrderStatus.partially_filled;
}

export function continuous(market: Market): boolean {
  return market.phase === Phase.open && !market.halted;
}

export function startStatus(market: Market, order: Working): OrderStatus {
  const stops = order.type >= OrderType.stop && !order.triggered;
  const waits = stops || order.timeInForce >= TimeInForce.opg || !continuous(market);
  return waits ? OrderStatus.accepted : OrderStatus.new;
}

export function openOn(market: Market, side: Side): number {
  return market.orders.filter((order) => order.side === side).reduce((sum, order) => sum + order.leaves, 0);
}

export function gridDown(market: Market, price: number): number {
  return Math.max(market.tick, price - (price % market.tick));
}

export function gridUp(market: Market, price: number): number {
  return price % market.tick === 0 ? price : Math.max(market.tick, price - (price % market.tick) + market.tick);
}

export function other(side: Side): Side {
  return side === Side.buy ? Side.sell : Side.buy;
}

function roundHalfEven(value: bigint, by: bigint): number {
  if (by === 0n) return 0;
  const [quotient, twice] = [value / by, (value % by) * 2n];
  const up = twice > by || (twice === by && quotient % 2n === 1n);
  return Number(up ? quotient + 1n : quotient);
}
