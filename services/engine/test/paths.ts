import {
  ExecType,
  GroupKind,
  Liquidity,
  names,
  OrderStatus,
  OrderType,
  Phase,
  Reason,
  TimeInForce,
} from '../src/domain/codes.ts';
import type { Command, OrderTerms } from '../src/domain/command.ts';
import type { Report } from '../src/domain/reports.ts';
import { formatUuid } from '../src/domain/uuid.ts';
import type { Body } from './flow.ts';

interface Known {
  order: OrderTerms;
  grouped: boolean;
  triggered: boolean;
  last: Report;
}

/** One command with what came of it, and how its symbol stood before. */
export interface Step {
  body: Body<Command>;
  reports: readonly Report[];
  refusal: Reason;
  phase: Phase;
  halted: boolean;
  /** Both exits of a pair stand in the book. */
  pairStands: boolean;
}

/** Names the ways through the engine that each command took; a way taken twice by one command is named once. */
export function createGuide(): (step: Step) => ReadonlySet<string> {
  const known = new Map<string, Known>();
  const touched = new Set<string>();
  return (step) => {
    const took = new Set<string>();
    if (step.refusal !== Reason.none) took.add(because(step.refusal));
    noteOrders(step, known);
    for (const report of step.reports) {
      if (report.reason !== Reason.none) took.add(because(report.reason));
      for (const path of pathsOfReport(step, report, known.get(formatUuid(report.orderId)))) took.add(path);
    }
    for (const path of pathsOfCommand(step, known)) took.add(path);
    if (step.body.kind === 'quote' && step.refusal === Reason.none) {
      if (touched.delete(step.body.symbol)) took.add('quote replaces a ladder in part traded');
    }
    if (step.reports.some((report) => isHouse(report) && report.leavesQty > 0)) touched.add(step.body.symbol);
    for (const report of step.reports) remember(report, known);
    return took;
  };
}

export function because(reason: Reason): string {
  return `because of ${names.reason[reason]}`;
}

function noteOrders({ body, reports }: Step, known: Map<string, Known>): void {
  const orders = body.kind === 'place' ? [body] : body.kind === 'place_group' ? body.orders : [];
  for (const report of reports) {
    if (report.execType !== ExecType.NEW) continue;
    const old = report.linkedId === undefined ? undefined : known.get(formatUuid(report.linkedId));
    const key = formatUuid(report.orderId);
    const order = old?.order ?? orders.find(({ orderId }) => formatUuid(orderId) === key);
    const grouped = old?.grouped ?? body.kind === 'place_group';
    if (order !== undefined) known.set(key, { order, grouped, triggered: old?.triggered ?? false, last: report });
  }
}

function remember(report: Report, known: Map<string, Known>): void {
  const one = known.get(formatUuid(report.orderId));
  if (one === undefined || report.execType === ExecType.REJECTED) return;
  one.last = report;
  one.triggered ||= report.execType === ExecType.TRIGGERED;
}

function* pathsOfReport({ body, phase, halted }: Step, report: Report, known: Known | undefined): Generator<string> {
  const { execType, reason } = report;
  const resumes = body.kind === 'set_phase' || body.kind === 'set_halt';
  if (execType === ExecType.FILL && isHouse(report)) {
    yield 'house filled';
    if (report.liquidity === Liquidity.taker) yield 'quote takes from the book';
  }
  if (reason === Reason.self_trade && resumes) yield 'self-trade in an auction';
  if (known === undefined) return;
  const { order, last } = known;
  const type = names.type[order.type];
  if (execType === ExecType.NEW && report.linkedId === undefined) yield `${type} accepted`;
  if (execType === ExecType.NEW && halted && phase === Phase.open) yield 'order arrives while halted';
  if (execType === ExecType.FILL) {
    yield `${type} filled`;
    yield `${names.timeInForce[order.timeInForce]} filled`;
  }
  if (execType === ExecType.TRIGGERED) {
    if (resumes) yield 'stop triggers after a halt or overnight';
    if (body.kind === 'quote') yield 'stop triggers by a reference price';
    if (body.kind === 'place' && formatUuid(body.orderId) === formatUuid(report.orderId)) {
      yield 'stop triggers on arrival';
    }
    if (order.type === OrderType.trailing_stop) {
      yield order.trailAmount > 0 ? 'trailing stop triggers by amount' : 'trailing stop triggers by percentage';
    }
  }
  if (reason === Reason.entry_done && report.leavesQty < order.qty) yield 'exits begin after a part of the entry';
  if (reason === Reason.user_requested && report.cumQty > 0) yield 'cancel of an order in part filled';
  if (reason === Reason.day_end && last.status === OrderStatus.held) yield 'day end of a held exit';
  if (reason === Reason.day_end && order.type >= OrderType.stop && !known.triggered) yield 'day end of a waiting stop';
}

