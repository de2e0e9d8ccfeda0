import { names, OrderType, Phase, Side, TimeInForce } from '../src/domain/codes.ts';
import {
  type Cancel,
  type Command,
  type DefineInstrument,
  MAX_PRICE,
  type OrderTerms,
  type Quote,
  type Replace,
} from '../src/domain/command.ts';
import { apply } from '../src/domain/engine.ts';
import { type Report, readReport } from '../src/domain/reports.ts';
import { createState, type EngineState } from '../src/domain/state.ts';
import type { Uuid } from '../src/domain/uuid.ts';

/** Small readable ids: order 7 is 00000000-0000-0000-0000-000000000007, account and user 7 the same. */
export function id(n: number): Uuid {
  return { a: 0, b: 0, c: 0, d: n };
}

/** No id that anybody may have: its words are not whole. */
export const noId: Uuid = { ...id(0), c: 0.5 };

export type Body<C> = C extends Command ? Omit<C, 'sequence' | 'at'> : never;

const plain = {
  symbol: 'ACME',
  timeInForce: TimeInForce.gtc,
  postOnly: false,
  limitPrice: 0,
  stopPrice: 0,
  trailAmount: 0,
  trailPpm: 0,
  collarOffset: 0,
};

type Extra = Partial<OrderTerms> & { user?: number };

export function terms(n: number, side: 'buy' | 'sell', qty: number, extra: Partial<OrderTerms> = {}): OrderTerms {
  const { symbol: _, ...rest } = plain;
  return { ...rest, orderId: id(n), side: Side[side], type: OrderType.limit, qty, ...extra };
}

export function limit(
  n: number,
  side: 'buy' | 'sell',
  qty: number,
  limitPrice: number,
  extra: Extra = {},
): Body<Command> {
  const { user = n, ...rest } = extra;
  return { kind: 'place', ...plain, ...owner(user), ...terms(n, side, qty, { limitPrice, ...rest }) };
}

export function market(n: number, side: 'buy' | 'sell', qty: number, extra: Extra = {}): Body<Command> {
  const collar = side === 'buy' ? MAX_PRICE - 1 : 1;
  return limit(n, side, qty, collar, { type: OrderType.market, timeInForce: TimeInForce.day, ...extra });
}

export function stop(
  n: number,
  side: 'buy' | 'sell',
  qty: number,
  stopPrice: number,
  extra: Extra = {},
): Body<Command> {
  return limit(n, side, qty, 0, { type: OrderType.stop, stopPrice, collarOffset: 10, ...extra });
}

export function cancel(n: number, user = n, extra: Partial<Cancel> = {}): Body<Command> {
  return { kind: 'cancel', symbol: 'ACME', ...owner(user), orderId: id(n), ...extra };
}

export function replace(n: number, by: number, extra: Partial<Replace> & { user?: number } = {}): Body<Command> {
  const { user = n, ...rest } = extra;
  const unset = { qty: 0, limitPrice: 0, stopPrice: 0, trailAmount: 0, trailPpm: 0 };
  return { kind: 'replace', symbol: 'ACME', ...owner(user), orderId: id(n), newOrderId: id(by), ...unset, ...rest };
}

export function quote(bids: [number, number][], asks: [number, number][], reference = 0): Body<Quote> {
  return { kind: 'quote', symbol: 'ACME', ...owner(9000), reference, bids: ladder(bids), asks: ladder(asks) };
}

function ladder(rows: [number, number][]): Quote['bids'] {
  return rows.map(([price, qty]) => ({ price, qty }));
}

export function phase(to: keyof typeof Phase): Body<Command> {
  return { kind: 'set_phase', symbol: 'ACME', phase: Phase[to] };
}

export function halt(halted: boolean): Body<Command> {
  return { kind: 'set_halt', symbol: 'ACME', halted };
}

export function split(ratioTo: number, ratioFrom: number): Body<Command> {
  return { kind: 'split', symbol: 'ACME', ratioTo, ratioFrom };
}

/** The command with fields that its type does not know it may have. */
export function withFields(command: Body<Command>, fields: object): Body<Command> {
  return { ...command, ...fields };
}

export const expireDay: Body<Command> = { kind: 'expire_day', symbol: 'ACME' };

export const instrument: Body<DefineInstrument> = {
  kind: 'define_instrument',
  symbol: 'ACME',
  tick: 1,
  tickBelowOne: 1,
  lot: 1,
};

export function owner(n: number): { accountId: Uuid; userId: Uuid } {
  return { accountId: id(n), userId: id(n) };
}

/** An engine with a symbol, open unless told otherwise. */
export function engine(rememberedIds = 1024): EngineState {
  return createState({ partition: 3, orders: 16, rememberedIds });
}

/** Applies commands numbered after the state's last one and returns all their reports. */
export function run(state: EngineState, ...bodies: Body<Command>[]): Report[] {
  return bodies.flatMap((body) => {
    const sequence = state.sequence + 1;
    const reports = apply(state, { ...body, sequence, at: sequence * 1000 });
    return Array.from({ length: reports.count }, (_, row) => readReport(reports, state.orders, state.partition, row));
  });
}

/** A report in one line: `FILL 2 5@101 taker, 3 left, partially_filled`. */
export function line(report: Report): string {
  const order = report.orderId.a === 0 ? report.orderId.d : 'house';
  const parts = [`${names.execType[report.execType]} ${order}`];
  if (report.lastQty > 0) parts.push(`${report.lastQty}@${report.lastPx} ${names.liquidity[report.liquidity]}`);
  parts.push(names.status[report.status]!, `leaves ${report.leavesQty}`);
  if (report.reason !== 0) parts.push(names.reason[report.reason]!);
  if (report.linkedId !== undefined) parts.push(`linked ${report.linkedId.d}`);
  return parts.join(' ');
}
