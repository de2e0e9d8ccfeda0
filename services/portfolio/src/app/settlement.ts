import { AppError } from '@andvari/kit/base/errors';
import type { Tx } from '@andvari/kit/db/types';
import { toQuantity } from '@andvari/money';
import type { Report } from '../domain/settlement.ts';
import { fillSettledEvent } from '../messages/events.ts';
import { findOrderReservations } from '../store/reservations.ts';
import type { Deps } from './deps.ts';
import { type ReportOutcome, settleReports } from './settle-reports.ts';
import { SettlementCache } from './settlement-cache.ts';

/** An order that never came to rest. The engine knows little of it, maybe not even its side. */
export type RefusedOrder = {
  readonly type: 'refused';
  readonly orderId: string;
  readonly accountId: string;
  readonly symbol: string;
};

export type IncomingReport = Report | RefusedOrder;

export type SettlementDeps = Pick<Deps, 'append' | 'wakeRelay'> & {
  count: (outcome: ReportOutcome['outcome']) => void;
};

export function createSettlement({ append, wakeRelay, count }: SettlementDeps) {
  const known = new SettlementCache();
  return {
    /** All of them and the news of them, or, when one cannot be, none: the consumer then looks for the one at fault. */
    async apply(tx: Tx, incoming: readonly IncomingReport[]): Promise<void> {
      const reports = await withSides(tx, incoming);
      if (reports.length === 0) return;
      const outcomes = await settleReports(tx, reports, known);
      const news = reports.flatMap((report, index) => {
        const outcome = outcomes[index];
        if (outcome === undefined) throw new Error('a report was not answered');
        refusePoison(report, outcome);
        return report.type === 'fill' && outcome.outcome === 'settled' ? [fillSettledEvent(report, outcome)] : [];
      });
      await append(tx, news);
      for (const { outcome } of outcomes) count(outcome);
      if (news.length > 0) wakeRelay();
    },
  };
}

/** A refused order gives back what was reserved for it, if anything was. */
async function withSides(tx: Tx, incoming: readonly IncomingReport[]): Promise<Report[]> {
  const refused = incoming.filter((report) => report.type === 'refused');
  if (refused.length === 0) return incoming.filter((report) => report.type !== 'refused');
  const held = await findOrderReservations(
    tx,
    refused.map(({ orderId }) => orderId),
  );
  return incoming.flatMap((report): Report[] => {
    if (report.type !== 'refused') return [report];
    const { orderId, accountId, symbol } = report;
    const side = held.get(orderId)?.side;
    const nothing = toQuantity(0n);
    return side === undefined
      ? []
      : [{ type: 'ended', orderId, accountId, symbol, side, cumQty: nothing, leavesQty: nothing }];
  });
}

/** Our books and the engine's disagree. Whatever it is, a person has to look; the report waits among the dead letters. */
function refusePoison(report: Report, outcome: ReportOutcome): void {
  const reason =
    outcome.outcome === 'refused' ? outcome.reason : outcome.outcome === 'ahead' ? ('fill_ahead' as const) : undefined;
  if (reason === undefined) return;
  // An order for which nothing was held, a bracket's exit say, may end without having traded.
  if (reason === 'order_not_reserved' && report.type !== 'fill' && report.cumQty === 0n) return;
  throw new AppError('failed_precondition', `a report of order ${report.orderId} cannot be settled`, { reason });
}
