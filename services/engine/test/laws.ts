import { expect } from 'vitest';
import { ExecType, isLive, Liquidity, OrderStatus, Phase, Side, TimeInForce } from '../src/domain/codes.ts';
import type { Command, OrderTerms } from '../src/domain/command.ts';
import { averagePrice } from '../src/domain/notional.ts';
import { findDepth, findOrder } from '../src/domain/queries.ts';
import type { Report } from '../src/domain/reports.ts';
import type { EngineState } from '../src/domain/state.ts';
import { formatUuid } from '../src/domain/uuid.ts';
import type { Body } from './flow.ts';

/** What an onlooker who sees only commands and reports knows of one order. */
interface Seen {
  report: Report;
  order: OrderTerms;
  value: bigint;
  /** The orders that may not trade more than `together` between them. */
  pair: Seen[];
  together: () => number;
}

/**
 * The laws of a market that need no second market to be checked: they hold on the reports alone. The naive reference may
 * share a mistake of the engine's thinking; these do not know how either of them thinks.
 */
export function createOnlooker(state: EngineState): (body: Body<Command>, reports: readonly Report[]) => void {
  const seen = new Map<string, Seen>();
  return (body, reports) => {
    const placed = termsIn(body);
    for (const report of reports) {
      if (report.execType === ExecType.REJECTED || isHouse(report)) continue;
      const key = formatUuid(report.orderId);
      const before = seen.get(key);
      if (before === undefined) seen.set(key, born(report, placed, seen));
      else follow(before, report);
    }
    if (body.kind === 'place_group') pairUp(body, reports, seen);
    checkTrades(reports, body, seen);
    checkStanding(state, seen);
  };
}

function termsIn(body: Body<Command>): ReadonlyMap<string, OrderTerms> {
  const orders = body.kind === 'place' ? [body] : body.kind === 'place_group' ? body.orders : [];
  return new Map(orders.map((order) => [formatUuid(order.orderId), order]));
}

/** An order's life begins with NEW, from its own terms or from those of the order it replaces. */
function born(report: Report, placed: ReadonlyMap<string, OrderTerms>, seen: Map<string, Seen>): Seen {
  expect(report.execType).toBe(ExecType.NEW);
  const replaced = report.linkedId === undefined ? undefined : seen.get(formatUuid(report.linkedId));
  const order = replaced?.order ?? placed.get(formatUuid(report.orderId));
  if (order === undefined) throw new Error(`nobody placed ${formatUuid(report.orderId)}`);
  if (replaced === undefined) {
    expect([report.cumQty, report.leavesQty]).toEqual([0, order.qty]);
    return { report, order, value: 0n, pair: [], together: () => Infinity };
  }
  expect(replaced.report.status).toBe(OrderStatus.replaced);
  expect(report.cumQty).toBe(replaced.report.cumQty);
  const { pair, together, value } = replaced;
  const replacement = { report, order, value, pair, together };
  pair.splice(pair.indexOf(replaced), pair.includes(replaced) ? 1 : 0, replacement);
  replaced.together = () => boughtBy(replacement);
  return replacement;
}

function follow(order: Seen, report: Report): void {
  expect(isLive(order.report.status)).toBe(true);
  expect(report.execType).not.toBe(ExecType.NEW);
  expect(report.cumQty).toBe(order.report.cumQty + report.lastQty);
  expect(report.lastQty > 0).toBe(report.execType === ExecType.FILL);
  if (!isLive(report.status)) expect(report.leavesQty).toBe(0);
  if (report.status === OrderStatus.filled) expect(report.execType).toBe(ExecType.FILL);
  order.value += BigInt(report.lastPx) * BigInt(report.lastQty);
  expect(report.avgPx).toBe(averagePrice(order.value, report.cumQty));
  order.report = report;
  const traded = order.pair.reduce((sum, leg) => sum + leg.report.cumQty, 0);
  expect(traded).toBeLessThanOrEqual(order.together());
}

