import type { PartitionStats, RestingOrder } from '@andvari/proto/engine/v1/engine';
import { PartitionRole } from '@andvari/proto/engine/v1/engine';
import { type OrderView, statsOf } from '../domain/queries.ts';
import { stateHash } from '../domain/snapshot.ts';
import { formatUuid } from '../domain/uuid.ts';
import { orderTypeTo, sideTo, statusTo, timeInForceTo } from '../messages/codes.ts';
import type { RunningPartition } from '../partition/run-partition.ts';

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
    aheadQty: BigInt(order.aheadQty),
    aheadOrders: order.aheadOrders,
  };
}

export function statsTo(running: RunningPartition): PartitionStats {
  const { partition, leadership, snapshotAt, snapshotSequence } = running;
  const { state, read, reports, number } = partition;
  const { commands, liveOrders, symbols } = statsOf(state);
  return {
    partition: number,
    role: roleOf(running),
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

/** Whoever still reads what lay in the log at the start could not take over yet. */
function roleOf({ leadership, isCaughtUp }: RunningPartition): PartitionRole {
  if (leadership.isLeader()) return PartitionRole.PARTITION_ROLE_LEADER;
  return isCaughtUp() ? PartitionRole.PARTITION_ROLE_STANDBY : PartitionRole.PARTITION_ROLE_RECOVERING;
}
