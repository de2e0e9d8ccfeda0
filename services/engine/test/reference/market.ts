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
import { type Report } from '../../src/domain/reports.ts';
import { type Uuid } from '../../src/domain/uuid.ts';

/**
 * The engine again, as the rules read: plain objects in one array, sorted and filtered anew for every question. It is
 * slow on purpose; the property tests hold the real one against it, report by report and level by level.
 */
export type Row = Omit<Report, 'orderId' | 'accountId' | 'userId' | 'linkedId'> & Named;

/** Ids are small numbers here; every house order is called HOUSE. */
interface Named {
  orderId: number;
  accountId: number;
  userId: number;
  linkedId: number | undefined;
}

export const HOUSE = -1;

/** The tests' engine is that of partition 3. */
export const PARTITION = 3;

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

/** One symbol. */
export interface Market {
  symbol: string;
  orders: Working[];
  /** Of all symbols together: every id that was ever named, and what became of it. */
  ids: Map<number, Working | 'refused'>;
  command: { sequence: number; at: number };
  rows: { row: Row; order: Working | undefined }[];
  agenda: (() => void)[];
  defined: boolean;
  tick: number;
  tickBelowOne: number;
  lot: number;
  phase: Phase;
  halted: boolean;
  splitting: boolean;
  mark: number;
  arrivals: number;
  trades: number;
  refusal: Reason;
}

export function createMarket(symbol: string, ids: Market['ids']): Market {
  return {
    symbol,
    orders: [],
    ids,
    command: { sequence: 0, at: 0 },
    rows: [],
    agenda: [],
    defined: false,
    tick: 1,
    tickBelowOne: 1,
    lot: 1,
    phase: Phase.closed,
    halted: false,
    splitting: false,
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
  const { id, status, cum, leaves, side } = order;
  const row = {
    ...blankRow(market),
    execType,
    orderId: order.house ? HOUSE : id,
    accountId: order.account,
    userId: order.user,
    side,
    status,
    cumQty: cum,
    leavesQty: leaves,
    avgPx: averageOf(order),
    reason,
    ...extra,
  };
  market.rows.push({ row, order });
}

export function refuse(
  market: Market,
  owner: { accountId: Uuid; userId: Uuid },
  orderId: Uuid,
  reason: Reason,
  about: Partial<Row>,
): void {
  const row = {
    ...blankRow(market),
    execType: ExecType.REJECTED,
    orderId: orderId.d | 0,
    accountId: owner.accountId.d,
    userId: owner.userId.d | 0,
    status: OrderStatus.rejected,
    reason,
    ...about,
  };
  market.rows.push({ row, order: undefined });
  const named = about.refused !== Refused.cancel && isId(orderId);
  if (named && !market.ids.has(orderId.d)) market.ids.set(orderId.d, 'refused');
}

function blankRow({ command, rows }: Market): Row {
  return {
    execId: `${PARTITION}-${command.sequence}-${rows.length}`,
    sequence: command.sequence,
    execType: ExecType.NEW,
    orderId: 0,
    accountId: 0,
    userId: 0,
    side: Side.buy,
    status: OrderStatus.new,
    lastQty: 0,
    lastPx: 0,
    cumQty: 0,
    leavesQty: 0,
    avgPx: 0,
    liquidity: Liquidity.none,
    tradeId: undefined,
    reason: Reason.none,
    refused: Refused.nothing,
    linkedId: undefined,
    transactTime: command.at,
    terms: { qty: 0, limitPrice: 0, stopPrice: 0, highWater: 0 },
  };
}

/** The terms that a report names are those at the end of its command. */
export function finishedRows({ rows }: Market): Row[] {
  return rows.map(({ row, order }) => {
    if (order === undefined) return row;
    const { qty, price, stopPrice, highWater } = order;
    return { ...row, terms: { qty, limitPrice: price, stopPrice, highWater } };
  });
}

export function isId({ a, b, c, d }: Uuid): boolean {
  return [a, b, c, d].every((word) => (word | 0) === word);
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

export function find(market: Market, command: { accountId: Uuid; orderId: Uuid }): Working | undefined {
  return market.orders.find(
    (order) => !order.house && order.id === command.orderId.d && order.account === command.accountId.d,
  );
}

export function missing(market: Market, orderId: Uuid): Reason {
  const named = market.ids.get(orderId.d);
  const ended = named !== undefined && (named === 'refused' || !isLive(named));
  return ended ? Reason.too_late : Reason.unknown_order;
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

const ONE = 1_000_000;

export function onGrid(market: Market, price: number): boolean {
  return price % tickAt(market, price) === 0;
}

export function gridDown(market: Market, price: number): number {
  return Math.max(market.tickBelowOne, price - (price % tickAt(market, price)));
}

export function gridUp(market: Market, price: number): number {
  return onGrid(market, price) ? price : gridDown(market, price + tickAt(market, price));
}

export function tickAt({ tick, tickBelowOne }: Market, price: number): number {
  return price < ONE ? tickBelowOne : tick;
}

export function other(side: Side): Side {
  return side === Side.buy ? Side.sell : Side.buy;
}

export function averageOf({ value, cum }: Working): number {
  return roundHalfEven(value, BigInt(cum));
}

function roundHalfEven(value: bigint, by: bigint): number {
  if (by === 0n) return 0;
  const [quotient, twice] = [value / by, (value % by) * 2n];
  const up = twice > by || (twice === by && quotient % 2n === 1n);
  return Number(up ? quotient + 1n : quotient);
}

/** How far from its best mark a trailing stop triggers. */
export function trailOf({ highWater, trailAmount, trailPpm }: Working): number {
  const percent = Number((BigInt(highWater) * BigInt(trailPpm)) / 1_000_000n);
  return trailAmount > 0 ? trailAmount : Math.max(1, percent);
}
