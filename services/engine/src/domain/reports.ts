import { ExecType, type Liquidity, type OrderStatus, Reason, Refused, type Side } from './codes.ts';
import { averagePrice, notionalAt } from './notional.ts';
import { accountIdOf, NONE, type Orders, orderIdOf, userIdOf } from './orders.ts';
import type { Uuid } from './uuid.ts';

/**
 * The reports of one command, one column per field, overwritten by the next command. `order` and `linked` are slots:
 * read ids and terms from the orders table before the next command is applied.
 */
export interface Reports {
  capacity: number;
  count: number;
  trades: number;
  sequence: number;
  at: number;
  /** Set when the command concerned no order and was refused: the service dead-letters it. */
  refusal: Reason;
  order: Int32Array;
  /** The order that replaced this one (REPLACED) or that this one replaces (its NEW or REJECTED); else NONE. */
  linked: Int32Array;
  /** ExecType, status, reason and liquidity, a byte each from the lowest on. */
  codes: Int32Array;
  refused: Uint8Array;
  /** The number of the trade within the command, from 0; NONE where nothing traded. */
  trade: Int32Array;
  lastQty: Float64Array;
  lastPx: Float64Array;
  cum: Float64Array;
  leaves: Float64Array;
  low: Float64Array;
  mid: Float64Array;
  high: Float64Array;
}

/** One report with everything resolved: what the wire carries. Prices and quantities are micro-units. */
export interface Report {
  execId: string;
  execType: ExecType;
  orderId: Uuid;
  accountId: Uuid;
  userId: Uuid;
  side: Side;
  status: OrderStatus;
  lastQty: number;
  lastPx: number;
  cumQty: number;
  leavesQty: number;
  /** Half-even to the micro-unit, from the exact sum of price x quantity. */
  avgPx: number;
  liquidity: Liquidity;
  tradeId: string | undefined;
  reason: Reason;
  refused: Refused;
  linkedId: Uuid | undefined;
  transactTime: number;
}

export function createReports(capacity: number): Reports {
  return {
    capacity,
    count: 0,
    trades: 0,
    sequence: 0,
    at: 0,
    refusal: Reason.none,
    order: new Int32Array(capacity),
    linked: new Int32Array(capacity),
    codes: new Int32Array(capacity),
    refused: new Uint8Array(capacity),
    trade: new Int32Array(capacity),
    lastQty: new Float64Array(capacity),
    lastPx: new Float64Array(capacity),
    cum: new Float64Array(capacity),
    leaves: new Float64Array(capacity),
    low: new Float64Array(capacity),
    mid: new Float64Array(capacity),
    high: new Float64Array(capacity),
  };
}

export function beginReports(reports: Reports, sequence: number, at: number): void {
  reports.count = 0;
  reports.trades = 0;
  reports.sequence = sequence;
  reports.at = at;
  reports.refusal = Reason.none;
}

/** Adds a report about the order as it is now and returns its row. */
export function report(reports: Reports, orders: Orders, slot: number, execType: ExecType, reason: Reason): number {
  if (reports.count === reports.capacity) grow(reports);
  const row = reports.count++;
  reports.order[row] = slot;
  reports.linked[row] = NONE;
  reports.codes[row] = execType | (orders.status[slot]! << 8) | (reason << 16);
  reports.refused[row] = Refused.nothing;
  reports.trade[row] = NONE;
  reports.lastQty[row] = 0;
  reports.lastPx[row] = 0;
  reports.cum[row] = orders.cum[slot]!;
  reports.leaves[row] = orders.leaves[slot]!;
  reports.low[row] = orders.low[slot]!;
  reports.mid[row] = orders.mid[slot]!;
  reports.high[row] = orders.high[slot]!;
  return row;
}

export function reportFill(
  reports: Reports,
  orders: Orders,
  slot: number,
  qty: number,
  price: number,
  liquidity: Liquidity,
): void {
  const row = report(reports, orders, slot, ExecType.FILL, Reason.none);
  reports.codes[row] = reports.codes[row]! | (liquidity << 24);
  reports.trade[row] = reports.trades;
  reports.lastQty[row] = qty;
  reports.lastPx[row] = price;
}

export function readReport(reports: Reports, orders: Orders, partition: number, row: number): Report {
  const slot = reports.order[row]!;
  const linked = reports.linked[row]!;
  const codes = reports.codes[row]!;
  const trade = reports.trade[row]!;
  const cumQty = reports.cum[row]!;
  return {
    execId: `${partition}-${reports.sequence}-${row}`,
    execType: (codes & 0xff) as ExecType,
    orderId: orderIdOf(orders, slot),
    accountId: accountIdOf(orders, slot),
    userId: userIdOf(orders, slot),
    side: orders.side[slot] as Side,
    status: ((codes >> 8) & 0xff) as OrderStatus,
    lastQty: reports.lastQty[row]!,
    lastPx: reports.lastPx[row]!,
    cumQty,
    leavesQty: reports.leaves[row]!,
    avgPx: averagePrice(notionalAt(reports, row), cumQty),
    liquidity: ((codes >> 24) & 0xff) as Liquidity,
    tradeId: trade === NONE ? undefined : `${partition}-${reports.sequence}-t${trade}`,
    reason: ((codes >> 16) & 0xff) as Reason,
    refused: reports.refused[row] as Refused,
    linkedId: linked === NONE ? undefined : orderIdOf(orders, linked),
    transactTime: reports.at,
  };
}

function grow(reports: Reports): void {
  const { count, trades, sequence, at, refusal, capacity, ...columns } = reports;
  const wider = createReports(capacity * 2);
  for (const name of Object.keys(columns) as (keyof typeof columns)[]) wider[name].set(columns[name]);
  Object.assign(reports, wider, { count, trades, sequence, at, refusal });
}
