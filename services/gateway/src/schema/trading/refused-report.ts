import { setTimeout as pause } from 'node:timers/promises';
import { isAppError } from '@andvari/kit/base/errors';
import { ExecType, type ExecutionReport, OrderStatus } from '@andvari/proto/engine/v1/reports';
import type { Order } from '@andvari/proto/order/v1/order';
import type { Clients } from '../../clients.ts';
import type { CompleteReport } from '../../live/account-feed.ts';

/**
 * What the engine refuses it reports without anything of the order: no terms, nothing traded, and as rejected. The order service knows the
 * rest, and of a cancel that came too late also how the order ended: whoever takes the report's word would think a filled order rejected.
 */
export function completedBy({ order }: Clients): CompleteReport {
  return async (report, signal) => {
    if (!isRefusal(report)) return report;
    const found = await readOrder(order, report, signal);
    if (found === undefined) return withoutOrder(report);
    return isDoneAnyway(report, found) ? undefined : withOrder(report, found);
  };
}

const refusals = new Set<ExecType>([
  ExecType.EXEC_TYPE_REJECTED,
  ExecType.EXEC_TYPE_CANCEL_REJECTED,
  ExecType.EXEC_TYPE_REPLACE_REJECTED,
]);
const isRefusal = ({ execType }: ExecutionReport): boolean => refusals.has(execType);
const isOfCancel = ({ execType }: ExecutionReport): boolean => execType === ExecType.EXEC_TYPE_CANCEL_REJECTED;

/** A cancel that was sent twice, or whose order went with its group before: what was wanted has been told as CANCELED. */
const isDoneAnyway = (report: ExecutionReport, { status }: Order): boolean =>
  isOfCancel(report) && status === OrderStatus.ORDER_STATUS_CANCELED;

const ATTEMPTS = 10;
const BETWEEN_MS = 100;
const PATIENCE_MS = 1000;

/** The order service hears of the same reports, maybe a moment later: while the cancel is under way there, it has not yet. */
async function readOrder(
  orders: Clients['order'],
  report: ExecutionReport,
  signal: AbortSignal,
): Promise<Order | undefined> {
  let found: Order | undefined;
  for (let attempt = 1; attempt <= ATTEMPTS && !signal.aborted; attempt += 1) {
    found = await findOrder(orders, report.orderId, signal);
    const isBehind = isOfCancel(report) && found?.status === OrderStatus.ORDER_STATUS_PENDING_CANCEL;
    if (!isBehind) return found;
    await pause(BETWEEN_MS, undefined, { signal }).catch(() => undefined);
  }
  return found;
}

async function findOrder(orders: Clients['order'], orderId: string, signal: AbortSignal): Promise<Order | undefined> {
  try {
    const answer = await orders.batchGetOrders(
      { orderIds: [orderId], groupIds: [] },
      { timeoutMs: PATIENCE_MS, signal },
    );
    return answer.orders[0];
  } catch (error) {
    if (isAppError(error)) return undefined;
    throw error;
  }
}

function withOrder(report: ExecutionReport, { spec, status, cumQty, leavesQty, avgPx }: Order): ExecutionReport {
  const { qty, limitPx, stopPx } = spec ?? report;
  const terms = { ...report, qty, limitPx, stopPx };
  return isOfCancel(report) ? { ...terms, ordStatus: status, cumQty, leavesQty, avgPx } : terms;
}

function withoutOrder(report: ExecutionReport): ExecutionReport {
  return isOfCancel(report) ? { ...report, ordStatus: OrderStatus.ORDER_STATUS_UNSPECIFIED } : report;
}