/** Two exits sell together at most what they were placed for, and at most what their entry bought. A group that is refused pairs nobody. */
function pairUp(
  { orders }: Extract<Body<Command>, { kind: 'place_group' }>,
  reports: readonly Report[],
  seen: Map<string, Seen>,
): void {
  const accepted = new Set(
    reports.filter(({ execType }) => execType === ExecType.NEW).map(({ orderId }) => formatUuid(orderId)),
  );
  const legs = orders
    .map(({ orderId }) => formatUuid(orderId))
    .flatMap((id) => (accepted.has(id) ? (seen.get(id) ?? []) : []));
  if (legs.length !== orders.length) return;
  const [first] = legs;
  const isEntry = first?.report.side !== legs[1]?.report.side;
  const exits = isEntry ? legs.slice(1) : legs;
  const entry = { now: first };
  for (const exit of exits) {
    exit.pair = exits;
    exit.together = () => (isEntry && entry.now !== undefined ? boughtBy(entry.now) : exit.order.qty);
  }
}

/** A replaced entry hands on what it bought. */
function boughtBy(entry: Seen): number {
  return entry.report.status === OrderStatus.replaced ? entry.together() : entry.report.cumQty;
}

function checkTrades(reports: readonly Report[], body: Body<Command>, seen: Map<string, Seen>): void {
  const auction = body.kind === 'set_phase' || body.kind === 'set_halt';
  const fills = reports.filter(({ execType }) => execType === ExecType.FILL);
  expect(fills.length % 2).toBe(0);
  for (let i = 0; i < fills.length; i += 2) {
    const [maker, taker] = [fills[i]!, fills[i + 1]!];
    expect([maker.liquidity, taker.liquidity]).toEqual([Liquidity.maker, Liquidity.taker]);
    expect([taker.tradeId, taker.lastQty, taker.lastPx]).toEqual([maker.tradeId, maker.lastQty, maker.lastPx]);
    expect(maker.side).not.toBe(taker.side);
    expect(formatUuid(maker.userId)).not.toBe(formatUuid(taker.userId));
    for (const { side, lastPx, terms } of [maker, taker]) {
      if (side === Side.buy) expect(lastPx).toBeLessThanOrEqual(terms.limitPrice);
      else expect(lastPx).toBeGreaterThanOrEqual(terms.limitPrice);
    }
    if (auction) expect(maker.lastPx).toBeGreaterThan(0);
    else expect(maker.lastPx).toBe(maker.terms.limitPrice);
    if (!auction && !isHouse(taker)) expect(seen.get(formatUuid(taker.orderId))?.order.postOnly).toBe(false);
  }
}

function checkStanding(state: EngineState, seen: Map<string, Seen>): void {
  for (const { report, order } of seen.values()) {
    const view = findOrder(state, report.orderId);
    expect(view !== undefined).toBe(isLive(report.status));
    if (view === undefined) continue;
    expect(view).toMatchObject({ status: report.status, cumQty: report.cumQty, leavesQty: view.qty - view.cumQty });
    expect(view.leavesQty).toBeGreaterThan(0);
    expect([TimeInForce.ioc, TimeInForce.fok]).not.toContain(order.timeInForce);
  }
  for (const { report, order } of seen.values()) {
    if (order.timeInForce === TimeInForce.fok) expect([0, order.qty]).toContain(report.cumQty);
  }
  for (const symbol of state.bySymbol.keys()) {
    const { bids, asks, phase, halted } = findDepth(state, symbol, 1) ?? { bids: [], asks: [] };
    const [bid, ask] = [bids[0], asks[0]];
    if (phase !== Phase.open || halted || bid === undefined || ask === undefined) continue;
    expect(bid.price).toBeLessThan(ask.price);
  }
}

function isHouse({ orderId }: Report): boolean {
  return orderId.a !== 0;
}
