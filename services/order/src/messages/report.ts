import { AppError } from '@andvari/kit/base/errors';
import type { ExecutionReport } from '@andvari/proto/engine/v1/reports';
import type { Report } from '../domain/life.ts';
import { hasEnded } from '../domain/order.ts';
import { liquidityFrom, reportTypeFrom, sideFrom, statusFrom } from './codes.ts';

/** A report as the domain reads it. One that cannot be read is thrown out, for the dead letters. */
export function reportFrom(message: ExecutionReport): Report {
  const type = reportTypeFrom(message.execType);
  const status = statusFrom(message.ordStatus);
  if (type === undefined || status === undefined || status === 'pending_cancel' || status === 'pending_replace') {
    const reason = 'report_unreadable';
    throw new AppError('failed_precondition', `report ${message.execId} has no type or status known here`, { reason });
  }
  return {
    execId: message.execId,
    type,
    orderId: message.orderId,
    accountId: message.accountId,
    userId: message.userId,
    symbol: message.symbol,
    side: sideFrom(message.side),
    status,
    qty: message.qty,
    lastQty: message.lastQty,
    lastPx: message.lastPx,
    cumQty: message.cumQty,
    // What an order ends with is not open any more.
    leavesQty: hasEnded(status) ? 0n : message.leavesQty,
    avgPx: message.avgPx,
    liquidity: liquidityFrom(message.liquidity),
    tradeId: message.tradeId,
    reason: message.reason,
    atUs: message.transactTimeUs,
    stopPx: message.stopPx,
    waterMarkPx: message.waterMarkPx,
    replaces: message.replaces === '' ? undefined : message.replaces,
    replacedBy: message.replacedBy === '' ? undefined : message.replacedBy,
  };
}
