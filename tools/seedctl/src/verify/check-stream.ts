import { textArray } from '@andvari/kit/db/pg-array';
import type { Db } from '@andvari/kit/db/types';
import type { Nats } from '@andvari/kit/nats/nats';
import { ExecType, type ExecutionReport } from '@andvari/proto/engine/v1/reports';
import { executionReport } from '@andvari/proto/events';
import { AckPolicy, DeliverPolicy } from '@nats-io/jetstream';
import { type Difference, difference } from './difference.ts';

const PAGE = 1000;
const FETCH_MS = 2000;

/** Every fill that the engine has told of, as far as the stream still has it, against the two that must know it. */
export async function checkStream(
  { nats, orders, ledger }: { nats: Nats; orders: Db; ledger: Db },
  houseAccountId: string,
): Promise<{ differences: Difference[]; fills: number; unreadable: number }> {
  const differences: Difference[] = [];
  let fills = 0;
  let unreadable = 0;
  for await (const { reports, unreadable: more } of readFills(nats)) {
    fills += reports.length;
    unreadable += more;
    const ids = [...new Set(reports.map(({ execId }) => execId))];
    const [booked, told] = await Promise.all([bookedOf(ledger, ids), toldOf(orders, reports)]);
    for (const report of reports) {
      const inLedger = booked.get(report.execId);
      const subject = `execution/${report.execId}`;
      if (inLedger === undefined)
        differences.push(difference('told_fill_missing_in_ledger', subject, report.lastQty, 'nothing'));
      else if (inLedger !== report.lastQty) {
        differences.push(difference('told_fill_differs_in_ledger', subject, report.lastQty, inLedger));
      }
      // The house's own orders are the engine's, and no row of the order service.
      if (report.accountId !== houseAccountId && !told.has(report.execId)) {
        differences.push(difference('told_fill_missing_in_orders', subject, report.lastQty, 'nothing'));
      }
    }
  }
  return { differences, fills, unreadable };
}

/** What nobody can read nobody has applied: each consumer has set it aside as a dead letter, and here it is counted. */
async function* readFills({ jsm, js }: Nats): AsyncGenerator<{ reports: ExecutionReport[]; unreadable: number }> {
  const { stream } = executionReport;
  const consumer = await jsm.consumers.add(stream, {
    filter_subject: 'exec.*.*.fill',
    deliver_policy: DeliverPolicy.All,
    ack_policy: AckPolicy.None,
    inactive_threshold: 60_000_000_000,
  });
  try {
    const pull = await js.consumers.get(stream, consumer.name);
    for (let left = consumer.num_pending; left > 0; ) {
      const reports: ExecutionReport[] = [];
      let received = 0;
      let unreadable = 0;
      for await (const message of await pull.fetch({ max_messages: Math.min(left, PAGE), expires: FETCH_MS })) {
        received += 1;
        const report = reportIn(message.data);
        if (report === undefined) unreadable += 1;
        else if (report.execType === ExecType.EXEC_TYPE_FILL) reports.push(report);
      }
      // What is gone meanwhile was too old to be kept.
      if (received === 0) return;
      left -= received;
      yield { reports, unreadable };
    }
  } finally {
    await jsm.consumers.delete(stream, consumer.name).catch(() => undefined);
  }
}

function reportIn(data: Uint8Array): ExecutionReport | undefined {
  try {
    return executionReport.codec.decode(data);
  } catch {
    return undefined;
  }
}

async function bookedOf(ledger: Db, execIds: readonly string[]): Promise<Map<string, bigint>> {
  const rows = await ledger<{ exec_id: string; qty: bigint }[]>`
    select exec_id, abs(qty) as qty from executions where exec_id = any(${textArray(execIds)}::text[])`;
  return new Map(rows.map(({ exec_id: execId, qty }) => [execId, qty]));
}

async function toldOf(orders: Db, reports: readonly ExecutionReport[]): Promise<Set<string>> {
  const orderIds = [...new Set(reports.map(({ orderId }) => orderId))];
  const rows = await orders<{ exec_id: string }[]>`
    select exec_id from order_events where order_id = any(${textArray(orderIds)}::uuid[]) and kind = 'fill'`;
  return new Set(rows.map(({ exec_id: execId }) => execId));
}
