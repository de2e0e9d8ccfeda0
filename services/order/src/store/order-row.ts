import { toQuantity } from '@andvari/money';
import type { InferInsertModel } from 'drizzle-orm';
import type { EngineStatus, GroupType, Order, OrderType, PendingChange, Side, TimeInForce } from '../domain/order.ts';
import type { orders } from './schema.ts';

export interface OrderRow {
  id: string;
  account_id: string;
  user_id: string;
  client_order_id: string;
  symbol: string;
  side: Side;
  type: OrderType;
  time_in_force: TimeInForce;
  asked_qty: bigint;
  notional: bigint;
  limit_px: bigint;
  asked_stop_px: bigint;
  trail_amount: bigint;
  trail_percent: bigint;
  post_only: boolean;
  collar_px: bigint;
  collar_offset: bigint;
  reserved: bigint;
  reserved_asset: string;
  replaces: string | null;
  group_id: string | null;
  group_type: GroupType | null;
  group_leg: number | null;
  api_key_id: string | null;
  placed_at_us: bigint;
  status: EngineStatus | 'fenced';
  pending: PendingChange | null;
  reason: string;
  qty: bigint;
  cum_qty: bigint;
  leaves_qty: bigint;
  avg_px: bigint;
  stop_px: bigint;
  water_mark_px: bigint;
  replaced_by: string | null;
  updated_at_us: bigint;
  acknowledged_at_us: bigint;
  finished_at_us: bigint;
  awaiting_since_us: bigint;
  version: bigint;
}

/** Nothing for a tombstone: an order that never was. */
export function orderFrom(row: OrderRow): Order | undefined {
  if (row.status === 'fenced') return undefined;
  return {
    id: row.id,
    accountId: row.account_id,
    userId: row.user_id,
    clientOrderId: row.client_order_id,
    spec: {
      symbol: row.symbol,
      side: row.side,
      type: row.type,
      timeInForce: row.time_in_force,
      qty: row.notional === 0n ? row.asked_qty : 0n,
      notional: row.notional,
      limitPx: row.limit_px,
      stopPx: row.asked_stop_px,
      trailAmount: row.trail_amount,
      trailPercent: row.trail_percent,
      postOnly: row.post_only,
      extendedHours: false,
    },
    qty: toQuantity(row.asked_qty),
    collarPx: row.collar_px,
    collarOffset: row.collar_offset,
    reserved: row.reserved,
    reservedAsset: row.reserved_asset,
    replaces: row.replaces ?? undefined,
    group: groupFrom(row),
    apiKeyId: row.api_key_id ?? undefined,
    placedAtUs: row.placed_at_us,
    life: {
      status: row.status,
      pending: row.pending ?? undefined,
      reason: row.reason,
      qty: row.qty,
      cumQty: row.cum_qty,
      leavesQty: row.leaves_qty,
      avgPx: row.avg_px,
      stopPx: row.stop_px,
      waterMarkPx: row.water_mark_px,
      replacedBy: row.replaced_by ?? undefined,
      updatedAtUs: row.updated_at_us,
      acknowledgedAtUs: row.acknowledged_at_us,
      finishedAtUs: row.finished_at_us,
      awaitingSinceUs: row.awaiting_since_us,
      version: row.version,
    },
  };
}

/** As it is written, whole. */
export function rowFrom({ spec, life, group, ...order }: Order): InferInsertModel<typeof orders> {
  return {
    id: order.id,
    accountId: order.accountId,
    userId: order.userId,
    clientOrderId: order.clientOrderId,
    symbol: spec.symbol,
    side: spec.side,
    type: spec.type,
    timeInForce: spec.timeInForce,
    askedQty: order.qty,
    notional: spec.notional,
    limitPx: spec.limitPx,
    askedStopPx: spec.stopPx,
    trailAmount: spec.trailAmount,
    trailPercent: spec.trailPercent,
    postOnly: spec.postOnly,
    collarPx: order.collarPx,
    collarOffset: order.collarOffset,
    reserved: order.reserved,
    reservedAsset: order.reservedAsset,
    replaces: order.replaces ?? null,
    groupId: group?.id ?? null,
    groupType: group?.type ?? null,
    groupLeg: group?.leg ?? null,
    apiKeyId: order.apiKeyId ?? null,
    placedAtUs: order.placedAtUs,
    ...life,
    pending: life.pending ?? null,
    replacedBy: life.replacedBy ?? null,
  };
}

export function ordersFrom(rows: readonly OrderRow[]): Order[] {
  return rows.map(orderFrom).filter((order) => order !== undefined);
}

function groupFrom({ group_id: id, group_type: type, group_leg: leg }: OrderRow): Order['group'] {
  return id === null || type === null ? undefined : { id, type, leg: leg ?? 0 };
}
