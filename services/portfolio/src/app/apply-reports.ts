import { AppError } from '@andvari/kit/base/errors';
import { transaction } from '@andvari/kit/db/db';
import type { Db, Tx } from '@andvari/kit/db/types';
import { setAside } from '@andvari/kit/inbox/dead-letters';
import { compare, toQuantity } from '@andvari/money';
import type { Report } from '../domain/settlement.ts';
import { fillSettledEvent } from '../messages/events.ts';
import { deleteEarly, type EarlyReport, findEarly, insertEarly, lockOverdue } from '../store/early-reports.ts';
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

/** A message of the engine's: what it means to the ledger, if anything, and itself, to be kept where it comes before its turn. */
export type ReportMessage = {
  readonly meaning: readonly IncomingReport[];
  readonly kept: () => Omit<EarlyReport, 'orderId' | 'cumQty'>;
};

export type ReportIntakeDeps = Pick<Deps, 'append' | 'now'> & {
  db: Db;
  /** Reads a report that was kept. */
  read: (report: Uint8Array) => readonly IncomingReport[];
  earlyWaitMs: number;
  count: (outcome: ReportOutcome['outcome']) => void;
  /** Our books and the engine's disagree. */
  countFinding: (reason: string) => void;
  /** How long a fill took from the engine's log to its journal, in microseconds. */
  observeSettled: (us: bigint) => void;
};

export const CONSUMER = 'portfolio-executions';
const OVERDUE_TOGETHER = 100;

type Meant = { readonly incoming: IncomingReport; readonly kept: () => EarlyReport; readonly wasEarly: boolean };

type Given = { readonly report: Report; readonly kept: () => EarlyReport; readonly wasEarly: boolean };

export function createReportIntake(deps: ReportIntakeDeps) {
  const { db, append, read, earlyWaitMs, now, count, countFinding, observeSettled } = deps;
  const known = new SettlementCache();
  return {
    /**
     * All of them and the news of them, or, when one cannot be, none: the consumer then looks for the one at fault. One that comes before its
     * turn is kept, and settled with the fill it waits for.
     */
    async apply(tx: Tx, messages: readonly ReportMessage[]): Promise<void> {
      const given = await withSides(tx, messages.flatMap(meant));
      if (given.length === 0) return;
      const early = await findEarly(tx, [...new Set(given.map(({ report }) => report.orderId))]);
      const waiting = await withSides(tx, early.flatMap(readEarly));
      await settle(tx, [...given, ...waiting.toSorted(byTurn)]);
    },

    /** What has waited too long becomes a dead letter. True when there may be more. */
    giveUpOnEarly(): Promise<boolean> {
      return transaction(db, async (tx) => {
        const overdue = await lockOverdue(tx, earlyWaitMs, OVERDUE_TOGETHER);
        for (const { eventId, subject, headers, report } of overdue) {
          const error = new AppError('failed_precondition', 'the fills before it never came', { reason: 'fill_ahead' });
          await setAside(tx, { consumer: CONSUMER, eventId, subject, headers, payload: report, deliveries: 1 }, error);
          countFinding('fill_ahead');
        }
        await deleteEarly(
          tx,
          overdue.map(({ eventId }) => eventId),
        );
        return overdue.length === OVERDUE_TOGETHER;
      });
    },
  };

  async function settle(tx: Tx, given: readonly Given[]): Promise<void> {
    const outcomes = await settleReports(
      tx,
      given.map(({ report }) => report),
      known,
    );
    const answered = given.map((one, index) => {
      const outcome = outcomes[index];
      if (outcome === undefined) throw new Error('a report was not answered');
      return { ...one, outcome };
    });
    for (const { report, outcome, wasEarly } of answered) if (!wasEarly) refusePoison(report, outcome);
    const news = answered.flatMap(({ report, outcome }) =>
      report.type === 'fill' && outcome.outcome === 'settled' ? [fillSettledEvent(report, outcome)] : [],
    );
    await insertEarly(tx, answered.flatMap(toKeep));
    // One that was kept and is refused now stays where it is until it is given up on.
    const through = answered.filter(({ outcome, wasEarly }) => wasEarly && !STAYS.has(outcome.outcome));
    await deleteEarly(
      tx,
      through.map(({ kept }) => kept().eventId),
    );
    await append(tx, news);
    const settledAtUs = now();
    for (const { report, outcome } of answered) {
      count(outcome.outcome);
      if (report.type === 'fill' && outcome.outcome === 'settled') observeSettled(settledAtUs - report.at);
    }
  }

  function readEarly(early: EarlyReport): Meant[] {
    return read(early.report).map((incoming) => ({ incoming, kept: () => early, wasEarly: true }));
  }

  /** Our books and the engine's disagree. Whatever it is, a person has to look; the report waits among the dead letters. */
  function refusePoison(report: Report, outcome: ReportOutcome): void {
    if (outcome.outcome !== 'refused') return;
    const { reason } = outcome;
    // An order for which nothing was held may end without having traded.
    if (reason === 'order_not_reserved' && report.type !== 'fill' && report.cumQty === 0n) return;
    countFinding(reason);
    throw new AppError('failed_precondition', `a report of order ${report.orderId} cannot be settled`, { reason });
  }
}

/** Under the order whose next report can make it good. */
function toKeep({ outcome, wasEarly, kept }: Given & { outcome: ReportOutcome }): EarlyReport[] {
  if (outcome.outcome !== 'ahead' || wasEarly) return [];
  const early = kept();
  return [{ ...early, orderId: outcome.waitsFor ?? early.orderId }];
}

/**
 * An order's fills in their order, and whatever else was said when so much was filled after the fill that made it so; what waits for another
 * order comes behind that one's own.
 */
function byTurn({ report: one, ...first }: Given, { report: other, ...second }: Given): number {
  return (
    Number(first.kept().orderId !== one.orderId) - Number(second.kept().orderId !== other.orderId) ||
    compare(one.cumQty, other.cumQty) ||
    Number(one.type !== 'fill') - Number(other.type !== 'fill')
  );
}

const STAYS: ReadonlySet<ReportOutcome['outcome']> = new Set(['ahead', 'refused']);

function meant({ meaning, kept }: ReportMessage): Meant[] {
  return meaning.map((incoming) => {
    const cumQty = incoming.type === 'refused' ? 0n : incoming.cumQty;
    return { incoming, kept: () => ({ ...kept(), orderId: incoming.orderId, cumQty }), wasEarly: false };
  });
}

/** A refused order gives back what was reserved for it, if anything was. */
async function withSides(tx: Tx, given: readonly Meant[]): Promise<Given[]> {
  const refused = given.flatMap(({ incoming }) => (incoming.type === 'refused' ? [incoming.orderId] : []));
  const held = refused.length === 0 ? undefined : await findOrderReservations(tx, refused);
  return given.flatMap(({ incoming, ...others }): Given[] => {
    if (incoming.type !== 'refused') return [{ report: incoming, ...others }];
    const { orderId, accountId, symbol } = incoming;
    const side = held?.get(orderId)?.side;
    const nothing = toQuantity(0n);
    if (side === undefined) return [];
    const ended = { type: 'ended', orderId, accountId, symbol, side, cumQty: nothing, leavesQty: nothing } as const;
    return [{ report: ended, ...others }];
  });
}
