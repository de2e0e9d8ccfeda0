import { hash } from 'node:crypto';
import { invalid } from '@andvari/kit/base/errors';
import type { ReceivedEvent } from '@andvari/kit/events/event';
import { repeatsCommand } from '@andvari/kit/events/repeated-command';
import { requireUuid } from '@andvari/kit/handler/inputs';
import { toPrice, toQuantity } from '@andvari/money';
import { Side as SideMessage } from '@andvari/proto/engine/v1/commands';
import { ExecType, ExecutionReport } from '@andvari/proto/engine/v1/reports';
import type { IncomingReport } from '../app/apply-reports.ts';
import { isCurrency } from '../domain/asset.ts';
import type { Side } from '../domain/reservation.ts';
import type { OrderChange } from '../domain/settlement.ts';

/** What a message's report means. Its event is called after it: the inbox tells by that name what was applied before. */
export function reportsIn({ id, message }: ReceivedEvent<ExecutionReport>): IncomingReport[] {
  if (!EXEC_ID.test(id) || id !== message.execId) throw invalid('exec_id', 'should be the id of its event');
  return reportsOf(message);
}

const EXEC_ID = /^[\w-]{1,100}$/;

/** What a report means to the ledger; nothing for those that move nothing. One that cannot be read is thrown out. */
export function reportsOf(report: ExecutionReport): IncomingReport[] {
  const read = (readings as Partial<Record<number, Reading>>)[report.execType];
  if (read === undefined) throw invalid('exec_type', `${report.execType} is not known here`, 'exec_type_unknown');
  return read(report);
}

/** A report that was kept, read as when it came. */
export function readKept(report: Uint8Array): IncomingReport[] {
  return reportsOf(ExecutionReport.decode(report));
}

/** What it takes to settle the report later, or to set it aside as it came. */
export function keptFrom({ id, raw: { payload, headers, subject } }: ReceivedEvent) {
  return { eventId: id, report: payload, headers: { ...headers }, subject };
}

type Reading = (report: ExecutionReport) => IncomingReport[];

const nothing: Reading = () => [];

const readings: Record<Exclude<ExecType, typeof ExecType.UNRECOGNIZED>, Reading> = {
  [ExecType.EXEC_TYPE_UNSPECIFIED]: (report) => {
    throw invalid('exec_type', `report ${report.execId} has none`, 'exec_type_unknown');
  },
  [ExecType.EXEC_TYPE_NEW]: nothing,
  [ExecType.EXEC_TYPE_TRIGGERED]: nothing,
  [ExecType.EXEC_TYPE_CANCEL_REJECTED]: nothing,
  [ExecType.EXEC_TYPE_FILL]: (report) => [
    {
      type: 'fill',
      ...orderOf(report),
      execId: requireText('exec_id', report.execId),
      digest: digestOf(report),
      tradeId: report.tradeId,
      triggered: report.stopPx > 0n || report.waterMarkPx > 0n,
      qty: toQuantity(report.lastQty),
      price: toPrice(report.lastPx),
      at: requireTime(report.transactTimeUs),
    },
  ],
  [ExecType.EXEC_TYPE_CANCELED]: (report) => [{ type: 'ended', ...orderOf(report) }],
  [ExecType.EXEC_TYPE_EXPIRED]: (report) => [{ type: 'ended', ...orderOf(report) }],
  [ExecType.EXEC_TYPE_RESTATED]: (report) => [{ type: 'restated', ...orderOf(report) }],
  [ExecType.EXEC_TYPE_REPLACED]: (report) => {
    requireUuid('replaced_by', report.replacedBy);
    return [{ type: 'replaced', ...orderOf(report), replacedBy: report.replacedBy }];
  },
  [ExecType.EXEC_TYPE_REJECTED]: refusedOrder,
  // The order that was to take another's place never came to be; the other lives on with what it holds.
  [ExecType.EXEC_TYPE_REPLACE_REJECTED]: refusedOrder,
};

/** Where a command was sent twice, the order of that id lives, and keeps what it holds. */
function refusedOrder(report: ExecutionReport): IncomingReport[] {
  if (repeatsCommand(report)) return [];
  const { orderId, accountId, symbol } = report;
  requireUuid('order_id', orderId);
  requireUuid('account_id', accountId);
  return [{ type: 'refused', orderId, accountId, symbol }];
}

function orderOf(report: ExecutionReport): Omit<OrderChange, 'type' | 'replacedBy'> {
  const { orderId, accountId, symbol } = report;
  requireUuid('order_id', orderId);
  requireUuid('account_id', accountId);
  return {
    orderId,
    accountId,
    symbol: requireSymbol(symbol),
    side: sideFrom(report.side),
    cumQty: toQuantity(report.cumQty),
    leavesQty: toQuantity(report.leavesQty),
  };
}

function sideFrom(side: SideMessage): Side {
  if (side === SideMessage.SIDE_BUY) return 'buy';
  if (side === SideMessage.SIDE_SELL) return 'sell';
  throw invalid('side', 'should be buy or sell');
}

/** A currency's code stands for money in the ledger, whatever the engine lists under it. */
function requireSymbol(symbol: string): string {
  if (isCurrency(symbol)) throw invalid('symbol', 'is a currency');
  return requireText('symbol', symbol);
}

/** What came before there was a market, or after any that will be, would stand at an end of every page of activities for ever. */
function requireTime(us: bigint): bigint {
  if (us < EARLIEST_US || us > LATEST_US)
    throw invalid('transact_time_us', 'is no time of a trade', 'time_out_of_range');
  return us;
}

const EARLIEST_US = BigInt(Date.UTC(2000, 0, 1)) * 1000n;
const LATEST_US = BigInt(Date.UTC(2200, 0, 1)) * 1000n;

/** Of the whole report, however it came to be encoded. */
function digestOf(report: ExecutionReport): string {
  return hash('sha256', ExecutionReport.encode(report).finish(), 'base64url').slice(0, DIGEST_LENGTH);
}

/** 132 bits: nobody makes two reports of one digest. */
const DIGEST_LENGTH = 22;

function requireText(field: string, value: string): string {
  if (value === '') throw invalid(field, 'is missing');
  return value;
}
