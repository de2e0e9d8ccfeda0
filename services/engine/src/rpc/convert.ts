import { nowUs } from '@andvari/kit/clock';
import type { Book, BookLevel, PartitionStats, RestingOrder } from '@andvari/proto/engine/v1/engine';
import { PartitionRole } from '@andvari/proto/engine/v1/engine';
import { type DepthLevel, findDepth, type OrderView, statsOf } from '../domain/queries.ts';
import { stateHash } from '../domain/snapshot.ts';
import { formatUuid } from '../domain/uuid.ts';
import type { Partition } from '../partition.ts';
import type { RunningPartition } from '../run-partition.ts';
import { orderTypeTo, sessionTo, sideTo, statusTo, timeInForceTo } from '../wire-codes.ts';

export function bookTo(partition: Partition, symbol: string, depth: number): Book | undefined {
  const found = findDepth(partition.state, symbol, depth);
  if (found === undefined) return undefined;
  return {
    symbol,
    bids: found.bids.map(levelTo),
    asks: found.asks.map(levelTo),
    lastPx: BigInt(found.lastTrade),
    session: sessionTo[found.phase],
    halted: found.halted,
    commandSeq: BigInt(partition.read),
    asOfUs: nowUs(),
  };
}

export function orderTo(order: OrderView): RestingOrder {
  return {
    orderId: formatUuid(order.orderId),
    accountId: formatUuid(order.accountId),
    userId: formatUuid(order.userId),
    symbol: order.symbol,
    side: sideTo[order.side],
    type: orderTypeTo[order.type],
    timeInForce: timeInForceTo[order.timeInForce],
    status: statusTo[order.status],
    qty: BigInt(order.qty),
    cumQty: BigInt(order.cumQty),
    leavesQty: BigInt(order.leavesQty),
    limitPx: BigInt(order.limitPrice),
    stopPx: BigInt(order.stopPrice),
    waterMarkPx: BigInt(order.highWater),
    avgPx: BigInt(order.avgPx),
  };
}

export function statsTo({ partition, leadership, snapshotAt, snapshotSequence }: RunningPartition): PartitionStats {
  const { state, read, reports, number } = partition;
  const { commands, liveOrders, symbols } = statsOf(state);
  return {
    partition: number,
    role: leadership.isLeader() ? PartitionRole.PARTITION_ROLE_LEADER : PartitionRole.PARTITION_ROLE_STANDBY,
    appliedSeq: BigInt(read),
    commands: BigInt(commands),
    reports: BigInt(reports),
    restingOrders: BigInt(liveOrders),
    books: symbols,
    snapshotSeq: BigInt(snapshotSequence()),
    snapshotAtUs: BigInt(snapshotAt()) * 1000n,
    stateHash: stateHash(state),
    fencingToken: BigInt(leadership.token()),
  };
}

function levelTo({ price, qty, orders }: DepthLevel): BookLevel {
  return { px: BigInt(price), qty: BigInt(qty), orders };
}