function* pathsOfCommand(step: Step, known: ReadonlyMap<string, Known>): Generator<string> {
  const { body, reports } = step;
  const fills = reports.filter(({ execType }) => execType === ExecType.FILL);
  const types = reports.map(({ execType }) => execType);
  const firstTrigger = types.indexOf(ExecType.TRIGGERED);
  const fillAfter = types.indexOf(ExecType.FILL, firstTrigger);
  if (firstTrigger >= 0 && fillAfter >= 0 && types.lastIndexOf(ExecType.TRIGGERED) > fillAfter) yield 'stop cascade';
  if (body.kind === 'place_group' && reports[0]?.execType === ExecType.NEW) {
    yield `${Object.keys(GroupKind)[body.group]} accepted`;
  }
  if (body.kind === 'place') {
    if (step.pairStands && body.timeInForce === TimeInForce.fok)
      yield 'fill-or-kill while both exits stand in the book';
    const own = fills.filter(({ orderId }) => formatUuid(orderId) === formatUuid(body.orderId));
    if (new Set(own.map(({ lastPx }) => lastPx)).size > 1) {
      yield 'trade through several levels';
      if (body.timeInForce === TimeInForce.fok) yield 'fill-or-kill through several levels';
    }
  }
  if (body.kind === 'replace' && reports[0]?.execType === ExecType.REPLACED) {
    yield* pathsOfReplace(reports, known.get(formatUuid(body.orderId)));
  }
  if (body.kind === 'set_phase' || body.kind === 'set_halt') yield* pathsOfAuction(step, fills, known);
}

function* pathsOfReplace(reports: readonly Report[], old: Known | undefined): Generator<string> {
  const replacement = reports[1];
  if (old === undefined || replacement === undefined) return;
  const { order, last, triggered, grouped } = old;
  const waits = order.type >= OrderType.stop && !triggered && last.status !== OrderStatus.held;
  const sameTerms =
    replacement.terms.limitPrice === last.terms.limitPrice && replacement.terms.stopPrice === last.terms.stopPrice;
  if (sameTerms && !waits && replacement.leavesQty > 0 && replacement.leavesQty <= last.leavesQty)
    yield 'replace keeps its place';
  if (reports.some(({ execType }) => execType === ExecType.FILL)) yield 'replace crosses';
  if (replacement.status === OrderStatus.filled) yield 'replace ends at what was filled';
  if (last.cumQty > 0) yield 'replace of a partially filled order';
  if (last.status === OrderStatus.held) yield 'replace of a held exit';
  if (waits)
    yield order.type === OrderType.trailing_stop ? 'replace of a waiting trailing stop' : 'replace of a waiting stop';
  if (order.timeInForce >= TimeInForce.opg) yield 'replace of an auction order';
  if (grouped) yield 'replace of an order in a group';
}

function* pathsOfAuction(
  { body }: Step,
  fills: readonly Report[],
  known: ReadonlyMap<string, Known>,
): Generator<string> {
  const first = fills[0];
  if (first === undefined) return;
  yield 'auction trades';
  if (body.kind === 'set_halt') yield 'auction trade after a halt';
  if (fills.slice(-2).some(({ leavesQty }) => leavesQty > 0)) yield 'auction leaves an imbalance';
  const prices = [...known.values()].map(({ last }) => last.terms.limitPrice);
  if (!prices.includes(first.lastPx)) yield 'auction price is no order’s price';
}

function isHouse({ orderId }: Report): boolean {
  return orderId.a !== 0;
}
