import { accountPartitionOf } from '@andvari/kit/events/partition';
import { Side } from '@andvari/proto/engine/v1/commands';
import { ExecType as ExecTypeMessage, ExecutionReport } from '@andvari/proto/engine/v1/reports';
import { executionReport } from '@andvari/proto/events';
import { ExecType, names, Refused } from '../domain/codes.ts';
import type { Report } from '../domain/reports.ts';
import { formatUuid } from '../domain/uuid.ts';
import { liquidityTo, sideTo, statusTo } from './codes.ts';

/** A message that is the same, to the byte, whoever makes it from the log. */
export interface StoredMessage {
  readonly subject: string;
  /** By which the stream drops repetitions. */
  readonly id: string;
  readonly type: string;
  readonly atUs: number;
  readonly payload: Uint8Array;
  /** What a dead letter says of itself. */
  readonly headers?: Readonly<Record<string, string>>;
}

export function encodeReport(report: Report, symbol: string): StoredMessage {
  const { terms } = report;
  const accountId = formatUuid(report.accountId);
  const execType = wireExecType(report);
  const linked = report.linkedId === undefined ? '' : formatUuid(report.linkedId);
  const replaced = report.execType === ExecType.REPLACED;
  const payload = ExecutionReport.encode({
    execId: report.execId,
    execType: execTypes[execType],
    orderId: formatUuid(report.orderId),
    accountId,
    userId: formatUuid(report.userId),
    symbol,
    // A side that does not exist is what such an order was refused for.
    side: sideTo[report.side] ?? Side.SIDE_UNSPECIFIED,
    ordStatus: statusTo[report.status],
    qty: BigInt(terms.qty),
    lastQty: BigInt(report.lastQty),
    lastPx: BigInt(report.lastPx),
    cumQty: BigInt(report.cumQty),
    leavesQty: BigInt(report.leavesQty),
    avgPx: BigInt(report.avgPx),
    liquidity: liquidityTo[report.liquidity],
    tradeId: report.tradeId ?? '',
    reason: report.reason === 0 ? '' : (names.reason[report.reason] ?? ''),
    transactTimeUs: BigInt(report.transactTime),
    limitPx: BigInt(terms.limitPrice),
    stopPx: BigInt(terms.stopPrice),
    waterMarkPx: BigInt(terms.highWater),
    replaces: replaced ? '' : linked,
    replacedBy: replaced ? linked : '',
    commandSeq: BigInt(report.sequence),
  }).finish();
  return {
    subject: `exec.${accountPartitionOf(accountId)}.${accountId}.${execType}`,
    id: report.execId,
    type: executionReport.type,
    atUs: report.transactTime,
    payload,
  };
}

type WireExecType = Lowercase<keyof typeof ExecType> | 'cancel_rejected' | 'replace_rejected';

const execTypeNames: Record<ExecType, Lowercase<keyof typeof ExecType>> = {
  [ExecType.NEW]: 'new',
  [ExecType.FILL]: 'fill',
  [ExecType.CANCELED]: 'canceled',
  [ExecType.REPLACED]: 'replaced',
  [ExecType.EXPIRED]: 'expired',
  [ExecType.REJECTED]: 'rejected',
  [ExecType.TRIGGERED]: 'triggered',
  [ExecType.RESTATED]: 'restated',
};

/** A refused cancel is no end of the order: nobody may mistake it for one. */
function wireExecType({ execType, refused }: Report): WireExecType {
  if (execType === ExecType.REJECTED && refused === Refused.cancel) return 'cancel_rejected';
  if (execType === ExecType.REJECTED && refused === Refused.replace) return 'replace_rejected';
  return execTypeNames[execType];
}

const execTypes: Record<WireExecType, ExecTypeMessage> = {
  new: ExecTypeMessage.EXEC_TYPE_NEW,
  fill: ExecTypeMessage.EXEC_TYPE_FILL,
  canceled: ExecTypeMessage.EXEC_TYPE_CANCELED,
  replaced: ExecTypeMessage.EXEC_TYPE_REPLACED,
  expired: ExecTypeMessage.EXEC_TYPE_EXPIRED,
  rejected: ExecTypeMessage.EXEC_TYPE_REJECTED,
  triggered: ExecTypeMessage.EXEC_TYPE_TRIGGERED,
  restated: ExecTypeMessage.EXEC_TYPE_RESTATED,
  cancel_rejected: ExecTypeMessage.EXEC_TYPE_CANCEL_REJECTED,
  replace_rejected: ExecTypeMessage.EXEC_TYPE_REPLACE_REJECTED,
};
