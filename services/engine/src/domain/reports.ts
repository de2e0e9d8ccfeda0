import { ExecType, type Liquidity, OrderStatus, Reason, type Refused, type Side } from './codes.ts';
import { averagePrice, notionalAt } from './notional.ts';
import { accountIdOf, orderIdOf, userIdOf } from './order-slots.ts';
import { NONE, NUM_SHIFT, Num, type Orders } from './orders.ts';
import type { Uuid } from './uuid.ts';

/**
 * The reports of one command as rows of cells, overwritten by the next command. Read them with readReport before that:
 * they refer to orders by slot.
 */
export interface Reports {
  capacity: number;
  count: number;
  trades: number;
  sequence: number;
  at: number;
  /** Set when the command concerned no order and was refused: the service dead-letters it. */
  refusal: Reason;
  int: Int32Array;
  num: Float64Array;
}

const INT_CELLS = 2;
const NUM_CELLS = 3;

const Cell = {
  order: 0,
  /** The order that replaced this one (REPLACED) or that this one replaces (its NEW or REJECTED); else NONE. */
  linked: 1,
  /** ExecType, status, reason, liquidity and what was refused, four to eight bits each from the lowest on. */
  codes: 2,
  /** The number of the trade within the command, from 0; NONE where nothing traded. */
  trade: 3,
} as const;

const Figure = { lastQty: 0, lastPx: 1, cum: 2, leaves: 3, low: 4, mid: 5, high: 6 } as const;

/** One report with everything resolved: what the wire carries. Prices and quantities are micro-units. */
export interface Report {
  execId: string;
  /** The command that caused it. */
  sequence: number;
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
  /** The order's terms once the command was done; zeros for a refused order, whose numbers may be why. */
  terms: { qty: number; limitPrice: number; stopPrice: number; highWater: number };
}

export function createReports(capacity: number): Reports {
  return {
    capacity,
    count: 0,
    trades: 0,
    sequence: 0,
    at: 0,
    refusal: Reason.none,
    int: new Int32Array(capacity << INT_CELLS),
    num: new Float64Array(capacity << NUM_CELLS),
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
  const row = nextRow(reports);
  const { int, num } = reports;
  const at = row << INT_CELLS;
  const figures = row << NUM_CELLS;
  const status = orders.status(slot);
  int[at] = slot;
  int[at | Cell.linked] = NONE;
  int[at | Cell.codes] = execType | (status << 4) | (reason << 8);
  int[at | Cell.trade] = NONE;
  num[figures] = 0;
  num[figures | Figure.lastPx] = 0;
  copyFigures(num, figures, orders.num, slot << NUM_SHIFT);
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
  const row = nextRow(reports);
  const { int, num } = reports;
  const at = row << INT_CELLS;
  const figures = row << NUM_CELLS;
  const status = orders.status(slot);
  int[at] = slot;
  int[at | Cell.linked] = NONE;
  int[at | Cell.codes] = ExecType.FILL | (status << 4) | (liquidity << 16);
  int[at | Cell.trade] = reports.trades;
  num[figures] = qty;
  num[figures | Figure.lastPx] = price;
  copyFigures(num, figures, orders.num, slot << NUM_SHIFT);
}

export function linkReport(reports: Reports, row: number, linked: number): void {
  reports.int[(row << INT_CELLS) | Cell.linked] = linked;
}

export function markRefused(reports: Reports, row: number, refused: Refused): void {
  const at = (row << INT_CELLS) | Cell.codes;
  reports.int[at] = reports.int[at]! | (refused << 20);
}

/** `log`: what the log is called in the ids of what follows from it: its partition, and its epoch where that is known. */
export function readReport(reports: Reports, orders: Orders, log: number | string, row: number): Report {
  const [order, linked, codes, trade] = reports.int.subarray(row << INT_CELLS) as unknown as [
    number,
    number,
    number,
    number,
  ];
  const figures = row << NUM_CELLS;
  const [lastQty, lastPx, cumQty, leavesQty] = reports.num.subarray(figures) as unknown as [
    number,
    number,
    number,
    number,
  ];
  const status = ((codes >> 4) & 0xf) as OrderStatus;
  return {
    execId: `${log}-${reports.sequence}-${row}`,
    sequence: reports.sequence,
    execType: (codes & 0xf) as ExecType,
    orderId: orderIdOf(orders, order),
    accountId: accountIdOf(orders, order),
    userId: userIdOf(orders, order),
    side: orders.side(order),
    status,
    lastQty,
    lastPx,
    cumQty,
    leavesQty,
    avgPx: averagePrice(notionalAt(reports.num, figures | Figure.low), cumQty),
    liquidity: ((codes >> 16) & 0xf) as Liquidity,
    tradeId: trade === NONE ? undefined : `${log}-${reports.sequence}-t${trade}`,
    reason: ((codes >> 8) & 0xff) as Reason,
    refused: ((codes >> 20) & 0xf) as Refused,
    linkedId: linked === NONE ? undefined : orderIdOf(orders, linked),
    transactTime: reports.at,
    terms: status === OrderStatus.rejected ? noTerms : termsOf(orders, order),
  };
}

const noTerms: Report['terms'] = { qty: 0, limitPrice: 0, stopPrice: 0, highWater: 0 };

function termsOf({ num }: Orders, slot: number): Report['terms'] {
  const at = slot << NUM_SHIFT;
  return {
    qty: num[at | Num.qty]!,
    limitPrice: num[at | Num.price]!,
    stopPrice: num[at | Num.stop]!,
    highWater: num[at | Num.highWater]!,
  };
}

/** What is filled, what is left and the exact sum, as they are at this moment; nobody reads the sum of nothing. */
function copyFigures(to: Float64Array, at: number, from: Float64Array, order: number): void {
  const cum = from[order | Num.cum]!;
  to[at | Figure.cum] = cum;
  to[at | Figure.leaves] = from[order | Num.leaves]!;
  if (cum === 0) return;
  to[at | Figure.low] = from[order | Num.low]!;
  to[at | Figure.mid] = from[order | Num.mid]!;
  to[at | Figure.high] = from[order | Num.high]!;
}

function nextRow(reports: Reports): number {
  if (reports.count === reports.capacity) grow(reports);
  return reports.count++;
}

function grow(reports: Reports): void {
  const { int, num } = reports;
  reports.capacity *= 2;
  reports.int = new Int32Array(reports.capacity << INT_CELLS);
  reports.num = new Float64Array(reports.capacity << NUM_CELLS);
  reports.int.set(int);
  reports.num.set(num);
}
