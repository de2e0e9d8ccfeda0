import { isAppError } from '@andvari/kit/base/errors';
import { Liquidity, names, Reason, Side } from '../domain/codes.ts';
import type { Command } from '../domain/command.ts';
import { apply } from '../domain/engine.ts';
import { type Report, readReport } from '../domain/reports.ts';
import { createState, type EngineState } from '../domain/state.ts';
import { deadLetter } from '../events/dead-letter.ts';
import { decodeCommand } from '../messages/decode-command.ts';
import { encodeReport, type StoredMessage } from '../messages/encode-report.ts';
import type { LoggedMessage } from '../messages/logged-message.ts';

/** What is still to be stored of one command. */
export interface Pending {
  sequence: number;
  messages: StoredMessage[];
}

export interface Trade {
  symbol: string;
  price: number;
  qty: number;
  aggressorBuys: boolean;
  tradeId: string;
  atUs: number;
}

/**
 * One partition of the market between its log and its reports: applies commands in the log's order and keeps what comes
 * out until somebody says that it is stored. Whether this process publishes is not decided here.
 */
export interface Partition {
  readonly number: number;
  readonly epoch: string;
  /** Its number and the log's epoch: ids of reports begin with it, so that those of a log that was made anew are others. */
  readonly name: string;
  state: EngineState;
  /** The last command read, whether the engine could take it or not. */
  read: number;
  /** Everything up to this command is known to be in the report stream. */
  stored: number;
  /** The log before this command is gone: only a snapshot at least as new can be gone on from. */
  base: number;
  /** The last command read before the log's numbers jumped, since somebody asked; Infinity when they did not. */
  jumpedFrom: number;
  readonly pending: Pending[];
  pendingMessages: number;
  reports: number;
  unreadable: number;
  /** Symbols whose book moved and trades that happened since somebody looked. */
  readonly touched: Set<string>;
  readonly trades: Trade[];
  /** Called when a book has moved. */
  onTouched: () => void;
}

export function nobodyListens(): void {}

const MAX_TRADES_KEPT = 10_000;

export function createPartition(number: number, epoch = ''): Partition {
  return {
    number,
    epoch,
    name: epoch === '' ? `${number}` : `${number}-${epoch}`,
    state: createState({ partition: number }),
    read: 0,
    stored: 0,
    base: 0,
    jumpedFrom: Infinity,
    pending: [],
    pendingMessages: 0,
    reports: 0,
    unreadable: 0,
    touched: new Set(),
    trades: [],
    onTouched: nobodyListens,
  };
}

/** Goes on from a state that a snapshot held. */
export function resume(partition: Partition, state: EngineState): void {
  partition.state = state;
  partition.read = state.sequence;
  partition.pending.length = 0;
  partition.pendingMessages = 0;
}

export function take(partition: Partition, logged: LoggedMessage): void {
  if (logged.sequence <= partition.read) return;
  const messages = answer(partition, logged);
  if (logged.sequence > partition.read + 1) partition.jumpedFrom = Math.min(partition.jumpedFrom, partition.read);
  partition.read = logged.sequence;
  // What is stored already is known to be the same, to the byte.
  if (messages.length === 0 || logged.sequence <= partition.stored) return;
  partition.pending.push({ sequence: logged.sequence, messages });
  partition.pendingMessages += messages.length;
}

/**
 * Whether commands were purged before this process read them. A jump in the log's numbers is mostly another partition's
 * command; it is a loss when the log's base lies behind it. `jumpedFrom` was noted before the base was read: a base is
 * made known first and purged to after, so nothing can be lost between the two.
 */
export function hasMissed({ read }: Partition, base: number, jumpedFrom: number): boolean {
  return base > Math.min(read, jumpedFrom) + 1;
}

/** Drops what is stored by now; the leader learns it from the stream, a standby from the leader. */
export function markStored(partition: Partition, sequence: number): void {
  if (sequence <= partition.stored) return;
  partition.stored = sequence;
  let done = 0;
  for (const { sequence: theirs, messages } of partition.pending) {
    if (theirs > sequence) break;
    partition.pendingMessages -= messages.length;
    done += 1;
  }
  partition.pending.splice(0, done);
}

/** Up to where nothing is left to store, commands without a report included. */
export function storedUpTo({ read, stored, pending }: Partition): number {
  return Math.max(stored, pending[0] === undefined ? read : pending[0].sequence - 1);
}

function answer(partition: Partition, logged: LoggedMessage): StoredMessage[] {
  let command: Command;
  try {
    command = decodeCommand(logged);
  } catch (error) {
    if (!isAppError(error)) throw error;
    partition.unreadable += 1;
    return [deadLetter(partition.number, logged, error.message)];
  }
  const { state } = partition;
  const reports = apply(state, command);
  if (reports.refusal !== Reason.none) {
    return [deadLetter(partition.number, logged, names.reason[reports.refusal] ?? 'refused')];
  }
  partition.touched.add(command.symbol);
  partition.onTouched();
  const messages: StoredMessage[] = [];
  let lastTrade: string | undefined;
  for (let row = 0; row < reports.count; row += 1) {
    const report = readReport(reports, state.orders, partition.name, row);
    messages.push(encodeReport(report, command.symbol));
    if (report.tradeId === undefined || report.tradeId === lastTrade) continue;
    lastTrade = report.tradeId;
    noteTrade(partition, command.symbol, report);
  }
  partition.reports += reports.count;
  return messages;
}

function noteTrade({ trades }: Partition, symbol: string, report: Report): void {
  // For live views only: whoever needs every trade reads the reports.
  if (trades.length >= MAX_TRADES_KEPT) trades.shift();
  const buys = report.side === Side.buy;
  trades.push({
    symbol,
    price: report.lastPx,
    qty: report.lastQty,
    aggressorBuys: report.liquidity === Liquidity.taker ? buys : !buys,
    tradeId: report.tradeId ?? '',
    atUs: report.transactTime,
  });
}
