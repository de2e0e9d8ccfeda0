import { type EngineStatus, hasEnded, type OrderLife } from './order.ts';

export const reportTypes = [
  'new',
  'fill',
  'canceled',
  'replaced',
  'expired',
  'rejected',
  'triggered',
  'restated',
  'cancel_rejected',
  'replace_rejected',
] as const;
export type ReportType = (typeof reportTypes)[number];

/** What the engine says of one order; the quantities are totals of the order, except for the last trade's. */
export interface Report {
  readonly execId: string;
  readonly type: ReportType;
  readonly orderId: string;
  readonly accountId: string;
  readonly userId: string;
  readonly symbol: string;
  readonly side: 'buy' | 'sell' | undefined;
  readonly status: EngineStatus;
  readonly qty: bigint;
  readonly lastQty: bigint;
  readonly lastPx: bigint;
  readonly cumQty: bigint;
  readonly leavesQty: bigint;
  readonly avgPx: bigint;
  readonly liquidity: 'maker' | 'taker' | undefined;
  readonly tradeId: string;
  readonly reason: string;
  readonly atUs: bigint;
  readonly stopPx: bigint;
  readonly waterMarkPx: bigint;
  readonly replaces: string | undefined;
  readonly replacedBy: string | undefined;
}

/**
 * The one table of transitions: in which states an order can be when a report of this type comes, and in which it is then.
 * A refused cancel says nothing of the order's own state.
 */
export const transitions: Record<ReportType, { from: readonly EngineStatus[]; to: readonly EngineStatus[] }> = {
  new: { from: ['pending_new'], to: ['accepted', 'held', 'new', 'partially_filled', 'filled'] },
  fill: { from: ['accepted', 'new', 'partially_filled'], to: ['partially_filled', 'filled'] },
  canceled: { from: ['accepted', 'held', 'new', 'partially_filled'], to: ['canceled'] },
  replaced: { from: ['accepted', 'held', 'new', 'partially_filled'], to: ['replaced'] },
  expired: { from: ['accepted', 'held', 'new', 'partially_filled'], to: ['expired'] },
  rejected: { from: ['pending_new'], to: ['rejected'] },
  triggered: { from: ['accepted', 'partially_filled'], to: ['new', 'partially_filled'] },
  restated: {
    from: ['accepted', 'held', 'new', 'partially_filled'],
    to: ['accepted', 'held', 'new', 'partially_filled'],
  },
  cancel_rejected: { from: ['accepted', 'held', 'new', 'partially_filled'], to: [] },
  replace_rejected: { from: ['pending_new'], to: ['rejected'] },
};

/** Why a report did not fit. */
export type Misfit = (typeof misfits)[number];
export const misfits = [
  /** It was ended already, by another report. */
  'order_ended',
  /** It tells of less than is known. */
  'behind',
  /** Something before it never came; what it says was taken over all the same. */
  'gap',
  /** Another's order, or another symbol or side. */
  'other_order',
  /** Such a report never leaves an order in that state. */
  'status_impossible',
  /** The id was used before we heard that it was. */
  'duplicate_before_new',
] as const;

export interface Applied {
  /** Absent where nothing is to change. */
  readonly life?: OrderLife;
  readonly misfit?: Misfit;
}

/** What an order is after a report. Totals are the engine's, so that one that was lost is made good by the next. */
export function applyReport(life: OrderLife, report: Report): Applied {
  if (isRepeatedCommand(report)) return life.status === 'pending_new' ? { misfit: 'duplicate_before_new' } : {};
  if (report.type === 'cancel_rejected') return afterRefusedCancel(life, report);
  const { from, to } = transitions[report.type];
  if (!to.includes(report.status)) return { misfit: 'status_impossible' };
  if (hasEnded(life.status)) return { misfit: 'order_ended' };
  if (report.cumQty < life.cumQty) return { misfit: 'behind' };
  const next = { ...takenOver(life, report), version: life.version + 1n };
  const fits = from.includes(life.status) && report.cumQty === cumAfter(life, report);
  return fits ? { life: next } : { life: next, misfit: 'gap' };
}

/** The order whose place another did not take lives on as it was. */
export function afterRefusedReplacement(life: OrderLife, atUs: bigint): OrderLife {
  if (life.pending !== 'replace') return life;
  return { ...life, ...settled(life, undefined), updatedAtUs: atUs, version: life.version + 1n };
}

/** A command that was sent twice is refused the second time for its id: of the order it says nothing. */
function isRepeatedCommand({ type, reason }: Report): boolean {
  return (type === 'rejected' || type === 'replace_rejected') && reason === 'duplicate_order_id';
}

function afterRefusedCancel(life: OrderLife, report: Report): Applied {
  // A cancel that was sent twice is answered twice.
  if (hasEnded(life.status) || life.pending !== 'cancel') return {};
  const next = { ...life, ...settled(life, undefined), updatedAtUs: report.atUs, version: life.version + 1n };
  return { life: next };
}

function takenOver(life: OrderLife, report: Report): OrderLife {
  const ends = hasEnded(report.status);
  const pending = ends ? undefined : life.pending;
  return {
    ...life,
    status: report.status,
    ...settled({ ...life, status: report.status }, pending),
    reason: report.reason === '' ? life.reason : report.reason,
    // What ends keeps its size; of a replacement that is filled by what the other had traded, the first word is the last.
    qty: report.qty > 0n && (!ends || report.type === 'new') ? report.qty : life.qty,
    cumQty: report.cumQty,
    leavesQty: report.leavesQty,
    avgPx: report.avgPx,
    stopPx: report.stopPx === 0n ? life.stopPx : report.stopPx,
    waterMarkPx: report.waterMarkPx === 0n ? life.waterMarkPx : report.waterMarkPx,
    replacedBy: report.replacedBy ?? life.replacedBy,
    updatedAtUs: report.atUs,
    acknowledgedAtUs: life.acknowledgedAtUs === 0n ? report.atUs : life.acknowledgedAtUs,
    finishedAtUs: ends ? report.atUs : 0n,
  };
}

/** Something is awaited of the engine as long as it has not answered the placing, or a change. */
function settled(life: OrderLife, pending: OrderLife['pending']): Pick<OrderLife, 'pending' | 'awaitingSinceUs'> {
  const awaits = life.status === 'pending_new' || pending !== undefined;
  return { pending, awaitingSinceUs: awaits ? life.awaitingSinceUs : 0n };
}

/** An order that takes another's place takes its fills over; any other begins without. */
function cumAfter(life: OrderLife, report: Report): bigint {
  if (report.type === 'fill') return life.cumQty + report.lastQty;
  return report.type === 'new' ? report.cumQty : life.cumQty;
}
