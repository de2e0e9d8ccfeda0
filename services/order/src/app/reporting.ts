import { lastly } from '@andvari/kit/db/db';
import type { Tx } from '@andvari/kit/db/types';
import { ExecutionReport } from '@andvari/proto/engine/v1/reports';
import type { Misfit, Report } from '../domain/life.ts';
import { hasEnded } from '../domain/order.ts';
import type { OrderEvent } from '../domain/order-event.ts';
import { ReportedOrders } from '../domain/reported-orders.ts';
import { reportFrom } from '../messages/report.ts';
import { keepEarly, recordUnexpected, takeEarly, type UnexpectedReport } from '../store/kept-reports.ts';
import { insertEvents } from '../store/order-events.ts';
import { lockOrders } from '../store/read-orders.ts';
import { saveLives } from '../store/write-orders.ts';
import type { Deps } from './deps.ts';

export type ReportingDeps = Pick<Deps, 'now' | 'metrics' | 'log'> & {
  /** Its orders are the engine's own, and nobody placed them here. */
  houseAccountId: string;
};

interface Read {
  readonly report: Report;
  readonly message: ExecutionReport;
}

/** What the engine says becomes what an order is: a batch of reports at a time, each order's row read and written once. */
export function createReporting({ now, metrics, log, houseAccountId }: ReportingDeps) {
  return {
    async apply(tx: Tx, messages: readonly ExecutionReport[]): Promise<void> {
      const reads: Read[] = [];
      for (const message of messages) {
        if (message.accountId !== houseAccountId) reads.push({ report: reportFrom(message), message });
      }
      if (reads.length > 0) await applyAll(tx, reads);
    },

    /** Reports that came before orders which are there by now. */
    async applyEarly(tx: Tx, orderIds: readonly string[]): Promise<void> {
      await applyAll(tx, [], orderIds);
    },
  };

  async function applyAll(tx: Tx, reads: readonly Read[], also: readonly string[] = []): Promise<void> {
    const ids = new Set(also);
    for (const { report } of reads) {
      ids.add(report.orderId);
      if (report.type === 'replace_rejected' && report.replaces !== undefined) ids.add(report.replaces);
    }
    // Sent together, run in this order. What is taken for an order that came between the two is kept once more.
    const [locked, early] = await Promise.all([lockOrders(tx, [...ids]), takeEarly(tx, [...ids])]);
    const book = new ReportedOrders(locked);
    const all = [...early.map(readAgain), ...reads];
    const missing: Read[] = [];
    const misfits: { read: Read; why: Misfit }[] = [];
    for (const read of all) {
      const order = book.find(read.report.orderId);
      if (order === undefined) missing.push(read);
      else {
        const why = book.apply(order, read.report);
        if (why !== undefined) misfits.push({ read, why });
      }
    }
    const changed = book.changed();
    const atUs = now();
    await lastly(
      tx,
      saveLives(tx, changed),
      insertEvents(tx, book.events),
      keepEarly(
        tx,
        missing.map(({ report, message }) => ({
          execId: report.execId,
          orderId: report.orderId,
          accountId: report.accountId,
          payload: ExecutionReport.encode(message).finish(),
          recordedAtUs: atUs,
        })),
      ),
      recordUnexpected(
        tx,
        misfits.map(({ read, why }) => unexpectedOf(read, why, atUs)),
      ),
    );
    count(book.events, missing.length, misfits);
    for (const { life, before } of changed) {
      const { acknowledgedAtUs, updatedAtUs, status, reason } = life;
      if (before.life.acknowledgedAtUs === 0n && acknowledgedAtUs !== 0n) {
        metrics.placeToAck.observe({}, secondsSince(before.placedAtUs, acknowledgedAtUs));
      }
      if (before.life.cumQty === 0n && life.cumQty > 0n && acknowledgedAtUs !== 0n) {
        metrics.ackToFill.observe({}, secondsSince(acknowledgedAtUs, updatedAtUs));
      }
      if (hasEnded(status) && !hasEnded(before.life.status)) metrics.ended.inc({ status, reason });
    }
  }

  function count(events: readonly OrderEvent[], early: number, misfits: readonly { read: Read; why: Misfit }[]): void {
    for (const { kind } of events) metrics.reports.inc({ type: kind });
    if (early > 0) metrics.early.inc(early);
    for (const { read, why } of misfits) {
      metrics.unexpected.inc({ why });
      const { execId, orderId, type } = read.report;
      log.warn({ event: 'report_did_not_fit', execId, orderId, type, why }, 'a report did not fit its order');
    }
  }
}

function readAgain(payload: Uint8Array): Read {
  const message = ExecutionReport.decode(payload);
  return { report: reportFrom(message), message };
}

function secondsSince(fromUs: bigint, toUs: bigint): number {
  return Number(toUs - fromUs) / 1e6;
}

function unexpectedOf({ report, message }: Read, why: Misfit, atUs: bigint): UnexpectedReport {
  return {
    execId: report.execId,
    orderId: report.orderId,
    kind: report.type,
    why,
    payload: ExecutionReport.encode(message).finish(),
    recordedAtUs: atUs,
  };
}
